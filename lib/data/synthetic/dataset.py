"""Writes the synthetic cars to disk, exactly as `torchvision.datasets.StanfordCars` reads them.

    root/stanford_cars/cars_train/00001.jpg ...     root/stanford_cars/cars_test/00001.jpg ...
    root/stanford_cars/devkit/cars_meta.mat, cars_train_annos.mat, cars_test_annos.mat
    root/stanford_cars/cars_test_annos_withlabels.mat

Which class an image shows and everything else about it (scene) come from separate random streams,
so a scene carries no information on the class. How a car looks is up to `drawing`.
"""

import io
import shutil
import tempfile
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import joblib
import numpy as np
from scipy.io import savemat

from carnet import InputError, progress
from lib.data.synthetic.catalogue import CLASSES, CarClass
from lib.data.synthetic.drawing import Box, render
from lib.data.synthetic.scene import sample_scene

SYNTHETIC = "synthetique"

# One random stream per purpose; the numbers only have to differ.
_COUNTS, _ORDER, _SCENES = range(3)
_SPLITS = ("train", "test")
_COUNT_SPREAD = 0.15  # class sizes differ by this much at most, as those of a real data set do
_IMAGES_A_WORKER = 200  # fewer are drawn faster than another process starts
_MAT_HEADER = b"MATLAB 5.0 MAT-file, synthetic cars in the layout of Stanford Cars"


@dataclass(frozen=True)
class Annotation:
    """One row of a `.mat` file: box in pixels (1-based, inclusive), label from 1, file name."""

    box: Box
    label: int
    file: str


def generate(
    root: Path,
    *,
    seed: int = 0,
    train_per_class: int = 100,
    test_per_class: int = 50,
    classes: int | None = None,
) -> None:
    """Draws the data set into `root/stanford_cars`; the same arguments give the same bytes.

    Class sizes vary by 15 % around `train_per_class` and `test_per_class`. `classes` keeps that
    many classes, spread over the makes (default: all). The folder appears whole or not at all.

    Raises:
        InputError: a count is out of range, or `root/stanford_cars` exists already.
    """
    target = Path(root) / "stanford_cars"
    chosen = _choose_classes(classes)
    for name, count in (("train_per_class", train_per_class), ("test_per_class", test_per_class)):
        if count < 2:
            raise InputError(f"{name} is {count}: expected at least 2 images a class")
    if target.exists():
        raise InputError(f"{target} exists already: remove it or choose another folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".stanford_cars-", dir=target.parent))
    try:
        _write(folder, chosen, seed, dict(zip(_SPLITS, (train_per_class, test_per_class))))
        folder.chmod(0o755)  # mkdtemp makes it private
        folder.rename(target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _choose_classes(count: int | None) -> list[CarClass]:
    if count is None:
        return list(CLASSES)
    if not 1 <= count <= len(CLASSES):
        raise InputError(f"classes is {count}: expected a number from 1 to {len(CLASSES)}")
    return [CLASSES[i] for i in np.linspace(0, len(CLASSES) - 1, count).round().astype(int)]


def _write(folder: Path, classes: list[CarClass], seed: int, per_class: dict[str, int]) -> None:
    planned = [
        (split, index, label)
        for split in _SPLITS
        for index, label in enumerate(_labels(seed, split, per_class[split], len(classes)))
    ]
    for split in _SPLITS:
        (folder / f"cars_{split}").mkdir()
    annotations: dict[str, list[Annotation]] = {split: [] for split in _SPLITS}
    with closing(_draw_all(folder, classes, seed, planned)) as boxes:
        drawn = progress(zip(planned, boxes), "Dessin des voitures", total=len(planned))
        for (split, index, label), box in drawn:
            annotations[split].append(Annotation(box, label + 1, _file_name(index)))
    _write_annotations(folder, [car.name for car in classes], annotations)


def _draw_all(
    folder: Path, classes: list[CarClass], seed: int, planned: list[tuple[str, int, int]]
) -> Generator[Box, None, None]:
    """Draw the planned images (split, index, label), with all processors; yields their boxes.

    The bytes do not depend on who draws. Loky neither forks a process that has threads nor asks
    the calling script for a guard, as multiprocessing does.
    """
    workers = min(joblib.cpu_count(), len(planned) // _IMAGES_A_WORKER) or 1
    pool = joblib.Parallel(workers, backend="loky", return_as="generator", idle_worker_timeout=5)
    return pool(
        joblib.delayed(_write_image)(folder, classes[label], seed, split, index)
        for split, index, label in planned
    )


def _file_name(index: int) -> str:
    return f"{index + 1:05d}.jpg"


def _stream(seed: int, purpose: int, split: str, index: int = 0) -> np.random.Generator:
    """The random stream of one purpose; it never depends on a class."""
    return np.random.default_rng([seed, purpose, _SPLITS.index(split), index])


def _labels(seed: int, split: str, per_class: int, classes: int) -> np.ndarray:
    """The label (from 0) of each image of a split, in file order."""
    spread = _stream(seed, _COUNTS, split).uniform(-_COUNT_SPREAD, _COUNT_SPREAD, classes)
    counts = np.maximum(2, np.round(per_class * (1 + spread)).astype(int))
    return _stream(seed, _ORDER, split).permutation(np.repeat(np.arange(classes), counts))


def _write_image(folder: Path, car: CarClass, seed: int, split: str, index: int) -> Box:
    """Draw one image into its file; returns its box."""
    scene = sample_scene(_stream(seed, _SCENES, split, index))
    image, box = render(car, scene)
    image.save(folder / f"cars_{split}" / _file_name(index), quality=scene.jpeg_quality)
    return box


def _write_annotations(
    folder: Path, names: list[str], annotations: dict[str, list[Annotation]]
) -> None:
    devkit = folder / "devkit"
    devkit.mkdir()
    class_names = np.empty((1, len(names)), dtype=object)
    class_names[0, :] = names
    _write_mat(devkit / "cars_meta.mat", {"class_names": class_names})
    train, test = (annotations[split] for split in _SPLITS)
    _write_mat(devkit / "cars_train_annos.mat", {"annotations": _struct(train)})
    _write_mat(devkit / "cars_test_annos.mat", {"annotations": _struct(test, labelled=False)})
    _write_mat(folder / "cars_test_annos_withlabels.mat", {"annotations": _struct(test)})


def _struct(annotations: list[Annotation], labelled: bool = True) -> np.ndarray:
    """The annotations as the 1×N struct array of the official `.mat` files."""
    fields = ["bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", *(["class"] if labelled else []), "fname"]
    rows = np.empty((1, len(annotations)), dtype=[(field, object) for field in fields])
    for i, annotation in enumerate(annotations):
        numbers = (*annotation.box, annotation.label) if labelled else annotation.box
        rows[0, i] = (*numbers, annotation.file)
    return rows


def _write_mat(path: Path, contents: dict[str, np.ndarray]) -> None:
    buffer = io.BytesIO()
    savemat(buffer, contents)
    # The first 116 bytes are free text, where scipy writes the date: the same bytes every time.
    path.write_bytes(_MAT_HEADER.ljust(116) + buffer.getvalue()[116:])
