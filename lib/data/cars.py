"""A car data set in one pandas frame, and its images as tensors.

Reads the layout of Stanford Cars (Krause et al., 2013), which the embedded synthetic data set
shares, through `torchvision.datasets.StanfordCars`, and adds what that class leaves out: boxes,
image sizes, a validation split. Knows nothing of models.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.io
import torch
from sklearn.model_selection import train_test_split
from torchvision.datasets import StanfordCars

from carnet import InputError, fingerprint, kept, progress
from lib.data.decoding import open_squares
from lib.data.image_cache import Images
from lib.data.images import image_size
from lib.data.sizes import box_height, box_width
from lib.data.synthetic import SYNTHETIC, generate

FOLDER = "stanford_cars"
CLASS_NAMES = "devkit/cars_meta.mat"
ANNOTATIONS = {
    "train": "devkit/cars_train_annos.mat",
    "test": "cars_test_annos_withlabels.mat",
}
BOX = ("x1", "y1", "x2", "y2")
FIELDS = {"fname": "file", "class": "label"} | {f"bbox_{side}": side for side in BOX}
LAYOUT = (
    f"expected {FOLDER}/ with cars_train/, cars_test/, {', '.join(ANNOTATIONS.values())} "
    f"and {CLASS_NAMES}"
)


@dataclass(frozen=True)
class Cars:
    """A data set of cars.

    `frame` has one row per image: split ("train", "validation" or "test"), file (under
    root/stanford_cars), label (from 0), class_name, make (its first word), year (its last),
    width, height, the box x1, y1, x2, y2 (pixels counted from 1, both ends inside, as in the
    official annotations) and box_ratio (area of the box over area of the image). `arguments` are
    those of `load_cars` that give it again.
    """

    root: Path
    classes: tuple[str, ...]
    frame: pd.DataFrame
    fingerprint: str
    synthetic: bool
    arguments: dict = field(default_factory=dict)

    def of(self, split: str) -> pd.DataFrame:
        """Return the rows of a split."""
        return self.frame[self.frame["split"] == split].reset_index(drop=True)

    def path(self, file: str) -> Path:
        """Return where an image of the frame is."""
        return self.root / FOLDER / file


def load_cars(data: str, *, validation: float = 0.15, seed: int = 0) -> Cars:
    """Read a data set; no pixel is decoded.

    Args:
        data: "synthetique" (drawn on first use) or the folder that holds stanford_cars/.
        validation: share of the official training images set aside, class by class.
        seed: of the choice of the validation images.

    Raises:
        InputError: anything missing, of another shape, or out of range, named.
    """
    root = synthetic_root() if data == SYNTHETIC else _checked_root(Path(data))
    classes = read_classes(root / FOLDER / CLASS_NAMES)
    frame = pd.concat([_read_split(root, split, classes) for split in ANNOTATIONS])
    frame = _with_sizes(frame.reset_index(drop=True), root / FOLDER)
    held_out = choose_validation(frame[frame["split"] == "train"], classes, validation, seed)
    frame.loc[held_out, "split"] = "validation"
    synthetic = data == SYNTHETIC
    place = SYNTHETIC if synthetic else str(root)
    arguments = {"data": place, "validation": validation, "seed": seed}
    return Cars(root, classes, frame, fingerprint(root / FOLDER), synthetic, arguments)


def load_images(cars: Cars, frame: pd.DataFrame, size: int) -> torch.Tensor:
    """Return the images of `frame`, squeezed into squares: uint8 (N, 3, size, size).

    Raises:
        InputError: as `open_images`.
    """
    folders = _folders(frame)
    places = {folder: np.flatnonzero(folders == folder) for folder in sorted(set(folders))}
    parts = [open_images(cars, frame.iloc[rows], size) for rows in places.values()]
    images = torch.empty((len(frame), 3, size, size), dtype=torch.uint8)
    for rows, part in zip(places.values(), parts):
        images[rows] = part[:]
    return images


def open_images(cars: Cars, frame: pd.DataFrame, size: int) -> Images:
    """Return the images of `frame`, all of one folder, as squares that are read when asked for.

    All images of a folder are decoded once for each size, into a file that is memory-mapped.

    Raises:
        InputError: an image is missing, truncated or is not one; `size` is not positive; the disk
            is too small.
    """
    if size < 1:
        raise InputError(f"image_size is {size}: expected a number of pixels, 1 or more")
    (name,) = set(_folders(frame))
    inputs = {"data": cars.fingerprint, "folder": name, "size": size}
    files = pd.Index(sorted(cars.frame.loc[_folders(cars.frame) == name, "file"]))
    label = f"Décodage des images ({size} px)"
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


def read_classes(path: Path) -> tuple[str, ...]:
    """Read the class names; each ends with its year.

    Raises:
        InputError: the file is missing or of another shape, or a name has no year.
    """
    names = tuple(str(name) for name in _read_mat(path, "class_names"))
    if len(names) < 2:
        raise InputError(f"{path}: {len(names)} class, expected 2 or more")
    for name in names:
        if len(name.split()) < 2 or not name.split()[-1].isdecimal():
            raise InputError(f"{path}: class '{name}' is not a make, a model and a year")
    return names


def read_annotations(path: Path, classes: Sequence[str]) -> pd.DataFrame:
    """Read file, label (from 0) and box of each image, in the order of the file.

    Raises:
        InputError: the file is missing or of another shape, or a label is out of range.
    """
    rows = _read_mat(path, "annotations")
    missing = sorted(set(FIELDS) - set(rows.dtype.names or ()))
    if missing or len(rows) == 0:
        what = f"no field {', '.join(missing)}" if missing else "no annotation"
        raise InputError(f"{path}: {what} in it; expected {', '.join(FIELDS)} for each image")
    try:
        columns = {
            name: [str(value) if field == "fname" else int(value) for value in rows[field]]
            for field, name in FIELDS.items()
        }
    except (TypeError, ValueError):
        raise InputError(f"{path}: a class or a box is not a whole number") from None
    frame = pd.DataFrame(columns)
    wrong = frame[~frame["label"].between(1, len(classes))]
    if len(wrong):
        first = wrong.iloc[0]
        raise InputError(
            f"{path}: image '{first['file']}' has class {first['label']}, "
            f"expected 1 to {len(classes)}"
        )
    return frame.assign(label=frame["label"] - 1)


def choose_validation(
    train: pd.DataFrame, classes: Sequence[str], validation: float, seed: int
) -> pd.Index:
    """Choose the rows of `train` set aside for validation, class by class.

    A class of one image keeps it for training; any other gives one image or more. So a small
    data set may set aside more than `validation`.

    Raises:
        InputError: a share out of range, or classes too small to share anything.
    """
    if not 0 < validation <= 0.5:
        raise InputError(f"validation is {validation}: expected a share above 0, at most 0.5")
    counts = train["label"].value_counts()
    for label, name in enumerate(classes):
        if label not in counts:
            raise InputError(f"class '{name}' has no training image")
    shared = train[train["label"].map(counts) > 1]
    if shared.empty:
        raise InputError("no class has 2 training images: none can be set aside for validation")
    least = shared["label"].nunique()
    size = max(round(validation * len(shared)), least)
    _, held_out = train_test_split(
        shared.index, test_size=size, stratify=shared["label"], random_state=seed
    )
    return held_out


def _checked_root(root: Path) -> Path:
    if root.name == FOLDER and (root / "devkit").is_dir():
        raise InputError(f"data '{root}': give the folder that holds it, '{root.parent}'")
    if not (root / FOLDER).is_dir():
        what = f"no {FOLDER}/ in it" if root.is_dir() else "no such folder"
        raise InputError(f"data '{root}': {what}; {LAYOUT}, or '{SYNTHETIC}'")
    return root.resolve()


def _read_mat(path: Path, variable: str) -> np.ndarray:
    if not path.is_file():
        raise InputError(f"{path}: no such file; {LAYOUT}")
    try:
        content = scipy.io.loadmat(path, squeeze_me=True)
    except Exception as error:  # a damaged file makes scipy raise almost anything
        raise InputError(f"{path}: not a MATLAB file that can be read ({error})") from None
    if variable not in content:
        found = ", ".join(name for name in content if not name.startswith("__")) or "nothing"
        raise InputError(f"{path}: no variable '{variable}' in it, found {found}")
    return np.atleast_1d(content[variable])


def _read_split(root: Path, split: str, classes: Sequence[str]) -> pd.DataFrame:
    base = root / FOLDER
    annotations = read_annotations(base / ANNOTATIONS[split], classes)
    if not (base / f"cars_{split}").is_dir():
        raise InputError(f"{base / f'cars_{split}'}: no such folder; {LAYOUT}")
    # As loader, `str` gives the path where the class would decode the image.
    files, labels = zip(*StanfordCars(root, split=split, loader=str))
    files = [Path(file).relative_to(base).as_posix() for file in files]
    return with_names(annotations.assign(split=split, file=files, label=labels), classes)


def with_names(annotations: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """Add what the class name says, in the order of the columns of `Cars.frame`."""
    names = [classes[label] for label in annotations["label"]]
    described = annotations.assign(
        class_name=names,
        make=[name.split()[0] for name in names],
        year=[int(name.split()[-1]) for name in names],
    )
    return described[["split", "file", "label", "class_name", "make", "year", *BOX]]


def _with_sizes(frame: pd.DataFrame, base: Path) -> pd.DataFrame:
    """Add the size of each image, and the share of it that the box covers."""
    files = progress(frame["file"], "Lecture de la taille des images")
    sizes = np.array([image_size(base / file) for file in files])
    sized = frame.assign(width=sizes[:, 0], height=sizes[:, 1])
    sized["box_ratio"] = box_width(sized) * box_height(sized)
    columns = [name for name in frame.columns if name not in BOX]
    return sized[[*columns, "width", "height", *BOX, "box_ratio"]]


def _folders(frame: pd.DataFrame) -> np.ndarray:
    """Return the folder of each image: "cars_train" or "cars_test"."""
    return np.array([file.partition("/")[0] for file in frame["file"]])
