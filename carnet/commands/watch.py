"""Building at each save: what counts as an edit, and one build at a time.

Builds are processes of the same command line, so that they see the engine's own edits too.
"""

import asyncio
import contextlib
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import click
import watchfiles

from carnet.commands.serve import LiveSite, serve
from carnet.project.paths import Project
from carnet.project.settings import FILE
from carnet.publication.documents import SITE_FOLDER
from carnet.publication.overrides import FOLDER
from carnet.sources.notebooks import code_folders

GRACE_SECONDS = 5  # a build that is interrupted ends its kernels within two
SUFFIXES = (".py", ".js", ".css", ".j2")
LONGEST_LINE = 2**24
PROGRESS = re.compile(r"\[\d+/\d+\] .*")


class Edits(watchfiles.DefaultFilter):
    """The files that people write in a project: not what builds and editors leave there."""

    def __init__(self, project: Project):
        super().__init__()
        self.root = project.root
        self.code = [*code_folders(project.root), project.pages / FOLDER]
        self.written = {
            project.root: ".yml",
            project.pages: ".md",
            project.profiles: ".yml",
            project.notebooks: ".ipynb",
        }
        settings = [project.root / FILE] if (project.root / FILE).is_file() else []
        self.folders = [project.pages, project.notebooks, *code_folders(project.root), *settings]

    def __call__(self, change: watchfiles.Change, path: str) -> bool:
        file = Path(path)
        if file.name.startswith(".") or file.name == "JOURNAL.md":
            return False
        is_code = file.suffix in SUFFIXES and any(map(file.is_relative_to, self.code))
        is_written = is_code or self.written.get(file.parent) == file.suffix
        return is_written and super().__call__(change, path)


def follow_edits(project: Project, build: Sequence[str], port: int) -> None:
    """Build, serve and build again at each save, until interrupted; no build is left running.

    Args:
        build: the command line of a build.
        port: of the loopback; 0 for any free one.

    Raises:
        RequestError: the port cannot be opened.
    """
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_follow_edits(project, build, port))


async def _follow_edits(project: Project, build: Sequence[str], port: int) -> None:
    _cancel_on_signals(asyncio.current_task())
    site = LiveSite(project.output / SITE_FOLDER)
    click.echo(f"{serve(site, port)}  (Ctrl-C ends it)")
    edited = asyncio.Event()
    edited.set()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_watch(Edits(project), edited))
        tasks.create_task(_build_when(edited, build, site))


def _cancel_on_signals(task: asyncio.Task) -> None:
    """End `task` on Ctrl-C, SIGTERM, and with the terminal unless nohup has it go on.

    An exception raised by a signal anywhere in the loop would leave threads behind.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and signal.getsignal(number) != signal.SIG_IGN and sys.platform != "win32":
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)


async def _watch(edits: Edits, edited: asyncio.Event) -> None:
    async for changes in watchfiles.awatch(*edits.folders, watch_filter=edits):
        names = sorted({str(Path(path).relative_to(edits.root)) for _, path in changes})
        click.echo(f"changed: {', '.join(names)}", err=True)
        edited.set()


async def _build_when(edited: asyncio.Event, command: Sequence[str], site: LiveSite) -> None:
    while await edited.wait():
        edited.clear()  # a save during the build asks for one more
        begun = time.monotonic()
        error = await _build(command)
        site.built(error)
        ended = f"built in {time.monotonic() - begun:.1f} s"
        click.echo("failed; the last good pages are still served" if error else ended, err=True)


async def _build(command: Sequence[str]) -> str:
    """Run one build, and show what it writes; return why it failed, nothing if it did not."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        limit=LONGEST_LINE,
        start_new_session=True,  # Ctrl-C reaches it through us, once
    )
    try:
        lines = [line async for line in _shown(process.stderr)]
        succeeded = await process.wait() == 0
    finally:
        await _end(process)
    error = "\n".join(line for line in lines if not PROGRESS.fullmatch(line))
    return "" if succeeded else error or "the build failed without a message"


async def _shown(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """Yield the lines that a build writes, shown as they come; not what is up to date."""
    async for data in stream:
        line = data.decode(errors="replace").rstrip()
        if not line.endswith("  up to date"):
            click.echo(line, err=True)
            yield line


async def _end(process: asyncio.subprocess.Process) -> None:
    """Stop a build that still runs, its kernels first."""
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), GRACE_SECONDS)
    except TimeoutError:
        process.kill()
