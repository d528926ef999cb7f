"""What a folder of data holds, whatever its layout: images, their classes, their boxes if known.

A `Layout` looks for its parts among the `Places` of a folder, and reads them into a `DataSet`.
"""

import fnmatch
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from carnet import InputError

BOX = ("x1", "y1", "x2", "y2")
IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff")
VALIDATION = ("val", "valid", "validation")
DEPTH, MOST_FOLDERS = 4, 50_000  # how far one looks for the parts of a data set


@dataclass(frozen=True)
class DataSet:
    """A data set as its layout says, before anything is checked.

    `rows` has one row per image: split ("train" or "test"), file (under `base`), label (from 0),
    and the box x1, y1, x2, y2 (pixels counted from 1, both ends inside) where the layout has
    boxes. `sources` are the files that say so: of the "classes", and of each split. `named`
    promises that names of classes are a make, a model and a year. `in_order` tells that nothing but
    their order ties images to annotations, `own_test` that the test images were taken from the
    training images for want of test labels, `packed` that the sources hold the images too.
    """

    layout: str
    base: Path
    classes: tuple[str, ...]
    rows: pd.DataFrame
    sources: dict[str, Path] = field(default_factory=dict)
    named: bool = False
    in_order: bool = False
    own_test: bool = False
    packed: bool = False

    def source(self, part: str) -> Path:
        """Return the file that a part comes from, or the folder."""
        return self.sources.get(part, self.base)

    @property
    def has_boxes(self) -> bool:
        return set(BOX) <= set(self.rows.columns)

    @property
    def files(self) -> list[Path]:
        """The files that count: the sources, and the images that they name and that exist."""
        paths = [] if self.packed else [self.base / file for file in self.rows["file"]]
        inside = [path for path in paths if is_inside(path, self.base) and is_file(path)]
        return sorted({*self.sources.values(), *inside})

    def __str__(self) -> str:
        """Say what was found, in one line for the operator."""
        counts = self.rows["split"].value_counts()
        images = " and ".join(f"{counts.get(split, 0)} {split}" for split in ("train", "test"))
        own = " (no test labels: split here)" if self.own_test else ""
        boxes = "with boxes" if self.has_boxes else "without boxes"
        return f"{self.layout}: {len(self.classes)} classes, {images} images{own}, {boxes}"


def is_file(path: Path) -> bool:
    """Whether a path is that of a file, also one longer than the system allows: it is not."""
    return os.path.isfile(path)  # noqa: PTH113


def is_inside(path: Path, folder: Path) -> bool:
    """Whether a path, written with "..", leads under a folder; links may lead anywhere."""
    return Path(os.path.normpath(path)).is_relative_to(folder)


class Places:
    """The folders under a folder, a few levels deep, with the names of their files."""

    def __init__(self, root: Path):
        self.root = root

    @cached_property
    def files(self) -> dict[Path, list[str]]:
        """Folder -> names of its files, in the order of depth and names; hidden ones left out."""
        found = {}
        for folder, folders, names in os.walk(self.root, onerror=_refuse, followlinks=True):
            if len(found) == MOST_FOLDERS:
                raise InputError(
                    f"{self.root}: more than {MOST_FOLDERS:,} folders in it, expected a data set"
                )
            path = Path(folder)
            found[path] = sorted(filter(_is_shown, names))
            is_deepest = len(path.relative_to(self.root).parts) == DEPTH
            folders[:] = [] if is_deepest else sorted(filter(_is_shown, folders))
        return dict(sorted(found.items(), key=lambda item: len(item[0].parts)))

    def find(self, pattern: str) -> Path | None:
        """Return the file nearest to the root whose name fits a pattern."""
        return next(iter(self.find_all(pattern)), None)

    def find_all(self, pattern: str) -> list[Path]:
        named = ((folder, fnmatch.filter(names, pattern)) for folder, names in self.files.items())
        return [folder / name for folder, names in named for name in names]

    def image_folder(self, name: str) -> Path | None:
        """Return the folder of that name that holds images, also inside one of the same name.

        An empty one will do where there is no other.
        """
        named = [folder for folder in self.files if folder.name == name]
        holding = [folder for folder in named if self.images(folder)]
        return next(iter(holding + named), None)

    def images(self, folder: Path) -> list[str]:
        return [name for name in self.files.get(folder, ()) if name.lower().endswith(IMAGE_ENDINGS)]

    @cached_property
    def _inside(self) -> dict[Path, list[Path]]:
        found = {}
        for path in sorted(self.files.keys() - {self.root}):
            found.setdefault(path.parent, []).append(path)
        return found

    def folders(self, folder: Path) -> list[Path]:
        return self._inside.get(folder, [])

    def classes(self, folder: Path) -> list[Path]:
        """Return the folders in a folder that hold images."""
        return [path for path in self.folders(folder) if self.images(path)]


def relative(path: Path, base: Path) -> str:
    """Return a file as seen from a folder above it.

    Raises:
        InputError: a name that is not UTF-8, which no table can hold.
    """
    seen = path.relative_to(base).as_posix()
    if seen != seen.encode("utf-8", "replace").decode():
        raise InputError(f"{str(path)!a}: its name is not UTF-8, rename it")
    return seen


def split_of(found: Iterable[str]) -> dict[str, str]:
    """Return which split each part of a data set belongs to, by the usual names of parts.

    Validation is chosen from the training images; so what is given as such is one of them, or is
    the test where there is no other.

    >>> split_of(["train", "val"])
    {'train': 'train', 'val': 'test'}
    """
    found = [name for name in found if name in ("train", "test", *VALIDATION)]
    other = "train" if "test" in found else "test"
    return {name: other if name in VALIDATION else name for name in found}


def _is_shown(name: str) -> bool:
    return not name.startswith((".", "__MACOSX"))


def _refuse(error: OSError) -> None:
    raise InputError(f"{error.filename}: cannot be read ({error.strerror})") from None


Parts = dict[str, Path | None]


@dataclass(frozen=True)
class Layout:
    """A way to lay out a data set on disk.

    `find` returns the parts that the layout needs, by the name that the operator knows, and where
    they are; `read` takes them once all are there.
    """

    name: str
    find: Callable[[Places], Parts]
    read: Callable[[Places, Parts], DataSet]
