"""Stanford Cars as its authors and Kaggle give it: annotations in .mat files, boxes included.

`OFFICIAL` is the devkit, with cars_train/ and cars_test/; `ARCHIVE` is cars_annos.mat, whose images
are in car_ims/, or, on Kaggle, in cars_train/ and cars_test/.
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from carnet import InputError
from lib.data.layouts.dataset import BOX, DataSet, Layout, Parts, Places

META, TRAIN, TEST = "devkit/cars_meta.mat", "devkit/cars_train_annos.mat", "cars_test/"
LABELS = "cars_test_annos_withlabels*.mat"
SPLITS = ("train", "test")
BOXES = {f"bbox_{side}": side for side in BOX}


def _find_official(places: Places) -> Parts:
    parts = {
        "cars_train/": places.image_folder("cars_train"),
        META: places.find("cars_meta*.mat"),
        TRAIN: places.find("cars_train_annos*.mat"),
    }
    if labels := places.find(LABELS):
        parts |= {labels.name: labels, TEST: places.image_folder("cars_test")}
    return parts


def _read_official(places: Places, parts: Parts) -> DataSet:
    base, classes = _common_folder(parts), read_classes(parts[META])
    labels = places.find(LABELS)
    splits = {"train": (parts[TRAIN], parts["cars_train/"])}
    splits |= {"test": (labels, parts[TEST])} if labels else {}
    rows = pd.concat(
        read_annotations(path, folder.relative_to(base), len(classes)).assign(split=split)
        for split, (path, folder) in splits.items()
    )
    sources = {"classes": parts[META]} | {split: path for split, (path, _) in splits.items()}
    return DataSet(OFFICIAL.name, base, classes, rows, sources, named=True)


def _find_archive(places: Places) -> Parts:
    parts = {"cars_annos.mat": places.find("cars_annos*.mat")}
    if parts["cars_annos.mat"] and places.image_folder("cars_train"):
        return parts | {f"cars_{split}/": places.image_folder(f"cars_{split}") for split in SPLITS}
    return parts | {"car_ims/": places.image_folder("car_ims")}


def _read_archive(places: Places, parts: Parts) -> DataSet:
    path, base = parts["cars_annos.mat"], _common_folder(parts)
    classes, content = read_classes(path), read_mat(path, "annotations")
    rows = _rows(path, content, "relative_im_path", len(classes))
    tests = _column(path, content, "test").astype(int)
    rows["split"] = np.where(tests, "test", "train")
    names = [file.rpartition("/")[2] for file in rows["file"]]
    sources = dict.fromkeys(["classes", *SPLITS], path)
    dataset = DataSet(ARCHIVE.name, base, classes, rows, sources, named=True)
    if "car_ims/" in parts:
        folder = parts["car_ims/"].relative_to(base)
        return _with_files(dataset, [(folder / name).as_posix() for name in names])
    return _in_order(dataset, places, parts)


def _in_order(dataset: DataSet, places: Places, parts: Parts) -> DataSet:
    """Tie the images of cars_train/ and cars_test/ to annotations that name those of car_ims/."""
    files = pd.Series("", index=dataset.rows.index)
    for split in SPLITS:
        folder, chosen = parts[f"cars_{split}/"], dataset.rows["split"] == split
        names = places.images(folder)
        if len(names) != chosen.sum():
            raise InputError(
                f"{folder}: {len(names)} images, cars_annos.mat has {chosen.sum()}, of car_ims/: "
                f"expected as many, or {TRAIN} beside them"
            )
        files[chosen] = [(folder.relative_to(dataset.base) / name).as_posix() for name in names]
    return _with_files(dataset, files, in_order=True)


def _with_files(dataset: DataSet, files: Iterable[str], **changed) -> DataSet:
    rows = dataset.rows.assign(file=list(files))
    return replace(dataset, rows=rows, **changed)


def _common_folder(parts: Parts) -> Path:
    return Path(os.path.commonpath(parts.values()))


def read_classes(path: Path) -> tuple[str, ...]:
    """Read the class names.

    Raises:
        InputError: the file is missing or of another shape.
    """
    return tuple(str(name).strip() for name in read_mat(path, "class_names"))


def read_annotations(path: Path, folder: Path, classes: int) -> pd.DataFrame:
    """Read the file (under `folder`), label (from 0) and box of each image, in the file's order.

    Raises:
        InputError: the file is missing or of another shape, or a label is out of range.
    """
    rows = _rows(path, read_mat(path, "annotations"), "fname", classes)
    return rows.assign(file=[(folder / file).as_posix() for file in rows["file"]])


def _rows(path: Path, content: np.ndarray, names: str, classes: int) -> pd.DataFrame:
    fields = content.dtype.names or ()
    missing = [field for field in (names, "class") if field not in fields]
    if missing or len(content) == 0:
        what = f"no field {', '.join(missing)}" if missing else "no annotation"
        wanted = ", ".join(["class", names, *BOXES])
        raise InputError(f"{path}: {what} in it; expected {wanted} for each image")
    rows = {"file": [str(name).strip() for name in content[names]]}
    rows["label"] = _column(path, content, "class")
    if set(BOXES) <= set(fields):
        rows |= {side: _column(path, content, field) for field, side in BOXES.items()}
    frame = pd.DataFrame(rows)
    _check_numbers(path, frame, classes)
    return frame.astype({name: int for name in frame.columns if name != "file"}).assign(
        label=frame["label"].astype(int) - 1
    )


def _column(path: Path, content: np.ndarray, field: str) -> np.ndarray:
    try:
        return np.array([float(value) for value in content[field]])
    except (TypeError, ValueError):
        raise InputError(f"{path}: a class or a box is not a number") from None


def _check_numbers(path: Path, frame: pd.DataFrame, classes: int) -> None:
    """Refuse, all at once, numbers that are none and classes that have no name."""
    sides = frame.drop(columns="file")
    wrong = [
        f"'{row.file}' has a number that is none"
        for row in frame[~np.isfinite(sides).all(axis=1)].itertuples()
    ]
    odd = frame[~frame["label"].isin(range(1, classes + 1)) & frame["label"].notna()]
    wrong += [
        f"image '{row.file}' has class {row.label:g}, expected 1 to {classes}"
        for row in odd.itertuples()
    ]
    if wrong:
        raise InputError("\n".join(f"{path}: {line}" for line in wrong))


def read_mat(path: Path, variable: str) -> np.ndarray:
    """Read a variable of a MATLAB file, as an array of one dimension.

    Raises:
        InputError: the file cannot be read, or has no such variable.
    """
    from scipy.io import loadmat

    try:
        content = loadmat(path, squeeze_me=True)
    except Exception as error:  # a damaged file makes scipy raise almost anything
        raise InputError(f"{path}: not a MATLAB file that can be read ({error})") from None
    if variable not in content:
        found = ", ".join(name for name in content if not name.startswith("__")) or "nothing"
        raise InputError(f"{path}: no variable '{variable}' in it, found {found}")
    return np.atleast_1d(content[variable])


OFFICIAL = Layout("Stanford Cars, official layout", _find_official, _read_official)
ARCHIVE = Layout("Stanford Cars, cars_annos.mat", _find_archive, _read_archive)
