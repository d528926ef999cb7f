"""Reading image files with Pillow: sizes from headers, pixels, square arrays.

Knows nothing of data sets: it is given paths. A file that cannot be read is one clear line.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from carnet import InputError


def image_size(path: Path) -> tuple[int, int]:
    """Return (width, height) in pixels from the header, without decoding.

    Raises:
        InputError: the image is missing or is not one.
    """
    with _opened(path) as image:
        return image.size


def read_image(path: Path, *, longest: int | None = None) -> Image.Image:
    """Decode an image to RGB, made smaller (same shape) where its longest side exceeds `longest`.

    Raises:
        InputError: the image is missing, truncated or is not one.
    """
    with _opened(path) as image:
        if longest:
            image.thumbnail((longest, longest))
        return image.convert("RGB")


def read_square(path: Path | BinaryIO, size: int) -> np.ndarray:
    """Decode an image and squeeze it into a square, antialiased: uint8 (3, size, size).

    Raises:
        InputError: the image is missing, truncated or is not one.
    """
    with _opened(path) as image:
        # JPEG is decoded at a fraction of its size, still at least twice what is asked for.
        image.draft("RGB", (2 * size, 2 * size))
        square = image.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
        return np.asarray(square).transpose(2, 0, 1)


@contextmanager
def _opened(path: Path | BinaryIO) -> Iterator[Image.Image]:
    try:
        with Image.open(path) as image:
            yield image
    except FileNotFoundError:
        raise InputError(f"{path}: the image is missing") from None
    except UnidentifiedImageError:
        raise InputError(f"{path}: not an image") from None
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow's decoders raise
        raise InputError(f"{path}: the image is damaged ({error})") from None
