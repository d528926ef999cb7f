"""Maps of trained and of random weights, compared by the order of their pixels."""

import numpy as np
import pytest
from scipy import stats

from lib.explanation.randomisation import measure_randomisation, rank_correlations

COUNT, SIZE = 12, 8
MAPS = np.random.default_rng(0).normal(size=(COUNT, SIZE, SIZE))
NOISE = np.random.default_rng(1).normal(size=(COUNT, SIZE, SIZE))


def test_rank_correlations_are_spearmans():
    expected = [stats.spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(MAPS, NOISE)]
    np.testing.assert_allclose(rank_correlations(MAPS, NOISE), expected, atol=1e-12)


def test_ties_share_their_rank():
    squares = np.kron(MAPS[:, ::4, ::4], np.ones((4, 4)))
    expected = [stats.spearmanr(a.ravel(), b.ravel()).statistic for a, b in zip(squares, NOISE)]
    np.testing.assert_allclose(rank_correlations(squares, NOISE), expected, atol=1e-12)


def test_an_even_map_has_no_order():
    even = MAPS.copy()
    even[0] = 3
    assert np.isnan(rank_correlations(even, NOISE)[0])
    assert np.isnan(rank_correlations(even, even)[0])
    assert rank_correlations(NOISE, even)[0] == 0
    assert np.isfinite(rank_correlations(even, NOISE)[1:]).all()


@pytest.mark.parametrize(
    ("drawn", "told"), [(np.exp(MAPS), "above"), (NOISE, "below"), (MAPS + 1.6 * NOISE, "unclear")]
)
def test_maps_that_stay_owe_nothing_to_the_weights(drawn, told):
    table = measure_randomisation("v2", {"Essai": MAPS}, {("Essai", "fc"): drawn})
    assert table.verdict.tolist() == [told]
    assert table["count"].tolist() == [COUNT]


def test_few_maps_conclude_nothing():
    table = measure_randomisation("v2", {"Essai": MAPS}, {("Essai", "fc"): MAPS[:9]})
    assert (table.correlation[0], table.verdict[0]) == (pytest.approx(1), "unclear")
