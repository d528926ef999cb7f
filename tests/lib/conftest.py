"""Fixtures shared by the tests of the subject."""

import pandas as pd
import pytest

from carnet.project.paths import ROOT
from lib.data.cars import read_annotations, read_classes, with_names

DEVKIT = ROOT.parent / "shared" / "data" / "devkit196"


@pytest.fixture
def official_annotations() -> pd.DataFrame:
    """The columns of `Cars.frame` that need no image, of the official training annotations."""
    if not DEVKIT.is_dir():
        pytest.skip("the annotations of ../shared/data/devkit196 are not there")
    classes = read_classes(DEVKIT / "cars_meta.mat")
    annotations = read_annotations(DEVKIT / "cars_train_annos.mat", classes)
    return with_names(annotations.assign(split="train"), classes)
