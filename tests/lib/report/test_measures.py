"""Verdicts on pairs, calibration, makes and effects, each from its criterion."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.report.measures import (
    calibration_verdict,
    crossed_finding,
    crossed_limit,
    effects_table,
    failure_note,
    gains_finding,
    gains_note,
    improvement,
    make_finding,
    make_habit,
    make_paragraph,
    make_verdict,
    other_scores,
    paired_verdict,
    ties_note,
)
from lib.training.calibration import Calibration
from lib.training.evaluation import score
from lib.training.intervals import paired_difference
from lib.training.makes import make_errors
from tests.lib.training.test_makes import CLASSES, evaluation


def pairs(only_first, only_second, both=20):
    counts = (both, only_first, only_second)
    return paired_difference(np.repeat([1, 1, 0], counts), np.repeat([1, 0, 1], counts))


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((12, 1), "la deuxième dépasse la première : "),
        ((1, 12), "la deuxième reste en dessous de la première : −"),
        ((5, 4), "la deuxième ne se distingue pas de la première : "),
        ((4, 1), "la deuxième ne peut se distinguer, sur si peu de désaccords, de la première : "),
    ],
)
def test_pairs_decide(counts, verdict):
    told = paired_verdict(pairs(*counts), "la deuxième", "la première")
    assert told.startswith(verdict)
    assert f"que par la deuxième, {counts[1]} que par la première (p" in told


def test_the_same_answers_leave_nothing_to_compare():
    assert paired_verdict(pairs(0, 0), "A", "B") == "A et B ont raison sur les mêmes images"


@pytest.mark.parametrize(
    ("gains", "said"),
    [
        ([0.2, 0.0, -0.1], "1 classe monte, au plus « A » (20 points) ; 1 classe baisse, "),
        ([0.0, 0.0], "aucune classe ne monte ; aucune classe ne baisse"),
        ([0.2, 0.1], "2 classes montent, au plus « A » (20 points) ; aucune classe ne baisse"),
    ],
)
def test_gains_and_losses_of_classes_are_counted(gains, said):
    table = pd.DataFrame({"class_name": list("ABC"[: len(gains)]), "gain": gains})
    assert gains_finding(table).replace("\u00a0", " ").startswith(said)


def test_a_corrected_p_decides_and_is_named():
    told = paired_verdict(pairs(12, 1), "A", "B", corrected=0.07)
    assert "A ne se distingue pas de B" in told and "p = 0,070" in told.replace("\u00a0", " ")


def test_calibration():
    """Against what a calibrated model would have by chance."""
    found = Calibration(pd.DataFrame(), error=0.12, expected=0.05, confidence=0.9, accuracy=0.8)
    assert "trop sûr de lui" in calibration_verdict(found)
    assert "est trop peu sûr" in calibration_verdict(replace(found, confidence=0.7))
    assert "tantôt trop sûr" in calibration_verdict(replace(found, confidence=0.8))
    assert "rien n’indique" in calibration_verdict(replace(found, expected=0.13))


@pytest.mark.parametrize(
    ("mistakes", "verdict"),
    [
        ([(0, 1)] * 20, "surtout des classes d’une même marque"),
        ([(0, 2)] * 20, "surtout des classes de marques différentes"),
        ([(0, 1), (0, 2), (0, 3)], "que le hasard ne le ferait"),
        ([], "sur aucune image"),
    ],
)
def test_makes(mistakes, verdict):
    found = make_errors(evaluation(mistakes), CLASSES)
    assert verdict in make_verdict(found)


def test_the_question_of_makes_is_asked_where_it_has_an_answer():
    assert "Critère : oui, si" in make_paragraph(make_errors(evaluation([(0, 1)] * 20), CLASSES))
    none = make_paragraph(make_errors(evaluation([]), CLASSES))
    assert none == "Pour les marques, le modèle ne se trompe sur aucune image."


def test_the_habit_of_two_models_is_told_once():
    within, any_make = (
        make_habit(make_errors(evaluation(mistakes), CLASSES))
        for mistakes in ([(0, 1)] * 20, [(0, 1), (0, 2), (0, 3)])
    )
    assert make_finding({"v1": within, "v2": within}) == f"v1, comme v2, {within}"
    assert make_finding({"v1": within, "v2": any_make}) == f"v1 {within} ; v2 {any_make}"
    assert any_make.endswith("que le hasard ne le ferait")


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        (
            [(0.1, 0.9), (-0.5, 0.5)],
            "1 intervalle exclut 0 sur 2, sans correction pour leur nombre",
        ),
        ([(-0.1, 0.9), (-0.5, 0.5)], "aucun des 2 intervalles n’exclut 0"),
    ],
)
def test_gains_of_small_classes_are_set_against_chance(bounds, said):
    table = pd.DataFrame(bounds, columns=["low", "high"]).assign(class_name=["A", "B"])
    told = gains_note(table.assign(gain=[0.4, -0.1]), pd.Series([20, 10], ["A", "B"]))
    assert told.replace("\u00a0", " ") == f"{said} ; aucune baisse ne dépasse 1 image"
    assert (
        gains_note(table.assign(gain=0.4), pd.Series(9, ["A", "B"])).replace("\u00a0", " ") == said
    )


@pytest.mark.parametrize(
    ("right", "said"), [(80, "n’échoue pas"), (50, "ne fait pas mieux que le hasard")]
)
def test_a_model_that_does_not_fail_is_said_not_to(right, said):
    answers = np.eye(2)[np.repeat([0, 1], (right, 100 - right))]
    assert said in failure_note(score(answers, np.zeros(100, int), "test"))


@pytest.mark.parametrize(
    ("counts", "said"),
    [((12, 1), "elles le sont aussi, de 33,3"), ((5, 4), "pas de quoi se réjouir")],
)
def test_a_better_model_is_told_with_joy_only_where_it_is(counts, said):
    assert improvement(pairs(*counts)).startswith(said)


EFFECTS = pd.DataFrame(
    {
        "effect": ["augmentation", "batch_size", "interaction"],
        "difference": [0.08, 0.01, 0.0],
        "low": [0.05, -0.02, -0.03],
        "high": [0.11, 0.04, 0.03],
        "p_value": [0.0004, 0.8, 1.0],
        "least": 0.03,
    }
)
RUNS = pd.DataFrame(
    {"augmented": [False] * 4, "batch_size": [64, 64, 32, 32], "accuracy": [0.3, 0.43, 0.3, 0.31]}
)


def test_effects():
    """Those that chance does not explain are named; what could not be seen is told."""
    assert crossed_finding(EFFECTS).endswith("augmentation (8,0\u00a0points, p\u00a0<\u00a00,001)")
    assert "ne dit pas ce que l’on doit" in crossed_finding(EFFECTS.assign(p_value=0.2))
    told = crossed_limit(EFFECTS, RUNS).replace("\u00a0", " ")
    assert "varie de 13,0 points au plus" in told
    assert "effet de moins de 3,0 points ne se verrait pas" in told
    assert "tous le même score" in crossed_limit(EFFECTS, RUNS.assign(accuracy=0.5))
    assert effects_table(EFFECTS)["p corrigée (Holm)"].tolist() == [
        *("<\u00a00,001", "0,80", "1,00")
    ]


@pytest.mark.parametrize(
    ("differences", "told"),
    [([-0.012, 0.079, 0.079], True), ([0.1, -0.1, 0.3], True), ([0.1, 0.2, 0.3], False)],
)
def test_equal_effects_are_explained(differences, told):
    assert bool(ties_note(EFFECTS.assign(difference=differences))) == told


def test_scores_of_makes_are_told_where_some_have_two_classes():
    calibration = Calibration(pd.DataFrame(), 0.12, 0.05, 0.9, 0.8)
    by_make = make_errors(evaluation([(0, 1)] * 20), CLASSES)
    assert list(other_scores(calibration, by_make).values())[:3] == [0.12, 0.05, 1.0]
    assert len(other_scores(calibration, make_errors(evaluation([]), CLASSES))) == 2


def test_classes_without_makes_have_nothing_to_compare():
    found = make_errors(evaluation([(0, 1)]), ("rose", "wild rose", "tulip", "red tulip"))
    assert "aucune marque connue n’a deux classes" in make_verdict(found)
