"""`lib.data.layouts.folders`: images in folders by class, of cars or of anything else."""

import os
from pathlib import Path

import pytest
from PIL import Image

from carnet import InputError
from lib.data import load_cars
from lib.data.layouts import dataset, read_data
from tests.lib.data.mat_files import faults


@pytest.fixture
def flowers(tmp_path) -> Path:
    """Six small images of each of two classes, in folders by class."""
    root = tmp_path / "flowers"
    for colour, name in enumerate(["rose", "tulip"]):
        (root / name).mkdir(parents=True)
        for row in range(6):
            image = Image.linear_gradient("L").resize((30 + row, 20)).rotate(90 * colour)
            image.save(root / name / f"{row}.png")
    return root


def splits(data, label: int) -> list[str]:
    return data.rows.loc[data.rows["label"] == label, "split"].tolist()


def test_any_images_in_folders_by_class(flowers):
    data = read_data(flowers)
    assert data.classes == ("rose", "tulip")
    assert splits(data, 0) == ["train"] * 4 + ["test", "train"]
    cars = load_cars(str(flowers))
    assert not cars.has_makes and not cars.has_boxes and cars.own_test
    assert "make" not in cars.frame and "year" not in cars.frame


@pytest.mark.parametrize("name", ["val", "valid", "validation", "test"])
def test_validation_is_the_test_where_there_is_no_other(flowers, tmp_path, name):
    in_parts(flowers, tmp_path / "parts", ["train", name])
    data = read_data(tmp_path / "parts")
    assert splits(data, 0) == ["train"] * 3 + ["test"] * 3
    assert not data.own_test


def test_validation_is_for_training_beside_a_test(flowers, tmp_path):
    in_parts(flowers, tmp_path / "parts", ["train", "test", "val"])
    assert splits(read_data(tmp_path / "parts"), 1).count("train") == 4


def test_test_images_that_are_in_no_class(flowers, tmp_path):
    in_parts(flowers, tmp_path / "parts", ["train"])
    (tmp_path / "parts/test").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "parts/test/unknown.png")
    assert read_data(tmp_path / "parts").own_test


def in_parts(flowers: Path, target: Path, names: list[str]) -> None:
    """Share the images of each class out among parts."""
    for path in sorted(flowers.glob("*/*.png")):
        part = names[int(path.stem) % len(names)]
        folder = target / part / path.parent.name
        folder.mkdir(parents=True, exist_ok=True)
        path.rename(folder / path.name)


def test_one_class_is_none(tmp_path):
    (tmp_path / "rose").mkdir()
    Image.new("RGB", (8, 8)).save(tmp_path / "rose/1.png")
    with pytest.raises(InputError, match="no data set in it"):
        read_data(tmp_path)


def test_the_folders_of_another_layout_are_no_classes(base):
    for path in base.rglob("*.mat"):
        path.unlink()
    with pytest.raises(InputError, match="found cars_train/, no devkit/cars_meta"):
        read_data(base.parent)


def test_a_name_that_is_not_utf_8(flowers):
    (flowers / "rose/0.png").rename(flowers / "rose" / os.fsdecode(b"\xff.png"))
    with pytest.raises(InputError, match=r"rose/\\udcff.png': its name is not UTF-8, rename it"):
        read_data(flowers)


def test_folders_beyond_count_are_no_data_set(flowers, monkeypatch):
    monkeypatch.setattr(dataset, "MOST_FOLDERS", 2)
    with pytest.raises(InputError, match=f"^{flowers}: more than 2 folders in it"):
        read_data(flowers)


@pytest.mark.parametrize(("least", "said"), [(2, "no test image"), (1, "no class has 2 training")])
def test_too_few_images_are_told_before_anything_is_used(flowers, least, said):
    for name in ("rose", "tulip"):
        for path in sorted((flowers / name).iterdir())[least:]:
            path.unlink()
    assert any(said in line for line in faults(flowers))
