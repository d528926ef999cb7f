"""Reading image files with Pillow, upright: sizes, pixels, square arrays.

Knows nothing of data sets: it is given paths. A file that cannot be read is one clear line.
"""

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

import joblib
import numpy as np
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from carnet import InputError, progress

LONGEST_SHAPE = 3  # a figure crops what is longer than this many times its width, or wider
SIDEWAYS = {5, 6, 7, 8}  # EXIF orientations that exchange width and height
NO_IMAGE = "not an image that can be read, such as JPEG or PNG"
Result = TypeVar("Result")

# Pillow warns from half of the size that it refuses.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


def orientation(image: Image.Image) -> int:
    """Return how EXIF says that the pixels lie: 1 for upright, 2 to 8 else."""
    try:
        told = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # a damaged EXIF makes Pillow raise almost anything; the pixels may be whole
        return 1
    return told if told in range(2, 9) else 1


def size_of(image: Image.Image) -> tuple[int, int]:
    """Return the width and height of an opened image once it is upright."""
    return image.size[:: -1 if orientation(image) in SIDEWAYS else 1]


def read_image(path: Path, *, longest: int | None = None) -> Image.Image:
    """Decode an image to upright RGB.

    For a figure, `longest` bounds its longest side: the image is made smaller, and a strip is
    cropped to its middle.

    Raises:
        InputError: the image is missing, truncated or is not one, or has pixels of another kind.
    """
    with open_image(path) as image:
        if not longest:
            return upright(image)
        image.draft("RGB", (LONGEST_SHAPE * longest, LONGEST_SHAPE * longest))
        shown = _without_ends(upright(image))
        shown.thumbnail((longest, longest))
        return shown


def read_square(path: Path | BinaryIO, size: int) -> np.ndarray:
    """Decode an image and squeeze it, upright, into a square, antialiased: uint8 (3, size, size).

    Raises:
        InputError: the image is missing, truncated or is not one, or has pixels of another kind.
    """
    with open_image(path) as image:
        # JPEG is decoded at a fraction of its size, still at least twice what is asked for.
        image.draft("RGB", (2 * size, 2 * size))
        square = upright(image).resize((size, size), Image.Resampling.BILINEAR)
        return np.asarray(square).transpose(2, 0, 1)


def upright(image: Image.Image) -> Image.Image:
    """Decode an image to RGB, turned as its EXIF says; 16 bits are scaled to 8.

    Raises:
        ValueError: pixels of a range that the file does not tell.
    """
    if image.mode in ("I", "F"):
        raise ValueError("pixels of 32 bits, of unknown range: save it with 8 or 16 bits")
    if orientation(image) != 1:
        image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I;16"):  # which Pillow would clip
        image = Image.fromarray((np.asarray(image) / 257).round().astype(np.uint8))
    if "transparency" in image.info:
        image = image.convert("RGBA")  # Pillow warns of palettes whose colours are transparent
    return image.convert("RGB")


def _without_ends(image: Image.Image) -> Image.Image:
    """Crop a strip to its middle."""
    width, height = image.size
    limits = min(width, LONGEST_SHAPE * height), min(height, LONGEST_SHAPE * width)
    return image if limits == image.size else ImageOps.fit(image, limits)


def for_each_image(
    work: Callable[[Path], Result], paths: Sequence[Path], label: str
) -> Iterator[Result]:
    """Yield what a function makes of each image, in order, by all CPU cores, showing progress."""
    pool = joblib.Parallel(-1, prefer="threads", return_as="generator")  # Pillow frees the lock
    return progress(pool(joblib.delayed(work)(path) for path in paths), label, len(paths))


@contextmanager
def open_image(path: Path | BinaryIO) -> Iterator[Image.Image]:
    """Open an image; what it is not, or what is wrong with it, is an InputError that names it.

    Raises:
        InputError: as above, in the block too.
    """
    try:
        if isinstance(path, Path) and path.exists() and not path.is_file():  # a pipe would wait
            raise InputError(f"{path}: not a file")
        with Image.open(path) as image:
            yield image
    except FileNotFoundError:
        raise InputError(f"{path}: the image is missing") from None
    except UnidentifiedImageError:
        empty = path.is_file() and path.stat().st_size == 0
        raise InputError(f"{path}: {'the file is empty' if empty else NO_IMAGE}") from None
    except Image.DecompressionBombError:
        most = 2 * Image.MAX_IMAGE_PIXELS
        raise InputError(f"{path}: too large to open, expected at most {most:,} pixels") from None
    except ValueError as error:
        raise InputError(f"{path}: the image cannot be read ({error})") from None
    except InputError:
        raise
    except Exception as error:  # Pillow's decoders raise almost anything for a damaged file
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path}: the image is damaged ({reason})") from None
