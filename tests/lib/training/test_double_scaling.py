"""The double division: comparison by stated criteria, and what it does to batch normalisation."""

import pandas as pd
import pytest
import torch

from lib.data.cars import load_cars
from lib.training.double_scaling import (
    batchnorm_stds,
    collapsed_epochs,
    compare_curves,
    divided_once_and_twice,
    examine_double_scaling,
    learning_verdict,
)
from lib.training.model import build_model
from lib.training.together import train_together
from lib.training.training import TrainingConfig, train

pytestmark = pytest.mark.usefixtures("narrow_network")


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


HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "train_accuracy": [0.5, 0.6, 0.7],
        "train_accuracy_averaged": [0.1, 0.6, 0.2],
        "validation_accuracy": 0.4,
        "validation_accuracy_measured": [0.2, 0.3, 0.4],
    }
)


def test_compare_curves():
    """Each measure of both sides, by its name."""
    curves = compare_curves(HISTORY, HISTORY.assign(train_accuracy=0.3))
    assert curves["learnt_reference"].tolist() == [0.5, 0.6, 0.7]
    assert curves["learnt_double"].tolist() == [0.3] * 3
    assert curves["measured_double"].tolist() == [0.2, 0.3, 0.4]


def test_collapsed_epochs():
    """At most twice chance, of training images with moving averages; they need not follow."""
    curves = compare_curves(HISTORY.assign(train_accuracy_averaged=0.9), HISTORY)
    assert collapsed_epochs(curves, "double", 10) == [1, 3]
    assert collapsed_epochs(curves, "reference", 10) == []


def test_batch_normalisation_absorbs_only_part_of_a_division():
    """Divided by 255, what enters the first falls under its epsilon; the second makes up for it."""
    images = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8)
    assert batchnorm_stds(build_model(3), images) == pytest.approx((1, 1), abs=0.01)
    first, second = batchnorm_stds(build_model(3, divisor=255.0), images)
    assert first < 0.5
    assert second == pytest.approx(1, abs=0.05)


def test_the_standard_deviations_are_those_of_the_layers_themselves():
    """As PyTorch's own layers have them, in training mode."""
    images = torch.randint(0, 256, (8, 3, 32, 32), dtype=torch.uint8)
    model, found = build_model(3, divisor=255.0).train(), []
    for layer in (model.network.bn1, model.network.layer1[0].bn1):
        layer.register_forward_hook(lambda _, __, out: found.append(float(out.std())))
    with torch.inference_mode():
        model(images)
    assert batchnorm_stds(model, images) == pytest.approx(found)


@pytest.mark.slow
def test_examine_on_tiny_cars(tiny_cars_root, tmp_path, monkeypatch):
    """The whole comparison; only the division differs."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path))
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # in this process
    cars = load_cars(str(tiny_cars_root), validation=0.25)
    config = TrainingConfig(image_size=32, epochs=2, batch_size=8, threads=1)
    scaling = examine_double_scaling(cars, *train_together(cars, divided_once_and_twice(config)))
    assert scaling.curves["epoch"].tolist() == [1, 2]
    assert scaling.double_std[0] < scaling.single_std[0]
    assert scaling.variance_ratio > 1
    assert (scaling.repaired is None) == (not scaling.collapsed)
    # The reference, measured as elsewhere, is what a training validates.
    expected = train(cars, config).history.validation_accuracy
    assert scaling.curves["measured_reference"].tolist() == expected.tolist()
