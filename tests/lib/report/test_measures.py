"""Verdicts on pairs, calibration, makes and effects, each from its criterion."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from lib.report.measures import (
    calibration_verdict,
    crossed_verdict,
    effects_table,
    gains_finding,
    make_table,
    make_verdict,
    other_scores,
    paired_verdict,
)
from lib.training.calibration import Calibration
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
    assert f"{counts[0]} contre {counts[1]} (p" in told


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
        ([(0, 1), (0, 2), (0, 3)], "ce que le hasard donnerait aussi"),
        ([], "sur aucune image"),
    ],
)
def test_makes(mistakes, verdict):
    found = make_errors(evaluation(mistakes), CLASSES)
    assert verdict in make_verdict(found)
    assert make_table(found)["Marque"].tolist()[-1] == ("Aa" if mistakes else "Bb")


def test_effects():
    """Those that chance does not explain are named; what could not be seen is told."""
    table = pd.DataFrame(
        {
            "effect": ["augmentation", "batch_size", "interaction"],
            "difference": [0.08, 0.01, 0.0],
            "low": [0.05, -0.02, -0.03],
            "high": [0.11, 0.04, 0.03],
            "p_value": [0.0004, 0.8, 1.0],
            "least": 0.03,
        }
    )
    assert "augmentation (8,0\u00a0points, p\u00a0<\u00a00,001) ; " in crossed_verdict(table)
    assert "effet de moins de 3,0\u00a0points ne se verrait pas" in crossed_verdict(
        table.assign(p_value=0.2)
    )
    assert "tous le même score" in crossed_verdict(table.assign(p_value=1.0, least=1e-6))
    assert effects_table(table)["p corrigé (Holm)"].tolist() == ["<\u00a00,001", "0,80", "1,00"]


def test_scores_of_makes_are_told_where_some_have_two_classes():
    calibration = Calibration(pd.DataFrame(), 0.12, 0.05, 0.9, 0.8)
    by_make = make_errors(evaluation([(0, 1)] * 20), CLASSES)
    assert list(other_scores(calibration, by_make).values())[:3] == [0.12, 0.05, 1.0]
    assert len(other_scores(calibration, make_errors(evaluation([]), CLASSES))) == 2


def test_classes_without_makes_have_nothing_to_compare():
    found = make_errors(evaluation([(0, 1)]), ("rose", "wild rose", "tulip", "red tulip"))
    assert "aucune marque connue n’a deux classes" in make_verdict(found)
