"""`lib.report.statistics` and `lib.data.boxes`: counts, measures and verdicts."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import scipy.io

from carnet import InputError
from carnet.project.paths import ROOT
from lib.data.boxes import box_height, box_width, coverage
from lib.data.cars import load_annotations
from lib.report import statistics as stats

DEVKIT = ROOT.parent / "shared" / "data" / "devkit196"


def frame_of(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


def spread(*counts: int) -> stats.Balance:
    groups = np.repeat(np.arange(len(counts)), counts)
    return stats.balance(frame_of(group=groups), "group")


def boxed(*boxes: tuple[int, int, int, int]) -> pd.DataFrame:
    """Return images of 100 by 50 pixels with these boxes."""
    frame = pd.DataFrame(boxes, columns=["x1", "y1", "x2", "y2"]).assign(width=100, height=50)
    return frame.assign(box_ratio=box_width(frame) * box_height(frame))


def test_even_groups():
    even = spread(7, 7, 7)
    assert (even.images, even.groups, even.ratio) == (21, 3, 1)
    assert even.entropy == pytest.approx(1)
    assert even.effective == pytest.approx(3)
    assert even.majority == pytest.approx(1 / 3)
    assert even.verdict == "bien réparties"


def test_uneven_groups():
    uneven = spread(3, 1)
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert uneven.entropy == pytest.approx(entropy / np.log(2))
    assert uneven.effective == pytest.approx(np.exp(entropy))
    assert uneven.ratio == 3


def test_single_group_is_even():
    assert spread(5).entropy == 1
    assert spread(5).verdict == "bien réparties"


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((20, 10, 15), "plutôt bien réparties"),  # entropy 0.966
        ((20, 15, 16, 18), "bien réparties"),
        ((40,) * 30 + (19,), "plutôt bien réparties"),  # ratio above 2, entropy near 1
        ((40,) * 30 + (7,), "mal réparties"),  # one group too small for an entropy to see
        ((100, 30, 30, 30, 30, 30, 30, 30), "plutôt bien réparties"),
        ((500, 100, 100), "mal réparties"),
    ],
)
def test_verdict_follows_from_the_thresholds(counts, verdict):
    assert spread(*counts).verdict == verdict
    assert verdict in stats.CONSEQUENCES


def test_criterion_states_the_thresholds():
    assert "0,98" in stats.criterion()
    assert "ne dépasse pas 2 ;" in stats.criterion()
    assert "0,90" in stats.criterion()
    assert "ne dépasse pas 5 ;" in stats.criterion()


def test_no_image():
    with pytest.raises(InputError, match="statistics of no image"):
        stats.balance(frame_of(group=[]), "group")


def test_ties_are_in_the_order_of_names():
    counts = stats.balance(frame_of(make=["b", "c", "a", "c"]), "make").counts
    assert list(counts.index) == ["c", "a", "b"]


def test_tables_count_by_official_subset():
    frame = frame_of(
        split=["train", "train", "validation", "test"],
        make=["a", "b", "a", "b"],
        label=[0, 1, 0, 1],
    )
    counts = stats.counts_by_subset(frame, "make")
    assert counts.to_dict("index") == {
        "a": {"Apprentissage": 2, "Test": 0},
        "b": {"Apprentissage": 1, "Test": 1},
    }
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
    assert stats.small_share(frame) == 1


@pytest.mark.parametrize(
    ("widths", "verdict"),
    [([100, 110], "homogènes"), ([100, 500], "variées"), ([100, 5000], "très variées")],
)
def test_size_verdict(widths, verdict):
    assert stats.size_verdict(frame_of(width=widths, height=[100, 100])) == verdict


def test_box_counts_both_ends_and_only_what_is_inside():
    frame = boxed((1, 1, 100, 50), (26, 1, 75, 50), (51, 26, 150, 99), (200, 1, 300, 50))
    assert list(box_width(frame)) == [1, 0.5, 0.5, 0]
    assert list(box_height(frame)) == [1, 1, 0.5, 1]
    assert list(frame["box_ratio"]) == [1, 0.5, 0.25, 0]


def test_coverage_is_the_share_of_boxes_at_each_point():
    shares = coverage(boxed((1, 1, 100, 50), (1, 1, 50, 25)), cells=2)
    np.testing.assert_allclose(shares, [[1, 0.5], [0.5, 0.5]])


def test_finding_on_cars_admits_boxes_that_say_nothing():
    whole = boxed((1, 1, 100, 50), (1, 1, 100, 50))
    assert not stats.boxes_known(whole)
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


def test_examples_are_spread_over_the_classes():
    frame = frame_of(split="train", label=np.repeat(np.arange(30), 2), file=np.arange(60))
    rows = stats.example_rows(frame, 4)
    assert list(rows["label"]) == [0, 10, 19, 29]
    assert list(rows["file"]) == [0, 20, 38, 58]
    assert len(stats.example_rows(frame, 50)) == 30


@pytest.mark.skipif(
    not DEVKIT.is_dir(), reason="the annotations of ../shared/data/devkit196 are not there"
)
def test_counts_of_the_official_annotations():
    """Count in another way than the library: straight from the cells of the .mat files."""
    rows = scipy.io.loadmat(DEVKIT / "cars_train_annos.mat")["annotations"][0]
    cells = scipy.io.loadmat(DEVKIT / "cars_meta.mat")["class_names"][0]
    names = [str(cell[0]) for cell in cells]
    of_images = [names[row["class"][0, 0] - 1] for row in rows]
    by_class = Counter(of_images)
    by_year = Counter(int(name[-4:]) for name in of_images)
    by_make = Counter(name[: name.index(" ")] for name in of_images)

    frame = load_annotations(DEVKIT)
    assert stats.balance(frame, "class_name").counts.to_dict() == by_class
    assert stats.balance(frame, "year").counts.to_dict() == by_year
    assert stats.balance(frame, "make").counts.to_dict() == by_make
    assert (len(frame), len(by_class), len(by_year), len(by_make)) == (8144, 196, 16, 49)
    balance = stats.balance(frame, "class_name")
    assert (balance.images, balance.groups) == (8144, 196)
    assert balance.counts.max() == max(by_class.values()) == 68
    assert balance.verdict == "plutôt bien réparties"
    assert stats.balance(frame, "year").verdict == "mal réparties"
    assert list(frame.iloc[0][["x1", "y1", "x2", "y2"]]) == [39, 116, 569, 375]
