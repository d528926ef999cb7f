"""Several trainings side by side, each in a process of its own; progress counts their epochs."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, BrokenExecutor, Future, wait
from contextlib import suppress
from functools import partial

from carnet import Work, cluster_address, open_workers, progress
from lib.data.cars import Cars
from lib.training.configuration import TrainingConfig
from lib.training.model import best_device
from lib.training.training import Training, history_of, train, training_work, with_score

LOOK_SECONDS = 0.5  # between two looks at how far the other processes are


def train_together(
    cars: Cars, configs: Sequence[TrainingConfig], *, label: str = "trainings"
) -> list[Training]:
    """Train several classifiers, as many at a time as the cores of this CPU allow.

    Each in a process of its own, or on the workers of the cluster; on a GPU, one after another, as
    what a process that died has left. The results are those of `train`, whose errors these are.
    """
    left = [config for config in configs if not training_work(cars, config).finished]
    cores = (os.cpu_count() or 1) // max(config.threads for config in configs)
    processes = 1 if best_device().type == "cuda" else min(cores, len(left))
    if processes > 1 or (left and cluster_address()):
        works = [training_work(cars, config) for config in left]
        with suppress(BrokenExecutor), open_workers(processes) as workers:
            under_way = [workers.submit(partial(_train_apart, cars, config)) for config in left]
            total = sum(config.epochs for config in left)
            for _ in progress(epochs_ended(under_way, works), _so_far(label, works[0]), total):
                pass
    return [train(cars, config, label=label) for config in configs]


def _train_apart(cars: Cars, config: TrainingConfig) -> None:
    train(cars, config)


def _so_far(label: str, first: Work) -> Callable[[], str]:
    return lambda: with_score(label, history_of(first))


def epochs_ended(under_way: Sequence[Future], works: Sequence[Work]) -> Iterator[None]:
    """Yield for each epoch that has ended elsewhere, until all trainings have.

    Raises:
        Exception: what a training raised.
    """
    told, left = 0, under_way
    while left:
        done, left = wait(left, LOOK_SECONDS, FIRST_EXCEPTION)
        for training in done:
            training.result()
        if told < sum(len(history_of(work)) for work in works):
            told += 1
            yield
