"""A search without training: the accuracy of a trial is a formula of its settings."""

from pathlib import Path

import optuna

from lib.search import (
    Search,
    TrialSeededSampler,
    journal_storage,
    open_study,
    report_to,
    run_trials,
    trials_frame,
)
from lib.search_space import SearchSpace
from lib.training import TrainingConfig

SPACE = SearchSpace(image_size=(32, 48))
BASE = TrainingConfig(epochs=3)
IMAGES = 200  # in the validation split that is not there


def fake_accuracy(settings: dict, epoch: int) -> float:
    """Adam is much better than SGD, a rate of 0.001 somewhat better, the rest changes little."""
    top = 0.8 - 0.3 * (settings["optimizer"] == "SGD") - 0.1 * (settings["learning_rate"] < 1e-3)
    top -= 0.0003 * settings["batch_size"] + 0.02 * len(settings["augmentation"]) / 14
    return round(IMAGES * top * (epoch / BASE.epochs) ** 0.5) / IMAGES


def fake_objective(space: SearchSpace, on_epoch=lambda trial, epoch: None):
    """Return an objective that reports each epoch and lets the pruner stop it."""

    def objective(trial: optuna.Trial) -> float:
        settings, report = space.suggest(trial), report_to(trial)
        for epoch in range(1, BASE.epochs + 1):
            on_epoch(trial, epoch)
            report(epoch, {"validation_accuracy": fake_accuracy(settings, epoch)})
        return fake_accuracy(settings, BASE.epochs)

    return objective


def open_fake(path: Path, space: SearchSpace = SPACE, seed: int = 0) -> optuna.Study:
    study = open_study(journal_storage(path), "fake", BASE)
    study.sampler = TrialSeededSampler(space, seed)
    return study


def fake_search(path: Path, n_trials: int, space: SearchSpace = SPACE, seed: int = 0) -> Search:
    """Run a whole search of `n_trials`, kept in the file `path`."""
    study = open_fake(path, space, seed)
    run_trials(study, n_trials, fake_objective(space))
    return Search(space, BASE, trials_frame(study, space, n_trials))
