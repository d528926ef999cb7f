"""Verdicts follow their stated criteria."""

import numpy as np
import pandas as pd
import pytest

from lib.report.diagnosis import TREND_SLOPE, diagnose, relative_slope
from lib.training.evaluation import score


def evaluation(right, total=100):
    """An evaluation with `right` answers right out of `total`."""
    predictions = np.array([0] * right + [1] * (total - right))
    return score(np.eye(2)[predictions], np.zeros(total, int), "test")


def history(losses):
    return pd.DataFrame({"epoch": range(1, len(losses) + 1), "validation_loss": losses})


@pytest.mark.parametrize(
    ("train", "test", "losses", "fit", "trend"),
    [
        (99, 70, [2.0, 1.0, 0.9, 0.9, 0.9, 0.9], "surapprentissage", "stable"),
        (60, 55, [2.0, 1.7, 1.4, 1.1, 0.8], "sous-apprentissage", "en baisse"),
        (95, 90, [2.0, 1.0, 1.2, 1.4, 1.6], "équilibre", "en hausse"),
        (95, 90, [2.0], "équilibre", "inconnue"),
        (95, 90, [2.9, 1.3, 0.7, 0.8, 1.1, 2.8, 1.0, 0.8], "équilibre", "stable"),
        (95, 90, [2.9, 1.3, 0.9, 0.8, 0.8, 2.8, 0.8, 0.79], "équilibre", "stable"),
    ],
)
def test_verdicts(train, test, losses, fit, trend):
    """Gap, training accuracy and slope decide, each by its constant."""
    diagnosis = diagnose(history(losses), evaluation(train), evaluation(test))
    assert (diagnosis.fit, diagnosis.trend) == (fit, trend)
    assert diagnosis.gap == pytest.approx((train - test) / 100)


def test_a_loss_that_went_lower_before_no_longer_falls():
    """What follows a spike comes down without going lower: the best epoch is told."""
    losses = [2.9, 1.3, 0.7, 0.8, 1.1, 2.8, 1.0, 0.8]
    diagnosis = diagnose(history(losses), evaluation(95), evaluation(90))
    assert diagnosis.slope < -TREND_SLOPE
    assert "ne descend plus : sa meilleure valeur date de l’époque 3." in diagnosis.convergence


def test_a_loss_without_trend_that_was_never_lower_is_not_said_to_be_over():
    """The last epoch is the best one, though those before it show no trend."""
    losses = [3.2, 2.1, 1.6, 1.1, 0.6, 1.6, 0.57, 0.65, 0.63, 0.47]
    told = diagnose(history(losses), evaluation(95), evaluation(90)).convergence
    assert "plus de tendance nette" in told
    assert "sa meilleure valeur date de l’époque 10 :" in told


def test_what_rounding_changes_changes_no_verdict():
    """0.95 - 0.85 exceeds 0.1 in binary; a loss in its last bits neither falls nor is the best."""
    told = diagnose(history([1.0]), evaluation(95), evaluation(85))
    assert told.fit == "équilibre"
    assert "reste sous le seuil" in told.images
    losses = np.array([0.3, 0.3, 0.3, 0.3, 0.3, 0.3]) - 2.0**-54 * np.arange(6)
    told = diagnose(history(losses), evaluation(95), evaluation(90))
    assert (told.slope, told.trend) == (0.0, "stable")
    assert "sa meilleure valeur date de l’époque 1." in told.convergence


def test_sentences_are_french():
    """Decimal commas, measured values, whole sentences."""
    for train, test in ((99, 70), (60, 55), (95, 90)):
        diagnosis = diagnose(history([2.0, 1.0]), evaluation(train), evaluation(test))
        assert f"{train - test},0\u00a0points d’écart" in diagnosis.verdict
        for sentence in (diagnosis.convergence, diagnosis.learning, diagnosis.images):
            assert sentence.endswith(".")


def test_relative_slope():
    """Per epoch, as a share of the range."""
    assert relative_slope(np.array([1.0, 0.75, 0.5, 0.25, 0.0])) == pytest.approx(-0.25)
    assert relative_slope(np.ones(5)) == 0.0
    assert abs(relative_slope(np.array([3.0, 1.0, 2.9, 1.0, 1.0]))) < 0.2  # one spike
    assert np.isnan(relative_slope(np.array([3.0, 2.0, 1.0])))
