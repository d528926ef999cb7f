"""Images in folders by class: train/CLASS/ and test/CLASS/, or CLASS/ alone; no boxes."""

from pathlib import Path

import pandas as pd

from lib.data.layouts.dataset import VALIDATION, DataSet, Layout, Parts, Places, split_of

TRAIN_FOLDERS, TEST_FOLDERS, CLASS_FOLDERS = "train/CLASS/", "test/CLASS/", "CLASS/"
# Folders of other layouts, whose names are not those of classes.
NO_CLASSES = {"train", "test", *VALIDATION, "cars_train", "cars_test", "car_ims", "devkit"}
PLAIN_DEPTH = 2  # folders above those by class


def _find_split(places: Places) -> Parts:
    parts = _parts(places)
    tests = (folder for folder, split in parts.items() if split == "test")
    trains = (folder for folder, split in parts.items() if split == "train")
    return {TRAIN_FOLDERS: next(trains, None), TEST_FOLDERS: next(tests, None)}


def _parts(places: Places) -> dict[Path, str]:
    """Return the folders whose own folders hold the images of a part, and its split."""
    found = {}
    for folder in places.files:
        if folder.name.lower() in NO_CLASSES and places.classes(folder):
            found.setdefault(folder.name.lower(), folder)
    splits = {found[name]: split for name, split in split_of(found).items()}
    return dict(sorted(splits.items(), key=lambda item: item[1] == "test"))  # training first


def _read_split(places: Places, parts: Parts) -> DataSet:
    return _read(places, _parts(places), SPLIT.name)


def _find_plain(places: Places) -> Parts:
    """Take the folder of which most folders hold images, or a train/ without a test/."""
    if alone := [folder for folder, split in _parts(places).items() if split == "train"]:
        return {TRAIN_FOLDERS: alone[0]}
    depth = len(places.root.parts) + PLAIN_DEPTH
    near = (path for path in places.files if len(path.parts) <= depth)
    return {CLASS_FOLDERS: next((path for path in near if _holds_classes(places, path)), None)}


def _holds_classes(places: Places, folder: Path) -> bool:
    holding = [path for path in places.classes(folder) if path.name.lower() not in NO_CLASSES]
    return len(holding) > max(1, len(places.folders(folder)) // 2)


def _read_plain(places: Places, parts: Parts) -> DataSet:
    return _read(places, dict.fromkeys(parts.values(), "train"), PLAIN_FOLDERS.name)


def _read(places: Places, parts: dict[Path, str], layout: str) -> DataSet:
    classes = [(path, split) for part, split in parts.items() for path in places.classes(part)]
    names = sorted({path.name for path, _ in classes})
    rows = pd.DataFrame(
        {"file": f"{path.relative_to(places.root)}/{name}", "label": path.name, "split": split}
        for path, split in classes
        for name in places.images(path)
    )
    rows["label"] = rows["label"].map(names.index)
    return DataSet(layout, places.root, tuple(names), rows)


SPLIT = Layout("folders by class, train/ and test/", _find_split, _read_split)
PLAIN_FOLDERS = Layout("folders by class", _find_plain, _read_plain)
