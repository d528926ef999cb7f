"""`lib.data.duplicates`: copies of one image are found, different images are not."""

import pandas as pd
import pytest

from lib.data import load_cars
from lib.data.duplicates import between_parts, in_two_classes, near_duplicates, nearest
from lib.data.images import read_image


def test_a_copy_of_another_size_and_compressed_is_found(base):
    assert near_duplicates(load_cars(str(base.parent)).frame).empty
    original = read_image(base / "cars_train/00001.jpg")
    other = base / "cars_test/00002.jpg"
    original.resize(read_image(other).size).save(other, quality=30)
    (pair,) = near_duplicates(load_cars(str(base.parent)).frame).itertuples()
    assert (pair.file_1, pair.file_2) == ("cars_train/00001.jpg", "cars_test/00002.jpg")


def test_the_worst_pairs_come_first():
    frame = pd.DataFrame(
        {
            "file": list("abcd"),
            "split": ["train", "train", "train", "test"],
            "class_name": ["X", "X", "Y", "X"],
            "hash": ["00" * 32, "01" + "00" * 31, "00" * 32, "03" + "00" * 31],
        }
    )
    pairs = near_duplicates(frame)
    assert list(pairs["file_1"] + pairs["file_2"]) == ["cd", "ac", "bc", "bd", "ad", "ab"]
    assert list(pairs["distance"]) == [2, 0, 1, 1, 2, 1]
    assert list(in_two_classes(pairs)) == [True, True, True, False, False, False]
    assert list(between_parts(pairs)) == [True, False, False, True, True, False]


def test_the_two_images_most_alike(monkeypatch):
    """Over blocks of rows, and each image beside others alone."""
    frame = pd.DataFrame({"hash": ["ff" + "00" * 31, "00" * 32, "07" + "00" * 31]})
    assert nearest(frame) == 3
    monkeypatch.setattr("lib.data.duplicates.BLOCK", 1)
    assert nearest(frame) == 3
    assert nearest(frame.head(1)) == float("inf")


@pytest.mark.slow
def test_the_photograph_that_cars40_has_twice(cars40):
    (pair,) = near_duplicates(load_cars(str(cars40)).frame).itertuples()
    assert (pair.file_1, pair.file_2) == ("cars_train/04323.jpg", "cars_train/07354.jpg")
    assert (pair.class_name_1, pair.class_name_2) == (
        "BMW 6 Series Convertible 2007",
        "BMW M6 Convertible 2010",
    )
