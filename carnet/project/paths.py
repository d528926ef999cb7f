"""Where things are. Nothing is created here."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("carnet", "lib")  # the folders of the engine and of the subject
TEMPLATES = Path(__file__).parents[1] / "publication" / "templates"


@dataclass(frozen=True)
class Project:
    """The folders of a journal, all under `root`; built documents go under `output`."""

    root: Path
    output: Path

    @classmethod
    def at(cls, root: Path = ROOT, output: Path | None = None) -> "Project":
        return cls(root.resolve(), (output or root).resolve())

    @property
    def pages(self) -> Path:
        return self.root / "journal"

    @property
    def profiles(self) -> Path:
        return self.root / "journal" / "profils"

    @property
    def templates(self) -> Path:
        return TEMPLATES

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def store(self) -> Path:
        return store_folder(self.root)


def store_folder(root: Path = ROOT) -> Path:
    """The folder of runs, trainings and caches; JOURNAL_STORE in kernels."""
    return Path(os.environ.get("JOURNAL_STORE") or root / "runs").absolute()


@contextlib.contextmanager
def store_at(folder: str) -> Iterator[None]:
    """Make `folder` the store of this process and of those that it starts."""
    before = os.environ.get("JOURNAL_STORE")
    os.environ["JOURNAL_STORE"] = folder
    try:
        yield
    finally:
        os.environ.pop("JOURNAL_STORE")
        if before is not None:
            os.environ["JOURNAL_STORE"] = before
