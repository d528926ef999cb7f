"""`lib.data.checks`: every fault of a data set is named, all at once, before anything is used."""

import shutil

import numpy as np
import pytest
from PIL import ExifTags, Image

from lib.data import check_data, checks, load_cars
from lib.data.images import read_image
from tests.conftest import build
from tests.lib.data.mat_files import META, TEST, TRAIN, change_rows, fault, faults, write_names


def test_all_damaged_images_are_named_at_once(base):
    cut, empty = base / "cars_test/00002.jpg", base / "cars_train/00003.jpg"
    cut.write_bytes(cut.read_bytes()[:-100])
    empty.write_bytes(b"")
    (base / "cars_train/00004.jpg").unlink()
    found = faults(base.parent)
    assert sorted(line.split(":")[0] for line in found) == sorted(
        [str(cut), str(empty), str(base / "cars_train/00004.jpg")]
    )


def test_a_png_of_which_a_bit_flipped_is_damaged(base):
    path = base / "cars_train/00003.jpg"
    read_image(path).save(path, "PNG")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert fault(base.parent).startswith(f"{path}: the image is damaged (")


def test_faults_of_annotations_and_of_images_are_named_together(base):
    change_rows(
        base / TRAIN,
        lambda rows: rows.assign(fname=rows["fname"].replace("00001.jpg", "00002.jpg")),
    )
    (base / "cars_train/00003.jpg").write_bytes(b"")
    assert len(faults(base.parent)) == 2


def test_images_are_examined_once(base, monkeypatch):
    first = check_data(base.parent)
    monkeypatch.setattr(checks, "examine_image", None)
    assert check_data(base.parent) == first


def test_a_mended_image_is_examined_again(base):
    path = base / "cars_train/00003.jpg"
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    fault(base.parent)
    path.write_bytes(whole)
    assert check_data(base.parent)


def test_a_file_named_twice(base):
    change_rows(base / TRAIN, lambda rows: rows.loc[[*rows.index, 0]])
    assert f"{base / TRAIN}: 'cars_train/00001.jpg' is named 2 times" in fault(base.parent)


def test_a_file_under_two_classes(base):
    def twice(rows):
        return rows.loc[[*rows.index, 0]].assign(
            **{"class": [*rows["class"], rows["class"][0] % 3 + 1]}
        )

    change_rows(base / TRAIN, twice)
    assert fault(base.parent).count("' and '") == 1


@pytest.mark.parametrize("again", ["A É 2001", "A E\u0301 2001", "A \n É 2001", "a é 2001"])
def test_two_labels_of_one_name(base, again):
    write_names(base / META, ["A É 2001", "C D 2002", again])
    assert (
        fault(base.parent)
        == f"{base / META}: class 'A É 2001' has the labels 1 and 3: expected one"
    )


@pytest.mark.parametrize("name", ["Peugeot 208", "Ford T 0", "Audi A5 20120", "Zeta Coupe", "2012"])
def test_a_year_that_is_none(base, name):
    write_names(base / META, ["A B 2001", name, "C D 1886"])
    assert f"class '{name}' is not a make, a model and a year, expected 1886" in fault(base.parent)


@pytest.mark.parametrize(
    ("name", "year"), [("A 1886", 1886), ("A 1885", None), ("A B ²012", None), ("A ٢٠١٢", None)]
)
def test_the_year_of_a_name(name, year):
    assert checks.year_of(name) == year


def test_next_year_is_one():
    assert checks.year_of(f"A {checks.next_year()}")
    assert not checks.year_of(f"A {checks.next_year() + 1}")


def test_a_name_longer_than_the_disk_allows(base):
    change_rows(base / TRAIN, lambda rows: rows.assign(fname=["x" * 300, *rows["fname"][1:]]))
    assert fault(base.parent).endswith("(File name too long)")


@pytest.mark.parametrize("name", ["../../elsewhere.jpg", "/nowhere/elsewhere.jpg"])
def test_a_path_that_leads_outside(base, name):
    shutil.copy(base / "cars_train/00001.jpg", base.parent / "elsewhere.jpg")
    change_rows(base / TRAIN, lambda rows: rows.__setitem__("fname", [name, *rows["fname"][1:]]))
    assert f"{name}' leads outside {base}" in faults(base.parent)[0]


def test_a_path_written_in_full(base):
    before = load_cars(str(base.parent)).frame
    change_rows(
        base / TRAIN,
        lambda rows: rows.assign(fname=[str(base / "cars_train" / name) for name in rows["fname"]]),
    )
    assert load_cars(str(base.parent)).frame.equals(before)


def test_a_class_that_only_the_test_has(base):
    change_rows(base / TRAIN, lambda rows: rows[rows["class"] != 2])
    assert fault(base.parent).endswith("has no training image")


def swapped(rows):
    return rows.rename(columns={"bbox_x1": "bbox_x2", "bbox_x2": "bbox_x1"})


def test_a_box_inverted(base):
    change_rows(base / TEST, swapped)
    found = faults(base.parent)
    assert all("is inverted: expected x1 ≤ x2 and y1 ≤ y2" in line for line in found)
    assert found[0].startswith(f"{base / 'cars_test/00001.jpg'}: ")
    assert len(found) == len(list((base / "cars_test").iterdir()))


def test_a_box_outside_its_image(base):
    def outside(rows):
        rows.loc[1, ["bbox_x1", "bbox_x2"]] = [99_990, 99_999]

    change_rows(base / TRAIN, outside)
    assert fault(base.parent).startswith(f"{base / 'cars_train/00002.jpg'}: ")
    assert fault(base.parent).endswith("lies outside it")


def test_a_box_that_overruns_its_image_is_taken_as_far_as_it_goes(base):
    def overrun(rows):
        rows.loc[0, ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"]] = [-20, -20, 9999, 9999]

    change_rows(base / TRAIN, overrun)
    assert load_cars(str(base.parent)).frame["box_ratio"][0] == 1


def as_sizes(rows):
    rows["bbox_x2"] = rows["bbox_x2"] - rows["bbox_x1"]
    rows["bbox_y2"] = rows["bbox_y2"] - rows["bbox_y1"]


def as_shares(rows):
    return rows.assign(bbox_x1=0.1, bbox_y1=0.1, bbox_x2=0.9, bbox_y2=0.9)


def of_larger_images(rows):
    sides = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"]
    rows[sides] = 2 * rows[sides]


@pytest.mark.parametrize("change", [as_sizes, as_shares, of_larger_images])
def test_boxes_of_another_convention(base, change):
    for name in (TRAIN, TEST):
        change_rows(base / name, change)
    expected = (
        "by their places, boxes are not the corners x1, y1, x2, y2, in pixels of these images"
    )
    assert expected in fault(base.parent)


@pytest.mark.parametrize("first", [0, 1])  # pixels are counted from
def test_boxes_of_whole_images_are_corners(base, first):
    for split, name in (("train", TRAIN), ("test", TEST)):

        def whole(rows, split=split):
            sizes = [read_image(base / f"cars_{split}" / file).size for file in rows["fname"]]
            widths, heights = zip(*sizes)
            sides = {"bbox_x1": 1, "bbox_y1": 1, "bbox_x2": widths, "bbox_y2": heights}
            return rows.assign(**{side: np.array(at) + first - 1 for side, at in sides.items()})

        change_rows(base / name, whole)
    assert (load_cars(str(base.parent)).frame["box_ratio"] > 0.97).all()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_box_that_is_no_number(base, value):
    def spoil(rows):
        rows.loc[0, "bbox_x2"] = value

    change_rows(base / TRAIN, spoil)
    assert "00001.jpg' has a number that is none" in fault(base.parent)


def test_images_turned_by_exif_are_counted(base):
    path, exif = base / "cars_train/00001.jpg", Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    width, height = read_image(path).size
    read_image(path).transpose(Image.Transpose.ROTATE_90).save(path, exif=exif)
    assert check_data(base.parent).endswith(", 1 turned by EXIF")
    row = load_cars(str(base.parent)).frame.iloc[0]
    assert (row["width"], row["height"], row["turned"]) == (width, height, True)


def test_faults_beyond_count_are_counted(base, monkeypatch):
    monkeypatch.setattr(checks, "MOST_SHOWN", 3)
    shutil.rmtree(base / "cars_test")
    (base / "cars_test").mkdir()
    assert len(faults(base.parent)) == 4
    assert faults(base.parent)[-1].endswith(" more faults")


@pytest.mark.slow
def test_faults_stop_a_build_before_any_kernel_starts(base, store):
    for name in ("cars_train/00003.jpg", "cars_test/00002.jpg"):
        (base / name).write_bytes(b"")
    done = build(store, "--data", str(base.parent))
    told = done.stderr.splitlines()
    assert (done.returncode, len(told)) == (2, 2)
    assert all(line.endswith(": the file is empty") for line in told)
