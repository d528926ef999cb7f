"""Tables of a search, and verdicts on it from stated criteria."""

from dataclasses import replace

import pandas as pd
import pytest

from lib.report import search as report
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
    assert report.tried(SPACE, "learning_rate") == "0,0001 et 0,001"
    assert report.tried(SPACE, "class_weights") == "sans et équilibrés"
    best = report.best_trials(noise, 3)
    assert best.shape == (1 + len(SPACE.factors()), 1 + 3)
    best = report.best_trials(found, 3)
    assert best.columns[1] == f"Essai {found.best['trial']}"
    assert best[best.columns[1]].iloc[3] == "Adam"


@pytest.mark.parametrize(
    ("corrected", "told"),
    [
        ([0.2, 0.06], "il ne se distingue pas des 2 suivants (plus petite p corrigée : 0,060)"),
        ([0.2, 0.01], "il se distingue de 1 des 2 suivants"),
        ([0.02, 0.01], "il se distingue des 2 suivants"),
        ([0.02], "il se distingue du suivant"),
        ([], "aucun autre n’a été mené à terme"),
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
    assert verdict.endswith("les réglages de v2 : les essais tirés ne font pas mieux")
    assert "réglages" not in report.best_verdict(found, rivals, IMAGES)


def test_rivals_are_told_with_labelled_p_values():
    pairs = {"trial": [7], "accuracy": [0.5], "difference": [0.02], "low": [-0.01], "high": [0.05]}
    pairs |= {"p_value": [0.2], "least_p": [0.003], "corrected": [0.4]}
    (row,) = report.rivals_table(pd.DataFrame(pairs)).to_dict("records")
    assert row["Écart du meilleur (points)"] == "2,0 [−1,0\u00a0;\u00a05,0]"
    assert (row["p (McNemar)"], row["p corrigée (Holm)"]) == ("0,20", "0,40")


@pytest.mark.parametrize(
    ("epochs", "told"),
    [
        (2, "ReduceLROnPlateau n’agit jamais"),
        (3, "StepLR peut agir dès l’époque 2 ; ReduceLROnPlateau peut agir dès l’époque 3"),
        (9, "StepLR peut agir dès l’époque 4 ; ReduceLROnPlateau peut agir dès l’époque 5"),
    ],
)
def test_scheduler_note(noise, epochs, told):
    """StepLR cuts the rate after a third; a plateau lasts as long, after the first epoch."""
    note = report.scheduler_note(of_epochs(noise, epochs))
    assert told in note
    assert note.startswith("aucun planificateur n’a encore changé le taux à l’époque ")


def test_effects_are_said_with_their_best_value(found, noise):
    tests = analysis.effect_tests(found)
    assert "optimiseur\u00a0» (au mieux Adam, p\u00a0" in report.effects_verdict(tests)
    told = report.factor_verdict(tests, "optimizer")
    assert "à la meilleure, Adam, l’écart" in told and "dépasse le bruit" in told
    assert report.factor_verdict(tests, "absent") == "ce facteur n’a pas varié"
    assert "aucun facteur ne dépasse" in report.effects_verdict(analysis.effect_tests(noise))


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
    assert "« fonction de perte » et « optimiseur » (V = 0,50 ; 0,38 en moyenne)" in told.replace(
        "\u00a0", " "
    )
    assert report.confounding_verdict(pairs[:0]) == "un seul facteur a varié"


def test_each_p_is_labelled_and_beside_the_smallest_possible(found):
    tests = analysis.effect_tests(found)
    table = report.tests_table(tests)
    assert [name for name in table.columns if "p " in name] == [
        "p corrigée (Holm)",
        "Plus petite p corrigée possible",
    ]
    assert len(table) == len(tests)


def test_scores_have_their_interval():
    (row,) = report.score_table({"v1": 0.5}, 100).to_numpy().tolist()
    assert row == ["v1", "50,0\u00a0% [40,4\u00a0;\u00a059,6]"]


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
        ([224, 256, 512, 672], "prévoyait 224, 256, 512 et 672 pixels"),
        (
            [32, 40],
            "pixels, mais un passage à 224 pixels coûterait 49 fois plus qu’à 32",
        ),
        ([300], "prévoyait plutôt 224, 256, 512 et 672 pixels"),
    ],
)
def test_image_sizes_are_said_beside_those_that_were_planned(sizes, note):
    assert report.sizes_note(SearchSpace(image_size=sizes)).endswith(note)
