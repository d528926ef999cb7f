"""The store: every run of every notebook, whole or absent, found by notebook and key.

runs/notebooks/<name>/<key>/ holds notebook.ipynb (executed), results.json, images/ and
record.json (inputs and provenance). A run appears by one rename.
"""

import os
import shutil
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
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
from carnet.project.paths import JOURNALS, Project

USED = "used.json"
KEY_SHOWN = 8  # the characters of a hash that people read


@dataclass(frozen=True)
class Run:
    """One finished execution of a notebook."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.parent.name

    @property
    def key(self) -> str:
        return self.folder.name

    @property
    def short_key(self) -> str:
        return self.key[:KEY_SHOWN]

    @cached_property
    def record(self) -> dict:
        return read_sealed(self.folder / "record.json")

    @property
    def cpu(self) -> str | None:
        """The kind of CPU that made the run, None where its record does not say."""
        return self.record.get("machine", {}).get("cpu")

    @cached_property
    def damaged(self) -> list[str]:
        """Names of the run's files that do not hold what they held when it was kept."""
        if "files" not in self.record:
            return ["record.json"]
        return changed_files(self.folder, self.record["files"])

    def inputs(self, kind: str) -> dict:
        """The inputs of one kind (parameter, package, module…) by name."""
        split = ((*name.partition(" "), value) for name, value in self.record["inputs"].items())
        return {rest: value for first, _, rest, value in split if first == kind}

    @cached_property
    def results(self) -> dict:
        return read_json(self.folder / "results.json", {})

    @cached_property
    def results_digest(self) -> str:
        return digest(self.results)

    def notebook(self) -> dict:
        """Read the executed notebook, texts joined as nbformat does."""
        import nbformat

        return nbformat.read(self.folder / "notebook.ipynb", as_version=4)

    def images(self) -> list[Path]:
        return sorted((self.folder / "images").glob("*.png"))

    def tables(self) -> list[Path]:
        """The values of the tables that the run recorded, as CSV."""
        return sorted((self.folder / "tables").glob("*.csv"))

    def choices(self) -> list[Path]:
        """The figures of the options of menus, each in the folder of its figure."""
        return sorted((self.folder / "choices").glob("*/*.*"))


class Store:
    """The runs kept in a folder, which several journals may share.

    `own` holds what belongs to one journal: what it shows and has used, its failed builds.
    """

    def __init__(self, folder: Path, own: Path | None = None):
        self.folder, self.own = folder, own or folder

    @classmethod
    def of(cls, project: Project) -> "Store":
        return cls(project.store, project.own)

    def others(self) -> list["Store"]:
        """The same runs as the other journals that share them see them."""
        owns = [self.folder, *sorted((self.folder / JOURNALS).glob("*/"))]
        return [Store(self.folder, own) for own in owns if own != self.own]

    def find(self, name: str, key: str) -> Run | None:
        """Return the run of a key, which may be damaged; None where there is none."""
        run = Run(self.folder / "notebooks" / name / key)
        return run if run.folder.is_dir() else None

    def runs(self, name: str) -> list[Run]:
        """Return every run of a notebook, newest first."""
        records = (self.folder / "notebooks" / name).glob("*/record.json")
        runs = [run for path in records if not (run := Run(path.parent)).damaged]
        return sorted(runs, key=lambda run: run.record["begun"], reverse=True)

    def lock(self, key: str) -> Path:
        """The file to hold while the run of a key is made."""
        return self.folder / "locks" / key

    def stage(self, name: str) -> Path:
        """Make an empty folder where a run can be prepared, beside where it will stand."""
        folder = self.own / "staging" / f"{name}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        (folder / "images").mkdir(parents=True)
        return folder

    def keep(self, staged: Path, name: str, key: str, record: dict) -> Run:
        """Move a prepared run into the store; one that was there goes out of the way at once."""
        write_sealed(staged / "record.json", record | {"files": contents_of(staged)})
        folder = self.folder / "notebooks" / name / key
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists():
            folder.replace(staged.with_name(f"{staged.name}-replaced"))
        staged.replace(folder)
        return Run(folder)

    def keep_failed(self, staged: Path, name: str) -> Path:
        """Keep the partly executed notebook of a failed run, the latest only."""
        folder = self.own / "failed" / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        staged.replace(folder)
        return folder

    def current(self) -> dict[str, Run]:
        """The runs that the last publication shows, by notebook, wherever it went."""
        known = read_json(self.own / "current.json", {})
        runs = {name: Run(self.folder / str(path)) for name, path in known.items()}
        return {name: run for name, run in runs.items() if not run.damaged}

    def set_current(self, runs: dict[str, Run]) -> None:
        paths = {name: str(run.folder.relative_to(self.folder)) for name, run in runs.items()}
        if paths != read_json(self.own / "current.json"):
            write_json(self.own / "current.json", paths)

    def used(self) -> set[Path]:
        """The folders of the runs that the journal's builds have made or shown."""
        return {self.folder / str(path) for path in read_json(self.own / USED, [])}

    def set_used(self, folders: Iterable[Path]) -> None:
        paths = sorted({folder.relative_to(self.folder).as_posix() for folder in folders})
        if paths != read_json(self.own / USED, []):
            write_json(self.own / USED, paths)

    def sweep(self) -> None:
        """Remove what killed builds left in the staging folder; only under the build's lock."""
        shutil.rmtree(self.own / "staging", ignore_errors=True)
