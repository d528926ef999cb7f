"""A data set of images by class in one pandas frame, and its images as tensors.

Reads any layout of `lib.data.layouts`, the embedded synthetic data set too, and adds what
annotations leave out: image sizes, a validation split. Knows nothing of models.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from carnet import InputError, fingerprint, kept
from lib.data.checks import examine, year_of
from lib.data.decoding import Images, open_squares
from lib.data.layouts import BOX, DataSet, read_data, unpacked
from lib.data.sizes import box_height, box_width
from lib.data.synthetic import SYNTHETIC, generate

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Cars:
    """A data set of cars, or of anything else in classes.

    `frame` has one row per image: split ("train", "validation" or "test"), file (under `folder`),
    label (from 0), class_name, where all names of classes say them make (the first word) and year
    (the last), then width, height, the box x1, y1, x2, y2 (pixels counted from 1, both ends
    inside, as in the official annotations; the whole image where boxes are not known), box_ratio
    (area of the box over area of the image), turned (whether EXIF has the image turned) and hash
    (perceptual). `arguments` are those of `load_cars` that give it again.
    """

    root: Path
    folder: Path
    classes: tuple[str, ...]
    frame: pd.DataFrame
    fingerprint: str
    layout: str
    has_boxes: bool
    own_test: bool
    synthetic: bool
    arguments: dict = field(default_factory=dict)

    def of(self, split: str) -> pd.DataFrame:
        """Return the rows of a split."""
        return self.frame[self.frame["split"] == split].reset_index(drop=True)

    def path(self, file: str) -> Path:
        """Return where an image of the frame is."""
        return self.folder / file

    @property
    def has_makes(self) -> bool:
        """Whether the names of classes say a make and a year."""
        return "make" in self.frame


def load_cars(data: str, *, validation: float = 0.15, seed: int = 0) -> Cars:
    """Read a data set, once all of it has been looked at.

    Args:
        data: "synthetique" (drawn on first use) or the folder that holds a data set.
        validation: share of the training images set aside, class by class.
        seed: of the choice of the validation images.

    Raises:
        InputError: anything missing, of another shape, or out of range; all faults are named.
    """
    synthetic = data == SYNTHETIC
    root = synthetic_root() if synthetic else Path(data).expanduser().resolve()
    dataset, images, contents = _examined(root)
    frame = _described(dataset, images)
    held_out = choose_validation(frame[frame["split"] == "train"], validation, seed)
    frame.loc[held_out, "split"] = "validation"
    place = SYNTHETIC if synthetic else str(root)
    return Cars(
        root,
        dataset.base,
        dataset.classes,
        frame,
        contents,
        layout=dataset.layout,
        has_boxes=dataset.has_boxes,
        own_test=dataset.own_test,
        synthetic=synthetic,
        arguments={"data": place, "validation": validation, "seed": seed},
    )


def data_files(folder: Path) -> list[Path]:
    """Return the files of a folder that are data: annotations, and the images that they name.

    Raises:
        InputError: no data set that can be read.
    """
    return read_data(folder).files


def check_data(folder: Path) -> str:
    """Look at a whole data set; return what it is, in one line for the operator.

    Raises:
        InputError: all of its faults, one line each.
    """
    dataset, images, _ = _examined(folder)
    turned = int(images["turned"].sum())
    return f"{dataset}{f', {turned} turned by EXIF' if turned else ''}"


def _examined(root: Path) -> tuple[DataSet, pd.DataFrame, str]:
    """Return a data set, what its images are, and the fingerprint of its files."""
    dataset = read_data(root)
    contents = fingerprint(dataset.base, dataset.files)
    if dataset.packed:
        dataset = unpacked(dataset)
    return dataset, examine(dataset, contents), contents


def load_images(cars: Cars, frame: pd.DataFrame, size: int) -> "Tensor":
    """Return the images of `frame`, squeezed into squares: uint8 (N, 3, size, size).

    Raises:
        InputError: as `open_images`.
    """
    import torch

    images = torch.empty((len(frame), 3, size, size), dtype=torch.uint8)
    for rows in frame.groupby(_parts(frame)).indices.values():
        images[rows] = open_images(cars, frame.iloc[rows], size)[:]
    return images


def open_images(cars: Cars, frame: pd.DataFrame, size: int) -> Images:
    """Return the images of `frame`, all for training or all of the test, read when asked for.

    All those of such a part are decoded once for each size, into a file that is memory-mapped.

    Raises:
        InputError: an image is missing, truncated or is not one; `size` is not positive; the disk
            is too small.
    """
    if size < 1:
        raise InputError(f"image_size is {size}: expected a number of pixels, 1 or more")
    (part,) = set(_parts(frame))
    inputs = {"data": cars.fingerprint, "part": part, "size": size}
    files = pd.Index(sorted(cars.frame.loc[_parts(cars.frame) == part, "file"]))
    label = f"decoding images at {size} px"
    # The package of the modules below imports this one, which they do without.
    with kept("images", inputs, of=["lib.data.decoding"], without=["lib.data.cars"]) as work:
        squares = open_squares(work, [cars.path(file) for file in files], size, label=label)
    return Images(squares, files.get_indexer(frame["file"]))


def synthetic_root() -> Path:
    """Return the root of the embedded data set, drawn on first use."""
    drawing = {"of": ["lib.data.synthetic"], "without": ["lib.data.cars"]}
    with kept("data", {"data": SYNTHETIC}, **drawing) as work:
        root = work.folder / SYNTHETIC
        if not work.finished:
            shutil.rmtree(root, ignore_errors=True)  # of a process that was killed
            generate(root)
            work.finish()
    return root


def choose_validation(train: pd.DataFrame, validation: float, seed: int) -> pd.Index:
    """Choose the rows of `train` set aside for validation, class by class.

    A class of one image keeps it for training; any other gives one image or more. So a small
    data set may set aside more than `validation`.

    Raises:
        InputError: a share out of range.
    """
    from sklearn.model_selection import train_test_split

    if not 0 < validation <= 0.5:
        raise InputError(f"validation is {validation}: expected a share above 0, at most 0.5")
    counts = train["label"].value_counts()
    shared = train[train["label"].map(counts) > 1]
    least = shared["label"].nunique()
    size = max(round(validation * len(shared)), least)
    _, held_out = train_test_split(
        shared.index, test_size=size, stratify=shared["label"], random_state=seed
    )
    return held_out


def with_names(rows: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """Add the names of classes, and their makes and years where all of them say both."""
    names = [classes[label] for label in rows["label"]]
    named = rows.assign(class_name=names)
    if all(map(year_of, classes)):
        named = named.assign(make=makes_of(names), year=list(map(year_of, names)))
    return named


def makes_of(classes: Sequence[str]) -> list[str]:
    """Return the make of each class, its first word; where no year says that it is one, the class.

    >>> makes_of(["Audi A5 2012", "Audi TT 2011"]), makes_of(["wild rose", "tulip"])
    (['Audi', 'Audi'], ['wild rose', 'tulip'])
    """
    if not all(map(year_of, classes)):
        return list(classes)
    return [name.split()[0] for name in classes]


def _described(dataset: DataSet, images: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of `Cars.frame`."""
    frame = with_names(dataset.rows, dataset.classes).join(images)
    if not dataset.has_boxes:
        frame = frame.assign(x1=1, y1=1, x2=frame["width"], y2=frame["height"])
    frame["box_ratio"] = box_width(frame) * box_height(frame)
    names = [name for name in ("class_name", "make", "year") if name in frame]
    sizes = ["width", "height", *BOX, "box_ratio", "turned", "hash"]
    return frame[["split", "file", "label", *names, *sizes]]


def _parts(frame: pd.DataFrame) -> np.ndarray:
    """Return the part of the data set that each image is in: "train", also for validation."""
    return np.where(frame["split"] == "test", "test", "train")
