"""Data sets as people have them, recognised by looking at the folder that holds them.

One table of layouts; the first whose parts are all there reads them. Decodes no image.
"""

import os
import unicodedata
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from carnet import InputError
from lib.data.layouts.dataset import BOX, DataSet, Layout, Parts, Places
from lib.data.layouts.folders import PLAIN_FOLDERS, SPLIT
from lib.data.layouts.matlab import ARCHIVE, OFFICIAL
from lib.data.layouts.parquet import PARQUET, unpacked

LAYOUTS = (OFFICIAL, ARCHIVE, PARQUET, SPLIT, PLAIN_FOLDERS)
OWN_TEST = 5  # one image in so many of each class, where a data set has no test labels

__all__ = ["BOX", "LAYOUTS", "DataSet", "read_data", "unpacked"]


def read_data(folder: Path) -> DataSet:
    """Read what a folder holds: annotations, or the names of folders and files.

    Classes without images are left out; a data set without test labels gets a test split.

    Raises:
        InputError: nothing known, or annotations that cannot be read; names what is missing for
            the nearest layout.
    """
    if not folder.is_dir():
        raise InputError(f"data '{folder}': no such folder")
    places = Places(folder.resolve())
    found = [(layout, layout.find(places)) for layout in LAYOUTS]
    for layout, parts in found:
        if None not in parts.values():
            return _complete(layout.read(places, parts))
    raise InputError(_nearest(folder, found))


def _nearest(folder: Path, found: list[tuple[Layout, Parts]]) -> str:
    """Say what is missing for the layout of which the largest share is there."""
    layout, parts = max(
        found, key=lambda pair: np.mean([path is not None for path in pair[1].values()])
    )
    there = [name for name, path in parts.items() if path]
    if not there:
        needs = (f"{layout.name} ({', '.join(parts)})" for layout, parts in found)
        return f"data '{folder}': no data set in it, expected one of: {'; '.join(needs)}"
    missing = [name for name in parts if name not in there]
    return f"data '{folder}': {layout.name}: found {', '.join(there)}, no {', '.join(missing)}"


def _complete(dataset: DataSet) -> DataSet:
    """Leave out the classes that have no image, and set test images aside if there are none."""
    rows = dataset.rows.reset_index(drop=True)
    rows["file"] = [_under(dataset.base, file) for file in rows["file"]]
    rows["label"], used = pd.factorize(rows["label"], sort=True)
    classes = tuple(_as_read(dataset.classes[label]) for label in used)
    own_test = "test" not in set(rows["split"])
    rows = _with_own_test(rows) if own_test else rows
    return replace(dataset, classes=classes, rows=rows, own_test=own_test)


def _as_read(name: str) -> str:
    """Return a name without what a reader does not see: blanks, how accents are composed."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _under(base: Path, file: str) -> str:
    """Return a file as seen from `base`, if it is there, in one way of writing it."""
    path = Path(os.path.normpath(base / file))
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else file


def _with_own_test(rows: pd.DataFrame) -> pd.DataFrame:
    """Make every fifth image of each class a test image, one at least of three or more."""
    ordered = rows.sort_values("file", kind="stable").groupby("label")["file"]
    sizes, places = ordered.transform("size"), ordered.cumcount()
    chosen = (places % OWN_TEST == sizes.clip(upper=OWN_TEST) - 1) & (sizes > 2)
    return rows.assign(split=np.where(chosen.reindex(rows.index), "test", "train"))
