"""A search without training: the accuracy of a trial is a formula of its settings."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import optuna

from lib.search.search import Search, plan_study, report_to, trials_frame
from lib.search.space import SearchSpace
from lib.search.study import SharedStudy, StudyPlan, run_trials
from lib.training.training import TrainingConfig

SPACE = SearchSpace(image_size=(32, 48))
BASE = TrainingConfig(epochs=5)
IMAGES = 200  # in the validation split that is not there

# For the searches that do train.
TINY = TrainingConfig(image_size=32, epochs=2, threads=1)
FEW = SearchSpace(
    batch_size=(8,),
    optimizer=("Adam",),
    scheduler=("StepLR",),
    class_weights=("none",),
    normalisation=("none",),
    augmentation=("none", "HorizontalFlip"),
    image_size=(32,),
    loss=("CrossEntropyLoss",),
)


def fake_accuracy(settings: dict, epoch: int) -> float:
    """Adam is much better than SGD, a rate of 0.001 somewhat better, the rest changes little."""
    top = 0.8 - 0.3 * (settings["optimizer"] == "SGD") - 0.1 * (settings["learning_rate"] < 1e-3)
    top -= 0.0003 * settings["batch_size"] + 0.02 * len(settings["augmentation"]) / 14
    return round(IMAGES * top * (epoch / BASE.epochs) ** 0.5) / IMAGES


def do_nothing(trial: optuna.Trial, epoch: int) -> None: ...


@dataclass(frozen=True)
class FakeObjective:
    """Reports each epoch and lets the pruner stop it; `on_epoch` is called before."""

    space: SearchSpace
    on_epoch: Callable[[optuna.Trial, int], None] = do_nothing

    def __call__(self, trial: optuna.Trial) -> float:
        settings, report = self.space.suggest(trial), report_to(trial)
        for epoch in range(1, BASE.epochs + 1):
            self.on_epoch(trial, epoch)
            report(epoch, {"validation_accuracy": fake_accuracy(settings, epoch)})
        return fake_accuracy(settings, BASE.epochs)


@dataclass(frozen=True)
class Watched:
    """Takes `seconds` an epoch, and tells in `folder` which process is in which trial.

    While there is a file `held`, no epoch ends.
    """

    folder: Path
    seconds: float = 0.0

    def __call__(self, trial: optuna.Trial, epoch: int) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / f"{trial.number}-{epoch}-{os.getpid()}").touch()
        time.sleep(self.seconds)
        while self.held.exists():
            time.sleep(0.05)

    @property
    def held(self) -> Path:
        return self.folder.with_suffix(".held")

    def seen(self) -> list[tuple[int, int, int]]:
        """Return (trial, epoch, process) for each epoch begun."""
        names = [path.name.split("-") for path in self.folder.glob("*")]
        return sorted(tuple(map(int, name)) for name in names)

    def processes(self, trial: int, epoch: int | None = None) -> set[int]:
        """Return the processes that began an epoch of a trial, any epoch by default."""
        return {pid for t, e, pid in self.seen() if t == trial and epoch in (None, e)}


def plan_fake(
    folder: Path, n_trials: int, space: SearchSpace = SPACE, seed: int = 0, **objective
) -> StudyPlan:
    """Plan a study kept in `folder`."""
    base = replace(BASE, seed=seed)
    return plan_study(folder, space, base, n_trials, FakeObjective(space, **objective))


def open_fake(folder: Path) -> SharedStudy:
    """Open a study of ten trials."""
    return plan_fake(folder, 10).open()


def fake_search(folder: Path, n_trials: int, space: SearchSpace = SPACE, seed: int = 0) -> Search:
    """Run a whole search of `n_trials`, kept in `folder`."""
    study = run_trials(plan_fake(folder, n_trials, space, seed))
    return Search(space, BASE, trials_frame(study, space, n_trials))


def without_effects(search: Search) -> Search:
    """The same trials, all complete, with accuracies that owe nothing to the factors."""
    count = len(search.trials)
    curves = np.random.default_rng(0).normal(0.5, 0.02, (count, 3)).tolist()
    accuracy = [curve[-1] for curve in curves]
    trials = search.trials.assign(
        curve=list(map(tuple, curves)), accuracy=accuracy, pruned=False, epochs=3
    )
    return Search(SPACE, BASE, trials)


def of_length(search: Search, epochs: int, pruned_after: int) -> Search:
    """The search with trials of another length, the first of them pruned."""
    curves = [tuple(curve[epoch % 3] for epoch in range(epochs)) for curve in search.trials.curve]
    lengths = [pruned_after] + [epochs] * (len(curves) - 1)
    curves = [curve[:length] for curve, length in zip(curves, lengths)]
    trials = search.trials.assign(curve=curves, epochs=lengths)
    return Search(SPACE, replace(BASE, epochs=epochs), trials)
