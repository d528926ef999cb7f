"""What is made of the trials: effects, tests, importances."""

from dataclasses import replace

import pandas as pd
import pytest
import torch

from carnet import InputError
from lib.search import analysis
from lib.search.search import Search
from lib.training import loop as training_run
from tests.fake_search import BASE, SPACE, fake_search, of_length, without_effects


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return fake_search(tmp_path_factory.mktemp("study") / "study", 12)


@pytest.fixture(scope="module")
def noise(found):
    return without_effects(found)


def test_trials_are_compared_at_the_same_epoch(found):
    """Pruned trials count, with the accuracy of the last epoch that all reached."""
    assert analysis.common_epoch(found.trials) == 2
    expected = [curve[1] for curve in found.trials.curve]
    assert analysis.compared_accuracy(found.trials).tolist() == expected


def test_effects(found):
    effects = analysis.factor_effects(found)
    adam = effects[effects.value == "Adam"].iloc[0]
    chosen = analysis.compared_accuracy(found.trials)[found.trials.optimizer == "Adam"]
    assert adam.trials == len(chosen)
    assert adam["mean"] == pytest.approx(chosen.mean())
    assert adam.low < adam["mean"] < adam.high
    assert effects.groupby("factor").trials.sum().eq(12).all()


def test_interval_needs_two_trials_of_a_value():
    accuracy, values = pd.Series([0.1, 0.2]), pd.Series(["a", "b"])
    assert analysis._half_widths(accuracy, values).empty


def test_effect_beyond_noise(found, noise):
    """A strong effect is told from noise, and noise is not taken for an effect."""
    tests = analysis.effect_tests(found).set_index("factor")
    assert tests.beyond_noise["optimizer"]
    assert tests.best["optimizer"] == "Adam"
    assert not tests.beyond_noise["image_size"]
    assert not analysis.effect_tests(noise).beyond_noise.any()


def test_a_corrected_p_of_five_percent_is_not_beyond_noise(found, monkeypatch):
    """1 - 0.95 is more than 0.05 in binary; means that differ by rounding have one best value."""
    count = len(analysis.compared_factors(found))
    monkeypatch.setattr(analysis, "_permutation_p", lambda *_: 0.05 / count)
    tests = analysis.effect_tests(found)
    assert tests.p_value.tolist() == pytest.approx([0.05] * count)
    assert not tests.beyond_noise.any()


@pytest.mark.slow
def test_importances(found, noise, monkeypatch):
    """Seeded, sum to 1, largest first."""
    monkeypatch.setattr(analysis, "TRIAL_RESAMPLES", 5)
    table = analysis.importances(found)
    assert table.equals(analysis.importances(found))
    assert table.importance.sum() == pytest.approx(1)
    assert table.importance.is_monotonic_decreasing
    assert table.factor[0] == "optimizer"


def test_a_search_without_a_whole_trial_has_no_best(found):
    search = Search(SPACE, BASE, found.trials.assign(pruned=True))
    with pytest.raises(InputError, match="every trial diverged or was pruned"):
        search.best_config(epochs=1)


@pytest.mark.parametrize("scheduler", ["StepLR", "ReduceLROnPlateau"])
@pytest.mark.parametrize("epochs", [3, 7, 8, 10])
def test_first_lowered_epoch_is_that_of_the_real_schedulers(scheduler, epochs):
    """With a loss that never improves, the soonest that ReduceLROnPlateau can act."""
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=1.0)
    real = training_run._build_scheduler(
        optimizer, replace(BASE, epochs=epochs, scheduler=scheduler)
    )
    rates = []
    for _ in range(12):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        training_run._step(real, validation_loss=1.0)
    lowered = 1 + next(index for index, rate in enumerate(rates) if rate < 1)
    assert analysis.first_lowered_epoch(scheduler, epochs) == lowered


@pytest.mark.slow
def test_schedulers_that_have_not_acted_are_not_compared(noise, monkeypatch):
    """Neither tested nor given a share; they are where nothing else varies, to say something."""
    monkeypatch.setattr(analysis, "TRIAL_RESAMPLES", 2)
    early, late = of_length(noise, 3, 1), of_length(noise, 3, 2)
    assert "scheduler" not in set(analysis.effect_tests(early).factor)
    assert "scheduler" not in set(analysis.importances(early).factor)
    assert "scheduler" in set(analysis.effect_tests(late).factor)
    single = {name: values[:1] for name, values in SPACE.factors().items() if name != "scheduler"}
    alone = Search(replace(SPACE, **single), early.base, early.trials)
    assert analysis.compared_factors(alone) == ["scheduler"]


def test_importances_of_trials_that_no_tree_can_tell_apart(noise, monkeypatch):
    """Optuna refuses them; they share nothing out, without failing."""

    def refuse(*_, **__):
        raise RuntimeError("Encountered zero total variance in all trees.")

    monkeypatch.setattr(analysis.optuna.importance, "get_param_importances", refuse)
    shares = analysis.importances(noise)
    assert (shares[["importance", "low", "high", "first"]] == 0).all(axis=None)


def test_single_trial(tmp_path):
    """A search of one trial says nothing, without failing."""
    one = fake_search(tmp_path / "one", 1)
    effects = analysis.factor_effects(one)
    assert effects["mean"].notna().sum() == len(SPACE.factors())
    assert effects.low.isna().all()
    assert not analysis.effect_tests(one).beyond_noise.any()
    shares = analysis.importances(one)
    assert (shares.importance == 0).all()
