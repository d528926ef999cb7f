"""Verdicts follow their stated criteria."""

import numpy as np
import pandas as pd
import pytest

from lib.report.diagnosis import diagnose, relative_slope
from lib.training.evaluation import score

FLAT = [2.0, 1.0, 0.9, 0.92, 0.9, 0.91, 0.92, 0.9]


def evaluation(right, total=100):
    """An evaluation with `right` answers right out of `total`."""
    predictions = np.array([0] * right + [1] * (total - right))
    return score(np.eye(2)[predictions], np.zeros(total, int), "validation")


def diagnosis(train, validation, losses=FLAT, images=100):
    history = pd.DataFrame({"epoch": range(1, len(losses) + 1), "validation_loss": losses})
    sides = evaluation(train * 10, 1000), evaluation(validation * images // 100, images)
    return diagnose(history, *sides)


@pytest.mark.parametrize(
    ("train", "validation", "images", "losses", "fit"),
    [
        (99, 70, 100, FLAT, "surapprentissage"),
        (60, 55, 100, FLAT, "sous-apprentissage"),
        (95, 92, 1000, FLAT, "équilibre"),
        (95, 82, 100, FLAT, "indécis"),  # 13 points, give or take 8
        (95, 82, 10000, FLAT, "surapprentissage"),
        (95, 92, 1000, [0.5, 0.6, 0.7, 0.8, 0.9, 1.0], "surapprentissage"),
    ],
)
def test_fit(train, validation, images, losses, fit):
    """The interval of the gap against the threshold, or a loss that rises."""
    told = diagnosis(train, validation, losses, images)
    assert told.fit == fit
    assert told.gap == pytest.approx((train - validation) / 100)
    assert told.gap_interval[0] < told.gap < told.gap_interval[1]


@pytest.mark.parametrize(
    ("losses", "trend"),
    [
        (FLAT, "stable"),
        ([2.0, 1.7, 1.4, 1.1, 0.8, 0.6], "en baisse"),
        ([2.0, 1.0, 1.2, 1.4, 1.6, 1.7, 1.8], "en hausse"),
        ([2.0, 1.5, 1.2, 1.1, 1.3], "inconnue"),
        ([2.0, 1.2, 1.5, 1.0, 1.4, 0.9, 1.3], "stable"),  # it falls, but not beyond its noise
    ],
)
def test_trend(losses, trend):
    """The interval of the slope leaves out 0, or there is none."""
    assert diagnosis(95, 92, losses).trend == trend


@pytest.mark.parametrize(
    ("losses", "answer"),
    [
        (FLAT, "On ne peut le dire."),  # the best is one of the last six epochs
        ([2.0, 0.5, *FLAT[2:]], "Non."),
        ([2.0, 1.7, 1.4, 1.1, 0.8, 0.6], "Oui."),
        ([2.0, 1.0, 1.2, 1.4, 1.6, 1.7, 1.8], "Non."),
        ([2.0, 1.5, 1.2, 1.1, 1.3], "On ne peut le dire."),
        ([2.0, 1.2, 1.5, 1.0, 1.4, 0.9, 1.3], "On ne peut le dire."),
    ],
)
def test_whether_the_model_lacked_time_is_answered(losses, answer):
    assert diagnosis(95, 92, losses).time == answer


@pytest.mark.parametrize(
    ("train", "validation", "learning", "images"),
    [
        (99, 70, "Non : ", "Oui, sans doute : "),
        (60, 55, "Peut-être : ", "On ne peut le dire : "),
        (95, 94, "Non : ", "Rien ne l’indique : "),
    ],
)
def test_the_explanations_of_the_first_journal_are_answered(train, validation, learning, images):
    told = diagnosis(train, validation)
    assert told.learning.startswith(learning)
    assert told.images.startswith(images)


def test_a_loss_that_went_lower_before_no_longer_falls():
    """What follows a spike comes down without going lower: the best epoch is told."""
    told = diagnosis(95, 90, [2.9, 0.7, 2.8, 2.4, 2.0, 1.6, 1.2, 0.8])
    assert told.slope_interval[1] < 0
    assert "ne descend plus : sa meilleure valeur date de l’époque 2." in told.convergence


def test_a_loss_without_trend_that_was_never_lower_is_not_said_to_be_over():
    """The last epoch is the best one, though those before it show no trend."""
    told = diagnosis(95, 90, [3.2, 2.1, 1.6, 1.1, 0.6, 1.6, 0.57, 0.65, 0.63, 0.47]).convergence
    assert "n’a aucune tendance établie sur les 6 dernières époques" in told
    assert told.endswith("sa meilleure valeur date de l’époque 10.")


def test_what_rounding_changes_changes_no_verdict():
    """A loss in its last bits neither falls nor is the best."""
    losses = np.array([0.3] * 7) - 2.0**-54 * np.arange(7)
    told = diagnosis(95, 90, losses)
    assert (told.slope, told.trend) == (0.0, "stable")
    assert "sa meilleure valeur date de l’époque 1." in told.convergence


def test_sentences_are_french():
    """Decimal commas, measured values with their intervals, whole sentences."""
    for train, validation in ((99, 70), (60, 55), (95, 90)):
        told = diagnosis(train, validation)
        assert f"soit {train - validation}\u00a0points [" in told.verdict
        for sentence in (told.verdict, told.convergence, told.learning, told.images):
            assert sentence.endswith(".")


def test_relative_slope():
    """Per epoch, as a share of the range, with what the noise allows."""
    slope, (low, high) = relative_slope(np.array([1.0, 0.8, 0.6, 0.4, 0.2, 0.0]))
    assert (slope, low, high) == pytest.approx((-0.2, -0.2, -0.2))
    assert relative_slope(np.ones(6)) == (0.0, (0.0, 0.0))
    slope, (low, high) = relative_slope(np.array([3.0, 1.0, 2.9, 1.0, 1.0, 1.1]))
    assert low < 0 < high
    assert np.isnan(relative_slope(np.array([3.0, 2.0, 1.0]))[0])
