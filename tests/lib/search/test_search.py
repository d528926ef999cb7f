"""The search: what it draws, prunes and keeps, and how it goes on after a kill."""

import numpy as np
import optuna
import pandas as pd
import pytest
from optuna.pruners import SuccessiveHalvingPruner
from optuna.trial import TrialState

from carnet import InputError
from lib.data.cars import load_cars, open_images
from lib.search.search import HalvingPruner, Search, rungs, search, trials_frame
from lib.search.space import SearchSpace
from lib.search.study import run_trials
from lib.training.loop import Diverged
from lib.training.training import train
from tests.fake_search import (
    BASE,
    FEW,
    SPACE,
    TINY,
    fake_accuracy,
    fake_search,
    open_fake,
    plan_fake,
)


class Killed(BaseException):
    pass


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """A store of its own for each test."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "store"))


@pytest.fixture(scope="module")
def cars(tiny_cars_root, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNAL_STORE", str(tmp_path_factory.mktemp("data_store")))
        return load_cars(str(tiny_cars_root), validation=0.25)


def factors(trials: pd.DataFrame) -> pd.DataFrame:
    return trials[list(SPACE.factors())]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"optimizer": ["Adan", "SGD"]}, "optimizer=Adan: did you mean 'Adam'?"),
        (
            {"loss": ["Huber"]},
            "choose among: BCEWithLogitsLoss, CrossEntropyLoss, FocalLoss",
        ),
        ({"batch_size": []}, r"batch_size=\[\]: expected a list of one value or more"),
        ({"scheduler": "StepLR"}, "scheduler='StepLR': expected a list"),
        ({"image_size": [32, 32]}, "image_size: 32 is given twice"),
        ({"image_size": [32.5]}, "image_size=32.5: expected an integer, 1 or more"),
        ({"batch_size": ["32"]}, "batch_size='32': expected an integer, 2 or more"),
        ({"learning_rate": [0]}, "learning_rate=0: expected a positive number"),
        ({name: values[:1] for name, values in SPACE.factors().items()}, "nothing to search"),
    ],
)
def test_bad_space(values, message):
    """The message names the factor, the value and what is valid."""
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        SearchSpace(**values)


def test_lists_are_welcome():
    """Notebook parameters are lists; the space holds tuples."""
    assert SearchSpace(image_size=[32]).image_size == (32,)
    assert FEW.size == 4
    assert list(FEW.distributions()) == ["learning_rate", "augmentation"]


def test_bad_number_of_trials(cars):
    with pytest.raises(InputError, match="n_trials=0: expected 1 or more"):
        search(cars, FEW, TINY, n_trials=0)


def test_no_trial_twice(tmp_path):
    """Even when the space is exhausted, each configuration is tried once."""
    trials = fake_search(tmp_path / "study", FEW.size, FEW).trials
    assert len(factors(trials).drop_duplicates()) == FEW.size


def test_first_trials_spread_over_the_values(tmp_path):
    """Six trials see both values of a factor three times, and each of three twice."""
    trials = fake_search(tmp_path / "study", 6).trials
    assert trials.optimizer.value_counts().tolist() == [3, 3]
    assert trials.loss.value_counts().tolist() == [2, 2, 2]
    assert trials.augmentation.nunique() == 5


def test_search_learns(tmp_path):
    """After the spread trials, TPE prefers what was good."""
    trials = fake_search(tmp_path / "study", 20).trials
    assert (trials.optimizer[6:] == "Adam").mean() > 0.75


def test_seeds_differ(tmp_path):
    one = fake_search(tmp_path / "one", 8, seed=1).trials
    two = fake_search(tmp_path / "two", 8, seed=2).trials
    assert not factors(one).equals(factors(two))


def test_pruning(tmp_path):
    """Bad trials stop at a rung."""
    trials = fake_search(tmp_path / "study", 12).trials
    assert not trials.pruned[0]
    assert trials.pruned.any()
    assert trials.epochs[trials.pruned].isin(rungs(BASE.epochs)).all()
    assert (trials.epochs[~trials.pruned] == BASE.epochs).all()
    assert trials.accuracy[trials.pruned].max() < trials.accuracy.max()


@pytest.mark.parametrize(
    ("epochs", "expected"),
    [(1, []), (2, [1]), (3, [1, 2]), (5, [2, 4]), (9, [2, 6]), (30, [7, 20])],
)
def test_rungs(epochs, expected):
    """The last epoch is none: there is nothing left to save."""
    assert rungs(epochs) == expected


def test_pruner_is_successive_halving():
    """It judges as Optuna's, which notes its judgements on the trials."""
    curves = np.random.default_rng(0).random((40, 9)).cumsum(axis=1)
    pruners = HalvingPruner([2, 6]), SuccessiveHalvingPruner(min_resource=2, reduction_factor=3)
    studies = [optuna.create_study(direction="maximize", pruner=pruner) for pruner in pruners]
    ours, theirs = ([lived(curve, study) for curve in curves] for study in studies)
    assert ours == theirs
    assert set(ours) == {2, 6, 9}


def lived(curve, study: optuna.Study) -> int:
    """Return after how many epochs a trial is pruned, or all."""
    trial = study.ask()
    for epoch, value in enumerate(curve, 1):
        trial.report(value, epoch)
        if trial.should_prune():
            study.tell(trial, state=TrialState.PRUNED)
            return epoch
    study.tell(trial, curve[-1])
    return len(curve)


def test_best_is_complete_and_first_of_equals(tmp_path):
    found = fake_search(tmp_path / "study", 12)
    complete = found.trials[~found.trials.pruned]
    assert found.best["accuracy"] == complete.accuracy.max()
    equals = Search(SPACE, BASE, complete.assign(accuracy=0.5))
    assert equals.best["trial"] == complete.trial.min()
    config = found.best_config(epochs=9)
    assert (config.epochs, config.optimizer) == (9, found.best["optimizer"])
    assert type(config.batch_size) is int


@pytest.mark.parametrize("moment", [(0, 1), (0, 3), (6, 2), (9, 1)])
def test_killed_search_goes_on(tmp_path, moment):
    """Killed in any epoch of any trial, then run again: the same trials, none left under way."""

    def kill(trial, epoch):
        if (trial.number, epoch) == moment:
            raise Killed

    path = tmp_path / "killed"
    with pytest.raises(Killed):
        run_trials(plan_fake(path, 10, on_epoch=kill))
    assert open_fake(path).study.get_trials(states=[TrialState.RUNNING])
    resumed = fake_search(path, 10).trials
    assert resumed.equals(fake_search(tmp_path / "whole", 10).trials)
    assert len(open_fake(path).study.trials) == 10


def test_killed_between_a_judgement_and_the_end(tmp_path, monkeypatch):
    """A trial that was judged, but had not ended, is judged alike."""
    prune = HalvingPruner.prune

    def kill(self, study, trial):
        if prune(self, study, trial):
            raise Killed
        return False

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(HalvingPruner, "prune", kill)
        fake_search(tmp_path / "killed", 10)
    whole = fake_search(tmp_path / "whole", 10).trials
    assert fake_search(tmp_path / "killed", 10).trials.equals(whole)


def test_killed_before_the_parameters(tmp_path):
    """A trial that had not drawn all its parameters draws the same ones."""
    path = tmp_path / "killed"
    study = run_trials(plan_fake(path, 7))
    trial = study.ask()
    trial.suggest_categorical("batch_size", SPACE.batch_size)
    assert fake_search(path, 9).trials.equals(fake_search(tmp_path / "whole", 9).trials)


def test_half_written_line_is_dropped(tmp_path):
    """A journal file cut in the middle of a line is still read."""
    fake_search(tmp_path / "cut", 5)
    path = tmp_path / "cut" / "study.log"
    path.write_bytes(path.read_bytes()[:-20])
    whole = fake_search(tmp_path / "whole", 6)
    assert fake_search(tmp_path / "cut", 6).trials.equals(whole.trials)


def test_more_trials_extend_a_search(tmp_path):
    """The first trials of a longer search are those of a shorter one, and stay so."""
    path = tmp_path / "study"
    short = fake_search(path, 5).trials
    longer = fake_search(path, 9).trials
    assert longer[:5].equals(short)
    assert fake_search(path, 5).trials.equals(short)


def test_frame(tmp_path):
    """Curves hold the accuracy after each epoch; the last is the accuracy of the trial."""
    row = fake_search(tmp_path / "study", 1).trials.iloc[0]
    curve = tuple(fake_accuracy(row, epoch) for epoch in range(1, BASE.epochs + 1))
    assert (row.trial, row.curve, row.accuracy) == (1, curve, curve[-1])
    study = open_fake(tmp_path / "other").study
    study.ask()
    assert trials_frame(study, SPACE, 5).empty


@pytest.mark.slow
def test_real_search_goes_on(cars, tmp_path, monkeypatch):
    """Killed in the middle of a training, then run again: the same trials."""
    whole = search(cars, FEW, TINY, n_trials=3).trials
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "other"))

    def killed_training(cars, config, *, label, on_epoch):
        def kill(epoch, row):
            on_epoch(epoch, row)
            if label == "Essai 1":
                raise Killed

        return train(cars, config, label=label, on_epoch=kill)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("lib.search.search.train", killed_training)
        search(cars, FEW, TINY, n_trials=3)
    assert search(cars, FEW, TINY, n_trials=3).trials.equals(whole)


@pytest.mark.slow
def test_test_images_play_no_part(cars, monkeypatch):
    """The search reads no image of the test split."""
    splits = set()

    def watched(cars, frame, size):
        splits.update(frame["split"])
        return open_images(cars, frame, size)

    monkeypatch.setattr("lib.training.loop.open_images", watched)
    search(cars, FEW, TINY, n_trials=1)
    assert splits == {"train", "validation"}


def test_a_training_that_diverges_ends_its_trial(cars, monkeypatch):
    """It counts as pruned, with the epoch that showed it."""

    def diverging(cars, config, *, label, on_epoch):
        row = {"train_loss": float("nan"), "validation_loss": 1.0, "validation_accuracy": 0.1}
        on_epoch(1, row | {"epoch": 1})
        raise Diverged(row | {"epoch": 2, "learning_rate": 1.0})

    monkeypatch.setattr("lib.search.search.train", diverging)
    found = search(cars, FEW, TINY, n_trials=2)
    assert found.trials.pruned.all()
    assert found.trials.epochs.tolist() == [2, 2]
