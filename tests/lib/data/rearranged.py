"""The layouts that people have, made from a data set in the official one."""

import io
import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow
from pyarrow import parquet
from scipy.io import savemat

from tests.lib.data.mat_files import (
    META,
    TEST,
    TRAIN,
    change_rows,
    read_names,
    read_rows,
    struct,
    write_names,
    write_rows,
)

SPLITS = {"train": TRAIN, "test": TEST}


def few_cars40(source: Path, root: Path) -> Path:
    """Copy 8 training and 4 test photographs of 4 classes of cars40; return stanford_cars/."""
    base, official = root / "stanford_cars", source / "stanford_cars"
    names, classes = read_names(official / META), [1, 2, 12, 33]
    (base / "devkit").mkdir(parents=True)
    write_names(base / META, [names[label - 1] for label in classes])
    for (split, path), most in zip(SPLITS.items(), (8, 4)):
        rows = read_rows(official / path)
        rows = rows[rows["class"].isin(classes)].groupby("class").head(most)
        write_rows(
            base / path, rows.assign(**{"class": [classes.index(c) + 1 for c in rows["class"]]})
        )
        (base / f"cars_{split}").mkdir()
        for name in rows["fname"]:
            shutil.copy(official / f"cars_{split}" / name, base / f"cars_{split}")
    return base


def nested(base: Path) -> None:
    for split in SPLITS:
        folder = (base / f"cars_{split}").rename(base / "moved")
        (base / f"cars_{split}").mkdir()
        folder.rename(base / f"cars_{split}" / f"cars_{split}")


def _annos(base: Path) -> pd.DataFrame:
    """Write cars_annos.mat, and remove the devkit; return its rows with the files of old."""
    parts = [read_rows(base / path).assign(split=split) for split, path in SPLITS.items()]
    rows = pd.concat(parts).reset_index(drop=True)
    new = [f"car_ims/{row + 1:06d}.jpg" for row in rows.index]
    annos = rows.assign(relative_im_path=new, test=(rows["split"] == "test").astype(int))
    named = struct(annos.drop(columns=["fname", "split"]))
    write_names(base / "cars_annos.mat", read_names(base / META), annotations=named)
    shutil.rmtree(base / "devkit")
    (base / TEST).unlink()
    return rows.assign(new=new)


def archive(base: Path) -> None:
    rows = _annos(base)
    (base / "car_ims").mkdir()
    for row in rows.itertuples():
        (base / f"cars_{row.split}" / row.fname).rename(base / row.new)
    for split in SPLITS:
        (base / f"cars_{split}").rmdir()


def kaggle(base: Path) -> None:
    nested(base)
    _annos(base)


def folders(base: Path) -> None:
    _by_class(base, "{split}/{name}")
    for split in SPLITS:
        (base / f"cars_{split}").rmdir()


def plain(base: Path) -> None:
    _by_class(base, "photographs/{name}")
    for split in SPLITS:
        (base / f"cars_{split}").rmdir()


def _by_class(base: Path, where: str) -> None:
    names = read_names(base / META)
    for split, path in SPLITS.items():
        for row in read_rows(base / path).itertuples():
            target = base / where.format(split=split, name=names[row[5] - 1])
            target.mkdir(parents=True, exist_ok=True)
            (base / f"cars_{split}" / row.fname).rename(target / f"{split}-{row.fname}")
    shutil.rmtree(base / "devkit")
    (base / TEST).unlink()


def as_parquet(base: Path) -> None:
    names, target = read_names(base / META), base.parent / "data"
    target.mkdir()
    for split, path in SPLITS.items():
        rows = read_rows(base / path)
        images = [
            {"bytes": (base / f"cars_{split}" / name).read_bytes(), "path": name}
            for name in rows["fname"]
        ]
        labels = [label - 1 for label in rows["class"]]
        write_parquet(target / f"{split}-00000-of-00001.parquet", images, labels, names)
    shutil.rmtree(base)


def write_parquet(path: Path, images: list, labels: list, names: list[str] | None = None) -> None:
    """Write a file as Hugging Face's `datasets` does; its schema says the names of classes."""
    table = pyarrow.table({"image": images, "label": labels})
    if names:
        features = {"label": {"names": names, "_type": "ClassLabel"}}
        said = {"huggingface": json.dumps({"info": {"features": features}})}
        table = table.replace_schema_metadata(said)
    buffer = io.BytesIO()
    parquet.write_table(table, buffer)
    path.write_bytes(buffer.getvalue())


def no_test_labels(base: Path) -> None:
    rows = read_rows(base / TEST).drop(columns="class")
    savemat(base / "devkit/cars_test_annos.mat", {"annotations": struct(rows)})
    (base / TEST).unlink()


def labels_elsewhere(base: Path) -> None:
    (base / TEST).rename(base.parent / "cars_test_annos_withlabels (1).mat")


def subset(base: Path) -> None:
    write_names(base / META, [*read_names(base / META), "Acura TL Sedan 2012", "BMW Z4 2012"])


def no_boxes(base: Path) -> None:
    for path in SPLITS.values():
        change_rows(base / path, lambda rows: rows[["class", "fname"]])


LAYOUTS = {
    "official": lambda base: None,
    "nested": nested,
    "archive": archive,
    "kaggle": kaggle,
    "folders": folders,
    "plain": plain,
    "parquet": as_parquet,
    "no_test_labels": no_test_labels,
    "labels_elsewhere": labels_elsewhere,
    "subset": subset,
    "no_boxes": no_boxes,
}
