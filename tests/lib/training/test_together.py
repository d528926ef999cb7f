"""Trainings side by side: the same results as one after another, and progress in epochs."""

from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch
from torchvision.models import resnet18

from lib.training import together
from lib.training.loop import TrainingLoop
from lib.training.together import epochs_ended, train_together
from lib.training.training import (
    JOB,
    TrainingConfig,
    history_of,
    train,
    training_work,
    with_score,
)

pytestmark = pytest.mark.usefixtures("store", "narrow_network")

CONFIG = TrainingConfig(image_size=32, epochs=2, batch_size=8, threads=1)


@pytest.mark.slow
def test_trained_together_or_apart_gives_the_same(cars, tmp_path, monkeypatch):
    """Bytes of the weights; a training that is there is not done again.

    What measures the model afterwards has as many threads as if it had just been trained.
    """
    configs = [replace(CONFIG, epochs=1, seed=seed) for seed in (0, 1)]
    monkeypatch.setattr("lib.training.model.resnet18", resnet18)  # as in the other processes
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    trained = train_together(cars, configs)
    assert [training.config for training in trained] == configs
    before = (trained[0].folder / "model.pt").stat().st_mtime_ns
    torch.set_num_threads(CONFIG.threads + 1)
    assert train_together(cars, configs)[0].reference == trained[0].reference
    assert torch.get_num_threads() == CONFIG.threads
    assert (trained[0].folder / "model.pt").stat().st_mtime_ns == before
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "other"))
    apart = [train(cars, config) for config in configs]
    assert [it.reference for it in apart] == [it.reference for it in trained]


@pytest.mark.slow
def test_what_a_dead_process_left_is_trained_here(cars, monkeypatch):
    class DeadWorkers:
        def submit(self, task):
            future = Future()
            future.set_exception(BrokenProcessPool("killed"))
            return future

    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(together, "open_workers", lambda _: nullcontext(DeadWorkers()))
    configs = [replace(CONFIG, epochs=1, seed=seed) for seed in (0, 1)]
    assert [len(it.history) for it in train_together(cars, configs)] == [1, 1]


def test_progress_counts_the_epochs_of_all(cars, monkeypatch):
    """One by one, until all trainings have ended."""
    monkeypatch.setattr(together, "LOOK_SECONDS", 0)
    works = [training_work(cars, replace(CONFIG, seed=seed)) for seed in (0, 1)]
    under_way, row = [Future(), Future()], {"validation_accuracy": 0.5}
    works[0].write(JOB, {"epochs": [row]})
    works[1].write(JOB, {"epochs": [row]})
    ended = epochs_ended(under_way, works)
    assert [next(ended), next(ended)] == [None, None]
    works[1].finish(epochs=[row, row])
    under_way[1].set_result(None)
    next(ended)
    under_way[0].set_exception(ValueError("essai"))
    with pytest.raises(ValueError, match="essai"):
        next(ended)


@pytest.mark.slow
def test_a_training_says_how_far_it_is_to_other_processes(cars, monkeypatch):
    histories, train_one_epoch = [], TrainingLoop.train_one_epoch
    work = training_work(cars, CONFIG)
    monkeypatch.setattr(
        TrainingLoop,
        "train_one_epoch",
        lambda *epoch: (histories.append(history_of(work)), train_one_epoch(*epoch)),
    )
    rows = train(cars, CONFIG).history.to_dict("records")
    assert [*histories, history_of(work)] == [[], rows[:1], rows]
    assert with_score("essai", rows).startswith("essai, epoch · val ")
