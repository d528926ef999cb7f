"""What the sizes of all images cost: headers beside decoding, and as the folder grows.

python benchmarks headers [--data DIR]
"""

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from table import Row, take_turns

from lib.data.cars import Cars, load_cars
from lib.data.images import image_size
from lib.data.synthetic import SYNTHETIC

PHOTOGRAPH = (700, 480)  # pixels, near the median of Stanford Cars
SIZES = (1_000, 4_000, 16_185)  # images; the last is Stanford Cars
COMPARED = 200  # images decoded


def rows(*, data: str = SYNTHETIC, quick: bool = False) -> Iterator[Row]:
    """Yield headers against decoding, on the images of `data`, and the growth with their number."""
    yield decoding_row(load_cars(data), count=8 if quick else COMPARED, rounds=1 if quick else 5)
    yield growth_row((10, 40) if quick else SIZES, rounds=1 if quick else 5)


def decoding_row(cars: Cars, *, count: int, rounds: int) -> Row:
    """Compare reading the sizes in the headers with opening and decoding by Pillow."""
    files = cars.frame["file"].sample(min(count, len(cars.frame)), random_state=0)
    paths = [cars.path(file) for file in files]

    def headers() -> list:
        return [image_size(path) for path in paths]

    def decoding() -> list:
        return [_decoded_size(path) for path in paths]

    if headers() != decoding():
        raise AssertionError("the headers and the pixels disagree on a size")
    times = take_turns({"headers": headers, "decoding": decoding}, rounds=rounds)
    side = np.sqrt(np.median([width * height for width, height in headers()]))
    return Row(
        "sizes of images: Pillow decoding / headers",
        times.ratio("decoding", "headers"),
        at_least=20,
        read="How many times longer it takes to decode each image. The aim is for photographs "
        "(--data DIR): the embedded drawings are small, so quickly decoded.",
        raw=f"{len(paths)} images, half of them above {side:.0f} × {side:.0f} px: {times}",
    )


def _decoded_size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        image.load()
        return image.size


def growth_row(sizes: tuple[int, ...], *, rounds: int) -> Row:
    """Compare the cost of an image in the largest folder with that in the smallest."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        paths = _photographs(Path(name), sizes[-1])
        ways = {
            f"{size}": lambda size=size: [image_size(p) for p in paths[:size]] for size in sizes
        }
        ways[f"{sizes[-1]}"]()  # all files in the memory of the system
        times = take_turns(ways, rounds=rounds)
    first, last = sizes[0], sizes[-1]
    costs = [f"{size}: {1e6 * times.median(str(size)) / size:.0f} µs" for size in sizes]
    return Row(
        f"sizes of {last} images: cost of one / among {first}",
        times.ratio(f"{last}", f"{first}") * first / last,
        at_most=1.2,
        read="How much more an image costs in the large folder: 1 when the cost is linear.",
        raw=f"an image among {', among '.join(costs)}; {times}",
    )


def _photographs(folder: Path, count: int) -> list[Path]:
    """Write `count` JPEG files of the size of a photograph, from three pictures of noise."""
    generator, encoded = np.random.default_rng(0), []
    for _ in range(3):
        coarse = Image.fromarray(generator.integers(0, 256, (48, 70, 3), dtype=np.uint8))
        written = io.BytesIO()
        coarse.resize(PHOTOGRAPH).save(written, "JPEG", quality=90)
        encoded.append(written.getvalue())
    paths = [folder / f"{n:05}.jpg" for n in range(count)]
    for n, path in enumerate(paths):
        path.write_bytes(encoded[n % len(encoded)])
    return paths
