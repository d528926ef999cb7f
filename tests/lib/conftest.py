"""Fixtures shared by the tests of the subject."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.data.cars import Cars, load_cars, with_names
from lib.data.layouts.matlab import read_annotations, read_classes
from tests import narrow
from tests.conftest import ROOT
from tests.fake_search import without_effects

DEVKIT = ROOT.parent / "shared" / "data" / "devkit196"


@pytest.fixture(scope="session")
def cars(tiny_cars_root, tmp_path_factory) -> Cars:
    """The tiny data set, a quarter of whose training images validate, read once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNAL_STORE", str(tmp_path_factory.mktemp("data_store")))
        return load_cars(str(tiny_cars_root), validation=0.25)


@pytest.fixture
def noise(found):
    """The made-up search of a module, without any effect of a factor."""
    return without_effects(found)


@pytest.fixture
def store(tmp_path, monkeypatch) -> Path:
    """A store of its own for a test."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture(scope="module")
def narrow_network():
    """Networks made in this process are narrow: how one is trained does not follow its size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lib.training.model.resnet18", narrow.resnet18)
        yield


@pytest.fixture
def official_annotations() -> pd.DataFrame:
    """The columns of `Cars.frame` that need no image, of the official training annotations."""
    if not DEVKIT.is_dir():
        pytest.skip("the annotations of ../shared/data/devkit196 are not there")
    classes = read_classes(DEVKIT / "cars_meta.mat")
    annotations = read_annotations(DEVKIT / "cars_train_annos.mat", Path(), len(classes))
    return with_names(annotations.assign(split="train"), classes)


@pytest.fixture
def shares():
    """Measures of three kinds of maps, the last of which has none."""
    return pd.DataFrame(
        {
            "model": ["v1", "v1", "v2"],
            "method": ["Grad-CAM", "Occlusion", "Lime"],
            "count": [36, 36, 0],
            "share": [0.7, 0.8, np.nan],
            "uniform": 0.6,
            "swapped": [0.6, 0.7, np.nan],
            "excess": [0.1, 0.2, np.nan],
            "excess_low": [0.04, 0.1, np.nan],
            "excess_high": [0.16, 0.3, np.nan],
            "gain": [0.1, 0.1, np.nan],
            "gain_low": [0.02, 0.05, np.nan],
            "gain_high": [0.18, 0.15, np.nan],
            "verdict": ["above", "below", "pointless"],
            "tracking": "unclear",
        }
    )
