"""Baselines see training images only, and are scored on the split that is asked."""

import pytest

from lib.data.cars import load_cars
from lib.training.baselines import baselines


def test_baselines(tiny_cars_root, tmp_path, monkeypatch):
    """The most frequent class of the training images, not of the split; pixels that do no worse."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path))
    cars = load_cars(str(tiny_cars_root), validation=0.25)
    frequent = cars.of("train")["label"].mode().iloc[0]
    found = baselines(cars, "test")
    assert found["majority"] == pytest.approx((cars.of("test")["label"] == frequent).mean())
    assert 0 <= found["pixels"] <= 1
    assert baselines(cars, "train")["pixels"] > 2 * found["majority"]
