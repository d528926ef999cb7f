"""Stanford Cars as its authors and Kaggle give it: annotations in .mat files, boxes included.

`OFFICIAL` is the devkit, with cars_train/ and cars_test/; `ARCHIVE` is cars_annos.mat, whose images
are in car_ims/, or, on Kaggle, in cars_train/ and cars_test/.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd

from carnet import InputError
from lib.data.layouts.dataset import BOX, DataSet, Layout, Parts, Places, relative

META, TRAIN, TEST = "devkit/cars_meta.mat", "devkit/cars_train_annos.mat", "cars_test/"
LABELS, ANNOS, IMAGES = "cars_test_annos_withlabels*.mat", "cars_annos.mat", "car_ims/"
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
    base, classes, labels = _common_folder(parts), read_classes(parts[META]), places.find(LABELS)
    splits = {"train": (parts[TRAIN], parts["cars_train/"])}
    splits |= {"test": (labels, parts[TEST])} if labels else {}
    rows = pd.concat(
        read_annotations(path, folder.relative_to(base), len(classes)).assign(split=split)
        for split, (path, folder) in splits.items()
    )
    sources = {"classes": parts[META]} | {split: path for split, (path, _) in splits.items()}
    return DataSet(OFFICIAL.name, base, classes, rows, sources, named=True)


def _find_archive(places: Places) -> Parts:
    parts = {ANNOS: places.find("cars_annos*.mat")}
    if parts[ANNOS] and places.image_folder("cars_train"):
        return parts | {f"cars_{split}/": places.image_folder(f"cars_{split}") for split in SPLITS}
    return parts | {IMAGES: places.image_folder("car_ims")}


def _read_archive(places: Places, parts: Parts) -> DataSet:
    path, base = parts[ANNOS], _common_folder(parts)
    classes = read_classes(path)
    rows = _read_rows(path, "relative_im_path", len(classes))
    rows["split"] = np.where(rows.get("test", 0), "test", "train")
    if in_order := IMAGES not in parts:
        for split, held in rows.groupby("split"):
            folder = parts[f"cars_{split}/"]
            rows.loc[held.index, "file"] = _in_order(places, base, folder, len(held))
    else:
        folder = parts[IMAGES].relative_to(base)
        rows["file"] = [(folder / Path(file).name).as_posix() for file in rows["file"]]
    sources = dict.fromkeys(["classes", *SPLITS], path)
    return DataSet(ARCHIVE.name, base, classes, rows, sources, named=True, in_order=in_order)


def _in_order(places: Places, base: Path, folder: Path, expected: int) -> list[str]:
    """Return the images of a folder, which their order ties to annotations of car_ims/."""
    names = places.images(folder)
    if len(names) != expected:
        raise InputError(
            f"{folder}: {len(names)} images, {ANNOS} has {expected}, of {IMAGES}: "
            f"expected as many, or {TRAIN} beside them"
        )
    return [relative(folder / name, base) for name in names]


def _common_folder(parts: Parts) -> Path:
    return Path(os.path.commonpath(parts.values()))


def read_classes(path: Path) -> tuple[str, ...]:
    """Read the class names.

    Raises:
        InputError: the file is missing or of another shape.
    """
    return tuple(map(str, read_mat(path, "class_names")))


def read_annotations(path: Path, folder: Path, classes: int) -> pd.DataFrame:
    """Read the file (under `folder`), label (from 0) and box of each image, in the file's order.

    Raises:
        InputError: the file is missing or of another shape, or a label is out of range.
    """
    rows = _read_rows(path, "fname", classes)
    return rows.assign(file=[(folder / file).as_posix() for file in rows["file"]])


def _read_rows(path: Path, names: str, classes: int) -> pd.DataFrame:
    """Read annotations, whose field `names` has the files; all numbers that are none are named."""
    content = read_mat(path, "annotations")
    fields, wanted = content.dtype.names or (), ["class", names, *BOXES]
    needed = wanted if set(BOXES).intersection(fields) else wanted[:2]
    missing = [field for field in needed if field not in fields]
    if missing or len(content) == 0:
        what = f"no field {', '.join(missing)}" if missing else "no annotation"
        raise InputError(f"{path}: {what} in it; expected {', '.join(wanted)} for each image")
    files = pd.Series([str(name).strip() for name in content[names]])
    numbers = pd.DataFrame(
        {name: _numbers(content[name]) for name in ("class", "test", *BOXES) if name in fields}
    ).rename(columns={"class": "label"} | BOXES)
    no_numbers = files[~np.isfinite(numbers).all(axis=1)]
    unnamed = ~numbers["label"].isin(range(1, classes + 1)) & numbers["label"].notna()
    wrong = [f"{path}: '{file}' has a number that is none" for file in no_numbers]
    wrong += [
        f"{path}: image '{files[row]}' has class {label:g}, expected 1 to {classes}"
        for row, label in numbers.loc[unnamed, "label"].items()
    ]
    if wrong:
        raise InputError("\n".join(wrong))
    rows = numbers.astype(int)
    return rows.assign(file=files, label=rows["label"] - 1)


def _numbers(column: np.ndarray) -> pd.Series:
    """Return the numbers of a column, NaN for what is none."""
    return pd.to_numeric(pd.Series(column.tolist(), dtype=object), errors="coerce").astype(float)


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
