"""The search: what it draws, judges and keeps, and how it goes on after a kill."""

from dataclasses import replace

import pandas as pd
import pytest

from carnet import InputError
from lib.data.cars import open_images
from lib.search import trial as module
from lib.search.search import (
    Search,
    carry_out,
    generation_sizes,
    rungs,
    search,
)
from lib.search.space import SearchSpace, described
from lib.search.trial import DESIGNED, DRAWN, TrialWork
from lib.training.loop import Diverged, TrainingLoop
from lib.training.training import train, training_work
from tests.fake_search import (
    BASE,
    FEW,
    REFERENCE,
    SPACE,
    TINY,
    fake_accuracy,
    fake_plan,
    fake_search,
    train_fake,
)

pytestmark = pytest.mark.usefixtures("store", "narrow_network")


class Killed(BaseException):
    pass


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
        ({"augmentation": ["none", "HorizontalFlip + Blur"]}, "augmentation=Blur: "),
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


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"n_trials": 0}, "n_trials=0: expected 1 or more"),
        ({"n_trials": 10**6}, "n_trials=1000000: expected 10,000 at most"),
        ({"n_trials": 1, "generation_trials": 0}, "generation_trials=0: expected 1 or more"),
        ({"n_trials": 1, "parallel_trials": -1}, "parallel_trials=-1: expected 0 or more"),
    ],
)
def test_bad_numbers_of_trials(cars, numbers, message):
    with pytest.raises(InputError, match=message):
        search(cars, FEW, TINY, **numbers)


def test_no_trial_twice():
    """Even when the space is exhausted, each configuration is tried once."""
    trials = fake_search(FEW.size + 9, FEW).trials
    assert len(factors(trials).drop_duplicates()) == len(trials) == FEW.size


def test_the_first_generation_is_the_design_and_the_references():
    """A reference that the design has already is not tried again."""
    first = fake_plan(3).generation([])[0].settings
    plan = fake_plan(3, references={"v1": first, "v2": first | REFERENCE})
    assert [trial.origin for trial in plan.generation([])] == [DESIGNED] * 3 + ["v2"]


def test_generations_are_drawn_from_those_before():
    """What the trials of a generation gave changes the next ones, never those of their own."""
    found = fake_search(20).trials
    assert found.generation.tolist() == [1] * 12 + [2] * 4 + [3] * 4
    assert found.origin.tolist() == [DESIGNED] * 12 + [DRAWN] * 8
    assert (found.optimizer[12:] == "Adam").mean() > 0.5
    assert factors(fake_search(16).trials).equals(factors(found[:16]))


def test_seeds_differ():
    one, two = (fake_search(8, seed=seed).trials for seed in (1, 2))
    assert not factors(one).equals(factors(two))


def test_the_best_third_of_a_generation_goes_on():
    """Of twelve, four then one; of four, one then one. Judged among themselves."""
    trials = fake_search(16).trials
    first, second = trials[:12], trials[12:]
    assert rungs(BASE.epochs) == [2, 4]
    assert first.epochs.value_counts().to_dict() == {2: 8, 4: 3, 5: 1}
    assert second.epochs.value_counts().to_dict() == {2: 3, 5: 1}
    at_first_rung = first.curve.str[1]
    assert at_first_rung[first.epochs > 2].min() >= at_first_rung[first.epochs == 2].max()
    assert trials.pruned.equals(trials.epochs < BASE.epochs)


def test_equal_trials_go_on_in_their_order():
    plan = fake_plan(6)

    def train_alike(trials, epoch):
        for trial in reversed(trials):
            trial.curve = (0.5,) * epoch
            yield trial

    trials = carry_out(plan, train_alike, lambda trial: None)
    assert [len(trial.curve) for trial in trials] == [5, 4, 2, 2, 2, 2]


@pytest.mark.parametrize(
    ("epochs", "expected"),
    [(1, []), (2, [1]), (3, [1, 2]), (5, [2, 4]), (9, [2, 6]), (30, [7, 20])],
)
def test_rungs(epochs, expected):
    """The last epoch is none: there is nothing left to save."""
    assert rungs(epochs) == expected


def test_a_trial_of_one_epoch_is_never_pruned():
    plan = replace(fake_plan(6), epochs=1)
    assert not any(t.pruned for t in carry_out(plan, train_fake, lambda trial: None))


@pytest.mark.parametrize(
    ("numbers", "expected"), [((2, 27, 3), (2,)), ((33, 27, 3), (27, 3, 3)), ((5, 3, 4), (3, 2))]
)
def test_generation_sizes(numbers, expected):
    assert generation_sizes(*numbers) == expected


def test_best_is_complete_and_first_of_equals():
    found = fake_search(20)
    complete = found.trials[~found.trials.pruned]
    assert found.best["accuracy"] == complete.accuracy.max()
    equals = Search(SPACE, BASE, complete.assign(accuracy=0.5))
    assert equals.best["trial"] == complete.trial.min()
    config = found.best_config(epochs=9)
    assert (config.epochs, config.patience) == (9, 2)
    assert config.optimizer == found.best["optimizer"]
    assert type(config.batch_size) is int
    assert config.image_size == found.best["image_size"] < 64
    assert found.best_config(epochs=9, least_size=64).image_size == 64


def test_a_search_without_a_whole_trial_has_no_best():
    found = fake_search(3)
    none = Search(SPACE, BASE, found.trials.assign(pruned=True))
    with pytest.raises(InputError, match="every trial diverged or was pruned"):
        none.best_config(epochs=1)


def test_a_reference_is_configured_as_it_was():
    """With two augmentations, beside the space; but on images no larger than those of trials."""
    settings = {
        **vars(BASE),
        "image_size": 64,
        "augmentation": ["HorizontalFlip", "RandomRotation"],
    }
    reference = described(settings, SPACE)
    found = fake_search(3, references={"v2": reference})
    (row,) = found.trials[found.trials.origin == "v2"].to_dict("records")
    assert row["augmentation"] == "HorizontalFlip + RandomRotation"
    assert found.config(row) == replace(
        BASE, image_size=48, augmentation=("HorizontalFlip", "RandomRotation")
    )
    assert found.values("scheduler") == ["StepLR", "ReduceLROnPlateau", "none"]


def test_frame():
    """Curves hold the accuracy after each epoch; the last is the accuracy of the trial."""
    row = fake_search(1).trials.iloc[0]
    curve = tuple(fake_accuracy(row, epoch) for epoch in range(1, BASE.epochs + 1))
    assert (row.trial, row.curve, row.accuracy) == (1, curve, curve[-1])


@pytest.mark.slow
def test_a_search_is_kept_and_one_that_was_killed_goes_on(cars, store, monkeypatch):
    """Killed in a training: the same bytes, and no epoch but that one is trained again."""
    epochs = []
    train_one_epoch = TrainingLoop.train_one_epoch

    def counted(loop, epoch):
        epochs.append(epoch)
        if len(epochs) == kill_at:
            raise Killed
        train_one_epoch(loop, epoch)

    monkeypatch.setattr(TrainingLoop, "train_one_epoch", counted)
    kill_at = 4
    with pytest.raises(Killed):
        search(cars, FEW, TINY, n_trials=3, parallel_trials=1)
    found = search(cars, FEW, TINY, n_trials=3, parallel_trials=1)
    assert len(epochs) == 1 + found.trials.epochs.sum() == 5
    bytes_of = [path.read_bytes() for path in store.glob("searches/*/finished.json")]
    assert search(cars, FEW, TINY, n_trials=3, parallel_trials=1).trials.equals(found.trials)
    assert len(epochs) == 5
    kill_at = None
    monkeypatch.setenv("JOURNAL_STORE", str(store) + "-other")
    search(cars, FEW, TINY, n_trials=3, parallel_trials=1)
    others = store.with_name("store-other").glob("searches/*/finished.json")
    assert [path.read_bytes() for path in others] == bytes_of


@pytest.mark.slow
def test_test_images_play_no_part(cars, monkeypatch):
    """The search reads no image of the test split."""
    splits = set()

    def watched(cars, frame, size):
        splits.update(frame["split"])
        return open_images(cars, frame, size)

    monkeypatch.setattr("lib.training.loop.open_images", watched)
    search(cars, FEW, TINY, n_trials=1, parallel_trials=1)
    assert splits == {"train", "validation"}


@pytest.mark.parametrize(("diverges_at", "lived"), [(1, [1, 1, 1, 1]), (2, [2, 1, 1, 1])])
def test_a_training_that_diverges_ends_its_trial(cars, monkeypatch, diverges_at, lived):
    """It counts as pruned, with the epoch that showed it."""

    def diverging(cars, config, *, label, on_epoch):
        row = {"train_loss": float("nan"), "validation_loss": 1.0, "validation_accuracy": 0.1}
        for epoch in range(1, diverges_at):
            on_epoch(epoch, row | {"epoch": epoch})
        raise Diverged(row | {"epoch": diverges_at, "learning_rate": 1.0})

    monkeypatch.setattr(module, "train", diverging)
    found = search(cars, FEW, TINY, n_trials=4, parallel_trials=1)
    assert found.trials.pruned.all()
    assert found.trials.epochs.tolist() == lived


@pytest.mark.slow
def test_a_unit_of_work_is_done_once(cars, monkeypatch):
    """Up to an epoch, then further; asked again for less, it gives the same beginning."""
    trained = []

    def counted(cars, config, *, label, on_epoch):
        trained.append(label)
        return train(cars, config, label=label, on_epoch=on_epoch)

    monkeypatch.setattr(module, "train", counted)
    first, second = (TrialWork(cars, TINY, epoch)() for epoch in (1, 2))
    assert len(trained) == 2
    assert second["curve"][:1] == first["curve"]
    assert TrialWork(cars, TINY, 1)() == first
    assert len(trained) == 2
    assert training_work(cars, TINY).finished


@pytest.mark.slow
def test_what_a_pruned_trial_would_go_on_from_is_removed(cars, store):
    """It would take 130 MB a trial."""
    found = search(cars, FEW, TINY, n_trials=3, parallel_trials=1)
    assert found.trials.pruned.sum() == 2
    assert not [*store.glob("trainings/*/checkpoint.pt")]
