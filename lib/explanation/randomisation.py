"""Do attribution maps owe anything to what was learnt? They are made again with random weights.

The cascade draws the top layer alone, then those below it too, down to the whole network. Adebayo
et al., "Sanity checks for saliency maps", NeurIPS 2018, https://arxiv.org/abs/1810.03292.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import stats

from lib import tolerance
from lib.explanation.differences import ABOVE, BELOW, FEWEST, UNCLEAR, Mean, mean_of

SIMILAR = 0.5  # rank correlation: maps are alike above, different below


def measure_randomisation(
    model: str, maps: Mapping[str, np.ndarray], drawn: Mapping[tuple[str, str], np.ndarray]
) -> pd.DataFrame:
    """Compare maps (N, H, W) with those of the same classes after weights are drawn again.

    The first are given by method, the others by method and the last layer that was drawn; `model`
    is the name of the trained one. Each of the others gives one row: the mean `correlation` with
    its interval, whether those maps are all `flat`, without any order, and a verdict: ABOVE or
    BELOW where the interval leaves out SIMILAR.
    """
    rows = []
    for (method, layer), found in drawn.items():
        mean = mean_of(rank_correlations(maps[method][: len(found)], found))
        row = {"model": model, "method": method, "down_to": layer, "count": mean.count}
        row["flat"] = bool((np.ptp(found, axis=(1, 2)) <= tolerance.TOLERANCE).all())
        rows.append(row | mean.columns("correlation") | {"verdict": _verdict(mean)})
    return pd.DataFrame(rows)


def rank_correlations(maps: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return Spearman's correlation (N,) of each map (N, H, W) with the other one of its image.

    With the ranks r and r' of the pixels, it is cov(r, r') / (σ(r) σ(r')). An even map has no order
    in common with any: 0 where the other one is even, NaN where the first one is.

    >>> rank_correlations(np.arange(4.0).reshape(1, 2, 2), -np.arange(4.0).reshape(1, 2, 2))
    array([-1.])
    """
    ranks = [
        stats.rankdata(tolerance.levelled(some.reshape(len(some), -1)), axis=1)
        for some in (maps, others)
    ]
    first, second = (rank - rank.mean(axis=1, keepdims=True) for rank in ranks)
    scale = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    nothing = np.where(first.any(axis=1), 0.0, np.nan)
    return np.divide((first * second).sum(axis=1), scale, out=nothing, where=scale > 0)


def _verdict(mean: Mean) -> str:
    if mean.count < FEWEST:
        return UNCLEAR
    if tolerance.above(mean.low, SIMILAR):
        return ABOVE
    return BELOW if tolerance.below(mean.high, SIMILAR) else UNCLEAR
