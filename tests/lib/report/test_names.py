"""Every hyperparameter of a configuration or a search has a French name, every value is written."""

from dataclasses import fields

import pytest

from lib.report.names import HYPERPARAMETERS, french_value
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
