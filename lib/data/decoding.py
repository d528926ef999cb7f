"""Square images decoded once into a file of the store, then read batch by batch as tensors.

Memory stays flat whatever the number of images: the file is memory-mapped, and what was read is
given back to the system. Knows nothing of data sets: it is given paths, and a work of the store.
"""

import mmap
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from carnet import InputError, Work
from lib.data.images import for_each_image, read_square

if TYPE_CHECKING:
    from torch import Tensor

FILE = "squares.npy"
LIMIT = "JOURNAL_IMAGE_CACHE_GB"  # environment variable: the disk that all the caches may take
DEFAULT_LIMIT = 64.0  # 16,185 photographs at 224, 256, 512 and 672 pixels take 40


class Images:
    """Some rows of decoded images; `images[indices]` is uint8 (B, 3, size, size), from the disk.

    `indices` is a slice or a tensor of integers, from 0 to `len(images)` - 1.
    """

    def __init__(self, squares: np.ndarray, rows: np.ndarray):
        self.squares, self.rows = squares, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, indices: "Tensor | slice") -> "Tensor":
        import torch  # slow to import, and not needed to check data

        rows = self.rows[indices if isinstance(indices, slice) else indices.numpy()]
        batch = torch.from_numpy(self.squares[rows])
        if hasattr(mmap, "MADV_DONTNEED"):  # pages read count as this process's memory
            self.squares.base.madvise(mmap.MADV_DONTNEED)
        return batch

    def split(self, size: int) -> "Iterator[Tensor]":
        """Yield the images in order, `size` at a time, as `Tensor.split` gives a tensor's."""
        for start in range(0, len(self), size):
            yield self[start : start + size]


def open_squares(work: Work, images: Sequence[Path], size: int, *, label: str) -> np.ndarray:
    """Return the images as memory-mapped uint8 (N, 3, size, size), decoded on first use.

    Raises:
        InputError: an image cannot be read, or the disk or its share for caches is too small.
    """
    path, shape = work.folder / FILE, (len(images), 3, size, size)
    if not work.finished:
        path.unlink(missing_ok=True)  # of a process that was killed
        _check_room(path.parent, shape)
        with path.open("wb") as stream:
            header = {"descr": "|u1", "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(stream, header)
            for square in for_each_image(lambda image: read_square(image, size), images, label):
                stream.write(square.tobytes())
        work.finish()
    return np.load(path, mmap_mode="r")


def _check_room(folder: Path, shape: tuple[int, ...]) -> None:
    """Refuse what the disk, or the share of it that caches may take, cannot hold."""
    needed, free = int(np.prod(shape)), shutil.disk_usage(folder).free
    what = f"{shape[0]} images of {shape[-1]} pixels take {_gigabytes(needed)} decoded"
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
