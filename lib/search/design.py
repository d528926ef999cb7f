"""The first generation of a search: trials chosen together, so that effects can be told apart.

A design of strength 2 shows each pair of values of two factors equally often. With factors of two
to five values, it takes hundreds of trials; here it is approached: each factor shows
its values equally often, and two factors are as little associated as many draws can make them.
"""

import itertools
import math

import numpy as np
import pandas as pd
from scipy.stats.contingency import association

from lib.search.space import SearchSpace

COLUMNS = 5000  # orders of the values of a factor, of which the least associated is taken


def design(space: SearchSpace, count: int, seed: int) -> list[dict]:
    """Return `count` configurations; all of the space, in a random order, where it has no more.

    A Latin hypercube, one factor after another: of many orders of its values, each takes the one
    whose largest Cramér's V with the factors before it is the smallest. No configuration comes
    twice.
    """
    if count >= space.size:
        return list(space.untried([], seed))
    rng = np.random.default_rng(seed)
    sizes = [len(values) for values in space.factors().values()]
    places: dict[int, np.ndarray] = {}
    for factor in np.argsort(sizes, kind="stable")[::-1]:  # those of many values are hardest
        places[factor] = _least_associated(sizes[factor], [*places.values()], count, rng)
    points = (space.point(row) for row in zip(*(places[factor] for factor in range(len(sizes)))))
    others = space.untried([], seed)
    found: list[dict] = []
    for point in points:
        found.append(point if point not in found else next(o for o in others if o not in found))
    return found


def strength_two_trials(space: SearchSpace) -> int:
    """Return the number of trials of which a design of strength 2 has a multiple.

    Each pair of values of two factors is in as many trials, so that number is divided by the
    product of their numbers of values.
    """
    sizes = [len(values) for values in space.factors().values()]
    return math.lcm(*(one * other for one, other in itertools.combinations(sizes, 2)))


def _least_associated(
    values: int, others: list[np.ndarray], count: int, rng: np.random.Generator
) -> np.ndarray:
    """Return an order of a factor's values, int (count,)."""
    balanced = rng.permutation(values)[np.arange(count) % values]  # those shown once more: drawn
    orders = rng.permuted(np.tile(balanced, (COLUMNS, 1)), axis=1)
    shown = np.eye(values)[orders]
    worst = np.max([_cramer(shown, np.eye(1 + other.max())[other]) for other in others] or [[0]], 0)
    return orders[np.argmin(worst)]


def _cramer(columns: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return Cramér's V of many columns (many, N, values) with another (N, its values).

    V = √(χ² / N / (smaller number of values - 1)), as `scipy.stats.contingency.association` gives
    for one table; 0 for a factor of one value.
    """
    tables = columns.swapaxes(1, 2) @ other
    expected = tables.sum(axis=2, keepdims=True) * tables.sum(axis=1, keepdims=True) / len(other)
    parts = np.divide((tables - expected) ** 2, expected, where=expected > 0, out=0 * tables)
    return np.sqrt(parts.sum(axis=(1, 2)) / len(other) / max(min(tables.shape[1:]) - 1, 1))


def confounding(trials: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return how far pairs of factors go together in trials: factor, other, v; the largest first.

    v is Cramér's V: 0 for factors that say nothing of each other, 1 where one gives the other. A
    factor of which the trials show one value is left out.
    """
    shown = [name for name in names if trials[name].nunique() > 1]
    rows = [
        (name, other, association(pd.crosstab(trials[name], trials[other]), method="cramer"))
        for index, name in enumerate(shown)
        for other in shown[index + 1 :]
    ]
    pairs = pd.DataFrame(rows, columns=["factor", "other", "v"])
    return pairs.sort_values("v", ascending=False, kind="stable", ignore_index=True)
