"""`lib.data.cars`: a data set in one frame, its images as tensors, and the files that count."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torchvision.datasets import StanfordCars

from carnet import InputError, fingerprint
from lib.data import cars as data
from lib.data import check_data, data_files
from lib.data.images import read_image, read_square

COLUMNS = ["split", "file", "label", "class_name", "make", "year", "width", "height"]
COLUMNS += [*data.BOX, "box_ratio", "turned", "hash"]


@pytest.fixture
def cars(tiny_cars_root) -> data.Cars:
    return data.load_cars(str(tiny_cars_root))


def test_frame_holds_every_image_with_its_box(cars, tiny_cars_root):
    assert list(cars.frame.columns) == COLUMNS
    for split in ("train", "test"):
        dataset = StanfordCars(tiny_cars_root, split=split)
        official = cars.frame[cars.frame["file"].str.startswith(f"cars_{split}/")]
        assert len(official) == len(dataset)
        for row, (image, label) in zip(official.itertuples(), dataset):
            assert (row.width, row.height) == image.size
            assert row.label == label
            assert row.class_name == cars.classes[label] == dataset.classes[label]
    boxes = cars.frame
    area = (boxes["x2"] - boxes["x1"] + 1) * (boxes["y2"] - boxes["y1"] + 1)
    expected = area / (boxes["width"] * boxes["height"])
    np.testing.assert_allclose(boxes["box_ratio"], expected)
    assert boxes["box_ratio"].between(0, 1).all()


def test_make_and_year_are_the_first_and_last_words(cars):
    assert cars.has_makes
    for row in cars.frame.itertuples():
        assert row.class_name.startswith(f"{row.make} ")
        assert row.class_name.endswith(f" {row.year}")


def test_names_without_a_year_have_neither_make_nor_year():
    rows = pd.DataFrame({"label": [0, 1]})
    named = data.with_names(rows, ("Rose 2012", "Tulip"))
    assert list(named.columns) == ["label", "class_name"]


def test_same_seed_same_validation_and_another_seed_another(tiny_cars_root, cars):
    again = data.load_cars(str(tiny_cars_root))
    pd.testing.assert_frame_equal(again.frame, cars.frame)
    assert again.fingerprint == cars.fingerprint
    other = data.load_cars(str(tiny_cars_root), seed=1)
    assert set(other.of("validation")["file"]) != set(cars.of("validation")["file"])


def test_validation_comes_from_the_training_images_of_every_class(cars):
    validation = cars.of("validation")
    assert validation["file"].str.startswith("cars_train/").all()
    assert set(validation["label"]) == set(cars.of("train")["label"]) == {0, 1, 2}
    assert cars.of("test")["file"].str.startswith("cars_test/").all()


def test_validation_keeps_the_share_and_the_balance():
    train = pd.DataFrame({"label": np.repeat([0, 1, 2], [100, 40, 20])})
    held_out = data.choose_validation(train, 0.15, seed=0)
    assert train.loc[held_out, "label"].value_counts().to_dict() == {0: 15, 1: 6, 2: 3}


def test_class_of_one_image_keeps_it_for_training():
    train = pd.DataFrame({"label": [0, 1, 1, 2, 2, 2]})
    held_out = data.choose_validation(train, 0.15, seed=0)
    assert sorted(train.loc[held_out, "label"]) == [1, 2]


@pytest.mark.parametrize("share", [0, 0.6, -1])
def test_validation_out_of_range(tiny_cars_root, share):
    with pytest.raises(InputError, match=f"validation is {share}: expected a share above 0"):
        data.load_cars(str(tiny_cars_root), validation=share)


def test_images_are_squares_in_the_order_of_the_frame(cars):
    frame = cars.frame.sample(frac=1, random_state=0)
    images = data.load_images(cars, frame, 16)
    assert images.shape == (len(frame), 3, 16, 16)
    assert images.dtype == torch.uint8
    for file, image in zip(frame["file"], images):
        np.testing.assert_array_equal(image, read_square(cars.path(file), 16))


def test_no_image_is_an_empty_tensor(cars):
    assert data.load_images(cars, cars.frame.iloc[:0], 16).shape == (0, 3, 16, 16)


def test_images_are_decoded_once(cars, monkeypatch):
    first = data.load_images(cars, cars.of("train"), 16)
    monkeypatch.setattr("lib.data.decoding.read_square", None)
    assert torch.equal(first, data.load_images(cars, cars.of("train"), 16))


def test_size_of_squares_is_positive(cars):
    with pytest.raises(InputError, match="image_size is 0: expected a number of pixels"):
        data.load_images(cars, cars.frame, 0)


def test_synthetic_data_are_drawn_once(monkeypatch, tiny_cars_root):
    def copy(root: Path) -> None:
        calls.append(root)
        shutil.copytree(tiny_cars_root, root)

    calls = []
    monkeypatch.setattr(data, "generate", copy)
    first, second = data.load_cars("synthetique"), data.load_cars("synthetique")
    assert len(calls) == 1
    assert first.synthetic
    assert first.root == second.root
    assert not list(first.root.parent.glob(".*"))


def test_drawing_that_fails_leaves_nothing(monkeypatch):
    def fail(root: Path) -> None:
        (root / "stanford_cars").mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "generate", fail)
    with pytest.raises(KeyboardInterrupt):
        data.synthetic_root()
    monkeypatch.setattr(data, "generate", lambda root: root.mkdir())
    assert not (data.synthetic_root() / "stanford_cars").exists()


def test_only_annotations_and_the_images_they_name_are_data(base):
    files = data_files(base.parent)
    assert base / "cars_train/00001.jpg" in files
    before = fingerprint(base.parent, files)
    for name in (".DS_Store", "Thumbs.db", "cars_train.tgz", "notes.txt"):
        (base / name).write_text("litter")
    shutil.copy(base / "cars_train/00001.jpg", base / "cars_train/99999.jpg")
    (base / "__MACOSX").mkdir()
    assert fingerprint(base.parent, data_files(base.parent)) == before
    (base / "cars_train/00001.jpg").write_bytes(b"another")
    assert fingerprint(base.parent, data_files(base.parent)) != before


def test_data_are_looked_at_without_torch(base):
    import subprocess
    import sys

    code = "import sys, lib.data; assert not {'torch', 'sklearn', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_what_was_found_is_one_line(tiny_cars_root):
    found = check_data(tiny_cars_root)
    assert found.startswith("Stanford Cars, official layout: 3 classes, ")
    assert found.endswith(" test images, with boxes")


@pytest.mark.slow
def test_real_photographs(cars40):
    cars = data.load_cars(str(cars40))
    assert len(cars.classes) == 40
    assert cars.frame["file"].str.partition("/")[0].value_counts().to_dict() == {
        "cars_train": 833,
        "cars_test": 816,
    }
    assert not cars.synthetic
    assert (cars.frame["box_ratio"] == 1).all()
    assert (cars.frame["width"].min(), cars.frame["width"].max()) == (78, 4156)
    assert len(cars.of("validation")) == round(0.15 * 833)
    # Decoded reduced, as torchvision decodes them whole: the same picture but for rounding.
    from torchvision.transforms import v2

    largest = cars.frame.loc[cars.frame["width"].idxmax(), "file"]
    expected = v2.functional.resize(read_image(cars.path(largest)), [64, 64])
    difference = read_square(cars.path(largest), 64) - np.asarray(expected, int).transpose(2, 0, 1)
    assert np.abs(difference).mean() < 2
