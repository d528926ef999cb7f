"""Verdicts on balance, from stated thresholds, and what is said where names give no group."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lib.data.balance import Balance, balance
from lib.report import balance as report


def spread(*counts: int) -> Balance:
    groups = np.repeat(np.arange(len(counts)), counts)
    return balance(pd.DataFrame({"group": groups}), "group")


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((7, 7, 7), "bien réparties"),
        ((5,), "bien réparties"),
        ((20, 10, 15), "plutôt bien réparties"),  # entropy 0.966
        ((20, 15, 16, 18), "bien réparties"),
        ((40,) * 30 + (19,), "plutôt bien réparties"),  # ratio above 2, entropy near 1
        ((40,) * 30 + (7,), "mal réparties"),  # one group too small for an entropy to see
        ((100, 30, 30, 30, 30, 30, 30, 30), "plutôt bien réparties"),
        ((500, 100, 100), "mal réparties"),
    ],
)
def test_verdict_follows_from_the_thresholds(counts, verdict):
    assert report.balance_verdict(spread(*counts)) == verdict
    assert verdict in report.CONSEQUENCES


def test_criterion_states_the_thresholds():
    assert "0,98" in report.criterion()
    assert "ne dépasse pas 2 ;" in report.criterion()
    assert "0,90" in report.criterion()
    assert "ne dépasse pas 5 ;" in report.criterion()


def test_tables_count_by_official_subset():
    frame = pd.DataFrame(
        {"split": ["train", "train", "validation", "test"], "make": ["a", "b", "a", "b"]}
    )
    table = report.balance_table(frame, "make").set_index("Mesure")
    assert list(table.columns) == ["Entraînement et validation", "Test", "Ensemble"]
    assert list(table.loc["Images"]) == [3, 1, 4]
    assert list(table.loc["Marques"]) == [2, 1, 2]
    assert all(type(count) is int for count in table.loc["Images"])
    assert list(table.loc["Images par marque : médiane"]) == [1.5, 1, 2]


def test_verdicts_on_the_official_annotations(official_annotations):
    frame = official_annotations
    assert report.balance_verdict(balance(frame, "class_name")) == "plutôt bien réparties"
    assert report.balance_verdict(balance(frame, "year")) == "mal réparties"


@pytest.fixture
def cars() -> SimpleNamespace:
    frame = pd.DataFrame(
        {
            "class_name": ["A 2001", "A 2001", "A 2001", "B 2003"],
            "make": ["A", "A", "A", "B"],
            "year": [2001, 2001, 2001, 2003],
        }
    )
    return SimpleNamespace(frame=frame, has_makes=True)


def test_years_and_makes_are_read(cars):
    told = report.reading(cars, "year").replace("\u00a0", " ")
    assert told == "2 années, de 1 image (2003) à 3 (2001)."
    assert report.conclusion(cars, "year") == (
        "les images sont mal réparties entre les années (entropie normalisée : 0,811 ; rapport "
        "des extrêmes : 3)"
    )
    assert report.balance_summary(cars) == (
        "mal réparties entre les classes, les années et les marques"
    )
    assert "l’année du modèle" in report.question(cars, "year")


@pytest.mark.parametrize(
    ("years", "said"),
    [
        (
            [1, 1, 2, 3],
            "L’année 1 réunit 2 classes sur 4 ; les autres années en ont une seule chacune",
        ),
        ([1, 1, 1, 2, 2], "L’année 1 réunit 3 classes sur 5 ; les autres années en ont 2 au plus"),
        ([1, 1], "Toutes les classes sont de 1"),
    ],
)
def test_the_classes_of_the_fullest_year_are_counted(years, said):
    frame = pd.DataFrame({"class_name": list("ABCDE"[: len(years)]), "year": years})
    told = report.year_note(SimpleNamespace(frame=pd.concat([frame, frame])))
    assert told.replace("\u00a0", " ") == said


def test_groups_that_are_equal_or_alone_are_said(cars):
    cars.frame = cars.frame.assign(make="A").iloc[[0, 3]]
    assert report.reading(cars, "year") == "2\u00a0années, toutes de 1\u00a0image."
    assert report.reading(cars, "make") == "Une seule marque, A : il n’y a rien à répartir."
    assert report.conclusion(cars, "make") == "il n’y a qu’une marque"
    assert report.balance_summary(cars) == "bien réparties entre les classes et les années"


@pytest.mark.parametrize("by", report.QUESTIONS)
def test_sections_without_years_and_makes_are_left_out(cars, by):
    cars.has_makes = False
    cars.frame = cars.frame[["class_name"]]
    assert report.question(cars, by) == report.NO_GROUPS
    assert report.reading(cars, by) == ""
    assert report.conclusion(cars, by).startswith("rien, faute de marques et d’années")
    assert report.balance_summary(cars) == "mal réparties entre les classes"
