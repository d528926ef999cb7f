"""Calibration of answers whose probability is known."""

import numpy as np
import pytest

from lib.training.calibration import calibrate, calibration_error
from lib.training.evaluation import score


def evaluation(confidence, right, total=200):
    """Two classes; the first is predicted with `confidence`, and is the answer `right` times."""
    logits = np.tile(np.log([confidence, 1 - confidence]), (total, 1))
    return score(logits, np.repeat([0, 1], [right, total - right]), "validation")


def test_error_is_the_distance_between_confidence_and_accuracy():
    confidences = np.array([0.95, 0.95, 0.65, 0.65])
    right = np.array([[1, 1, 1, 0], [1, 0, 0, 0]], bool)
    assert calibration_error(confidences, right) == pytest.approx([0.1, 0.55])


@pytest.mark.parametrize(("right", "calibrated"), [(160, True), (120, False), (196, False)])
def test_a_calibrated_model_is_below_what_chance_gives(right, calibrated):
    found = calibrate(evaluation(0.8, right))
    assert found.error == pytest.approx(abs(right / 200 - 0.8))
    assert (found.error < found.expected) == calibrated
    assert (found.confidence, found.accuracy) == pytest.approx((0.8, right / 200))


def test_bins_have_intervals_and_images():
    found = calibrate(evaluation(0.8, 160))
    (row,) = found.bins.to_dict("records")
    assert row["images"] == 200 and row["low"] < row["accuracy"] < row["high"]
    assert calibrate(evaluation(0.8, 160)).expected == found.expected
