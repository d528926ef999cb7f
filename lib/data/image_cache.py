"""Square images decoded once into a memory-mapped file, then read batch by batch.

Memory stays flat whatever the number of images: what was read is given back to the system. Knows
nothing of data sets: it is given paths, and a folder to work in.
"""

import itertools
import mmap
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock
from torch import Tensor

from carnet import InputError, progress, read_json, write_json
from lib.data.images import read_square

FILE = "squares.npy"  # .part while it is being decoded
LIMIT = "JOURNAL_IMAGE_CACHE_GB"  # environment variable: the disk that all the caches may take
DEFAULT_LIMIT = 64.0  # 16,185 photographs at 224, 256, 512 and 672 pixels take 40
NOTED_EVERY = 256  # images decoded between two notes of how far it is


class Images:
    """Some rows of a cache; `images[places]` is uint8 (B, 3, size, size), read from the disk.

    `places` is a slice or a tensor of integers, from 0 to `len(images)` - 1.
    """

    def __init__(self, squares: np.ndarray, rows: np.ndarray):
        self.squares, self.rows = squares, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, places: Tensor | slice) -> Tensor:
        rows = self.rows[places if isinstance(places, slice) else places.numpy()]
        batch = torch.from_numpy(self.squares[rows])
        _give_back(self.squares)
        return batch

    def split(self, size: int) -> Iterator[Tensor]:
        """Yield the images in order, `size` at a time, as `Tensor.split` gives a tensor's."""
        for start in range(0, len(self), size):
            yield self[start : start + size]


def open_squares(folder: Path, images: Sequence[Path], size: int, *, label: str) -> np.ndarray:
    """Return the images as memory-mapped uint8 (N, 3, size, size), decoded on first use.

    They are decoded with all processors. A process that was killed is gone on from where it noted
    to be; another process that decodes the same images is waited for.

    Raises:
        InputError: an image cannot be read, or the disk or its share for caches is too small.
    """
    path = folder / FILE
    if not path.exists():
        with FileLock(folder / "decoding.lock"):
            if not path.exists():
                _decode(path, images, size, label)
    return np.load(path, mmap_mode="r")


def _decode(path: Path, images: Sequence[Path], size: int, label: str) -> None:
    partial, note = path.with_suffix(".part"), path.with_name("decoded.json")
    done = read_json(note, 0) if partial.exists() else 0
    if not done:
        note.unlink(missing_ok=True)  # first: it would speak of images that are yet to come
        partial.unlink(missing_ok=True)
    squares = _reopen(partial) if done else _make(partial, (len(images), 3, size, size))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        decoded = itertools.chain.from_iterable(
            pool.map(lambda image: read_square(image, size), images[start : start + NOTED_EVERY])
            for start in range(done, len(images), NOTED_EVERY)  # few at a time: memory stays flat
        )
        for row, square in enumerate(progress(decoded, label, len(images) - done), done):
            squares[row] = square
            if (row + 1) % NOTED_EVERY == 0:
                squares.flush()
                _give_back(squares)
                write_json(note, row + 1)
    squares.flush()
    partial.replace(path)
    note.unlink(missing_ok=True)


def _give_back(squares: np.memmap) -> None:
    """Let go of the pages seen so far, which would count as this process's memory."""
    if hasattr(mmap, "MADV_DONTNEED"):
        squares.base.madvise(mmap.MADV_DONTNEED)


def _reopen(partial: Path) -> np.memmap:
    return np.lib.format.open_memmap(partial, "r+")


def _make(partial: Path, shape: tuple[int, ...]) -> np.memmap:
    """Create the file at its full size: a disk that fills up under a map would kill the process."""
    _check_room(partial.parent, int(np.prod(shape)), shape)
    squares = np.lib.format.open_memmap(partial, "w+", dtype=np.uint8, shape=shape)
    if hasattr(os, "posix_fallocate"):
        with partial.open("r+b") as stream:
            os.posix_fallocate(stream.fileno(), 0, partial.stat().st_size)
    return squares


def _check_room(folder: Path, needed: int, shape: tuple[int, ...]) -> None:
    """Refuse what the disk, or the share of it that caches may take, cannot hold."""
    what = f"{shape[0]} images of {shape[-1]} pixels take {_gigabytes(needed)} decoded"
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise InputError(f"{what}, {folder} has {_gigabytes(free)} free")
    limit, caches = _limit(), folder.parent
    taken = sum(path.stat().st_size for path in caches.glob("*/squares.*"))
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
