"""`lib.data.cars` and `lib.data.images`: reading a data set, and one clear line for bad data."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.io
import torch
from PIL import Image
from torchvision.datasets import StanfordCars
from torchvision.transforms import v2

from carnet import InputError
from lib.data import cars as data
from lib.data.images import image_size, read_image, read_square
from tests.conftest import ROOT

CARS40 = ROOT.parent / "shared" / "data" / "cars40"
needs_cars40 = pytest.mark.skipif(
    not CARS40.is_dir(), reason="the photographs of ../shared/data/cars40 are not there"
)
COLUMNS = ["split", "file", "label", "class_name", "make", "year", "width", "height"]
COLUMNS += [*data.BOX, "box_ratio"]


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> Path:
    """Caches go to a scratch store."""
    folder = tmp_path / "store"
    monkeypatch.setenv("JOURNAL_STORE", str(folder))
    return folder


@pytest.fixture
def cars(tiny_cars_root) -> data.Cars:
    return data.load_cars(str(tiny_cars_root))


@pytest.fixture
def broken_root(tiny_cars_root, tmp_path) -> Path:
    """A copy of the tiny data set, for a test to spoil."""
    root = tmp_path / "broken"
    shutil.copytree(tiny_cars_root, root)
    return root


def refusal(root: Path) -> str:
    """Return the one line that refuses a data set."""
    with pytest.raises(InputError) as caught:
        data.load_cars(str(root))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def change_mat(path: Path, variable: str, change) -> None:
    """Rewrite a variable of a .mat file, as `change` returns it."""
    content = scipy.io.loadmat(path, squeeze_me=True)[variable]
    scipy.io.savemat(path, {variable: change(content)})


def with_class(label: int):
    def change(rows):
        rows["class"][0] = label
        return rows

    return change


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
    for row in cars.frame.itertuples():
        assert row.class_name.startswith(f"{row.make} ")
        assert row.class_name.endswith(f" {row.year}")


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
    held_out = data.choose_validation(train, ("A 1", "B 1", "C 1"), 0.15, seed=0)
    assert train.loc[held_out, "label"].value_counts().to_dict() == {0: 15, 1: 6, 2: 3}


def test_class_of_one_image_keeps_it_for_training():
    train = pd.DataFrame({"label": [0, 1, 1, 2, 2, 2]})
    held_out = data.choose_validation(train, ("A 1", "B 1", "C 1"), 0.15, seed=0)
    assert sorted(train.loc[held_out, "label"]) == [1, 2]


def test_classes_of_one_image_cannot_give_a_validation_split():
    train = pd.DataFrame({"label": [0, 1]})
    with pytest.raises(InputError, match="no class has 2 training images"):
        data.choose_validation(train, ("A 1", "B 1"), 0.15, seed=0)


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


def test_squares_are_near_those_of_torchvision(cars):
    path = cars.path(cars.frame["file"][0])
    resize = v2.Compose([v2.Resize((32, 32), antialias=True), v2.PILToTensor()])
    expected = resize(read_image(path)).numpy().astype(int)
    assert np.abs(read_square(path, 32) - expected).mean() < 3


def test_read_image_keeps_the_shape(cars):
    row = cars.frame.iloc[0]
    image = read_image(cars.path(row["file"]), longest=100)
    assert max(image.size) == 100
    assert image.size[0] / image.size[1] == pytest.approx(row["width"] / row["height"], rel=0.03)


def test_size_is_read_without_decoding(tmp_path):
    path = tmp_path / "cut.jpg"
    Image.new("RGB", (300, 200)).save(path)
    path.write_bytes(path.read_bytes()[:700])
    assert image_size(path) == (300, 200)


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


def test_folder_missing(tmp_path):
    message = refusal(tmp_path / "nowhere")
    assert "nowhere': no such folder; expected stanford_cars/ with cars_train/" in message
    assert "'synthetique'" in message


def test_folder_without_the_layout(tmp_path):
    assert "no stanford_cars/ in it" in refusal(tmp_path)


def test_folder_given_one_level_too_deep(tiny_cars_root):
    message = refusal(tiny_cars_root / "stanford_cars")
    assert f"give the folder that holds it, '{tiny_cars_root}'" in message


@pytest.mark.parametrize("name", [data.CLASS_NAMES, *data.ANNOTATIONS.values()])
def test_mat_missing(broken_root, name):
    path = broken_root / data.FOLDER / name
    path.unlink()
    assert f"{path}: no such file" in refusal(broken_root)


def test_mat_that_is_none(broken_root):
    path = broken_root / data.FOLDER / data.CLASS_NAMES
    path.write_bytes(b"not a mat file")
    assert f"{path}: not a MATLAB file that can be read" in refusal(broken_root)


def test_mat_without_the_variable(broken_root):
    path = broken_root / data.FOLDER / data.CLASS_NAMES
    scipy.io.savemat(path, {"names": [1, 2]})
    assert f"{path}: no variable 'class_names' in it, found names" in refusal(broken_root)


def test_mat_without_labels(broken_root):
    base = broken_root / data.FOLDER
    shutil.copy(base / "devkit" / "cars_test_annos.mat", base / data.ANNOTATIONS["test"])
    assert "cars_test_annos_withlabels.mat: no field class in it" in refusal(broken_root)


def test_mat_that_is_no_struct(broken_root):
    path = broken_root / data.FOLDER / data.ANNOTATIONS["train"]
    scipy.io.savemat(path, {"annotations": np.zeros(3)})
    assert "no field bbox_x1, bbox_x2, bbox_y1, bbox_y2, class, fname" in refusal(broken_root)


def test_class_that_is_no_number(broken_root):
    path = broken_root / data.FOLDER / data.ANNOTATIONS["train"]
    change_mat(path, "annotations", with_class("sedan"))
    assert "a class or a box is not a whole number" in refusal(broken_root)


@pytest.mark.parametrize("label", [0, 4])
def test_label_out_of_range(broken_root, label):
    path = broken_root / data.FOLDER / data.ANNOTATIONS["test"]
    change_mat(path, "annotations", with_class(label))
    assert f"image '00001.jpg' has class {label}, expected 1 to 3" in refusal(broken_root)


def test_class_without_training_image(broken_root):
    path = broken_root / data.FOLDER / data.CLASS_NAMES
    names = np.array([["A B 2001", "C D 2002", "E F 2003", "Zeta Coupe 2012"]], dtype=object)
    scipy.io.savemat(path, {"class_names": names})
    assert refusal(broken_root) == "class 'Zeta Coupe 2012' has no training image"


def test_class_name_without_year(broken_root):
    path = broken_root / data.FOLDER / data.CLASS_NAMES
    names = np.array([["A B 2001", "Zeta Coupe", "E F 2003"]], dtype=object)
    scipy.io.savemat(path, {"class_names": names})
    assert "class 'Zeta Coupe' is not a make, a model and a year" in refusal(broken_root)


def test_image_folder_missing(broken_root):
    shutil.rmtree(broken_root / data.FOLDER / "cars_test")
    assert "cars_test: no such folder" in refusal(broken_root)


def test_image_missing(broken_root):
    path = broken_root / data.FOLDER / "cars_train" / "00003.jpg"
    path.unlink()
    assert refusal(broken_root) == f"{path}: the image is missing"


def test_image_that_is_none(broken_root):
    path = broken_root / data.FOLDER / "cars_train" / "00003.jpg"
    path.write_text("a car")
    assert refusal(broken_root) == f"{path}: not an image"


def test_image_truncated(broken_root):
    path = broken_root / data.FOLDER / "cars_train" / "00003.jpg"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    cars = data.load_cars(str(broken_root))
    with pytest.raises(InputError, match=r"00003\.jpg: the image is damaged") as caught:
        data.load_images(cars, cars.frame, 16)
    assert "\n" not in str(caught.value)


@needs_cars40
def test_real_photographs():
    cars = data.load_cars(str(CARS40))
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
    largest = cars.frame.loc[cars.frame["width"].idxmax(), "file"]
    expected = v2.functional.resize(read_image(cars.path(largest)), [64, 64])
    difference = read_square(cars.path(largest), 64) - np.asarray(expected, int).transpose(2, 0, 1)
    assert np.abs(difference).mean() < 2
