"""Square images decoded once into a memory-mapped file, by all CPU cores.

Memory stays flat whatever the number of images. Knows nothing of data sets: it is given paths, and
a work of the store to write in.
"""

import itertools
import mmap
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from carnet import InputError, Work, progress
from lib.data.images import read_square

FILE = "squares.npy"
DECODED = "decoded.json"  # how many images of it are decoded, for whoever resumes
LIMIT = "JOURNAL_IMAGE_CACHE_GB"  # environment variable: the disk that all the caches may take
DEFAULT_LIMIT = 64.0  # 16,185 photographs at 224, 256, 512 and 672 pixels take 40
NOTED_EVERY = 256  # images decoded between two notes of how far it is


def open_squares(work: Work, images: Sequence[Path], size: int, *, label: str) -> np.ndarray:
    """Return the images as memory-mapped uint8 (N, 3, size, size), decoded on first use.

    After an interruption, decoding resumes from the last image that was counted.

    Raises:
        InputError: an image cannot be read, or the disk or its share for caches is too small.
    """
    if not work.finished:
        _decode(work, images, size, label)
        work.finish()
    return np.load(work.folder / FILE, mmap_mode="r")


def _decode(work: Work, images: Sequence[Path], size: int, label: str) -> None:
    path = work.folder / FILE
    done = work.read(DECODED, 0) if path.exists() else 0
    if done:
        squares = np.lib.format.open_memmap(path, "r+")
    else:
        work.write(DECODED, 0)  # first: a count would hold for images that are yet to come
        path.unlink(missing_ok=True)
        squares = _make(path, (len(images), 3, size, size))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        decoded = itertools.chain.from_iterable(
            pool.map(lambda image: read_square(image, size), images[start : start + NOTED_EVERY])
            for start in range(done, len(images), NOTED_EVERY)  # few at a time: memory stays flat
        )
        for row, square in enumerate(progress(decoded, label, len(images) - done), done):
            squares[row] = square
            if (row + 1) % NOTED_EVERY == 0:
                squares.flush()
                release_pages(squares)
                work.write(DECODED, row + 1)
    squares.flush()


def release_pages(squares: np.memmap) -> None:
    """Release the pages read so far, which would count as this process's memory."""
    if hasattr(mmap, "MADV_DONTNEED"):
        squares.base.madvise(mmap.MADV_DONTNEED)


def _make(path: Path, shape: tuple[int, ...]) -> np.memmap:
    """Create the file at its full size: a disk that fills up under a map would kill the process."""
    _check_room(path.parent, int(np.prod(shape)), shape)
    squares = np.lib.format.open_memmap(path, "w+", dtype=np.uint8, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as stream:
            os.posix_fallocate(stream.fileno(), 0, path.stat().st_size)
    return squares


def _check_room(folder: Path, needed: int, shape: tuple[int, ...]) -> None:
    """Refuse what the disk, or the share of it that caches may take, cannot hold."""
    what = f"{shape[0]} images of {shape[-1]} pixels take {_gigabytes(needed)} decoded"
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(f"{what}, {folder} has {_gigabytes(free)} free")
    limit, caches = _limit(), folder.parent
    taken = sum(path.stat().st_size for path in caches.glob(f"*/{FILE}"))
    if taken + needed > limit:
        raise InputError(
            f"{what}, other sizes {_gigabytes(taken)}, {LIMIT} allows {_gigabytes(limit)}: raise "
            f"it, or remove folders of {caches}; they are decoded again when needed"
        )


def _limit() -> float:
    """Return the disk that caches may take, in bytes."""
    given = os.environ.get(LIMIT, str(DEFAULT_LIMIT))
    try:
        return float(given) * 1e9
    except ValueError:
        raise InputError(f"{LIMIT}={given}: expected a number of gigabytes, such as 64") from None


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.3g} GB"
