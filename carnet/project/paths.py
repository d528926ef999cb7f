"""Where things are. Nothing is created here."""

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from carnet.project.errors import InputError

ENGINE = Path(__file__).parents[1]
TEMPLATES = ENGINE / "publication" / "templates"
ROOT_VARIABLE, STORE_VARIABLE = "JOURNAL_ROOT", "JOURNAL_STORE"
JOURNALS = "journals"
HELD = ("journal", "notebooks")  # the folders by which a journal's root is known


@dataclass(frozen=True)
class Project:
    """The folders of a journal, all under `root`; built documents go under `output`."""

    root: Path
    output: Path

    @classmethod
    def at(cls, root: Path | None = None, output: Path | None = None) -> "Project":
        root = (root or find_root()).resolve()
        return cls(root, (output or root).resolve())

    @property
    def pages(self) -> Path:
        return self.root / "journal"

    @property
    def profiles(self) -> Path:
        return self.root / "journal" / "profils"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def store(self) -> Path:
        return store_folder(self.root)

    @property
    def own(self) -> Path:
        """What is this journal's alone in a store that several may share."""
        return own_folder(self.root)


def find_root() -> Path:
    """Return the root of the journal: JOURNAL_ROOT, or the working folder or one above it.

    Raises:
        InputError: there is no journal.
    """
    if named := os.environ.get(ROOT_VARIABLE):
        if _is_root(Path(named)):
            return Path(named).resolve()
        raise InputError(f"--root {named}: expected a folder that holds journal/ and notebooks/")
    here = Path.cwd()
    for folder in (here, *here.parents):
        if _is_root(folder):
            return folder
    raise InputError(
        f"{here}: no journal here or above, expected journal/ and notebooks/: name its folder by "
        "--root DIR, or make one by `carnet init DIR`"
    )


def _is_root(folder: Path) -> bool:
    return all((folder / name).is_dir() for name in HELD)


def store_folder(root: Path | None = None) -> Path:
    """The folder of runs, trainings and caches; JOURNAL_STORE in kernels."""
    return Path(os.environ.get(STORE_VARIABLE) or (root or find_root()) / "runs").absolute()


def own_folder(root: Path) -> Path:
    """The folder of a store for what belongs to one journal: what it shows, its lock, its failures.

    In the journal's own folder, the store itself; in a store elsewhere, one by the journal's path.
    """
    store = store_folder(root)
    if store.is_relative_to(root):
        return store
    return store / JOURNALS / hashlib.sha256(os.fsencode(root)).hexdigest()[:12]


@contextlib.contextmanager
def store_at(folder: str) -> Iterator[None]:
    """Make `folder` the store of this process and of those that it starts."""
    before = os.environ.get(STORE_VARIABLE)
    os.environ[STORE_VARIABLE] = folder
    try:
        yield
    finally:
        os.environ.pop(STORE_VARIABLE)
        if before is not None:
            os.environ[STORE_VARIABLE] = before
