"""What is made of the trials: effects, importances, verdicts."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from carnet import InputError
from lib.report import search as verdicts
from lib.search import analysis
from lib.search.search import Search
from lib.training import loop as training_run
from tests.fake_search import BASE, IMAGES, SPACE, fake_search


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return fake_search(tmp_path_factory.mktemp("study") / "study", 12)


@pytest.fixture(scope="module")
def noise(found):
    """The same trials, with accuracies that owe nothing to the factors."""
    curves = np.random.default_rng(0).normal(0.5, 0.02, (12, 3)).tolist()
    trials = found.trials.assign(
        curve=list(map(tuple, curves)), accuracy=[c[-1] for c in curves], pruned=False, epochs=3
    )
    return Search(SPACE, BASE, trials)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0001, "0,0001"), (0.001, "0,001"), (0.05, "0,05"), (128, "128"), ("none", "sans")],
)
def test_french_value(value, text):
    assert analysis.french_value(value) == text


def test_tables(found):
    """French names, best first, only the factors that vary."""
    space = analysis.space_table(SPACE)
    assert space["Facteur"].tolist() == list(analysis.FACTORS.values())
    assert space["Valeurs essayées"][1] == "0,0001 ; 0,001"
    best = analysis.best_trials(found, 3)
    assert best.shape == (1 + len(analysis.FACTORS), 1 + 3)
    assert best.columns[1] == f"Essai {found.best['trial']}"
    assert best[best.columns[1]].iloc[3] == "Adam"


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
    assert "optimiseur" in verdicts.effects_verdict(tests.reset_index())
    assert "dépasse le bruit" in verdicts.factor_verdict(tests.reset_index(), "optimizer")
    assert "aucun effet ne dépasse" in verdicts.effects_verdict(analysis.effect_tests(noise))


def test_a_corrected_p_of_five_percent_is_not_beyond_noise(found, monkeypatch):
    """1 - 0.95 is more than 0.05 in binary; means that differ by rounding have one best value."""
    count = len(analysis.compared_factors(found))
    monkeypatch.setattr(analysis, "_permutation_p", lambda *_: 0.05 / count)
    tests = analysis.effect_tests(found)
    assert tests.p_value.tolist() == pytest.approx([0.05] * count)
    assert not tests.beyond_noise.any()


def test_holm():
    assert analysis.holm(np.array([0.04, 0.01, 0.03])) == pytest.approx([0.06, 0.03, 0.06])


@pytest.mark.slow
def test_importances(found, noise, monkeypatch):
    """Seeded, sum to 1, largest first; the verdict says whether the rank holds."""
    monkeypatch.setattr(analysis, "RESAMPLES", 5)
    table = analysis.importances(found)
    assert table.equals(analysis.importances(found))
    assert table.importance.sum() == pytest.approx(1)
    assert table.importance.is_monotonic_decreasing
    assert table.factor[0] == "optimizer"
    told = verdicts.importance_verdict(found, table)
    assert "ce rang tient" in told
    assert "Réserve : 12\N{NO-BREAK SPACE}essais" in told


def test_best_verdict(found, noise):
    """Trials inside the interval of the best are counted."""
    told = verdicts.best_verdict(noise, IMAGES)
    assert "11 autres essais menés à terme y sont aussi" in told
    best = found.trials.trial == found.best["trial"]
    alone = Search(SPACE, BASE, found.trials[best])
    assert "aucun autre essai n’a été mené à terme" in verdicts.best_verdict(alone, IMAGES)
    apart = found.trials.assign(accuracy=best.map({True: 0.9, False: 0.1}), pruned=False)
    told = verdicts.best_verdict(Search(SPACE, BASE, apart), IMAGES)
    assert "aucun autre essai mené à terme n’est dans cet intervalle" in told


def test_a_search_without_a_whole_trial_has_no_best(found):
    search = Search(SPACE, BASE, found.trials.assign(pruned=True))
    with pytest.raises(InputError, match="every trial diverged or was pruned"):
        search.best_config(epochs=1)


def test_share_interval():
    """Wilson's interval, known value for 81 of 263 (Newcombe, 1998)."""
    assert verdicts.share_interval(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)


def test_difference_interval():
    """Symmetric, contains the difference, empty for none."""
    low, high = verdicts.difference_interval(0.6, 0.5, 500)
    assert low < 0.1 < high
    other = verdicts.difference_interval(0.5, 0.6, 500)
    assert other == pytest.approx((-high, -low))


@pytest.mark.parametrize(
    ("accuracy", "verdict"),
    [(0.7, "dépasse v2"), (0.51, "ne se distingue pas de v2"), (0.3, "reste en dessous de v2")],
)
def test_comparison_verdict(accuracy, verdict):
    told = verdicts.comparison_verdict(accuracy, 0.5, 500, name="v2")
    assert verdict in told


def of_length(search, epochs, pruned_after):
    """The search with trials of another length, one of them pruned."""
    curves = [tuple(curve[epoch % 3] for epoch in range(epochs)) for curve in search.trials.curve]
    lengths = [pruned_after] + [epochs] * (len(curves) - 1)
    curves = [curve[:length] for curve, length in zip(curves, lengths)]
    return Search(
        SPACE, replace(BASE, epochs=epochs), search.trials.assign(curve=curves, epochs=lengths)
    )


@pytest.mark.parametrize(
    ("epochs", "common", "told"),
    [
        (3, 1, "à l’époque 1, où les essais sont comparés, aucun planificateur"),
        (3, 2, "n’agit jamais"),
        (7, 7, "n’agit jamais"),
        (8, 8, "peut agir"),
    ],
)
def test_scheduler_note(noise, epochs, common, told):
    """StepLR cuts the rate after a third; ReduceLROnPlateau for the 8th epoch at the earliest."""
    assert told in verdicts.scheduler_note(of_length(noise, epochs, common))


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
    monkeypatch.setattr(analysis, "RESAMPLES", 2)
    early, late = of_length(noise, 3, 1), of_length(noise, 3, 2)
    assert "scheduler" not in set(analysis.effect_tests(early).factor)
    assert "scheduler" not in set(analysis.importances(early).factor)
    assert "scheduler" in set(analysis.effect_tests(late).factor)
    single = {name: values[:1] for name, values in SPACE.factors().items() if name != "scheduler"}
    alone = Search(replace(SPACE, **single), early.base, early.trials)
    assert analysis.compared_factors(alone) == ["scheduler"]


def test_what_each_model_saw_is_told():
    told = verdicts.seen_note({"Modèle final": replace(BASE, image_size=48, epochs=8)})
    assert told == "Entraînement : modèle final, images de 48\u00a0pixels pendant 8\u00a0époques."


def test_importances_of_trials_that_no_tree_can_tell_apart(noise, monkeypatch):
    """Optuna refuses them; they share nothing out, without failing."""

    def refuse(*_, **__):
        raise RuntimeError("Encountered zero total variance in all trees.")

    monkeypatch.setattr(analysis.optuna.importance, "get_param_importances", refuse)
    shares = analysis.importances(noise)
    assert (shares[["importance", "low", "high", "first"]] == 0).all(axis=None)
    assert "trop peu nombreux" in verdicts.importance_verdict(noise, shares)


def test_single_trial(tmp_path):
    """A search of one trial says nothing, without failing."""
    one = fake_search(tmp_path / "one", 1)
    effects = analysis.factor_effects(one)
    assert effects["mean"].notna().sum() == len(SPACE.factors())
    assert effects.low.isna().all()
    assert not analysis.effect_tests(one).beyond_noise.any()
    shares = analysis.importances(one)
    assert (shares.importance == 0).all()
    assert "trop peu nombreux" in verdicts.importance_verdict(one, shares)
    assert math.isclose(verdicts.score_table({"v1": 0.5}, 10).accuracy[0], 0.5)
