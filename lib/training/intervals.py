"""How sure a share measured on a number of images is: 95 % intervals of shares and differences."""

import math

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


def difference_interval(share: float, other: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval (low, high) of `share - other`, each measured on `count` images.

    From Wilson's intervals (l, h) of p and (l', h') of p': p - p' - √((p-l)² + (h'-p')²) to
    p - p' + √((h-p)² + (p'-l')²). Newcombe, "Interval estimation for the difference between
    independent proportions", Statistics in Medicine, 1998, method 10. Where both shares are of the
    same images, it is wider than a paired interval would be.

    >>> [round(bound, 3) for bound in difference_interval(0.6, 0.5, 100)]
    [-0.037, 0.232]
    """
    low, high = share_interval(share, count)
    other_low, other_high = share_interval(other, count)
    gap = share - other
    below = math.hypot(share - low, other_high - other)
    above = math.hypot(high - share, other - other_low)
    return gap - below, gap + above
