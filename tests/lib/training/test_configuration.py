"""What a configuration accepts, and what it says of the rest."""

from dataclasses import replace

import pytest

from carnet import InputError
from lib.training.configuration import TrainingConfig, choices


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimizer": "Adma"}, "optimizer=Adma: did you mean 'Adam'"),
        ({"scheduler": "StepLr"}, "scheduler=StepLr: did you mean 'StepLR'"),
        ({"loss": 3}, "loss=3: choose among: BCEWithLogitsLoss, CrossEntropyLoss, FocalLoss"),
        ({"augmentation": ("HorizontalFlop",)}, "augmentation=HorizontalFlop: did you mean"),
        ({"epochs": 0}, "epochs=0: expected an integer, 1 or more"),
        ({"epochs": 10_001}, "epochs=10001: expected 10,000 at most"),
        ({"image_size": 22_400}, "image_size=22400: expected 4,096 at most"),
        ({"batch_size": 10**9}, "batch_size=1000000000: expected 10,000 at most"),
        ({"epochs": 2.5}, "epochs=2.5: expected an integer, 1 or more"),
        ({"threads": True}, "threads=True: expected an integer, 1 or more"),
        ({"image_size": "64"}, "image_size='64': expected an integer, 1 or more"),
        ({"batch_size": 1}, "batch_size=1: expected an integer, 2 or more"),
        ({"learning_rate": float("nan")}, "learning_rate=nan: expected a positive number"),
        ({"divisor": float("inf")}, "divisor=inf: expected a positive number"),
        ({"weights": "imagnet"}, "weights=imagnet"),
    ],
)
def test_each_mistake_is_named_with_what_is_expected(change, message):
    with pytest.raises(InputError) as refused:
        replace(TrainingConfig(), **change)
    assert str(refused.value).startswith(message)


@pytest.mark.parametrize("change", [{"divisor": 255}, {"learning_rate": 1}, {"seed": 0}])
def test_an_integer_is_a_number(change):
    assert replace(TrainingConfig(), **change)


def test_the_default_comes_first_and_every_choice_is_valid():
    for name in ("optimizer", "scheduler", "loss", "class_weights", "normalisation"):
        assert choices(name)[0] == getattr(TrainingConfig(), name)
        assert all(replace(TrainingConfig(), **{name: choice}) for choice in choices(name))
