"""Reading and writing the .mat files of Stanford Cars, for tests that spoil or rearrange them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.io import loadmat, savemat

from carnet import InputError
from lib.data import check_data

META, TRAIN = "devkit/cars_meta.mat", "devkit/cars_train_annos.mat"
TEST = "cars_test_annos_withlabels.mat"


def read_names(path: Path) -> list[str]:
    return [str(name) for name in loadmat(path, squeeze_me=True)["class_names"]]


def write_names(path: Path, names: list[str], **others) -> None:
    savemat(path, {"class_names": np.array([names], dtype=object), **others})


def read_rows(path: Path) -> pd.DataFrame:
    rows = np.atleast_1d(loadmat(path, squeeze_me=True)["annotations"])
    return pd.DataFrame({name: list(rows[name]) for name in rows.dtype.names}).astype(object)


def struct(rows: pd.DataFrame) -> np.ndarray:
    return rows.astype(object).to_records(index=False)[None]


def write_rows(path: Path, rows: pd.DataFrame) -> None:
    savemat(path, {"annotations": struct(rows)})


def change_rows(path: Path, change) -> None:
    """Rewrite annotations as `change`, given them as a frame, returns them or leaves them."""
    rows = read_rows(path)
    changed = change(rows)
    write_rows(path, rows if changed is None else changed)


def faults(folder: Path) -> list[str]:
    """Return the lines that refuse a data set."""
    with pytest.raises(InputError) as caught:
        check_data(folder)
    return str(caught.value).splitlines()


def fault(folder: Path) -> str:
    """Return the one line that refuses a data set."""
    (line,) = faults(folder)
    return line
