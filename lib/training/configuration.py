"""The configuration of a training: the one table of its hyperparameters.

Their names, types, valid choices and defaults stand here and nowhere else.
"""

import math
from collections.abc import Iterable
from dataclasses import Field, dataclass, field, fields
from numbers import Integral, Real

from carnet import InputError, nearest
from lib.training.augmentation import AUGMENTATIONS
from lib.training.losses import LOSSES
from lib.training.model import is_weights_path


def _one_of(choices: Iterable[str]) -> str:
    choices = tuple(choices)
    return field(default=choices[0], metadata={"choices": choices})


def _at_least(minimum: int, *, default: int, most: int = 10_000) -> int:
    """A whole number; `most` is beyond all reason, such as of a number typed twice."""
    return field(default=default, metadata={"minimum": minimum, "maximum": most})


def _positive(default: float) -> float:
    return field(default=default, metadata={"minimum": math.ulp(0.0)})


@dataclass(frozen=True)
class TrainingConfig:
    """Everything that a training depends on, data apart.

    `image_size` is in pixels. `divisor` divides images already in [0, 1]: 255 scales them twice.
    `batch_statistics` are those with which batch normalisation is validated and kept: "measured"
    for the weights at the end of each epoch (see `lib.training.batch_statistics`), or "averaged",
    the moving averages of the training; the weights are the same. `patience` is that of
    ReduceLROnPlateau: how many epochs in a row without a better validation loss it lets pass.
    `threads` are those of the CPU:
    their number changes the last bits of sums, so it belongs to the configuration.

    Raises:
        InputError: an unknown choice, or a number out of its range.
    """

    image_size: int = _at_least(1, default=64, most=4096)
    epochs: int = _at_least(1, default=10)
    batch_size: int = _at_least(2, default=64)  # batch normalisation needs two images
    learning_rate: float = _positive(1e-3)
    optimizer: str = _one_of(["Adam", "SGD"])
    scheduler: str = _one_of(["none", "StepLR", "ReduceLROnPlateau"])
    patience: int = _at_least(0, default=5)
    loss: str = _one_of(LOSSES)
    class_weights: str = _one_of(["none", "balanced"])
    normalisation: str = _one_of(["none", "ImageNet", "z-score"])
    augmentation: tuple[str, ...] = field(default=(), metadata={"choices": tuple(AUGMENTATIONS)})
    divisor: float = _positive(1.0)
    batch_statistics: str = _one_of(["measured", "averaged"])
    weights: str = "none"
    seed: int = 0
    threads: int = _at_least(1, default=1)

    def __post_init__(self):
        object.__setattr__(self, "augmentation", tuple(self.augmentation))
        for item in fields(self):
            value = getattr(self, item.name)
            if "minimum" in item.metadata:
                _check_number(item, value)
            for choice in value if isinstance(value, tuple) else [value]:
                _check_choice(item, choice)
        is_weights_path(self.weights)


def choices(name: str) -> tuple[str, ...]:
    """Return the valid choices of a hyperparameter, the default first."""
    return TrainingConfig.__dataclass_fields__[name].metadata["choices"]


def _check_choice(item: Field, value) -> None:
    valid = item.metadata.get("choices", [value])
    if value not in valid:
        raise InputError(f"{item.name}={value}: {nearest(value, valid)}")


def _check_number(item: Field, value) -> None:
    minimum, kind = item.metadata["minimum"], Integral if item.type is int else Real
    is_number = isinstance(value, kind) and not isinstance(value, bool)
    if not is_number or not minimum <= value < math.inf:
        expected = f"an integer, {minimum} or more" if kind is Integral else "a positive number"
        raise InputError(f"{item.name}={value!r}: expected {expected}")
    if value > item.metadata.get("maximum", value):
        raise InputError(f"{item.name}={value}: expected {item.metadata['maximum']:,} at most")
