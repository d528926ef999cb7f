"""Does the search find a better model than v2, and what does pruning save and cost?

    python benchmarks search [--data DIR]

Over several seeds of data, split, first weights and draws, none of which was used for tuning. With
each, v2 and the final model of a search are compared on the same test images, and all trials of
the search are then run whole: the best of them says what pruning missed. Each processor does one
seed at a time.
"""

import os
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from robustness import MODELS
from table import Row

from lib.data.cars import Cars, load_cars
from lib.data.synthetic import SYNTHETIC, generate
from lib.search.search import Search, search
from lib.search.space import SearchSpace
from lib.search.trial import TrialWork
from lib.tolerance import above, below
from lib.training.evaluation import Evaluation, evaluate
from lib.training.intervals import PairedDifference, paired_difference
from lib.training.training import TrainingConfig, train

EPOCHS = 0.7  # of those of the same trials run whole
REGRET = 2.0  # points of validation accuracy


@dataclass(frozen=True)
class Sizes:
    """Seeds, trials of each search and of its design, epochs of v2, of a trial and of the final."""

    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)
    trials: int = 33
    designed: int = 27
    v2_epochs: int = 10
    trial_epochs: int = 2
    final_epochs: int = 10
    image_sizes: tuple[int, ...] = (32, 40)
    v2_size: int = 64
    cars: tuple[tuple[str, int], ...] = ()  # of the drawn data; by default those of the journal


QUICK = Sizes(
    seeds=(1,),
    trials=4,
    designed=3,
    v2_epochs=1,
    final_epochs=1,
    image_sizes=(16, 24),
    v2_size=24,
    cars=(("classes", 3), ("train_per_class", 12), ("test_per_class", 4)),
)


@dataclass(frozen=True)
class Found:
    """What one seed gave: accuracies, and the epochs of the trials as run and as run whole."""

    seed: int
    final: float
    v2: float
    paired: PairedDifference
    best: float
    best_whole: float
    epochs: int
    epochs_whole: int

    @property
    def verdict(self) -> str:
        """Whether the interval of the paired difference leaves out 0."""
        if above(self.paired.low, 0):
            return "better"
        return "worse" if below(self.paired.high, 0) else "equal"

    @property
    def gain(self) -> float:
        return 100 * self.paired.difference

    @property
    def regret(self) -> float:
        return 100 * (self.best_whole - self.best)

    def told(self) -> str:
        low, high = 100 * self.paired.low, 100 * self.paired.high
        return (
            f"seed {self.seed}: final {self.final:.1%}, v2 {self.v2:.1%}, {self.gain:+.1f} points "
            f"({low:+.1f} to {high:+.1f}; McNemar p {self.paired.p_value:.3f}, uncorrected), "
            f"{self.verdict}"
        )


def rows(data: str = SYNTHETIC, quick: bool = False) -> Iterator[Row]:
    """Yield the final model beside v2, then what pruning saves and costs."""
    sizes = QUICK if quick else Sizes()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        measure = partial(_measure, data, folder, sizes)
        with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
            found = list(pool.map(measure, sizes.seeds))
    yield from rows_of(found)


def rows_of(found: list[Found]) -> Iterator[Row]:
    """Yield the rows of what all seeds gave."""
    verdicts = Counter(one.verdict for one in found)
    yield Row(
        f"search, {len(found)} seeds: points of test accuracy of the final model over v2",
        statistics.mean(one.gain for one in found),
        at_least=0,
        read="Mean of the paired differences. Better: {better}, equal: {equal}, worse: {worse}, by "
        "whether the 95 % interval of the difference leaves out 0.".format(
            **{"better": 0, "equal": 0, "worse": 0} | verdicts
        ),
        raw="\n".join(one.told() for one in found),
    )
    yield Row(
        f"search, {len(found)} seeds: epochs / those of the same trials run whole",
        sum(one.epochs for one in found) / sum(one.epochs_whole for one in found),
        at_most=EPOCHS,
        read="How much of the training of the trials remains with pruning.",
        raw="; ".join(f"seed {one.seed}: {one.epochs}, {one.epochs_whole}" for one in found),
    )
    yield Row(
        f"search, {len(found)} seeds: points of validation accuracy that pruning misses",
        statistics.mean(one.regret for one in found),
        at_most=REGRET,
        read="Regret: the best of the trials run whole, less the best that pruning left.",
        raw="; ".join(f"seed {one.seed}: {one.best:.3f}, {one.best_whole:.3f}" for one in found),
    )


def _measure(data: str, folder: str, sizes: Sizes, seed: int) -> Found:
    os.environ["JOURNAL_STORE"] = f"{folder}/store-{seed}"
    for name in ("JOURNAL_CLUSTER", "JOURNAL_STORAGE"):
        os.environ.pop(name, None)
    if data == SYNTHETIC:
        data = f"{folder}/data-{seed}"
        generate(Path(data), seed=seed, **dict(sizes.cars))
    cars = load_cars(data, validation=0.15, seed=seed)
    first = replace(MODELS["v1"], image_size=sizes.v2_size)
    second = replace(MODELS["v2"], seed=seed, epochs=sizes.v2_epochs, image_size=sizes.v2_size)
    v2 = _tested(cars, second)
    base = TrainingConfig(epochs=sizes.trial_epochs, seed=seed, threads=1)
    found = search(
        cars,
        SearchSpace(image_size=sizes.image_sizes),
        base,
        n_trials=sizes.trials,
        designed_trials=sizes.designed,
        references={"v1": vars(first), "v2": vars(second)},
        parallel_trials=1,
    )
    final = _tested(cars, found.best_config(epochs=sizes.final_epochs, least_size=sizes.v2_size))
    return Found(
        seed=seed,
        final=final.accuracy,
        v2=v2.accuracy,
        paired=paired_difference(final.right, v2.right),
        best=found.best["accuracy"],
        best_whole=max(_whole(cars, found)),
        epochs=int(found.trials.epochs.sum()),
        epochs_whole=len(found.trials) * sizes.trial_epochs,
    )


def _tested(cars: Cars, config: TrainingConfig) -> Evaluation:
    return evaluate(train(cars, config).model(), cars, "test", config.image_size)


def _whole(cars: Cars, found: Search) -> Iterator[float]:
    """Yield the validation accuracy of each trial run to its end, where it has one."""
    for trial in found.trials.to_dict("records"):
        reached = TrialWork(cars, found.config(trial), found.base.epochs)()
        if not reached["diverged"]:
            yield reached["curve"][-1]
