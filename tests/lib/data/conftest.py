"""A scratch store, and data sets for a test to spoil."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT

CARS40 = ROOT.parent / "shared" / "data" / "cars40"


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> Path:
    """Caches go to a scratch store."""
    folder = tmp_path / "store"
    monkeypatch.setenv("JOURNAL_STORE", str(folder))
    return folder


@pytest.fixture
def base(tiny_cars_root, tmp_path) -> Path:
    """The folder stanford_cars/ of a copy of the tiny data set, which has 3 classes."""
    root = tmp_path / "copy"
    shutil.copytree(tiny_cars_root, root)
    return root / "stanford_cars"


@pytest.fixture
def cars40() -> Path:
    if not CARS40.is_dir():
        pytest.skip("the photographs of ../shared/data/cars40 are not there")
    return CARS40
