"""What pruning saves: searches that prune beside the same searches that end every trial.

    python benchmarks pruning [--data DIR]

Over several seeds, each with its own validation split, first weights and draws of trials; on few
small images in large batches, so that it ends. Half of the training images validate, so that the
best of many trials is not the luckiest. Each processor does a search at a time.
"""

import os
import statistics
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from optuna.pruners import NopPruner
from optuna.trial import FrozenTrial, TrialState
from table import Row

from lib.data.cars import Cars, load_cars
from lib.data.synthetic import SYNTHETIC, generate
from lib.search.search import TrainingObjective, plan_study
from lib.search.space import SearchSpace
from lib.search.study import StudyPlan, run_trials
from lib.training.training import TrainingConfig

AIM = 0.6  # of the epochs of a search that prunes nothing


@dataclass(frozen=True)
class Sizes:
    """Searches compared, trials of each, epochs of a whole trial, training images, their side."""

    seeds: int = 5
    trials: int = 24
    epochs: int = 9
    images: int = 400
    size: int = 32
    batches: tuple[int, ...] = (64, 128)


QUICK = Sizes(seeds=1, trials=6, epochs=2, images=64, batches=(64,))


@dataclass(frozen=True)
class Found:
    """The epochs that the trials of a search took, and the best validation accuracy of them."""

    epochs: int
    best: float

    @classmethod
    def by(cls, trials: list[FrozenTrial]) -> "Found":
        values = [trial.value for trial in trials if trial.state == TrialState.COMPLETE]
        return cls(sum(len(trial.intermediate_values) for trial in trials), max(values))


def rows(data: str = SYNTHETIC, quick: bool = False) -> Iterator[Row]:
    """Yield the epochs and the best score of searches that prune over those that do not."""
    sizes = QUICK if quick else Sizes()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        if data == SYNTHETIC:
            data = f"{name}/data"
            generate(Path(data))
        compare = partial(_compare, data, name, sizes)
        with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
            found = list(pool.map(compare, range(sizes.seeds)))
    whole, pruned, afforded = zip(*found)
    yield Row(
        f"pruning, {sizes.seeds} seeds: epochs / those of the unpruned searches",
        sum(one.epochs for one in pruned) / sum(one.epochs for one in whole),
        at_most=AIM,
        read=f"How much of the training remains, over searches of {sizes.trials} trials.",
        raw=_by_seed("epochs", [f"{a.epochs}, {b.epochs}" for a, b in zip(whole, pruned)]),
    )
    yield Row(
        f"pruning, {sizes.seeds} seeds: best score for {AIM:.0%} of the epochs / unpruned",
        statistics.mean(one.best / other.best for one, other in zip(afforded, whole)),
        at_least=1,
        read="1 if searches that prune find as good, on average, with as many trials as they can "
        f"afford for {AIM:.0%} of the epochs. In brackets, with {sizes.trials} trials.",
        raw=_by_seed(
            "best",
            [
                f"{a.best:.3f}, {c.best:.3f} ({b.best:.3f})"
                for a, b, c in zip(whole, pruned, afforded)
            ],
        ),
    )


def _by_seed(what: str, values: list[str]) -> str:
    return f"{what} by seed: {'; '.join(values)}"


def _compare(data: str, folder: str, sizes: Sizes, seed: int) -> tuple[Found, Found, Found]:
    """Search without pruning, then with as many trials, then with what 60 % of the epochs afford.

    Trainings that are the same are done once.
    """
    os.environ["JOURNAL_STORE"] = f"{folder}/{seed}"
    cars = _with_few_to_learn(load_cars(data, validation=0.5, seed=seed), sizes.images)
    space = SearchSpace(image_size=(sizes.size,), batch_size=sizes.batches)
    base = TrainingConfig(epochs=sizes.epochs, seed=seed, threads=1)
    objective = TrainingObjective(cars, space, base)
    pruned = replace(
        plan_study(Path(folder, f"{seed}", "pruned"), space, base, sizes.trials, objective),
        url=None,  # in a database, studies of other searches would be these
    )
    whole = replace(pruned, folder=Path(folder, f"{seed}", "whole"), pruner=NopPruner())
    for plan in (whole, pruned):
        plan.folder.mkdir(parents=True)
    unpruned = Found.by(run_trials(whole).trials)
    trials = run_trials(pruned).trials
    return unpruned, Found.by(trials), _afford(pruned, trials, AIM * unpruned.epochs)


def _with_few_to_learn(cars: Cars, count: int) -> Cars:
    """Return the data set with at most `count` training images, all of those of validation."""
    train = cars.frame.index[cars.frame["split"] == "train"]
    left_out = np.random.default_rng(0).permutation(train)[count:]
    return replace(cars, frame=cars.frame.drop(left_out))


def _afford(plan: StudyPlan, trials: list[FrozenTrial], epochs: float) -> Found:
    """Go on with a search for as long as its trials take no more than `epochs` in all."""
    while Found.by(trials).epochs < epochs:
        trials = run_trials(replace(plan, n_trials=len(trials) + 1)).trials
    while Found.by(trials).epochs > epochs:
        trials = trials[:-1]
    return Found.by(trials)
