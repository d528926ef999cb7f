"""Mean differences, their intervals and verdicts."""

import numpy as np
import pytest
from scipy import stats

from lib.explanation.differences import mean_of, verdicts


def test_the_interval_and_p_of_a_mean_are_students():
    values = np.random.default_rng(3).normal(0.3, 1, 40)
    found, half = mean_of(values), stats.t.ppf(0.975, 39) * values.std(ddof=1) / 40**0.5
    assert (found.low, found.high) == pytest.approx((found.mean - half, found.mean + half))
    statistic = found.mean / (values.std(ddof=1) / 40**0.5)
    assert found.p == pytest.approx(2 * stats.t.sf(abs(statistic), 39))


@pytest.mark.parametrize("values", [[], [1.0], [np.nan, 1.0]])
def test_too_few_values_have_no_interval_and_no_verdict(values):
    found = mean_of(np.array(values))
    assert np.isnan(found.low) and np.isnan(found.high)
    assert verdicts([found]) == ["unclear"]


@pytest.mark.parametrize(("count", "told"), [(9, "unclear"), (10, "above")])
def test_fewer_than_ten_images_conclude_nothing(count, told):
    assert verdicts([mean_of(np.linspace(1, 2, count))]) == [told]


@pytest.mark.parametrize(
    ("value", "told"), [(2.0, "above"), (-2.0, "below"), (0.0, "unclear"), (1e-17, "unclear")]
)
def test_equal_values_have_an_interval_of_no_width(value, told):
    found = mean_of(np.full(12, value))
    assert (found.mean, found.low, found.high) == (value, value, value)
    assert verdicts([found]) == [told]


def test_what_rounding_adds_to_equal_values_is_no_difference():
    values = 1e-17 * np.random.default_rng(0).random(20)
    assert verdicts([mean_of(values)]) == ["unclear"]


def test_a_family_is_corrected_for_its_number():
    values = np.random.default_rng(1).normal(size=30)
    values += 0.42 - values.mean()  # p is about 2 %
    alone = mean_of(values)
    assert 0.01 < alone.p < 0.05
    nothing = mean_of(values - values.mean())
    assert verdicts([alone]) == ["above"]
    assert verdicts([alone] + [nothing] * 9) == ["unclear"] * 10


def test_without_information_no_verdict_is_given():
    assert verdicts([mean_of(np.linspace(1, 2, 20))] * 2, informative=False) == ["pointless"] * 2
