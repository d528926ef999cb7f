"""Mean paired differences between images, and the verdicts that a family of them allows.

A verdict is ABOVE or BELOW where Student's p of a mean difference, corrected by Holm over its
family, is below 5 % and its 95 % interval leaves out 0 by more than `lib.tolerance` allows for
rounding, over at least FEWEST images; `lib.report.explanation` says it in French.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from lib import tolerance
from lib.training.intervals import CONFIDENCE, holm

FEWEST = 10  # images below which the law of a mean is too far from Student's to conclude
ABOVE, BELOW, UNCLEAR = "above", "below", "unclear"
POINTLESS = "pointless"  # all boxes cover their images: there is nothing outside to compare with


@dataclass(frozen=True)
class Mean:
    """A mean of `count` values, its 95 % interval, and the p, not corrected, of its being 0."""

    mean: float
    low: float
    high: float
    p: float
    count: int

    def columns(self, name: str) -> dict[str, float]:
        """Return the mean as the column `name`, the bounds as `name` + "_low" and "_high"."""
        return {name: self.mean, f"{name}_low": self.low, f"{name}_high": self.high}


def mean_of(values: np.ndarray) -> Mean:
    """Return the mean of the finite `values` (N,), its interval and its p by Student's law.

    Below two values there is no interval; values that are all equal have one of no width.
    """
    values = values[np.isfinite(values)]
    count, mean = len(values), float(values.mean()) if len(values) else np.nan
    if count < 2:
        return Mean(mean, np.nan, np.nan, 1.0, count)
    if np.ptp(values) <= tolerance.TOLERANCE:
        return Mean(mean, mean, mean, float(abs(mean) <= tolerance.TOLERANCE), count)
    test = stats.ttest_1samp(values, 0)
    low, high = test.confidence_interval(CONFIDENCE)
    return Mean(mean, float(low), float(high), float(test.pvalue), count)


def verdicts(differences: Sequence[Mean], *, informative: bool = True) -> list[str]:
    """Return the verdict of each of a family of differences, corrected for their number."""
    if not informative:
        return [POINTLESS] * len(differences)
    corrected = holm([difference.p for difference in differences])
    return [_verdict(difference, p) for difference, p in zip(differences, corrected)]


def _verdict(difference: Mean, corrected: float) -> str:
    if difference.count < FEWEST or not tolerance.below(corrected, 1 - CONFIDENCE):
        return UNCLEAR
    if tolerance.above(difference.low, 0):
        return ABOVE
    return BELOW if tolerance.below(difference.high, 0) else UNCLEAR
