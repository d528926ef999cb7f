"""How sure a share measured on images is: 95 % intervals, tests of pairs, corrections.

Two models on the same images are compared image by image, by `paired_difference`; shares of
different images by `difference_interval`. Every correction for several tests is Holm's.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

CONFIDENCE = 0.95


def share_interval(share: float, count: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval (low, high) of a share of `count` independent images.

    With z = 1.96: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n). Wilson, "Probable inference,
    the law of succession, and statistical inference", JASA, 1927.

    >>> [round(bound, 3) for bound in share_interval(0.5, 100)]
    [0.404, 0.596]
    """
    interval = stats.binomtest(round(share * count), count).proportion_ci(CONFIDENCE, "wilson")
    return float(interval.low), float(interval.high)


def difference_interval(
    share: float, count: int, other: float, other_count: int, correlation: float = 0.0
) -> tuple[float, float]:
    """Return the 95 % interval (low, high) of `share - other`, of `count` and `other_count` images.

    From Wilson's intervals (l, h) of p and (l', h') of p', and their correlation φ:
    p - p' - √(a² - 2φab + b²) with a = p - l and b = h' - p', to p - p' + the same with a = h - p
    and b = p' - l'. Newcombe, "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17, 1998, 873-890, method 10, where φ = 0.

    >>> [round(bound, 3) for bound in difference_interval(0.6, 100, 0.5, 100)]
    [-0.037, 0.232]
    """
    low, high = share_interval(share, count)
    other_low, other_high = share_interval(other, other_count)
    gap = share - other
    below = _distance(share - low, other_high - other, correlation)
    above = _distance(high - share, other - other_low, correlation)
    return gap - below, gap + above


def _distance(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(0.0, one**2 - 2 * correlation * one * other + other**2))


@dataclass(frozen=True)
class PairedDifference:
    """The accuracies of two models on the same images, the first minus the second.

    low, high: 95 % interval. only_first, only_second: images that one alone recognised.
    p_value: McNemar's exact test, not corrected for other tests; least_p: the smallest that so
    many images on which the models differ could give.
    """

    difference: float
    low: float
    high: float
    only_first: int
    only_second: int
    p_value: float
    least_p: float


def paired_difference(first: ArrayLike, second: ArrayLike) -> PairedDifference:
    """Compare two models by what each got right, bool (N,), on the same N images.

    The interval is `difference_interval` with φ = (ad - bc) / √((a+b)(c+d)(a+c)(b+d)) of the four
    counts, lowered towards 0 by N/2 where it is positive: Newcombe, "Improved confidence intervals
    for the difference between binomial proportions based on paired data", Statistics in Medicine
    17, 1998, 2635-2650, method 10. The test is exact: of the images on which the models differ, a
    fair coin decides which one is right.

    >>> found = paired_difference([True] * 9 + [False], [True] * 4 + [False] * 6)
    >>> round(found.difference, 3), found.only_first, found.p_value
    (0.5, 5, 0.0625)

    Raises:
        ValueError: not as many images.
    """
    first, second = np.asarray(first, bool), np.asarray(second, bool)
    if first.shape != second.shape or not len(first):
        raise ValueError(f"{len(first)} and {len(second)} images: expected the same, at least one")
    count, shares = len(first), (float(first.mean()), float(second.mean()))
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    low, high = difference_interval(shares[0], count, shares[1], count, _correlation(first, second))
    differing = only_first + only_second
    return PairedDifference(
        difference=(only_first - only_second) / count,
        low=low,
        high=high,
        only_first=only_first,
        only_second=only_second,
        p_value=mcnemar(only_first, only_second),
        least_p=mcnemar(differing, 0),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p of McNemar's exact test; 1 where the models differ on no image."""
    differing = only_first + only_second
    return float(stats.binomtest(only_first, differing).pvalue) if differing else 1.0


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Return φ, with Newcombe's correction; 0 where one model got all right or all wrong."""
    both, neither = int((first & second).sum()), int((~first & ~second).sum())
    product = both * neither - int((first & ~second).sum()) * int((second & ~first).sum())
    margins = math.prod(int(side.sum()) for side in (first, ~first, second, ~second))
    if product > 0:
        product = max(0.0, product - len(first) / 2)
    return product / math.sqrt(margins) if margins else 0.0


def holm(p_values: ArrayLike) -> np.ndarray:
    """Correct p values (K,) for their number: no claim among K is wrong with more than their level.

    In increasing order, the k-th of K is multiplied by K - k + 1, no lower than the one before it.
    Holm, "A simple sequentially rejective multiple test procedure", 1979.

    >>> holm([0.04, 0.01, 0.03]).tolist()
    [0.06, 0.03, 0.06]
    """
    p_values = np.asarray(p_values, float)
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * np.arange(len(p_values), 0, -1)
    corrected = np.empty_like(scaled)
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return corrected
