"""Tables of the data and verdicts on them, from stated thresholds."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from lib.data.layouts import LAYOUTS
from lib.data.sizes import box_height, box_width
from lib.report import statistics as stats


def frame_of(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


def boxed(*boxes: tuple[int, int, int, int]) -> pd.DataFrame:
    """Return images of 100 by 50 pixels with these boxes."""
    frame = pd.DataFrame(boxes, columns=["x1", "y1", "x2", "y2"]).assign(width=100, height=50)
    return frame.assign(box_ratio=box_width(frame) * box_height(frame))


def test_splits_are_counted_with_their_shares():
    frame = frame_of(split=["train", "train", "validation", "test"], label=[0, 1, 0, 1])
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


def cars_of(frame: pd.DataFrame, **described) -> SimpleNamespace:
    """Return what the sentences read of a data set."""
    known = {"synthetic": False, "own_test": False, "has_boxes": True, "has_makes": "make" in frame}
    known |= {"layout": "folders by class", "classes": ("a", "b"), "frame": frame}
    return SimpleNamespace(**known | described)


def test_finding_on_boxes_admits_boxes_that_say_nothing():
    whole = boxed((1, 1, 100, 50), (1, 1, 100, 50))
    assert "ne disent donc rien." in stats.box_finding(cars_of(whole))
    assert "n’ont pas de boîtes" in stats.box_finding(cars_of(whole, has_boxes=False))


@pytest.mark.parametrize(
    ("box", "part"),
    [
        ((1, 1, 90, 50), "la plus grande partie"),
        ((1, 1, 60, 25), "une partie notable"),
        ((1, 1, 20, 25), "une petite partie"),
    ],
)
def test_finding_on_cars_follows_from_the_median(box, part):
    cars = cars_of(boxed(box))
    assert f"le sujet occupe {part} de l’image." in stats.box_finding(cars)
    cars.has_makes = True
    assert f"la voiture occupe {part} de l’image." in stats.box_finding(cars)


def test_description_says_that_drawn_cars_are_drawn():
    frame = frame_of(turned=[False] * 3)
    assert "un programme a dessiné des voitures" in stats.data_description(
        cars_of(frame, synthetic=True)
    )
    assert "3 images de 2 classes" in stats.data_description(cars_of(frame))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_description_says_what_was_found_and_done(layout):
    cars = cars_of(frame_of(turned=[True, False, True]), layout=layout.name, own_test=True)
    said = stats.data_description(cars).replace("\u00a0", " ")
    assert said.startswith(f"Le jeu de données, {stats.LAYOUTS[layout.name]}, compte 3 images")
    assert "une image sur cinq de chaque classe en tient lieu" in said
    assert said.endswith("2 photographies sont redressées d’après leur EXIF.")


@pytest.mark.parametrize(
    ("columns", "has_boxes", "said"),
    [
        (
            ["make"],
            True,
            "la classe, dont le nom se lit « marque, modèle, carrosserie, année », et",
        ),
        (["make"], False, "la classe, dont le nom se lit « marque, modèle, carrosserie, année »."),
        (["label"], True, "la classe et une boîte, le rectangle qui entoure le sujet."),
        (["label"], False, "Chaque image porte une étiquette, la classe."),
    ],
)
def test_what_comes_with_each_image(columns, has_boxes, said):
    cars = cars_of(pd.DataFrame(columns=columns), has_boxes=has_boxes)
    assert said in stats.label_note(cars)


@pytest.mark.parametrize(
    ("widths", "said"),
    [
        ([200, 200], "est comprimée 2,00 fois en largeur."),
        ([50, 50], "est comprimée 2,00 fois en hauteur."),
        ([100, 100], "Déjà carrée, une image de forme médiane n’est pas déformée."),
    ],
)
def test_images_made_square_are_squeezed(widths, said):
    assert stats.squeeze_note(frame_of(width=widths, height=[100, 100])).endswith(said)


@pytest.mark.parametrize(
    ("size", "said"), [(50, "est divisée par 8,0"), (200, "au moins y sont agrandies")]
)
def test_images_are_reduced_to_what_the_network_sees(size, said):
    frame = frame_of(width=[200, 200, 10], height=[100, 100, 10])
    assert stats.reduction_note(frame, size).endswith(said)


@pytest.mark.parametrize(("drawn", "said"), [(True, "au hasard"), (False, "souffler la réponse")])
def test_only_a_background_drawn_apart_tells_nothing(drawn, said):
    assert said in stats.background_note(cars_of(pd.DataFrame(), synthetic=drawn))


@pytest.mark.parametrize(("makes", "said"), [(True, "d’une voiture"), (False, "qu’elle montre")])
def test_the_task_speaks_of_cars_where_there_are(makes, said):
    assert stats.task(cars_of(pd.DataFrame(), has_makes=makes)).endswith(said)


def pairs_of(*sides: tuple[str, str, str, str]) -> pd.DataFrame:
    columns = ["split_1", "class_name_1", "split_2", "class_name_2"]
    return pd.DataFrame(sides, columns=columns).assign(file_1="a", file_2="b", distance=3)


def test_copies_are_told_by_what_they_spoil():
    none = "aucune image n’a de double (les deux plus proches diffèrent de 40 bits)"
    assert stats.copies_finding(pairs_of(), 40) == none
    pairs = pairs_of(("train", "X", "test", "X"), ("train", "X", "validation", "Y"))
    told = stats.copies_finding(pairs, 3).replace("\u00a0", " ")
    assert told == (
        "2 paires d’images presque identiques, dont 1 sous deux classes et 1 à cheval sur "
        "l’entraînement et le test"
    )
    table = stats.copies_table(pairs)
    assert list(table.columns)[:3] == ["Image 1", "Partie 1", "Classe 1"]
    assert list(table["Partie 2"]) == ["Test", "Validation"]
    many = pd.concat([pairs] * stats.COPIES_SHOWN)
    assert len(stats.copies_table(many)) == stats.COPIES_SHOWN


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
