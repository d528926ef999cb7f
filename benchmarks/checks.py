"""What it costs to look at every image of a data set before it is used, beside decoding them.

python benchmarks checks [--data DIR]
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from table import Row, take_turns

from lib.data.cars import load_cars
from lib.data.checks import examine_image
from lib.data.synthetic import SYNTHETIC

COMPARED = 200  # images decoded


def rows(*, data: str = SYNTHETIC, quick: bool = False) -> Iterator[Row]:
    """Yield the examination of images of `data` against decoding them whole, one at a time."""
    cars, count = load_cars(data), 8 if quick else COMPARED
    sample = cars.frame.sample(min(count, len(cars.frame)), random_state=0)
    paths = [cars.path(file) for file in sample["file"]]
    ways = {
        "examining": lambda: [examine_image(path) for path in paths],
        "decoding": lambda: [_decode(path) for path in paths],
    }
    times = take_turns(ways, rounds=1 if quick else 5)
    side = np.sqrt((sample["width"] * sample["height"]).median())
    yield Row(
        "looking at an image / decoding it",
        times.ratio("examining", "decoding"),
        at_most=2,
        read="What a perceptual hash adds to the decoding that finds damage; done once for each "
        "data set, on all cores. The aim is for photographs (--data DIR): drawings are small.",
        raw=f"{len(paths)} images, half of them above {side:.0f} × {side:.0f} px: {times}",
    )


def _decode(path: Path) -> None:
    with Image.open(path) as image:
        image.load()
