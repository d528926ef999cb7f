"""Work done once and kept: trainings, searches, decoded images, drawn data, attribution maps.

    with kept("trainings", {"epochs": 10}, of=["lib.training.training"]) as work:
        if not work.finished:
            ...  # writes files in work.folder
            work.finish(loss=0.1)
    work.result["loss"]

A work is a folder runs/<kind>/<hash>. Whoever asks for the same work finds its files, also those
that an interrupted process left; `finished.json`, written last, says that all of them are there.
"""

import contextlib
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from carnet.project.files import (
    changed_files,
    contents_of,
    digest,
    read_json,
    read_sealed,
    write_json,
    write_sealed,
)
from carnet.project.paths import find_root, store_folder
from carnet.sources import packages
from carnet.sources.code import dependencies
from carnet.sources.variables import values_of

INPUTS, FINISHED = "inputs.json", "finished.json"


class Work:
    """A folder to work in; `with` gives it to one process at a time, unless it is finished."""

    def __init__(self, folder: Path):
        self.folder = folder
        self._result: dict | None = None
        self._held = contextlib.ExitStack()

    @property
    def result(self) -> dict | None:
        """What the work was finished with; None as long as it is not, or a file is damaged."""
        if self._result is None:
            known = read_sealed(self.folder / FINISHED)
            if known and not changed_files(self.folder, known["files"]):
                self._result = known["result"]
        return self._result

    @property
    def finished(self) -> bool:
        return self.result is not None

    def finish(self, *temporary: str, **result) -> None:
        """Mark the work as done, with JSON values that describe what came of it.

        The files named in `temporary`, which only served to resume it, are removed.
        """
        files = contents_of(self.folder)
        held = {name: files[name] for name in files.keys() - {*temporary, "lock", INPUTS, FINISHED}}
        write_sealed(self.folder / FINISHED, {"result": result, "files": held})
        for name in temporary:
            (self.folder / name).unlink(missing_ok=True)

    def read(self, name: str, default=None):
        """Return the JSON value of a file; `default` where it is missing or damaged."""
        return read_json(self.folder / name, default)

    def write(self, name: str, value) -> None:
        """Write a JSON value, whole or not at all."""
        write_json(self.folder / name, value)

    def __enter__(self) -> "Work":
        """Wait until no other process works here; the lock ends with the process that holds it."""
        from filelock import FileLock  # slow to import, for commands that do no work

        if not self.finished:
            self._held.enter_context(FileLock(self.folder / "lock"))
            self._clear_damaged()
        return self

    def __exit__(self, *raised) -> None:
        self._held.close()

    def _clear_damaged(self) -> None:
        """Remove what is left of finished work that is damaged: nothing can be resumed from it."""
        if (self.folder / FINISHED).exists() and not self.finished:
            if run := os.environ.get("JOURNAL_RUN"):  # the build says it: a cell would show it
                with damage_notes(run).open("a", encoding="utf-8") as notes:
                    notes.write("/".join(self.folder.parts[-2:]) + "\n")
            else:
                print(f"damaged in the store, made again: {self.folder}", file=sys.__stderr__)
            for path in [path for path in self.folder.rglob("*") if path.is_file()]:
                if path.name not in (INPUTS, "lock"):
                    path.unlink()


def kept(
    kind: str,
    inputs: dict,
    *,
    of: Iterable[str | Callable],
    without: Iterable[str] = (),
) -> Work:
    """Return the work of a kind that depends on `inputs`, in its folder, made if needed.

    The folder's name is a hash of `inputs` (a JSON value), of the code of the library's modules
    `of` and of all that they import, comments apart, of the environment variables that these read,
    and of the versions of Python and of every package that these modules import, directly or
    through other packages.

    Args:
        of: names of modules, or functions and classes that stand for theirs.
        without: modules left out, with what they import: those whose effect `inputs` already
            hold, as a data set's fingerprint does.
    """
    names = [name if isinstance(name, str) else name.__module__ for name in of]
    reached = dependencies(names, find_root(), without=without)
    key = {
        "inputs": inputs,
        "modules": reached.modules,
        "packages": packages.environment().versions_of(reached.packages),
        "variables": values_of(reached.variables),
        "python": packages.python_version(),
    }
    work = Work(store_folder() / kind / digest(key))
    if not (work.folder / INPUTS).exists():
        work.write(INPUTS, key)
    _note_use(work.folder)
    return work


def damage_notes(run: str | Path) -> Path:
    """Return the file beside a run that lists the damaged work that it made again, line by line."""
    return Path(f"{run}-damaged")


def works(kind: str) -> dict[str, Work]:
    """Return every work of a kind in the store, finished or not, by the name of its folder."""
    found = sorted((store_folder() / kind).glob(f"*/{INPUTS}"))
    return {path.parent.name: Work(path.parent) for path in found}


def _note_use(folder: Path) -> None:
    """In a build, note that the run works in this folder, so that it is not pruned."""
    if run := os.environ.get("JOURNAL_RUN"):
        noted = Path(run) / "folders.json"
        used = folder.relative_to(store_folder()).as_posix()
        write_json(noted, sorted({used, *read_json(noted, [])}))
