"""The embedded data set: layout, determinism, boxes, and scenes that say nothing of the class."""

import dataclasses
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.io
from PIL import Image, ImageChops
from torchvision.datasets import StanfordCars

from carnet import InputError
from lib.data.images import read_square
from lib.data.synthetic import dataset, generate, unsigned_images
from lib.data.synthetic.catalogue import BODIES, CLASSES, MAKES, YEARS
from lib.data.synthetic.drawing import render
from lib.data.synthetic.scene import PLACES, Scene, sample_scene
from lib.data.synthetic.surface import WHEELS, Surface


def _scene(number: int, **changes) -> Scene:
    return dataclasses.replace(sample_scene(np.random.default_rng(number)), **changes)


def _digests(root: Path) -> dict[str, str]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def _annotations(root: Path, file: str) -> np.ndarray:
    return scipy.io.loadmat(root / "stanford_cars" / file)["annotations"]


def test_stanford_cars_reads_both_splits(tiny_cars_root: Path):
    for split, per_class in (("train", 8), ("test", 4)):
        cars = StanfordCars(tiny_cars_root, split=split)
        labels = [label for _, label in cars._samples]
        assert sorted(set(labels)) == [0, 1, 2]
        assert abs(len(cars) - 3 * per_class) <= 3
        image, label = cars[0]
        assert image.mode == "RGB"
        assert cars.classes[label].split()[-1].isdecimal()


def test_layout_is_that_of_stanford_cars(tiny_cars_root: Path):
    folder = tiny_cars_root / "stanford_cars"
    assert sorted(path.name for path in folder.iterdir()) == [
        *("cars_test", "cars_test_annos_withlabels.mat", "cars_train", "devkit")
    ]
    assert sorted(path.name for path in (folder / "devkit").iterdir()) == [
        *("cars_meta.mat", "cars_test_annos.mat", "cars_train_annos.mat")
    ]
    names = scipy.io.loadmat(folder / "devkit/cars_meta.mat")["class_names"]
    assert names.shape == (1, 3)
    assert names[0, 0].shape == (1,)


@pytest.mark.parametrize(
    ("file", "labelled"),
    [
        ("devkit/cars_train_annos.mat", True),
        ("devkit/cars_test_annos.mat", False),
        ("cars_test_annos_withlabels.mat", True),
    ],
)
def test_annotations_have_the_official_fields(tiny_cars_root: Path, file: str, labelled: bool):
    rows = _annotations(tiny_cars_root, file)
    box = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2"]
    assert list(rows.dtype.names) == [*box, *(["class"] if labelled else []), "fname"]
    assert rows.shape[0] == 1
    assert rows[0, 0]["bbox_x1"].shape == (1, 1)
    assert rows[0, 0]["fname"][0] == "00001.jpg"


def test_boxes_lie_inside_their_images(tiny_cars_root: Path):
    for row in _annotations(tiny_cars_root, "devkit/cars_train_annos.mat")[0]:
        path = tiny_cars_root / "stanford_cars/cars_train" / row["fname"][0]
        with Image.open(path) as image:
            width, height = image.size
        x1, y1, x2, y2 = (int(row[f"bbox_{edge}"][0, 0]) for edge in ("x1", "y1", "x2", "y2"))
        assert 1 <= x1 < x2 <= width
        assert 1 <= y1 < y2 <= height


@pytest.mark.slow
def test_same_arguments_give_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        generate(tmp_path / name, seed=3, classes=2, train_per_class=3, test_per_class=2)
    generate(tmp_path / "other", seed=4, classes=2, train_per_class=3, test_per_class=2)
    first = _digests(tmp_path / "one")
    assert first == _digests(tmp_path / "two")
    assert first != _digests(tmp_path / "other")


@pytest.mark.slow
def test_bytes_do_not_depend_on_the_number_of_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for images_per_worker in (1000, 4):
        monkeypatch.setattr(dataset, "_IMAGES_PER_WORKER", images_per_worker)
        root = tmp_path / str(images_per_worker)
        generate(root, classes=2, train_per_class=3, test_per_class=2)
    assert _digests(tmp_path / "1000") == _digests(tmp_path / "4")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": 0}, "classes is 0: expected a number from 1 to 12"),
        ({"classes": 13}, "classes is 13: expected a number from 1 to 12"),
        ({"train_per_class": 1}, "train_per_class is 1: expected at least 2 images per class"),
        ({"test_per_class": 0}, "test_per_class is 0: expected at least 2 images per class"),
    ],
)
def test_bad_counts_are_named(tmp_path: Path, arguments: dict[str, int], message: str):
    with pytest.raises(InputError, match=message):
        generate(tmp_path, **arguments)


def test_an_existing_data_set_is_not_overwritten(tiny_cars_root: Path):
    with pytest.raises(InputError, match="stanford_cars exists already"):
        generate(tiny_cars_root)


def test_the_catalogue_is_varied_and_in_order():
    names = [car.name for car in CLASSES]
    assert names == sorted(names)
    assert len(set(names)) == len(names) == 12
    assert {name.split()[0] for name in names} == set(MAKES)
    assert {" ".join(name.split()[2:-1]) for name in names} == set(BODIES)
    years = [int(name.split()[-1]) for name in names]
    assert set(years) == set(YEARS)
    assert max(years.count(year) for year in years) > 3 * min(years.count(year) for year in years)
    assert len(MAKES) >= 4
    assert len(BODIES) >= 6
    assert len(YEARS) >= 5


def test_scenes_do_not_depend_on_the_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The n-th image has the same scene whatever classes there are: only the seed decides."""
    seen: dict[int, list[tuple[str, Scene]]] = {}

    def record(car, scene):
        seen.setdefault(classes, []).append((car.name, scene))
        return Image.new("RGB", (4, 4)), (1, 1, 4, 4)

    monkeypatch.setattr(dataset, "render", record)
    for classes in (6, 12):
        generate(tmp_path / str(classes), classes=classes, train_per_class=4, test_per_class=2)
    few, many = ([*zip(*drawn[:20])] for drawn in seen.values())
    assert few[1] == many[1]
    assert few[0] != many[0]


@pytest.mark.slow
def test_labels_tell_nothing_of_the_scenes():
    """Places and mirroring are spread alike over the classes (chi-squared test, full size)."""
    labels = dataset._labels(0, "train", 100, 12)
    scenes = [
        sample_scene(dataset._stream(0, dataset._SCENES, "train", index))
        for index in range(len(labels))
    ]
    for draw in (
        [PLACES.index(scene.place) for scene in scenes],
        [scene.camera.mirrored for scene in scenes],
        [len(scene.posts) for scene in scenes],
        [int(np.argmax(scene.paint)) for scene in scenes],
    ):
        table = np.zeros((12, max(draw) + 1))
        np.add.at(table, (labels, np.array(draw, dtype=int)), 1)
        assert scipy.stats.chi2_contingency(table).pvalue > 0.01


def test_classes_differ_a_little_in_size():
    counts = np.bincount(dataset._labels(0, "train", 100, 12))
    assert 85 <= counts.min() < counts.max() <= 115


@pytest.mark.parametrize("car", CLASSES, ids=lambda car: car.name)
def test_every_class_fills_the_width_that_its_scene_asks_for(car):
    scene = _scene(5)
    picture, (x1, _, x2, _) = render(car, scene)
    assert picture.size == (scene.width, scene.height)
    assert (x2 - x1 + 1) / scene.width == pytest.approx(scene.fill, abs=0.03)


def test_boxes_are_exact(monkeypatch: pytest.MonkeyPatch):
    """Painting the car in another colour changes pixels up to the edges of the box, not beyond."""
    monkeypatch.setattr("lib.data.synthetic.drawing._draw_shadow", lambda *_: None)
    scene = _scene(8, posts=(), blur=0.0, noise=0.0)
    picture, (x1, y1, x2, y2) = render(CLASSES[1], scene)
    monkeypatch.setattr("lib.data.synthetic.drawing.draw_car", _draw_nothing_but_a_corner)
    empty, _ = render(CLASSES[1], scene)
    left, top, right, bottom = ImageChops.difference(picture, empty).getbbox()
    assert abs(np.array([left + 1, top + 1, right, bottom]) - (x1, y1, x2, y2)).max() <= 1


def _draw_nothing_but_a_corner(sketch):
    sketch.draw.rectangle((0, 0, 2, 2), fill=(0, 0, 0, 1))


def test_posts_hide_a_part_of_the_car_only():
    scene = _scene(2, blur=0.0, noise=0.0)
    clear, box = render(CLASSES[0], dataclasses.replace(scene, posts=()))
    hidden, same_box = render(CLASSES[0], dataclasses.replace(scene, posts=(0.4,)))
    assert box == same_box
    changed = np.asarray(ImageChops.difference(clear, hidden)).any(axis=2)
    x1, y1, x2, y2 = box
    assert 0 < changed[y1:y2, x1:x2].mean() < 0.35


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_drawn(place: str):
    picture, _ = render(CLASSES[4], _scene(6, place=place))
    assert len(picture.getcolors(maxcolors=1 << 20)) > 100


def test_a_car_without_the_signature_of_its_make_differs_inside_its_box_only():
    scene = _scene(6, blur=0.0, noise=0.0, posts=())
    for car in (CLASSES[0], CLASSES[4], CLASSES[7], CLASSES[10]):  # one of each make
        plain = dataclasses.replace(car, make=dataclasses.replace(car.make, signature=()))
        (signed, box), (unsigned, same_box) = render(car, scene), render(plain, scene)
        assert box == same_box
        left, top, right, bottom = ImageChops.difference(signed, unsigned).getbbox()
        assert box[0] <= left + 1 < right <= box[2]
        assert box[1] <= top + 1 < bottom <= box[3]


def test_images_are_drawn_again_as_in_their_files_but_for_the_signature(
    tiny_cars_root: Path, monkeypatch: pytest.MonkeyPatch
):
    rows = []
    for split in ("train", "test"):
        cars = StanfordCars(tiny_cars_root, split=split, loader=str)
        rows += [(f"cars_{split}/{Path(file).name}", cars.classes[label]) for file, label in cars]
    frame = pd.DataFrame(rows[::6], columns=["file", "class_name"])
    files = [tiny_cars_root / "stanford_cars" / file for file in frame.file]
    drawn = np.stack([read_square(file, 32) for file in files])
    unsigned = unsigned_images(frame, 32)
    assert (unsigned != drawn).any(axis=(1, 2, 3)).all()
    monkeypatch.setattr(dataset, "replace", lambda signed, **_: signed)
    assert np.array_equal(unsigned_images(frame, 32), drawn)


@pytest.mark.parametrize("number", range(30))
def test_the_car_is_inside_the_picture(number: int):
    scene = _scene(number)
    _, (x1, y1, x2, y2) = render(CLASSES[number % 12], scene)
    assert 1 <= x1 < x2 <= scene.width
    assert 1 <= y1 < y2 <= scene.height


@pytest.mark.parametrize("name", BODIES)
def test_wheels_stand_on_the_ground_inside_the_body(name: str):
    body = BODIES[name]
    assert Surface(body).extent()[:, 2].min() == 0
    for u in WHEELS:
        assert body.wheel_radius < u * body.length
        assert body.wheel_radius < (1 - u) * body.length
