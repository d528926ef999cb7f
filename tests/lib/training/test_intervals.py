"""Intervals of shares, against published values."""

import pytest

from lib.training.intervals import difference_interval, share_interval


def test_share_interval():
    """Wilson's interval, known value for 81 of 263 (Newcombe, 1998)."""
    assert share_interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_difference_interval():
    """Symmetric, contains the difference, empty for none."""
    low, high = difference_interval(0.6, 500, 0.5, 500)
    assert low < 0.1 < high
    other = difference_interval(0.5, 500, 0.6, 500)
    assert other == pytest.approx((-high, -low))
