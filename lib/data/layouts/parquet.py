"""Parquet files as Hugging Face gives them: columns `image` (its bytes) and `label`; no boxes."""

import json
import re
from collections.abc import Hashable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from carnet import InputError, fingerprint, kept
from lib.data.layouts.dataset import DataSet, Layout, Parts, Places, split_of

TRAIN_SHARDS = "train-*.parquet"
UNPACKED = "images"
UNKNOWN = (None, -1)  # labels that are none


def _find(places: Places) -> Parts:
    trains = (path for path, split in _files(places).items() if split == "train")
    return {TRAIN_SHARDS: next(trains, None)}


def _files(places: Places) -> dict[Path, str]:
    """Return the files of one folder, each with its split."""
    named = {
        path: re.match(r"[a-z]*", path.name.lower())[0] for path in places.find_all("*.parquet")
    }
    folder = next((path.parent for path, name in named.items() if name == "train"), None)
    beside = {path: name for path, name in named.items() if path.parent == folder}
    splits = split_of(dict.fromkeys(beside.values()))
    found = {path: splits[name] for path, name in beside.items() if name in splits}
    return dict(sorted(found.items(), key=lambda item: item[1] == "test"))  # training first


def _read(places: Places, parts: Parts) -> DataSet:
    first, files = parts[TRAIN_SHARDS], _files(places)
    rows = pd.DataFrame(
        {"file": _name(path, row), "label": label, "split": split}
        for path, split in files.items()
        for row, label in enumerate(_column(path, "label"))
        if label not in UNKNOWN
    )
    classes = _declared(first) or sorted(set(rows["label"]))
    rows["label"] = [_number(label, classes, first) for label in rows["label"]]
    sources = {path.name: path for path in files}
    names = tuple(map(str, classes))
    return DataSet(PARQUET.name, places.root, names, rows, sources, packed=True)


def _name(path: Path, row: int) -> str:
    return f"{path.stem}-{row:06d}"


def _column(path: Path, name: str) -> list:
    """Read a column of a file.

    Raises:
        InputError: it is no parquet file, or has no such column.
    """
    import pyarrow
    from pyarrow import parquet

    try:
        held = parquet.read_schema(path).names
        if name in held:
            return parquet.read_table(path, columns=[name])[name].to_pylist()
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(f"{path}: not a parquet file that can be read ({error})") from None
    raise InputError(f"{path}: no column {name} in it, found {', '.join(held)}")


def _declared(path: Path) -> list[str] | None:
    """Return the names of the classes, where the file declares them as Hugging Face does."""
    from pyarrow import parquet

    declared = json.loads((parquet.read_schema(path).metadata or {}).get(b"huggingface", b"{}"))
    return declared.get("info", {}).get("features", {}).get("label", {}).get("names")


def _number(label: Hashable, classes: list, path: Path) -> int:
    """Return the number of a label, which is that number already, or one of the names."""
    if label in classes:
        return classes.index(label)
    if isinstance(label, int) and 0 <= label < len(classes):
        return label
    raise InputError(f"{path}: label {label!r}, expected 0 to {len(classes) - 1}")


def unpacked(dataset: DataSet) -> DataSet:
    """Return the data set with its images as files of the store, written on first use.

    Raises:
        InputError: a row holds no image.
    """
    held = {name: fingerprint(path) for name, path in dataset.sources.items()}
    code = {"of": ["lib.data.layouts.parquet"], "without": ["lib.data.cars"]}
    with kept("data", {"parquet": held}, **code) as work:
        if not work.finished:
            _unpack(dataset, work.folder / UNPACKED)
            work.finish()
    return replace(dataset, base=work.folder / UNPACKED, packed=False)


def _unpack(dataset: DataSet, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    wanted = set(dataset.rows["file"])
    for path in dataset.sources.values():
        for row, image in enumerate(_column(path, "image")):
            if (name := _name(path, row)) in wanted:
                content = image.get("bytes") if isinstance(image, dict) else image
                if not isinstance(content, bytes):
                    raise InputError(f"{path}: row {row} holds no image, expected its bytes")
                (folder / name).write_bytes(content)


PARQUET = Layout("Hugging Face parquet", _find, _read)
