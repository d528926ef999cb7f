"""What pruning saves: searches that prune beside the same searches that end every trial.

    python benchmarks pruning [--data DIR]

Over several seeds, each with its own validation split, first weights and draws of trials; on few
small images in large batches, so that it ends. Two searches go on at a time, with one thread each.
"""

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from optuna.pruners import NopPruner
from table import Row

from lib.data import Cars, load_cars
from lib.search import TrainingObjective, plan_study
from lib.search_space import SearchSpace
from lib.study import run_trials
from lib.synthetic import SYNTHETIC, generate
from lib.training import TrainingConfig

AIM = 0.6


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
    """The epochs that a search spent, and its best validation accuracy."""

    epochs: int
    best: float


def rows(data: str = SYNTHETIC, quick: bool = False) -> Iterator[Row]:
    """Yield the best score and the epochs of searches that prune over those that do not."""
    sizes = QUICK if quick else Sizes()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        if data == SYNTHETIC:
            data = f"{name}/data"
            generate(Path(data))
        compare = partial(_compare, data, name, sizes)
        with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
            pairs = list(pool.map(compare, range(sizes.seeds)))
    raw = "; ".join(
        f"seed {seed}: best {whole.best:.3f} then {pruned.best:.3f}, "
        f"epochs {whole.epochs} then {pruned.epochs}"
        for seed, (whole, pruned) in enumerate(pairs)
    )
    yield Row(
        f"pruning, {sizes.seeds} seeds: epochs / those of the unpruned searches",
        sum(pruned.epochs for _, pruned in pairs) / sum(whole.epochs for whole, _ in pairs),
        at_most=AIM,
        read=f"How much of the training remains, over searches of {sizes.trials} trials.",
        raw=raw,
    )
    yield Row(
        f"pruning, {sizes.seeds} seeds: best score / that of the unpruned searches",
        sum(pruned.best / whole.best for whole, pruned in pairs) / len(pairs),
        at_least=1,
        read="1 if the searches that prune find configurations as good, on average over the seeds.",
    )


def _compare(data: str, folder: str, sizes: Sizes, seed: int) -> tuple[Found, Found]:
    """Search without pruning, then with it; trainings of both are done once."""
    os.environ["JOURNAL_STORE"] = f"{folder}/{seed}"
    cars = _with_few_to_learn(load_cars(data, seed=seed), sizes.images)
    space = SearchSpace(image_size=(sizes.size,), batch_size=sizes.batches)
    base = TrainingConfig(epochs=sizes.epochs, seed=seed, threads=1)
    objective = TrainingObjective(cars, space, base)
    pruned = plan_study(Path(folder, f"{seed}", "pruned"), space, base, sizes.trials, objective)
    whole = replace(pruned, folder=Path(folder, f"{seed}", "whole"), pruner=NopPruner())
    return tuple(_search(plan) for plan in (whole, pruned))


def _with_few_to_learn(cars: Cars, count: int) -> Cars:
    """Return the data set with at most `count` training images, all of those of validation."""
    train = cars.frame.index[cars.frame["split"] == "train"]
    left_out = np.random.default_rng(0).permutation(train)[count:]
    return replace(cars, frame=cars.frame.drop(left_out))


def _search(plan) -> Found:
    plan.folder.mkdir(parents=True)
    study = run_trials(plan)
    return Found(sum(len(t.intermediate_values) for t in study.trials), study.best_value)
