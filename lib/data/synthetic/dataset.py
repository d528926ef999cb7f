"""Writes the synthetic cars to disk, exactly as `torchvision.datasets.StanfordCars` reads them.

    root/stanford_cars/cars_train/00001.jpg ...     root/stanford_cars/cars_test/00001.jpg ...
    root/stanford_cars/devkit/cars_meta.mat, cars_train_annos.mat, cars_test_annos.mat
    root/stanford_cars/cars_test_annos_withlabels.mat

The class that an image shows and everything else about it (its scene) come from separate random
streams, so a scene carries no information on the class. How a car looks is up to `drawing`.
"""

import io
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from scipy.io import savemat

from carnet import InputError, progress
from lib.data.images import read_square
from lib.data.synthetic.catalogue import CLASSES, CarClass
from lib.data.synthetic.drawing import Box, render
from lib.data.synthetic.scene import sample_scene

SYNTHETIC = "synthetique"

# One random stream per purpose; the numbers only have to differ.
_COUNTS, _ORDER, _SCENES = range(3)
_SPLITS = ("train", "test")
_COUNT_SPREAD = 0.15  # class sizes differ by this much at most, as those of a real data set do
_IMAGES_PER_WORKER = 200  # fewer are drawn faster than another process starts
_BOX = ("bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2")
_MAT_HEADER = b"MATLAB 5.0 MAT-file, synthetic cars in the layout of Stanford Cars"


def generate(
    root: Path,
    *,
    seed: int = 0,
    train_per_class: int = 100,
    test_per_class: int = 50,
    classes: int | None = None,
) -> None:
    """Draw the data set into `root/stanford_cars`; the same arguments give the same bytes.

    Class sizes vary by 15 % around `train_per_class` and `test_per_class`. `classes` keeps that
    many classes, spread over the makes (default: all).

    Raises:
        InputError: a count is out of range, or `root/stanford_cars` exists already.
    """
    chosen, per_class = _choose_classes(classes), {"train": train_per_class, "test": test_per_class}
    for split, count in per_class.items():
        if count < 2:
            raise InputError(f"{split}_per_class is {count}: expected at least 2 images per class")
    folder = Path(root) / "stanford_cars"
    if folder.exists():
        raise InputError(f"{folder} exists already: remove it or choose another folder")
    (folder / "devkit").mkdir(parents=True)
    names = np.array([[car.name for car in chosen]], dtype=object)
    _write_mat(folder / "devkit/cars_meta.mat", class_names=names)
    for split, count in per_class.items():
        labels = _labels(seed, split, count, len(chosen))
        boxes = _draw_split(folder, [chosen[label] for label in labels], seed, split)
        _write_annotations(folder, split, boxes, labels)


def unsigned_images(frame: pd.DataFrame, size: int, *, seed: int = 0) -> np.ndarray:
    """Draw images again, each car without the signature of its make: uint8 (N, 3, size, size).

    `frame` has the file and class_name of images that `generate` drew with `seed`.
    """
    makes = {car.name: replace(car, make=replace(car.make, signature=())) for car in CLASSES}
    squares = []
    for row in frame.itertuples():
        split, number = Path(row.file).parent.name.removeprefix("cars_"), int(Path(row.file).stem)
        drawn = io.BytesIO()
        _write_image(drawn, makes[row.class_name], seed, split, number - 1)
        squares.append(read_square(drawn, size))
    return np.stack(squares)


def _choose_classes(count: int | None) -> list[CarClass]:
    if count is None:
        return list(CLASSES)
    if not 1 <= count <= len(CLASSES):
        raise InputError(f"classes is {count}: expected a number from 1 to {len(CLASSES)}")
    return [CLASSES[i] for i in np.linspace(0, len(CLASSES) - 1, count).round().astype(int)]


def _labels(seed: int, split: str, per_class: int, classes: int) -> np.ndarray:
    """The label (from 0) of each image of a split, in file order."""
    spread = _stream(seed, _COUNTS, split).uniform(-_COUNT_SPREAD, _COUNT_SPREAD, classes)
    counts = np.maximum(2, np.round(per_class * (1 + spread)).astype(int))
    return _stream(seed, _ORDER, split).permutation(np.repeat(np.arange(classes), counts))


def _stream(seed: int, purpose: int, split: str, index: int = 0) -> np.random.Generator:
    """The random stream of one purpose; it never depends on a class."""
    return np.random.default_rng([seed, purpose, _SPLITS.index(split), index])


def _draw_split(folder: Path, cars: list[CarClass], seed: int, split: str) -> list[Box]:
    """Draw the images of a split, on all CPUs; returns their boxes.

    The bytes do not depend on who draws. Loky neither forks a process that has threads nor asks
    the calling script for a guard, as multiprocessing does.
    """
    (folder / f"cars_{split}").mkdir()
    workers = min(joblib.cpu_count(), len(cars) // _IMAGES_PER_WORKER) or 1
    pool = joblib.Parallel(workers, backend="loky", return_as="generator", idle_worker_timeout=5)
    drawn = pool(
        joblib.delayed(_write_image)(_path(folder, split, index), car, seed, split, index)
        for index, car in enumerate(cars)
    )
    with closing(drawn):
        return list(progress(drawn, "drawing cars", total=len(cars)))


def _path(folder: Path, split: str, index: int) -> Path:
    return folder / f"cars_{split}" / f"{index + 1:05d}.jpg"


def _write_image(path: Path | io.BytesIO, car: CarClass, seed: int, split: str, index: int) -> Box:
    """Draw one image into its file; returns its box."""
    image, box = render(car, sample_scene(_stream(seed, _SCENES, split, index)))
    image.save(path, "JPEG", quality=88)
    return box


def _write_annotations(folder: Path, split: str, boxes: list[Box], labels: np.ndarray) -> None:
    """Write the official files of a split; the test labels stand in a file of their own."""
    files = [_path(folder, split, index).name for index in range(len(boxes))]
    rows = pd.DataFrame(boxes, columns=_BOX).assign(**{"class": labels + 1, "fname": files})
    if split == "test":
        _write_mat(folder / "cars_test_annos_withlabels.mat", annotations=_struct(rows))
        rows = rows.drop(columns="class")
    _write_mat(folder / f"devkit/cars_{split}_annos.mat", annotations=_struct(rows))


def _struct(rows: pd.DataFrame) -> np.ndarray:
    """Write rows as the 1×N struct of the `.mat` files."""
    return rows.astype(object).to_records(index=False)[None]


def _write_mat(path: Path, **contents: np.ndarray) -> None:
    buffer = io.BytesIO()
    savemat(buffer, contents)
    # The first 116 bytes are free text, where scipy writes the date: the same bytes every time.
    path.write_bytes(_MAT_HEADER.ljust(116) + buffer.getvalue()[116:])
