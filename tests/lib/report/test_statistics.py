"""Tables of the data and verdicts on them, from stated thresholds."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lib.data.balance import Balance, balance
from lib.data.sizes import box_height, box_width
from lib.report import statistics as stats


def frame_of(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


def spread(*counts: int) -> Balance:
    groups = np.repeat(np.arange(len(counts)), counts)
    return balance(frame_of(group=groups), "group")


def boxed(*boxes: tuple[int, int, int, int]) -> pd.DataFrame:
    """Return images of 100 by 50 pixels with these boxes."""
    frame = pd.DataFrame(boxes, columns=["x1", "y1", "x2", "y2"]).assign(width=100, height=50)
    return frame.assign(box_ratio=box_width(frame) * box_height(frame))


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
    assert stats.balance_verdict(spread(*counts)) == verdict
    assert verdict in stats.CONSEQUENCES


def test_criterion_states_the_thresholds():
    assert "0,98" in stats.criterion()
    assert "ne dépasse pas 2 ;" in stats.criterion()
    assert "0,90" in stats.criterion()
    assert "ne dépasse pas 5 ;" in stats.criterion()


def test_tables_count_by_official_subset():
    frame = frame_of(
        split=["train", "train", "validation", "test"],
        make=["a", "b", "a", "b"],
        label=[0, 1, 0, 1],
    )
    table = stats.balance_table(frame, "make", "marque").set_index("Mesure")
    assert list(table.columns) == ["Apprentissage", "Test", "Ensemble"]
    assert list(table.loc["Images"]) == [3, 1, 4]
    assert list(table.loc["Marques"]) == [2, 1, 2]
    assert list(table.loc["Images par marque : médiane"]) == [1.5, 1, 2]
    parts = stats.splits_table(frame).set_index("Partie")
    assert list(parts["Images"]) == [2, 1, 1]
    assert list(parts["Part"]) == [0.5, 0.25, 0.25]


def test_sizes_table():
    frame = frame_of(width=[100, 200, 300], height=[100, 100, 100])
    table = stats.sizes_table(frame).set_index("Mesure")
    assert table.loc["Largeur (px)", "Médiane"] == 200
    assert table.loc["Surface (milliers de px)", "Maximum"] == 30
    assert table.loc["Largeur / hauteur", "Moyenne"] == 2
    assert table.loc["Hauteur (px)", "Écart type"] == 0


@pytest.mark.parametrize(
    ("widths", "verdict"),
    [([100, 110], "homogènes"), ([100, 500], "variées"), ([100, 5000], "très variées")],
)
def test_size_verdict(widths, verdict):
    assert stats.size_verdict(frame_of(width=widths, height=[100, 100])) == verdict


def test_finding_on_cars_admits_boxes_that_say_nothing():
    whole = boxed((1, 1, 100, 50), (1, 1, 100, 50))
    assert "ne disent donc rien de la taille des voitures" in stats.car_finding(whole)


@pytest.mark.parametrize(
    ("box", "part"),
    [
        ((1, 1, 90, 50), "la plus grande partie"),
        ((1, 1, 60, 25), "une partie notable"),
        ((1, 1, 20, 25), "une petite partie"),
    ],
)
def test_finding_on_cars_follows_from_the_median(box, part):
    frame = boxed(box)
    assert f"la voiture occupe {part} de l’image." in stats.car_finding(frame)


def test_description_says_that_drawn_cars_are_drawn():
    frame = frame_of(label=[0, 0, 1])
    assert "Aucune n’est une photographie" in stats.data_description(frame, synthetic=True)
    assert "3 images de 2 classes" in stats.data_description(frame, synthetic=False)


def test_summary_counts_each_split():
    splits = ["train"] * 3 + ["validation", "test"]
    cars = SimpleNamespace(synthetic=False, classes=("a", "b"), frame=frame_of(split=splits))
    assert stats.data_summary(cars) == (
        "2\u00a0classes de vraies voitures, 3\u00a0images d’entraînement, "
        "1 de validation et 1 de test"
    )


@pytest.mark.parametrize(
    ("images", "classes", "synthetic", "told"),
    [
        (16_185, 196, False, "Les données sont les mêmes"),
        (40, 40, False, "ici, 40\u00a0images de 40\u00a0classes ; alors, 16\u202f185 images"),
        (40, 12, True, "ni les images, ni leur nombre, ni les classes"),
    ],
)
def test_scores_compare_with_those_of_the_first_journal_on_its_data_alone(
    images, classes, synthetic, told
):
    frame = frame_of(label=np.arange(images) % classes)
    assert told in stats.comparison_note(frame, synthetic)


def test_verdicts_on_the_official_annotations(official_annotations):
    frame = official_annotations
    assert stats.balance_verdict(balance(frame, "class_name")) == "plutôt bien réparties"
    assert stats.balance_verdict(balance(frame, "year")) == "mal réparties"
