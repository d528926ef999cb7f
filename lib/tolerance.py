"""What counts as equal: the one tolerance of every comparison from which a sentence follows.

The same computation on another CPU, or with another number of threads, adds in another order: in
float32, as the network computes, results agree to about one part in a million. A verdict must not
come from less.
"""

import numpy as np
import pandas as pd

TOLERANCE = 1e-6  # of shares, accuracies, probabilities, losses, p values


def above(value: float, bound: float) -> bool:
    """Tell whether `value` exceeds `bound` by more than the tolerance; never true of NaN."""
    return bool(value > bound + TOLERANCE)


def below(value: float, bound: float) -> bool:
    """Tell whether `value` falls short of `bound` by more than the tolerance; never true of NaN."""
    return bool(value < bound - TOLERANCE)


def highest(values: pd.Series):
    """Return the label of the highest of the values, the first of those equal to it.

    >>> highest(pd.Series({"a": 0.3, "b": 0.1 + 0.2, "c": 0.1}))
    'a'
    """
    return (values >= values.max() - TOLERANCE).idxmax()


def lowest(values: pd.Series):
    """Return the label of the lowest of the values, the first of those equal to it."""
    return highest(-values)


def levelled(values: np.ndarray) -> np.ndarray:
    """Round values (N, M) so that those of a row that are equal but for rounding are the same.

    The tolerance is relative to the largest of the row; what is returned is good for ordering.
    """
    largest = np.abs(values).max(axis=1, keepdims=True)
    return np.round(values / np.where(largest > 0, largest, 1) / TOLERANCE)
