"""What a run was seen to read: files, folders and code that its key does not hold.

The processes of a run note what they open (`carnet/notebook/startup/sitecustomize.py`). What of
that is an input is recorded with the run, by name like the inputs of its key; the run is fresh
only while it holds.
"""

import json
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from carnet.project.files import CLUTTER, digest, fingerprint
from carnet.project.paths import ENGINE
from carnet.project.settings import FILE
from carnet.sources.code import dependencies, read_source
from carnet.sources.packages import Environment

KINDS = {"read": "file", "name": "file", "list": "folder", "code": "code"}
CHANGED = "changed while the notebook ran"
# Where the system is, and not data.
SYSTEM = ("/bin", "/boot", "/etc", "/lib", "/lib64", "/nix", "/run", "/sbin", "/usr", "/var/lib")


def observe(
    notes: Path, root: Path, known: Iterable[Path], listed: Iterable[Path], installed: Environment
) -> dict:
    """Return what a run read and its key does not hold: "file data/x.csv" -> hash of its contents.

    Args:
        notes: what its processes noted.
        known: files and folders whose contents are in the key, or are not inputs.
        listed: folders of which the key knows what files they hold.
        installed: what the code that it executed may import.
    """
    known = {*known, *_elsewhere(root)}
    left_out = {"file": known, "code": known, "folder": {*known, *listed}}
    written, found = set(), {}
    for name, (what, path, before) in _seen(notes, root, left_out, written).items():
        if path in written or what == "list" or _state(path) == before:
            found[name] = now(name, root, installed)
        elif what != "name" and os.path.lexists(path):  # else a program wrote or removed it
            found[name] = CHANGED
    return found | _packages(found, root, installed)


def _seen(notes: Path, root: Path, left_out: dict[str, set[Path]], written: set[str]) -> dict:
    """Return the first note of each thing that was read before it was written, by name.

    The paths of what was written are added to `written`.
    """
    seen = {}
    for what, path, before in _lines(notes):
        kind = KINDS.get(what)
        name = f"{kind} {os.path.relpath(path, root)}"  # holds when the whole project moves
        if what == "write":
            written.add(path)
        elif path not in written and _counts(what, Path(path), before, left_out[kind]):
            seen.setdefault(name, (what, path, before))
    return seen


def now(name: str, root: Path, installed: Environment) -> str | None:
    """Return what stands for one input now, by its name; None where it is not there."""
    kind, _, what = name.partition(" ")
    if kind == "package":
        return installed.versions.get(what)
    path = root / what
    if not path.exists():
        return None
    if kind == "code":
        return read_source(path, path.parent).digest
    return _names(path) if kind == "folder" else fingerprint(path)


def _packages(found: dict, root: Path, installed: Environment) -> dict:
    """Return the versions of the packages that code imports which was followed as it ran."""
    paths = [root / name.partition(" ")[2] for name in found if name.startswith("code ")]
    imports = {name for path in paths for name in read_source(path, path.parent).imports}
    versions = installed.versions_of(dependencies(imports, root).packages)
    return {f"package {name}": version for name, version in versions.items()}


def _lines(notes: Path) -> Iterator[list]:
    for line in notes.read_text("utf-8").splitlines() if notes.exists() else ():
        try:
            yield json.loads(line)
        except ValueError:  # a process was killed as it wrote
            continue


def _counts(what: str, path: Path, before: list | None, known: set[Path]) -> bool:
    """Whether what was opened is an input: data or code, as far as they are not in the key."""
    regular = before is None or stat.S_ISREG(before[0]) or stat.S_ISDIR(before[0])
    there = before is not None or what == "read"  # a file that was looked for in vain counts
    return regular and there and known.isdisjoint([path, *path.parents])


def _elsewhere(root: Path) -> Iterator[Path]:
    """Yield the folders that hold no input: of the engine, of the system, of programs."""
    from jupyter_core.paths import jupyter_runtime_dir

    prefixes = (sys.prefix, sys.base_prefix, sys.exec_prefix)
    settings, temporary = Path.home().glob(".*"), Path(tempfile.gettempdir()).glob("*")
    for folder in map(Path, [*prefixes, *SYSTEM, *settings, *temporary]):
        if not root.is_relative_to(folder):
            yield folder
    yield from (ENGINE, root / ".git", root / FILE, Path(jupyter_runtime_dir()))


def _state(path: str) -> list | None:
    """What the note of a file says of it: its kind, its size, when it was written."""
    try:
        status = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return None
    return [stat.S_IFMT(status.st_mode), status.st_size, status.st_mtime_ns]


def _names(folder: Path) -> str:
    return digest(sorted({path.name for path in folder.iterdir()} - CLUTTER - {"__pycache__"}))
