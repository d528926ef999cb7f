"""Images in folders by class: train/CLASS/ and test/CLASS/, or CLASS/ alone; no boxes."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from lib.data.layouts.dataset import VALIDATION, DataSet, Layout, Parts, Places, relative, split_of

SPLIT_FOLDERS, CLASS_FOLDERS = {"train": "train/CLASS/", "test": "test/CLASS/"}, "CLASS/"
# Folders of other layouts, whose names are not those of classes.
NO_CLASSES = {"train", "test", *VALIDATION, "cars_train", "cars_test", "car_ims", "devkit"}


def _parts(places: Places) -> list[tuple[Path, str]]:
    """Return the folders whose own folders hold the images of a part, each with its split."""
    found = {}
    for folder in places.files:
        if folder.name.lower() in NO_CLASSES and places.classes(folder):
            found.setdefault(folder.name.lower(), folder)
    parts = [(found[name], split) for name, split in split_of(found).items()]
    return sorted(parts, key=lambda part: part[1] == "test")  # training first


def _find_split(places: Places) -> Parts:
    held = {split: folder for folder, split in _parts(places)}
    return {name: held.get(split) for split, name in SPLIT_FOLDERS.items()}


def _find_plain(places: Places) -> Parts:
    """Take a train/ without a test/, or the nearest folder of which most folders hold images."""
    if alone := [folder for folder, split in _parts(places) if split == "train"]:
        return {SPLIT_FOLDERS["train"]: alone[0]}
    return {CLASS_FOLDERS: next(filter(lambda path: _is_plain(places, path), places.files), None)}


def _is_plain(places: Places, folder: Path) -> bool:
    holding = [path for path in places.classes(folder) if path.name.lower() not in NO_CLASSES]
    return len(holding) > max(1, len(places.folders(folder)) // 2)


def _read(places: Places, parts: Iterable[tuple[Path, str]], layout: Layout) -> DataSet:
    rows = pd.DataFrame(
        (relative(folder / name, places.root), folder.name, split)
        for part, split in parts
        for folder in places.classes(part)
        for name in places.images(folder)
    )
    rows.columns = ["file", "label", "split"]
    rows["label"], names = pd.factorize(rows["label"], sort=True)
    return DataSet(layout.name, places.root, tuple(names), rows)


SPLIT = Layout(
    "folders by class, train/ and test/",
    _find_split,
    lambda places, _: _read(places, _parts(places), SPLIT),
)
PLAIN_FOLDERS = Layout(
    "folders by class",
    _find_plain,
    lambda places, parts: _read(places, [(*parts.values(), "train")], PLAIN_FOLDERS),
)
