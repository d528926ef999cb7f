"""Intervals and tests of shares, against published values."""

import numpy as np
import pytest

from lib.training.intervals import (
    difference_interval,
    holm,
    mcnemar,
    paired_difference,
    share_interval,
)


def test_share_interval():
    """Wilson's interval, known value for 81 of 263 (Newcombe, 1998)."""
    assert share_interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_difference_interval():
    """Known value for 56 of 70 and 48 of 80 (Newcombe, 1998); turned over with its sides."""
    low, high = difference_interval(56 / 70, 70, 48 / 80, 80)
    assert (low, high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert difference_interval(48 / 80, 80, 56 / 70, 70) == pytest.approx((-high, -low))


def answers(both, first, second, neither):
    """What two models got right, from the four counts of images."""
    counts = (both, first, second, neither)
    return np.repeat([True, True, False, False], counts), np.repeat([1, 0, 1, 0], counts)


@pytest.mark.parametrize(
    ("counts", "interval", "p_value", "least"),
    [
        ((14, 5, 0, 22), (0.0115, 0.2265), 0.0625, 0.0625),  # Altman et al., 2000, table 6.2
        ((1, 1, 7, 12), (-0.507, -0.026), 0.0703, 0.0078),  # Bentur et al., 2009: negative φ
        ((10, 0, 0, 0), (-0.278, 0.278), 1.0, 1.0),  # the same answers still leave doubt
    ],
)
def test_paired_difference(counts, interval, p_value, least):
    found = paired_difference(*answers(*counts))
    assert (found.low, found.high) == pytest.approx(interval, abs=5e-4)
    assert found.difference == pytest.approx((counts[1] - counts[2]) / sum(counts))
    assert (found.only_first, found.only_second) == counts[1:3]
    assert (found.p_value, found.least_p) == pytest.approx((p_value, least), abs=1e-4)


def test_pairs_are_of_the_same_images():
    with pytest.raises(ValueError, match="3 and 2 images: expected the same"):
        paired_difference([True] * 3, [True] * 2)


def test_mcnemar_of_models_that_agree():
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(8, 2) == pytest.approx(2 * (1 + 10 + 45) / 2**10)


def test_holm():
    """In any order; never above 1; none for none."""
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.9, 0.6]) == pytest.approx([1.0, 1.0])
    assert holm([]).tolist() == []
