"""Tables of a search, and verdicts on it from stated criteria."""

from dataclasses import replace

import pandas as pd
import pytest

from lib.report import search as report
from lib.report.names import HYPERPARAMETERS
from lib.search import analysis
from lib.search.search import Search
from lib.search.space import SearchSpace
from tests.fake_search import BASE, IMAGES, SPACE, fake_search, of_epochs, without_effects


@pytest.fixture(scope="module")
def found():
    return fake_search(12)


@pytest.fixture(scope="module")
def noise(found):
    return without_effects(found)


def test_tables(found, noise):
    """French names, best first, only the factors that vary."""
    space = report.space_table(SPACE)
    assert space["Facteur"].tolist() == [HYPERPARAMETERS[name] for name in SPACE.factors()]
    assert space["Valeurs essayées"][1] == "0,0001 ; 0,001"
    best = report.best_trials(noise, 3)
    assert best.shape == (1 + len(SPACE.factors()), 1 + 3)
    best = report.best_trials(found, 3)
    assert best.columns[1] == f"Essai {found.best['trial']}"
    assert best[best.columns[1]].iloc[3] == "Adam"


@pytest.mark.parametrize(
    ("corrected", "told"),
    [
        ([0.2, 0.06], "il ne se distingue d’aucun (plus petite p corrigée : 0,060)"),
        ([0.2, 0.01], "il se distingue de 1 d’entre eux"),
        ([0.02, 0.01], "il se distingue de chacun"),
        ([], "aucun autre essai n’a été mené à terme"),
    ],
)
def test_best_verdict(found, corrected, told):
    """By the pairs of the best trial and the next ones, corrected for their number."""
    verdict = report.best_verdict(found, pd.DataFrame({"corrected": corrected}), IMAGES)
    assert told in verdict
    assert verdict.startswith(f"le meilleur essai, le nᵒ {found.best['trial']}, atteint")


def test_a_reference_that_no_trial_beats_is_said(found):
    best = found.trials.accuracy.idxmax()
    trials = found.trials.assign(origin=found.trials.origin.where(found.trials.index != best, "v2"))
    rivals = pd.DataFrame({"corrected": [0.3]})
    verdict = report.best_verdict(replace(found, trials=trials), rivals, IMAGES)
    assert verdict.endswith("les réglages de v2 ; les essais tirés ne font pas mieux")
    assert "réglages" not in report.best_verdict(found, rivals, IMAGES)


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.00001, "< 0,0001"), (0.0001, "0,0001"), (0.0123, "0,012"), (0.2, "0,20")],
)
def test_p_values(value, written):
    assert report.fr_p(value) == written


def test_rivals_are_told_with_labelled_p_values():
    pairs = {"trial": [7], "accuracy": [0.5], "difference": [0.02], "low": [-0.01], "high": [0.05]}
    pairs |= {"p_value": [0.2], "least_p": [0.003], "corrected": [0.4]}
    (row,) = report.rivals_table(pd.DataFrame(pairs)).to_dict("records")
    assert row["Intervalle à 95 %"] == "de −1,0 à 5,0"
    assert row["p non corrigée (McNemar)"] == "0,20"
    assert row["p corrigée (Holm)"] == "0,40"
    assert row["Plus petite p possible, non corrigée"] == "0,0030"


@pytest.mark.parametrize(
    ("epochs", "told"),
    [
        (2, "ReduceLROnPlateau n’agit jamais, le taux reste constant"),
        (3, "StepLR peut agir dès l’époque 2 ; ReduceLROnPlateau peut agir dès l’époque 3"),
        (9, "StepLR peut agir dès l’époque 4 ; ReduceLROnPlateau peut agir dès l’époque 5"),
    ],
)
def test_scheduler_note(noise, epochs, told):
    """StepLR cuts the rate after a third; a plateau lasts as long, after the first epoch."""
    note = report.scheduler_note(of_epochs(noise, epochs))
    assert told in note
    assert note.startswith("à l’époque ")


def test_what_each_model_saw_is_told():
    told = report.seen_note({"Modèle final": replace(BASE, image_size=48, epochs=8)})
    assert told == "Entraînement : modèle final, images de 48\u00a0pixels pendant 8\u00a0époques."


def test_effects_are_said_with_their_best_value(found, noise):
    tests = analysis.effect_tests(found)
    assert "optimiseur (meilleure valeur : Adam, p corrigée = 0," in report.effects_verdict(tests)
    assert "Adam, de la moins bonne, ce qui dépasse le bruit" in report.factor_verdict(
        tests, "optimizer"
    )
    assert report.factor_verdict(tests, "absent") == "ce facteur n’a pas varié"
    assert "aucun effet ne dépasse" in report.effects_verdict(analysis.effect_tests(noise))
    table = report.effects_table(analysis.factor_effects(found), "optimizer")
    assert table["Optimiseur"].tolist() == ["Adam", "SGD"]
    assert table["Essais"].sum() == 12


@pytest.mark.parametrize(
    ("first", "told"),
    [(0.85, "85\u00a0% des rééchantillonnages, donc ce rang tient"), (0.6, "ne tient pas")],
)
def test_the_first_factor_holds_its_rank_or_not(first, told):
    table = pd.DataFrame(
        {"factor": ["optimizer", "loss"], "importance": [0.9, 0.1], "first": [first, 1 - first]}
    )
    assert told in report.importance_verdict(table)
    assert "trop peu nombreux" in report.importance_verdict(table.assign(importance=0.0))


def test_importances_of_too_few_trials_are_not_drawn(found):
    """Twelve for eight factors: it says why, and how many it takes."""
    assert (
        "12\u00a0essais pour 8\u00a0facteurs comparés, moins que les 24"
        in report.importance_note(found)
    )
    enough = pd.concat([found.trials, found.trials])
    assert report.importance_note(Search(SPACE, BASE, enough)) == ""


def test_the_largest_confounding_is_told(found):
    pairs = pd.DataFrame({"factor": ["loss", "loss"], "other": ["optimizer", "scheduler"]})
    told = report.confounding_verdict(pairs.assign(v=[0.5, 0.25]))
    assert "« fonction de perte » et « optimiseur » (V de Cramér : 0,50)" in told
    assert "en moyenne sur 2\u00a0paires, V vaut 0,38" in told
    assert report.confounding_verdict(pairs[:0]) == "un seul facteur a varié"


def test_each_p_is_labelled_and_beside_the_smallest_possible(found):
    tests = analysis.effect_tests(found)
    table = report.tests_table(tests)
    assert [name for name in table.columns if "p " in name] == [
        "p non corrigée",
        "p corrigée (Holm)",
        "Plus petite p possible, non corrigée",
        "Plus petite p possible, corrigée",
    ]
    assert len(table) == len(tests)


@pytest.mark.parametrize(
    ("value", "written"), [(0.5, "0,50"), (0.0331, "0,033"), (0.00012, "0,0001")]
)
def test_p_values_are_written_with_the_digits_they_need(value, written):
    assert report.fr_p(value) == written


def test_scores_have_their_interval():
    (row,) = report.score_table({"v1": 0.5}, 100).itertuples(index=False)
    assert (row.model, row.accuracy) == ("v1", 0.5)
    assert (row.low, row.high) == pytest.approx((0.404, 0.596), abs=1e-3)


@pytest.mark.parametrize(
    ("epochs", "rule"),
    [(1, "aucune"), (2, "après l’époque 1, seul"), (9, "après les époques 2 et 6, seul")],
)
def test_pruning_rule(epochs, rule):
    assert report.pruning_rule(epochs).startswith(rule)


def test_values_are_named():
    values = {"optimizer": "Adam", "class_weights": "none", "learning_rate": 1e-3}
    assert report.named_values(values) == (
        "Optimiseur : Adam ; Poids des classes : sans ; Taux d’apprentissage : 0,001"
    )


@pytest.mark.parametrize(
    ("sizes", "note"),
    [
        ([224, 256, 512, 672], "nous essayons 224, 256, 512 et 672"),
        ([32, 40], "nous essayons 32 et 40, car un passage à 224 pixels coûterait 49 fois plus"),
        ([300], "nous essayons 300"),
    ],
)
def test_image_sizes_are_said_beside_those_that_were_planned(sizes, note):
    assert report.sizes_note(SearchSpace(image_size=sizes)) == note
