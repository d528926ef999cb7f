"""What is made of the trials: effects, tests, importances."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from lib.search import analysis
from lib.search.search import Search, of_length
from lib.training import loop as training_run
from tests.conftest import ROOT
from tests.fake_search import BASE, SPACE, fake_search, of_epochs


@pytest.fixture(scope="module")
def found():
    return fake_search(16)


def test_trials_are_compared_at_the_first_rung(found):
    """Pruned trials count; one that diverged before has the accuracy that showed it."""
    assert found.first_rung == 2
    expected = [curve[1] for curve in found.trials.curve]
    assert analysis.compared_accuracy(found, found.trials).tolist() == expected
    diverged = found.trials.assign(curve=[(0.1,)] * 16)
    assert analysis.compared_accuracy(found, diverged).tolist() == [0.1] * 16


def test_effects_are_those_of_the_designed_trials(found):
    effects = analysis.factor_effects(found)
    adam = effects[effects.value == "Adam"].iloc[0]
    chosen = found.designed[found.designed.optimizer == "Adam"].curve.str[1]
    assert adam.trials == len(chosen) < (found.trials.optimizer == "Adam").sum()
    assert adam["mean"] == pytest.approx(chosen.mean())
    assert adam.low < adam["mean"] < adam.high
    assert effects.groupby("factor").trials.sum().eq(12).all()


def test_interval_needs_two_trials_of_a_value():
    accuracy, values = pd.Series([0.1, 0.2]), pd.Series(["a", "b"])
    assert analysis._half_widths(accuracy, values).empty


@pytest.mark.slow
def test_effect_established(found, noise):
    """A strong effect is told from noise, and noise is not taken for an effect."""
    tests = analysis.effect_tests(found).set_index("factor")
    assert tests.established["optimizer"]
    assert (tests.best["optimizer"], tests.worst["optimizer"]) == (["Adam"], ["SGD"])
    assert not tests.established["image_size"]
    assert not analysis.effect_tests(noise).established.any()


def test_a_corrected_p_of_five_percent_is_not_established(found, monkeypatch):
    """1 - 0.95 is more than 0.05 in binary; means that differ by rounding have one best value."""
    count = len(analysis.compared_factors(found))
    monkeypatch.setattr(analysis, "_permutation_p", lambda *_: 0.05 / count)
    tests = analysis.effect_tests(found)
    assert tests.corrected.tolist() == pytest.approx([0.05] * count)
    assert not tests.established.any()


@pytest.mark.slow
def test_importances(found, noise, monkeypatch):
    """Seeded, sum to 1, largest first."""
    monkeypatch.setattr(analysis, "TRIAL_RESAMPLES", 5)
    table = analysis.importances(found)
    assert table.equals(analysis.importances(found))
    assert (table.low <= table.importance).all() and (table.importance <= table.high).all()
    assert table["first"].sum() == 5
    assert table.importance.is_monotonic_decreasing
    assert table.factor[0] == "optimizer"


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [([2, 2], 1 / 3), ([1, 3], 1 / 4), ([2, 2, 2], 1 / 15), ([1, 2, 3], 1 / 60), ([20, 20], 1e-4)],
)
def test_the_smallest_p_that_group_sizes_allow(sizes, expected):
    """Counted by hand; with many trials, that of the number of permutations."""
    assert analysis.least_p(sizes) == pytest.approx(expected)


def test_the_smallest_p_is_that_of_the_best_separated_trials():
    """The test itself gives it where all trials of each value are apart from the others."""
    accuracy, values = np.array([0.1, 0.1, 0.1, 0.9, 0.9, 0.9]), np.array(list("aaabbb"))
    assert analysis._permutation_p(accuracy, values, 0) == pytest.approx(0.1, abs=0.02)
    assert analysis.least_p([3, 3]) == pytest.approx(0.1)


def test_other_factors_are_tested_at_equal_values_of_one(found):
    """What is the same but for the factor that is held tells nothing once it is."""
    trials = found.designed.assign(
        loss=found.designed.optimizer,
        curve=[(0, 0.8 if optimizer == "Adam" else 0.2) for optimizer in found.designed.optimizer],
    )
    search = replace(found, trials=trials)
    tests = analysis.effect_tests(search).set_index("factor")
    assert tests.p_value["loss"] < 0.05
    within = analysis.tests_within(search, "optimizer").set_index("factor")
    assert "optimizer" not in within.index
    assert (within.p_value == 1).all()


def test_strata_keep_their_trials():
    """Two values that differ inside each stratum, as much as three trials of each can."""
    accuracy = np.array([0.1, 0.1, 0.1, 0.2, 0.2, 0.2] * 2)
    values, strata = np.array(list("aaabbb") * 2), np.repeat([0, 1], 6)
    assert analysis._permutation_p(accuracy, values, 0, strata) == pytest.approx(1 / 200, abs=0.003)


def test_each_p_is_corrected_by_the_number_of_factors(found):
    tests = analysis.effect_tests(found)
    assert (tests.corrected >= tests.p_value).all()
    assert tests.least_corrected.tolist() == (tests.least_p * len(tests)).clip(upper=1).tolist()


def test_importances_need_three_trials_a_factor(found):
    factors = len(analysis.compared_factors(found))
    assert not analysis.enough_trials(found)
    more = pd.concat([found.trials] * 3).assign(origin="design")
    assert analysis.enough_trials(Search(SPACE, BASE, more[: 3 * factors]))
    assert not analysis.enough_trials(Search(SPACE, BASE, more[: 3 * factors - 1]))


@pytest.mark.parametrize("scheduler", ["StepLR", "ReduceLROnPlateau"])
@pytest.mark.parametrize("epochs", [3, 7, 8, 10])
def test_first_lowered_epoch_is_that_of_the_real_schedulers(scheduler, epochs):
    """With a loss that never improves, the soonest that ReduceLROnPlateau can act."""
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    config = replace(BASE, epochs=epochs, scheduler=scheduler, patience=epochs // 3)
    real = training_run._build_scheduler(optimizer, config)
    rates = []
    for _ in range(12):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        training_run._step(real, validation_loss=1.0)
    lowered = 1 + next(index for index, rate in enumerate(rates) if rate < 1)
    assert analysis.first_lowered_epoch(scheduler, config) == lowered


@pytest.mark.parametrize("epochs", [1, 2, 3, 5, 9, 10, 40])
def test_no_scheduler_has_acted_at_the_first_rung(noise, epochs):
    """So schedulers are not compared, but where nothing else varies, to say something."""
    shown = of_epochs(noise, epochs)
    for scheduler in SPACE.scheduler:
        assert analysis.first_lowered_epoch(scheduler, shown.base) > shown.first_rung
    assert "scheduler" not in analysis.compared_factors(shown)
    single = {name: values[:1] for name, values in SPACE.factors().items() if name != "scheduler"}
    alone = replace(shown, space=replace(SPACE, **single))
    assert analysis.compared_factors(alone) == ["scheduler"]


def test_the_real_profile_gives_the_search_what_its_rules_ask_for():
    """Trials enough for importances, and epochs enough for each scheduler to act."""
    profile = yaml.safe_load((ROOT / "journal/profils/stanford-cars.yml").read_text("utf-8"))
    budget = profile["parameters"]["hyperparametres"]
    assert budget["designed_trials"] >= analysis.TRIALS_PER_FACTOR * len(SPACE.factors())
    whole = of_length(BASE, budget["trial_epochs"])
    for scheduler in SPACE.scheduler:
        assert analysis.first_lowered_epoch(scheduler, whole) <= whole.epochs


def test_importances_of_trials_that_no_tree_can_tell_apart(noise, monkeypatch):
    """Optuna refuses them; they share nothing out, without failing."""

    def refuse(*_, **__):
        raise RuntimeError("Encountered zero total variance in all trees.")

    monkeypatch.setattr(analysis.optuna.importance, "get_param_importances", refuse)
    shares = analysis.importances(noise)
    assert (shares[["importance", "low", "high", "first"]] == 0).all(axis=None)


def test_single_trial():
    """A search of one trial says nothing, without failing."""
    one = fake_search(1)
    effects = analysis.factor_effects(one)
    assert effects["mean"].notna().sum() == len(SPACE.factors()) - 1
    assert effects.low.isna().all()
    assert not analysis.effect_tests(one).established.any()
    shares = analysis.importances(one)
    assert (shares.importance == 0).all()


def test_the_best_trial_is_compared_with_the_next_ones_on_the_same_images(noise, monkeypatch):
    """By pairs; corrected by the number of rivals."""
    right = iter(["1" * 9 + "0", "1" * 9 + "0", "1" * 3 + "0" * 7])
    monkeypatch.setattr(analysis, "_answers", lambda *_: {"images": "same", "right": next(right)})
    pairs = analysis.rivals(noise, None, 2)
    assert pairs.origin.tolist() == noise.complete.origin[1:3].tolist()
    assert pairs.trial.tolist() == noise.complete.trial[1:3].tolist()
    assert pairs.difference.tolist() == pytest.approx([0, 0.6])
    assert pairs.p_value.tolist() == pytest.approx([1, 2 / 64])
    assert pairs.corrected.tolist() == pytest.approx([1, 4 / 64])
