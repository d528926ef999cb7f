"""A search without training: the accuracy of a trial is a formula of its settings."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from lib.search.search import Search, SearchPlan, carry_out, frame_of, generation_sizes, of_length
from lib.search.space import SearchSpace
from lib.search.trial import SearchTrial
from lib.training.configuration import TrainingConfig

SPACE = SearchSpace(image_size=(32, 48))
BASE = of_length(TrainingConfig(), 5)
IMAGES = 200  # in the validation split that is not there
REFERENCE = {"augmentation": "HorizontalFlip + RandomRotation", "scheduler": "none"}

# For the searches that do train.
TINY = TrainingConfig(image_size=16, epochs=2, threads=1)
FEW = SearchSpace(
    batch_size=(8,),
    optimizer=("Adam",),
    scheduler=("StepLR",),
    class_weights=("none",),
    normalisation=("none",),
    augmentation=("none", "HorizontalFlip"),
    image_size=(16,),
    loss=("CrossEntropyLoss",),
)


def fake_accuracy(settings: dict, epoch: int) -> float:
    """Adam is much better than SGD, a rate of 0.001 somewhat better, the rest changes little."""
    top = 0.8 - 0.3 * (settings["optimizer"] == "SGD") - 0.1 * (settings["learning_rate"] < 1e-3)
    top -= 0.0003 * settings["batch_size"] + 0.02 * len(settings["augmentation"]) / 14
    return round(IMAGES * top * (epoch / BASE.epochs) ** 0.5) / IMAGES


def train_fake(trials: list[SearchTrial], epoch: int) -> Iterable[SearchTrial]:
    """Take trials up to an epoch, the last one first."""
    for trial in reversed(trials):
        trial.curve = tuple(fake_accuracy(trial.settings, e) for e in range(1, epoch + 1))
        yield trial


def fake_plan(n_trials: int, space: SearchSpace = SPACE, seed: int = 0, **more) -> SearchPlan:
    sizes = generation_sizes(min(n_trials, space.size), designed=12, following=4)
    return SearchPlan(space, seed, BASE.epochs, sizes, **{"references": {}} | more)


def fake_search(n_trials: int, space: SearchSpace = SPACE, seed: int = 0, **more) -> Search:
    """Run a whole search of `n_trials`, of which twelve at most are designed."""
    plan = fake_plan(n_trials, space, seed, **more)
    trials = carry_out(plan, train_fake, lambda trial: None)
    return Search(space, BASE, frame_of(trials, space))


def without_effects(search: Search) -> Search:
    """The same trials, all complete, with accuracies that owe nothing to the factors."""
    count = len(search.trials)
    curves = np.random.default_rng(0).normal(0.5, 0.02, (count, BASE.epochs)).tolist()
    accuracy = [curve[-1] for curve in curves]
    trials = search.trials.assign(
        curve=list(map(tuple, curves)), accuracy=accuracy, pruned=False, epochs=BASE.epochs
    )
    return Search(SPACE, BASE, trials)


def of_epochs(search: Search, epochs: int) -> Search:
    """The same trials, as if whole ones were of another length."""
    return replace(search, base=of_length(search.base, epochs))
