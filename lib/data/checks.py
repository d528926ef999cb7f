"""A data set is looked at before it is used: all its annotations, and each image, decoded once.

Every fault is found, and named, in one go. What the images are is kept in the store, so that the
next notebook reads it from there.
"""

import datetime
from collections.abc import Iterator
from pathlib import Path

import imagehash
import pandas as pd
from PIL import Image

from carnet import InputError, kept
from lib.data.images import for_each_image, open_image, orientation, size_of, upright
from lib.data.layouts import DataSet
from lib.data.layouts.dataset import BOX, is_inside

FIRST_YEAR = 1886  # of the first car
HASH_SIDE = 16  # a perceptual hash has this many bits, squared
EXAMINED_AT = 128  # pixels, from which a hash is computed
MOST_SHOWN = 200  # faults of one data set
FEWEST_BOXES = 20  # that can tell the convention of boxes


def examine(dataset: DataSet, fingerprint: str) -> pd.DataFrame:
    """Return width, height, turned and hash of each image of `rows`, in their order.

    `turned` tells that EXIF has the image turned; `hash` is perceptual, in hexadecimal.

    Raises:
        InputError: all the faults of the data set, one line each.
    """
    # The package of the modules below imports `lib.data.cars`, which they do without.
    code = {"of": ["lib.data.images", "lib.data.checks"], "without": ["lib.data.cars"]}
    with kept("checks", {"data": fingerprint}, **code) as work:
        found = work.result["images"] if work.finished else _examined(dataset)
        damaged = [image["fault"] for image in found if "fault" in image]
        if not damaged and not work.finished:  # a fault may be mended elsewhere
            work.finish(images=found)
    faults, images = [*annotation_faults(dataset), *damaged], pd.DataFrame(found)
    if not faults and dataset.has_boxes:
        faults = box_faults(dataset, dataset.rows.join(images))
    if faults:
        raise InputError("\n".join(_shown(faults)))
    return images


def _examined(dataset: DataSet) -> list[dict]:
    paths = [dataset.base / file for file in dataset.rows["file"]]
    return list(for_each_image(examine_image, paths, "looking at images"))


def examine_image(path: Path) -> dict:
    """Decode an image, and say what it is: width, height, turned, hash; or its fault alone."""
    try:
        with open_image(path) as image:
            image.verify()  # the checksums of a PNG, which decoding does not look at
        with open_image(path) as image:
            (width, height), turned = size_of(image), orientation(image) != 1
            image.draft("RGB", (EXAMINED_AT, EXAMINED_AT))
            seen = upright(image).resize((EXAMINED_AT, EXAMINED_AT), Image.Resampling.BILINEAR)
    except InputError as error:
        return {"fault": str(error)}
    digest = str(imagehash.phash(seen, HASH_SIDE))
    return {"width": width, "height": height, "turned": turned, "hash": digest}


def annotation_faults(dataset: DataSet) -> Iterator[str]:
    """Yield what is wrong in the names of classes and of files."""
    rows, source = dataset.rows, dataset.source("classes")
    classes = pd.Series(dataset.classes)
    if len(classes) < 2:
        yield f"{source}: images of {len(classes)} class, expected 2 or more"
    elif rows[rows["split"] == "train"].value_counts("label").max() < 2:
        yield f"{source}: no class has 2 training images: none can be set aside for validation"
    if "test" not in set(rows["split"]):
        yield f"{source}: no test image, nor a class of 3 images from which one can be taken"
    names = classes.str.casefold() if dataset.named else classes
    for _, same in classes[names.duplicated(keep=False)].groupby(names):
        labels = " and ".join(str(label + 1) for label in same.index)
        yield f"{source}: class '{same.iloc[0]}' has the labels {labels}: expected one"
    for name in classes if dataset.named else ():
        if not year_of(name):
            yield (
                f"{source}: class '{name}' is not a make, a model and a year, "
                f"expected {FIRST_YEAR} to {next_year()} as its last word"
            )
    for label in sorted({*rows["label"]} - {*rows.loc[rows["split"] == "train", "label"]}):
        yield f"{dataset.source('train')}: class '{classes[label]}' has no training image"
    for row in rows.itertuples():
        if not is_inside(dataset.base / row.file, dataset.base):
            yield f"{dataset.source(row.split)}: '{row.file}' leads outside {dataset.base}"
    for file, same in rows[rows.duplicated("file", keep=False)].groupby("file"):
        under = " and ".join(f"'{classes[label]}'" for label in sorted(set(same["label"])))
        where = dataset.source(same["split"].iloc[0])
        yield f"{where}: '{file}' is named {len(same)} times, under {under}: expected once"


def year_of(name: str) -> int | None:
    """Return the year that the name of a class ends with, from the first car's to the next."""
    last = name.split()[-1] if len(name.split()) > 1 else ""
    is_number = last.isascii() and last.isdecimal() and len(last) == 4
    return int(last) if is_number and FIRST_YEAR <= int(last) <= next_year() else None


def next_year() -> int:
    return datetime.date.today().year + 1


def box_faults(dataset: DataSet, rows: pd.DataFrame) -> list[str]:
    """Return what is wrong with boxes, whose rows have the sizes of their images too."""
    where = dataset.source("train")
    beyond = (rows[["x1", "y1"]] < 0).any(axis=1)
    beyond |= (rows["x2"] > rows["width"] + 1) | (rows["y2"] > rows["height"] + 1)
    if dataset.in_order and beyond.any():
        return [
            f"{where}: images are not in the order of its boxes, which overrun them: expected "
            "devkit/cars_train_annos.mat beside them"
        ]
    if len(rows) >= FEWEST_BOXES and (_are_sizes(rows) or beyond.mean() > 0.5):
        return [
            f"{where}: by their places, boxes are not the corners x1, y1, x2, y2, in pixels of "
            "these images: x, y, width and height?"
        ]
    inverted = (rows["x1"] > rows["x2"]) | (rows["y1"] > rows["y2"])
    outside = (rows[["x2", "y2"]] < 1).any(axis=1)
    outside |= (rows["x1"] > rows["width"]) | (rows["y1"] > rows["height"])
    wrong = {
        "is inverted: expected x1 ≤ x2 and y1 ≤ y2": inverted,
        "lies outside it": outside & ~inverted,
    }
    return [
        f"{dataset.base / row.file}: {row.width} × {row.height} pixels, "
        f"box {tuple(int(getattr(row, side)) for side in BOX)} {what}"
        for what, chosen in wrong.items()
        for row in rows[chosen].itertuples()
    ]


def _are_sizes(rows: pd.DataFrame) -> bool:
    """Whether x2 and y2 are a width and a height: no box goes beyond its image so.

    As corners, most boxes would have their centre in the upper left quarter.
    """
    across = rows["x1"] + rows["x2"] - rows["width"] - 1
    down = rows["y1"] + rows["y2"] - rows["height"] - 1
    fit, centred = (across <= 0) & (down <= 0), (across >= -2) | (down >= -2)
    return bool(fit.all() and centred.mean() < 0.5)


def _shown(faults: list[str]) -> list[str]:
    faults = list(dict.fromkeys(faults))
    more = len(faults) - MOST_SHOWN
    return faults[:MOST_SHOWN] + ([f"and {more} more faults"] if more > 0 else [])
