"""Reading decoded images in batches."""

import mmap
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from lib.data.image_cache import Images


def test_batches_are_rows_of_the_cache(tmp_path):
    squares = np.random.default_rng(0).integers(0, 256, (9, 3, 16, 16), dtype=np.uint8)
    np.save(tmp_path / "squares.npy", squares)
    images = Images(np.load(tmp_path / "squares.npy", mmap_mode="r"), np.array([5, 0, 3, 8]))
    expected = [torch.tensor(squares[row]) for row in (5, 0, 3, 8)]
    assert len(images) == 4
    for places in (slice(1, 3), torch.tensor([3, 0]), torch.tensor([2]), torch.tensor([]).long()):
        batch = images[places]
        chosen = range(4)[places] if isinstance(places, slice) else places.tolist()
        assert batch.shape == (len(chosen), 3, 16, 16) and batch.dtype == torch.uint8
        assert all(torch.equal(image, expected[place]) for image, place in zip(batch, chosen))
    assert [len(batch) for batch in images.split(3)] == [3, 1]


@pytest.mark.skipif(not hasattr(mmap, "MADV_DONTNEED"), reason="no madvise on this system")
def test_what_was_read_does_not_stay_in_memory(tmp_path):
    """Reading 50 MB through batches leaves the process about as large as it was."""
    path = tmp_path / "squares.npy"
    squares = np.lib.format.open_memmap(path, "w+", dtype=np.uint8, shape=(4096, 3, 64, 64))
    squares[:] = 1
    squares.flush()
    del squares
    images = Images(np.load(path, mmap_mode="r"), np.arange(4096))
    before = resident()
    kept = images.squares.sum(dtype=int)  # as one reads a map: all of it stays
    assert resident() - before > 40e6
    for batch in images.split(64):
        kept -= int(batch.sum())
    assert kept == 0
    assert resident() - before < 10e6


def resident() -> int:
    """The pages of files in the memory of this process, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[2])
    return pages * os.sysconf("SC_PAGE_SIZE")
