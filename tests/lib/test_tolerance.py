"""What differs by rounding is equal, what differs by more is not."""

import numpy as np
import pandas as pd
import pytest

from lib.tolerance import TOLERANCE, above, below, highest, levelled, lowest

LAST_BIT = 2.0**-53


@pytest.mark.parametrize("bound", [0, 0.1, 1])
def test_rounding_is_neither_above_nor_below(bound):
    for value in (bound, bound + LAST_BIT, bound - LAST_BIT, bound + TOLERANCE / 2, float("nan")):
        assert not above(value, bound)
        assert not below(value, bound)
    assert above(bound + 2 * TOLERANCE, bound)
    assert below(bound - 2 * TOLERANCE, bound)


def test_a_difference_of_shares_is_what_it_is_written():
    """0.9 - 0.8 is 0.1, though not in binary."""
    assert 0.95 - 0.85 != 0.1
    assert not above(0.95 - 0.85, 0.1) and not below(0.95 - 0.85, 0.1)


def test_the_first_of_equals_is_the_highest_or_the_lowest():
    values = pd.Series({"a": 0.1, "b": 0.3, "c": 0.1 + 0.2, "d": 0.1 - LAST_BIT, "e": np.nan})
    assert values.idxmax() == "c"  # by the last bit
    assert (highest(values), lowest(values)) == ("b", "a")


def test_levelled_values_keep_their_order():
    row = np.array([0.3, 0.1 + 0.2, -1.0, 0.4])
    for level in levelled(np.stack([row, 1e-20 * row])):
        assert level[0] == level[1]
        assert np.argsort(level, kind="stable").tolist() == [2, 0, 1, 3]
    assert levelled(np.zeros((1, 3))).tolist() == [[0, 0, 0]]
