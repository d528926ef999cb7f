"""The first generation: how evenly it shows values, and how far factors can be told apart."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats.contingency import association

from lib.search.analysis import varied_factors
from lib.search.design import _cramer, confounding, design, strength_two_trials
from lib.search.space import SearchSpace
from tests.fake_search import FEW, SPACE


@pytest.fixture(scope="module")
def designed() -> pd.DataFrame:
    return pd.DataFrame(design(SPACE, 27, seed=0))


def test_each_value_is_shown_as_often(designed):
    """To one trial, where the number of trials is no multiple of that of values."""
    for name, values in SPACE.factors().items():
        counts = designed[name].value_counts()
        assert len(counts) == len(values)
        assert counts.max() - counts.min() <= 1


def test_factors_are_far_less_associated_than_by_chance(designed):
    rng = np.random.default_rng(0)
    shuffled = designed.apply(lambda column: rng.permutation(column))
    names = varied_factors(SPACE)
    largest, by_chance = (confounding(trials, names).v[0] for trials in (designed, shuffled))
    assert largest < 0.3 < by_chance


def test_the_largest_confounding_is_named_first():
    """Two factors that go together without exception, one that owes them nothing."""
    trials = pd.DataFrame({"a": [1, 1, 2, 2] * 2, "b": [3, 3, 4, 4] * 2, "c": [5, 6] * 4, "d": 0})
    pairs = confounding(trials, ["a", "b", "c", "d"])
    assert pairs.iloc[0].tolist() == ["a", "b", 1.0]
    assert pairs.v[1:].tolist() == [0.0, 0.0]


def test_association_is_that_of_scipy(designed):
    for one, other in itertools.combinations(varied_factors(SPACE), 2):
        columns = [pd.factorize(designed[name])[0] for name in (one, other)]
        shown, beside = (np.eye(1 + column.max())[column] for column in columns)
        table = pd.crosstab(designed[one], designed[other])
        assert _cramer(shown[None], beside)[0] == pytest.approx(association(table, method="cramer"))


def test_what_a_design_of_strength_two_would_take():
    """A multiple of 5 × 4, of 5 × 3, of 3 × 3, of 4 × 2: of 360; of two factors, all pairs."""
    assert strength_two_trials(SPACE) == 360
    assert strength_two_trials(FEW) == 4


def test_no_configuration_twice():
    """A design of a small space, nearly all of it; and all of it where more is asked."""
    space = SearchSpace(**FEW.factors() | {"loss": ("CrossEntropyLoss", "FocalLoss")})
    for count, expected in ((7, 7), (8, 8), (27, 8)):
        found = pd.DataFrame(design(space, count, seed=1))
        assert len(found) == len(found.drop_duplicates()) == expected


def test_seeds_differ_and_repeat(designed):
    assert designed.equals(pd.DataFrame(design(SPACE, 27, seed=0)))
    assert not designed.equals(pd.DataFrame(design(SPACE, 27, seed=1)))
