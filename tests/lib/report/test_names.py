"""Every hyperparameter of a configuration or a search has a French name, every value is written."""

from dataclasses import fields

import pytest

from lib.report.names import (
    HYPERPARAMETERS,
    french_value,
    p_is,
    p_value,
    points,
    see,
    share,
)
from lib.search.space import SearchSpace
from lib.training.training import TrainingConfig

UNNAMED = {"divisor", "seed", "threads", "batch_statistics"}  # of a training, not of the model
BESIDE = {"patience"}  # told with its scheduler


def test_every_hyperparameter_has_a_french_name():
    settings = {field.name for field in fields(TrainingConfig)}
    assert set(HYPERPARAMETERS) == settings - UNNAMED - BESIDE
    assert {field.name for field in fields(SearchSpace)} <= set(HYPERPARAMETERS)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0001, "0,0001"), (0.001, "0,001"), (0.05, "0,05"), (128, "128"), ("none", "sans")],
)
def test_french_value(value, text):
    assert french_value(value) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.00001, "< 0,001"), (0.0123, "0,012"), (0.2, "0,20"), (1.0, "1,00"), (float("nan"), "—")],
)
def test_p_values_are_written_with_the_digits_they_need(value, written):
    assert p_value(value).replace("\u00a0", " ") == written


def test_shares_and_points_have_their_interval():
    assert share(0.762, (0.7, 0.82)).replace("\u00a0", " ") == "76 % [70 ; 82]"
    assert points(0.012, (-0.017, 0.041), 1).replace("\u00a0", " ") == "1,2 point [−1,7 ; 4,1]"
    assert [p_is(value).replace("\u00a0", " ") for value in (0.0, 0.5)] == [
        "p < 0,001",
        "p = 0,50",
    ]


def test_what_is_not_shown_is_not_referred_to():
    assert see(False, "Voir la [](#x).") == ""
    assert see(True, "Voir la [](#x).")._repr_markdown_() == "Voir la [](#x)."
