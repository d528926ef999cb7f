"""Whether a model is right as often as it says: confidences against accuracies."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.training.evaluation import Evaluation
from lib.training.intervals import CONFIDENCE, share_interval

BINS = 10
DRAWS = 2000  # of a calibrated model's answers


@dataclass(frozen=True)
class Calibration:
    """The confidences of a model, in BINS bins of equal width, beside its accuracies.

    bins: one row per bin that has images: confidence (mean), accuracy, low, high (its 95 %
        interval), images.
    error: expected calibration error. expected: what 95 % of the errors of a calibrated model, of
        the same confidences on as many images, stay below.
    confidence, accuracy: means over all images.
    """

    bins: pd.DataFrame
    error: float
    expected: float
    confidence: float
    accuracy: float


def calibrate(evaluation: Evaluation, seed: int = 0) -> Calibration:
    """Measure how far the confidences of a model are from its accuracies.

    A calibrated model is right on each image with the probability that it says; its answers are
    drawn so DRAWS times: consistency resampling, Bröcker and Smith, "Increasing the reliability of
    reliability diagrams", Weather and Forecasting, 2007.
    """
    confidences, right = evaluation.confidences, evaluation.right
    draws = np.random.default_rng(seed).random((DRAWS, len(right))) < confidences
    return Calibration(
        bins=_bins(confidences, right),
        error=float(calibration_error(confidences, right[None])[0]),
        expected=float(np.quantile(calibration_error(confidences, draws), CONFIDENCE)),
        confidence=float(confidences.mean()),
        accuracy=evaluation.accuracy,
    )


def calibration_error(confidences: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the expected calibration error of each row of answers, bool (K, N): float (K,).

    Over the bins B of confidence, Σ |B| / N · |accuracy(B) - confidence(B)|. Guo et al., "On
    calibration of modern neural networks", ICML 2017, section 2.

    >>> calibration_error(np.array([0.9, 0.9, 0.3]), np.array([[True, False, False]])).round(4)
    array([0.3667])
    """
    inside = np.eye(BINS)[_places(confidences)]  # (N, BINS)
    return np.abs((right - confidences) @ inside).sum(axis=1) / len(confidences)


def _places(confidences: np.ndarray) -> np.ndarray:
    """Return the bin of each confidence, int (N,) from 0."""
    return np.minimum((confidences * BINS).astype(int), BINS - 1)


def _bins(confidences: np.ndarray, right: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame({"confidence": confidences, "accuracy": right.astype(float)})
    groups = frame.groupby(_places(confidences))
    bins = groups.mean().assign(images=groups.size())
    around = [share_interval(row.accuracy, row.images) for row in bins.itertuples()]
    bins["low"], bins["high"] = zip(*around)
    return bins.reset_index(drop=True)
