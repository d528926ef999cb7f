"""What is said of the factors of a search, from stated criteria."""

import pandas as pd
import pytest

from lib.report import factors as report
from lib.search import analysis
from lib.search.search import Search
from tests.fake_search import BASE, SPACE, of_epochs


@pytest.mark.parametrize(
    ("epochs", "told"),
    [
        (2, "ReduceLROnPlateau n’agit jamais"),
        (3, "StepLR peut agir dès l’époque 2, ReduceLROnPlateau peut agir dès l’époque 3"),
        (9, "StepLR peut agir dès l’époque 4, ReduceLROnPlateau peut agir dès l’époque 5"),
    ],
)
def test_scheduler_note(noise, epochs, told):
    """StepLR cuts the rate after a third; a plateau lasts as long, after the first epoch."""
    note = report.scheduler_note(of_epochs(noise, epochs))
    assert told in note
    assert note.startswith("Aucun planificateur n’a encore changé le taux à l’époque ")


def test_effects_are_said_with_their_extreme_values(found, noise):
    tests = analysis.effect_tests(found)
    assert report.effects_verdict(tests).startswith(
        "un seul facteur a un effet établi : l’optimiseur, Adam l’emportant sur SGD (p\u00a0"
    )
    told = report.factor_verdict(tests, "optimizer")
    assert told.startswith("Adam a la plus haute moyenne, ") and "un écart établi" in told
    assert report.factor_verdict(tests, "absent") == "ce facteur n’a pas varié"
    both = tests.assign(established=tests.factor.isin(["optimizer", "learning_rate"]))
    told = report.effects_verdict(both)
    assert told.startswith(
        "2 facteurs ont un effet établi : le taux d’apprentissage, 0,0001 l’emport"
    )
    tests = analysis.effect_tests(noise)
    assert report.effects_verdict(tests).startswith("aucun facteur n’a d’effet établi (plus petite")
    assert report.within_note(noise, tests) == ""


def test_values_that_are_equal_share_the_highest_mean():
    tests = pd.DataFrame({"factor": ["loss"], "best": [["a", "b"]], "worst": [["c"]]})
    tests = tests.assign(spread=0.1, corrected=0.2, established=False)
    assert report.factor_verdict(tests, "loss").startswith("a et b ont la plus haute moyenne, 10,0")
    told = report.factor_verdict(tests.assign(spread=0.0), "loss")
    assert told == "toutes les valeurs ont la même moyenne"


@pytest.mark.parametrize(
    ("corrected", "told"),
    [
        ([0.3, 0.06], "elle n’établit rien de plus (plus petite p corrigée : 0,060, pour la fonct"),
        ([0.01, 0.2], "elle y ajoute la taille de lot (p = 0,010)."),
    ],
)
def test_other_factors_are_tested_again_at_equal_values(found, monkeypatch, corrected, told):
    again = pd.DataFrame({"factor": ["batch_size", "loss"], "corrected": corrected})
    monkeypatch.setattr(report, "tests_within", lambda search, held: again)
    note = report.within_note(found, analysis.effect_tests(found))
    assert "de même valeur pour l’optimiseur : " in note
    assert told in note.replace("\u00a0", " ")


def test_values_that_have_learnt_nothing_are_named():
    effects = pd.DataFrame({"factor": "optimizer", "value": ["Adam", "SGD"], "trials": [6, 7]})
    effects = effects.assign(mean=[0.5, 0.1], low=[0.4, 0.02], high=[0.6, 0.18])
    tests = pd.DataFrame({"factor": ["optimizer"], "established": [True]})
    note = report.floor_note(effects, tests, 12).replace("\u00a0", " ")
    assert note.startswith("Avec SGD, 7 essais du plan en restent au niveau du hasard (10,0 % [2,0")
    assert report.floor_note(effects, tests, 100) == ""
    assert report.floor_note(effects, tests.assign(established=False), 12) == ""


@pytest.mark.parametrize(
    ("first", "told"),
    [(85, "85 des 100 rééchantillonnages, donc ce rang tient"), (60, "ne tient pas")],
)
def test_the_first_factor_holds_its_rank_or_not(first, told):
    table = pd.DataFrame(
        {"factor": ["optimizer", "loss"], "importance": [0.9, 0.1], "first": [first, 100 - first]}
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
    assert (
        "en partie liés deux à deux (V de Cramér de 0,50 au plus, entre la fonction de perte et "
        "l’optimiseur" in told
    )
    assert "peu liés" in report.confounding_verdict(pairs.assign(v=[0.2, 0.1]))
    assert report.confounding_verdict(pairs[:0]) == "un seul facteur y a varié"


def test_each_p_is_labelled_and_beside_the_smallest_possible(found):
    tests = analysis.effect_tests(found)
    table = report.tests_table(tests)
    assert [name for name in table.columns if "p " in name] == [
        "p corrigée (Holm)",
        "Plus petite p corrigée possible",
    ]
    assert len(table) == len(tests)
    assert table["Moyenne la plus basse"].str.endswith("(SGD)").sum() == 1
