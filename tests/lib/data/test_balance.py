"""Counts of images by group, and how evenly they are spread."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
import scipy.io

from carnet import InputError
from lib.data.balance import (
    Balance,
    balance,
    class_examples,
    counts_by_subset,
    evenly_spaced,
)
from tests.lib.conftest import DEVKIT


def frame_of(**columns) -> pd.DataFrame:
    return pd.DataFrame(columns)


def spread(*counts: int) -> Balance:
    groups = np.repeat(np.arange(len(counts)), counts)
    return balance(frame_of(group=groups), "group")


def test_even_groups():
    even = spread(7, 7, 7)
    assert (even.images, even.groups, even.ratio) == (21, 3, 1)
    assert even.entropy == pytest.approx(1)
    assert even.effective == pytest.approx(3)
    assert even.majority == pytest.approx(1 / 3)


def test_uneven_groups():
    uneven = spread(3, 1)
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert uneven.entropy == pytest.approx(entropy / np.log(2))
    assert uneven.effective == pytest.approx(np.exp(entropy))
    assert uneven.ratio == 3


def test_single_group_is_even():
    assert spread(5).entropy == 1
    assert (spread(5).effective, spread(5).majority) == (1, 1)


def test_no_image():
    with pytest.raises(InputError, match="no image to count"):
        balance(frame_of(group=[]), "group")


def test_ties_are_in_the_order_of_names():
    counts = balance(frame_of(make=["b", "c", "a", "c"]), "make").counts
    assert list(counts.index) == ["c", "a", "b"]


def test_examples_are_spread_over_the_classes():
    frame = frame_of(split="train", label=np.repeat(np.arange(30), 2), file=np.arange(60))
    rows = class_examples(frame, 4)
    assert list(rows["label"]) == [0, 10, 19, 29]
    assert list(rows["file"]) == [0, 20, 38, 58]
    assert len(class_examples(frame, 50)) == 30


def test_examples_are_spread_over_the_labels():
    frame = frame_of(label=[2, 0, 1, 0, 2, 1])
    assert evenly_spaced(frame, 3)["label"].tolist() == [0, 1, 2]
    assert len(evenly_spaced(frame, 9)) == 6
    assert evenly_spaced(frame.iloc[:0], 3).empty


def test_counts_are_by_official_subset_the_largest_first():
    frame = frame_of(split=["train", "train", "validation", "test"], make=["a", "b", "a", "b"])
    counts = counts_by_subset(frame, "make")
    assert counts.to_dict("index") == {"a": {"train": 2, "test": 0}, "b": {"train": 1, "test": 1}}


def test_counts_of_the_official_annotations(official_annotations):
    """Count in another way than the library: straight from the cells of the .mat files."""
    rows = scipy.io.loadmat(DEVKIT / "cars_train_annos.mat")["annotations"][0]
    cells = scipy.io.loadmat(DEVKIT / "cars_meta.mat")["class_names"][0]
    names = [str(cell[0]) for cell in cells]
    of_images = [names[row["class"][0, 0] - 1] for row in rows]
    by_class = Counter(of_images)
    by_year = Counter(int(name[-4:]) for name in of_images)
    by_make = Counter(name[: name.index(" ")] for name in of_images)

    frame = official_annotations
    assert balance(frame, "class_name").counts.to_dict() == by_class
    assert balance(frame, "year").counts.to_dict() == by_year
    assert balance(frame, "make").counts.to_dict() == by_make
    assert (len(frame), len(by_class), len(by_year), len(by_make)) == (8144, 196, 16, 49)
    classes = balance(frame, "class_name")
    assert (classes.images, classes.groups) == (8144, 196)
    assert classes.counts.max() == max(by_class.values()) == 68
    assert list(frame.iloc[0][["x1", "y1", "x2", "y2"]]) == [39, 116, 569, 375]
