"""The double division: comparison by stated criteria, and what it does to batch normalisation."""

import pandas as pd
import pytest
import torch

from lib.data.cars import load_cars
from lib.training.double_scaling import (
    compare_curves,
    examine_double_scaling,
    first_batchnorm_std,
    learning_verdict,
)
from lib.training.model import build_model
from lib.training.training import TrainingConfig, train


@pytest.mark.parametrize(
    ("reference", "other", "verdict"),
    [
        (0.1, 0.1, "undecided"),
        (0.6, 0.15, "collapsed"),
        (0.6, 0.25, "slowed"),
        (0.6, 0.5, "comparable"),
    ],
)
def test_learning_verdict(reference, other, verdict):
    """Against chance at one in ten."""
    assert learning_verdict(reference, other, 10) == verdict


def test_compare_curves_keeps_common_epochs():
    """The shorter history decides."""
    frame = pd.DataFrame({"epoch": [1, 2], "train_accuracy": 0.5, "validation_accuracy": 0.4})
    curves = compare_curves(frame, frame.head(1))
    assert curves["epoch"].tolist() == [1]
    assert "validation_accuracy_double" in curves


def test_batch_normalisation_absorbs_only_part_of_a_division():
    """Divided by 255, what enters falls under its epsilon."""
    images = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8)
    assert first_batchnorm_std(build_model(3), images) == pytest.approx(1, abs=0.01)
    assert first_batchnorm_std(build_model(3, divisor=255.0), images) < 0.5


@pytest.mark.slow
def test_examine_on_tiny_cars(tiny_cars_root, tmp_path, monkeypatch):
    """The whole comparison, over the epochs that both trainings have."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path))
    cars = load_cars(str(tiny_cars_root), validation=0.25)
    config = TrainingConfig(image_size=32, epochs=2, batch_size=8, threads=1)
    reference = train(cars, config)
    scaling = examine_double_scaling(reference, cars, epochs=1)
    assert scaling.curves["epoch"].tolist() == [1]
    assert scaling.double_std < scaling.single_std
    assert scaling.variance_ratio > 1
    # Recalibrated, the reference is what its own training validated after as many epochs.
    assert scaling.reference_recalibrated == reference.history.validation_accuracy[0]
