"""Fixtures shared by the tests of the subject."""

import numpy as np
import pandas as pd
import pytest

from lib.data.cars import read_annotations, read_classes, with_names
from tests.conftest import ROOT

DEVKIT = ROOT.parent / "shared" / "data" / "devkit196"


@pytest.fixture
def official_annotations() -> pd.DataFrame:
    """The columns of `Cars.frame` that need no image, of the official training annotations."""
    if not DEVKIT.is_dir():
        pytest.skip("the annotations of ../shared/data/devkit196 are not there")
    classes = read_classes(DEVKIT / "cars_meta.mat")
    annotations = read_annotations(DEVKIT / "cars_train_annos.mat", classes)
    return with_names(annotations.assign(split="train"), classes)


@pytest.fixture
def shares():
    """Measures of three kinds of maps, the last of which has none."""
    return pd.DataFrame(
        {
            "model": ["v1", "v1", "v2"],
            "method": ["Grad-CAM", "Occlusion", "Lime"],
            "share": [0.7, 0.8, np.nan],
            "low": [0.65, 0.7, np.nan],
            "high": [0.75, 0.9, np.nan],
            "uniform": 0.6,
            "excess": [0.1, 0.2, np.nan],
            "excess_low": [0.04, 0.1, np.nan],
            "excess_high": [0.16, 0.3, np.nan],
            "swapped": [0.6, 0.7, np.nan],
            "verdict": ["above", "below", "pointless"],
            "tracking": "unclear",
        }
    )
