"""Building at each save: what counts as an edit, and one build at a time.

Builds are processes of the same command line, so that they see the engine's own edits too.
"""

import asyncio
import contextlib
import re
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import click
import watchfiles

from carnet.commands.serve import Status, serve
from carnet.project.paths import CODE, Project
from carnet.publication.rendering import SITE_FOLDER

GRACE_SECONDS = 5  # a build that is told to stop ends its kernels within two
SUFFIXES = (".py", ".js", ".css", ".j2")
LONGEST_LINE = 2**24
PROGRESS = re.compile(r"\w+  (running|failed|done in \d+ s)")


class Edits(watchfiles.DefaultFilter):
    """The files that people write, under a project: not what builds and editors leave there."""

    def __init__(self, project: Project):
        super().__init__()
        self.project = project

    def __call__(self, change: watchfiles.Change, path: str) -> bool:
        return self.is_source(Path(path)) and super().__call__(change, path)

    def is_source(self, path: Path) -> bool:
        project = self.project
        if path.name.startswith(".") or path.name == "JOURNAL.md":
            return False
        return (
            (path.parent == project.pages and path.suffix == ".md")
            or (path.parent == project.profiles and path.suffix == ".yml")
            or (path.parent == project.notebooks and path.suffix == ".ipynb")
            or (path.suffix in SUFFIXES and any(map(path.is_relative_to, self._code())))
        )

    def folders(self) -> list[Path]:
        code = [folder for folder in self._code() if folder.is_dir()]
        return [self.project.pages, self.project.notebooks, *code]

    def _code(self) -> list[Path]:
        return [self.project.root / name for name in CODE]


def follow_edits(project: Project, build: Sequence[str], port: int) -> None:
    """Build, serve and build again at each save, until interrupted; no build is left running.

    Args:
        build: the command line of a build.
        port: of the loopback; 0 for any free one.

    Raises:
        RequestError: the port cannot be had.
    """
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_follow_edits(project, build, port))


async def _follow_edits(project: Project, build: Sequence[str], port: int) -> None:
    _cancel_on_signals(asyncio.current_task())
    status = Status(project.output / SITE_FOLDER)
    click.echo(f"{serve(status, port)}  (Ctrl-C ends it)")
    edited = asyncio.Event()
    edited.set()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_watch(Edits(project), edited))
        tasks.create_task(_build_when(edited, build, status))


def _cancel_on_signals(task: asyncio.Task) -> None:
    """End `task` on Ctrl-C, on a request to end, and with the terminal unless it runs without.

    An exception raised by a signal anywhere in the loop would leave threads behind.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        sign = getattr(signal, name, None)
        if sign and signal.getsignal(sign) != signal.SIG_IGN:
            with contextlib.suppress(NotImplementedError):  # Windows
                asyncio.get_running_loop().add_signal_handler(sign, task.cancel)


async def _build_when(edited: asyncio.Event, build: Sequence[str], status: Status) -> None:
    while await edited.wait():
        edited.clear()  # a save during the build asks for one more
        await _build(build, status)


async def _watch(edits: Edits, edited: asyncio.Event) -> None:
    async for changes in watchfiles.awatch(*edits.folders(), watch_filter=edits):
        names = sorted({str(Path(path).relative_to(edits.project.root)) for _, path in changes})
        click.echo(f"changed: {', '.join(names)}", err=True)
        edited.set()


async def _build(command: Sequence[str], status: Status) -> None:
    """Run one build, and tell the pages how it ended."""
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
        start_new_session=True,  # Ctrl-C is told once, by us
    )
    try:
        lines = [line async for line in _shown(process.stderr)]
        failed = await process.wait() != 0
    finally:
        await _end(process)
    error = "\n".join(line for line in lines if not PROGRESS.fullmatch(line))
    status.built(error or "the build failed and said nothing" if failed else "")
    seconds = time.monotonic() - begun
    how = "failed; the last good pages are still served" if failed else f"built in {seconds:.1f} s"
    click.echo(how, err=True)


async def _shown(stream: asyncio.StreamReader):
    """Yield the lines that a build writes, shown as they come; not that all is well."""
    async for line in stream:
        text = line.decode(errors="replace").rstrip()
        if not text.endswith("  up to date"):
            click.echo(text, err=True)
            yield text


async def _end(process: asyncio.subprocess.Process) -> None:
    """Stop a build that still runs, its kernels first."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), GRACE_SECONDS)
    except TimeoutError:
        process.kill()
