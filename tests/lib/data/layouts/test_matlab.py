"""`lib.data.layouts.matlab`: annotations of Stanford Cars, and one clear line for what is wrong."""

import numpy as np
import pytest
from scipy.io import savemat

from lib.data.layouts import read_data
from lib.data.layouts.matlab import read_classes
from tests.lib.data.mat_files import META, TEST, TRAIN, change_rows, fault, read_rows
from tests.lib.data.rearranged import archive, kaggle


def test_a_file_that_is_no_mat(base):
    (base / META).write_bytes(b"not a mat file")
    assert f"{base / META}: not a MATLAB file that can be read" in fault(base.parent)


def test_a_file_without_the_variable(base):
    savemat(base / META, {"names": [1, 2]})
    assert f"{base / META}: no variable 'class_names' in it, found names" in fault(base.parent)


def test_annotations_that_are_no_struct(base):
    savemat(base / TRAIN, {"annotations": np.zeros(3)})
    assert f"{base / TRAIN}: no field class, fname in it; expected class, fname" in fault(
        base.parent
    )


def test_test_annotations_without_labels_under_the_name_of_those_with(base):
    change_rows(base / TEST, lambda rows: rows.drop(columns="class"))
    assert f"{base / TEST}: no field class in it" in fault(base.parent)


def test_a_side_of_the_boxes_that_is_not_there(base):
    change_rows(base / TRAIN, lambda rows: rows.drop(columns="bbox_y2"))
    assert f"{base / TRAIN}: no field bbox_y2 in it" in fault(base.parent)


def test_no_annotation(base):
    change_rows(base / TRAIN, lambda rows: rows.iloc[:0])
    assert f"{base / TRAIN}: no annotation in it" in fault(base.parent)


def test_a_single_row(base):
    change_rows(base / TEST, lambda rows: rows.iloc[:1])
    assert (read_data(base.parent).rows["split"] == "test").sum() == 1


def test_a_class_that_is_no_number(base):
    def spoil(rows):
        rows.loc[0, "class"] = "sedan"

    change_rows(base / TRAIN, spoil)
    assert fault(base.parent) == f"{base / TRAIN}: '00001.jpg' has a number that is none"


@pytest.mark.parametrize("label", [0, 4, 1.5])
def test_a_label_out_of_range(base, label):
    def spoil(rows):
        rows.loc[0, "class"] = label

    change_rows(base / TEST, spoil)
    said = f"{base / TEST}: image '00001.jpg' has class {label}, expected 1 to 3"
    assert fault(base.parent) == said


def test_boxes_between_pixels_are_rounded_down(base):
    def shift(rows):
        rows["bbox_x1"] = rows["bbox_x1"] + 0.5

    before = read_data(base.parent).rows
    change_rows(base / TRAIN, shift)
    assert read_data(base.parent).rows.equals(before)


def test_blanks_around_a_name(base):
    before = read_data(base.parent).rows
    change_rows(base / TRAIN, lambda rows: rows.assign(fname=rows["fname"] + "  "))
    assert read_data(base.parent).rows.equals(before)


def test_one_class(base):
    for name in (TRAIN, TEST):
        change_rows(base / name, lambda rows: rows[rows["class"] == 1])
    assert fault(base.parent) == f"{base / META}: images of 1 class, expected 2 or more"


def test_official_class_names():
    from tests.lib.conftest import DEVKIT

    if not DEVKIT.is_dir():
        pytest.skip("the annotations of ../shared/data/devkit196 are not there")
    names = read_classes(DEVKIT / "cars_meta.mat")
    assert len(names) == 196
    assert names[0] == "AM General Hummer SUV 2000"


def test_kaggle_images_in_another_order(base):
    """cars_annos.mat names the images of car_ims/, whose order is not that of cars_train/."""
    rows = read_rows(base / TRAIN)
    kaggle(base)
    assert read_data(base.parent).in_order
    assert "train" in set(read_data(base.parent).rows["split"])
    folder = base / "cars_train/cars_train"
    names = list(rows["fname"])
    for name in names:
        (folder / name).rename(folder / f"moved-{name}")
    for name, other in zip(names, reversed(names)):
        (folder / f"moved-{name}").rename(folder / other)
    assert "images are not in the order of its boxes" in fault(base.parent)


def test_kaggle_images_of_another_number(base):
    kaggle(base)
    (base / "cars_train/cars_train/00001.jpg").unlink()
    assert "of car_ims/: expected as many, or devkit/cars_train_annos.mat" in fault(base.parent)


def test_the_archive_without_its_images(base):
    archive(base)
    (base / "car_ims").rename(base.parent / "elsewhere")
    assert fault(base.parent).endswith(
        "Stanford Cars, cars_annos.mat: found cars_annos.mat, no car_ims/"
    )
