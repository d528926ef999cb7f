"""Decoded images on disk, read batch by batch as tensors.

Memory stays flat whatever the number of images: what was read is given back to the system.
`lib.data.decoding` makes the file.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from lib.data.decoding import release_pages

if TYPE_CHECKING:
    from torch import Tensor


class Images:
    """Some rows of a cache; `images[indices]` is uint8 (B, 3, size, size), read from the disk.

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
        release_pages(self.squares)
        return batch

    def split(self, size: int) -> "Iterator[Tensor]":
        """Yield the images in order, `size` at a time, as `Tensor.split` gives a tensor's."""
        for start in range(0, len(self), size):
            yield self[start : start + size]
