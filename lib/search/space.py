"""The space of a hyperparameter search: its factors and their values.

Knows nothing of how the space is searched, nor of what the values do: see `lib.training`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution

from carnet import InputError
from lib.training.configuration import TrainingConfig, choices

AND = " + "  # between the augmentations of one value


@dataclass(frozen=True)
class SearchSpace:
    """The values tried for each factor; the fields are those of `TrainingConfig`.

    `augmentation` names one augmentation, several as in "HorizontalFlip + RandomRotation", or
    "none"; `image_size` is in pixels.

    Raises:
        InputError: a factor without values, a value twice or not valid, nothing that varies.
    """

    batch_size: Sequence[int] = (16, 32, 64, 128)
    learning_rate: Sequence[float] = (1e-4, 1e-3)
    optimizer: Sequence[str] = choices("optimizer")
    scheduler: Sequence[str] = choices("scheduler")[1:]
    class_weights: Sequence[str] = choices("class_weights")
    normalisation: Sequence[str] = choices("normalisation")
    augmentation: Sequence[str] = ("none", *choices("augmentation"))
    image_size: Sequence[int] = (224, 256, 512, 672)
    loss: Sequence[str] = choices("loss")

    def __post_init__(self):
        for name, values in self.factors().items():
            _check_values(name, values)
            object.__setattr__(self, name, tuple(values))
        if self.size < 2:
            raise InputError("nothing to search: every factor has one value; give one of them two")

    def factors(self) -> dict[str, Sequence]:
        """Return the values of each factor, by its name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @property
    def size(self) -> int:
        """The number of configurations."""
        return int(np.prod([len(values) for values in self.factors().values()], dtype=object))

    def distributions(self) -> dict[str, BaseDistribution]:
        """Return the factors that vary, as Optuna describes them."""
        return {
            name: CategoricalDistribution(values)
            for name, values in self.factors().items()
            if len(values) > 1
        }

    def holds(self, settings: dict) -> bool:
        """Tell whether each factor has one of the values of this space."""
        return all(settings[name] in values for name, values in self.factors().items())

    def point(self, places: Sequence[int]) -> dict:
        """Return the configuration that takes, of each factor, the value at a place in its list."""
        return {name: values[at] for (name, values), at in zip(self.factors().items(), places)}

    def untried(self, tried: list[dict], seed: int) -> Iterator[dict]:
        """Yield in a random order the configurations that are not among `tried`."""
        shape = [len(values) for values in self.factors().values()]
        for index in np.random.default_rng(seed).permutation(self.size):
            settings = self.point(np.unravel_index(index, shape))
            if settings not in tried:
                yield settings


def configure(base: TrainingConfig, settings: dict) -> TrainingConfig:
    """Return `base` with the values of some factors, as a space names them.

    Raises:
        InputError: one is not valid.
    """
    if "augmentation" in settings:
        chosen = settings["augmentation"]
        settings = settings | {"augmentation": () if chosen == "none" else chosen.split(AND)}
    return replace(base, **settings)


def described(settings: Mapping, space: SearchSpace) -> dict:
    """Return the factors among the settings of a training, as a space names their values.

    An image size beside the space becomes its largest: trials that see more are not compared with.
    """
    settings = dict(settings) | {"augmentation": AND.join(settings["augmentation"]) or "none"}
    if settings["image_size"] not in space.image_size:
        settings["image_size"] = max(space.image_size)
    return {name: settings[name] for name in space.factors()}


def _check_values(name: str, values: Sequence) -> None:
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        raise InputError(f"{name}={values!r}: expected a list of one value or more")
    for value in values:
        if values.count(value) > 1:
            raise InputError(f"{name}: {value!r} is given twice")
        configure(TrainingConfig(), {name: value})
