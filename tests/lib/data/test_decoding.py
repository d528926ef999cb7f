"""Decoding of images into the store, and reading them in batches."""

import mmap
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from carnet import InputError, Work
from lib.data import decoding
from lib.data.decoding import Images, open_squares
from lib.data.images import read_square


@pytest.fixture
def photographs(tmp_path) -> list[Path]:
    random, folder = np.random.default_rng(0), tmp_path / "photographs"
    folder.mkdir()
    paths = [folder / f"{number}.png" for number in range(9)]
    for path in paths:
        Image.fromarray(random.integers(0, 256, (20, 30, 3), dtype=np.uint8)).save(path)
    return paths


@pytest.fixture
def cache(tmp_path) -> Work:
    return make_work(tmp_path / "images" / "essai")


def make_work(folder: Path) -> Work:
    folder.mkdir(parents=True)
    return Work(folder)


def test_squares_are_the_images(photographs, cache):
    squares = open_squares(cache, photographs, 16, label="x")
    assert all(np.array_equal(squares[row], read_square(photographs[row], 16)) for row in range(9))


def test_decoding_that_was_killed_begins_again(photographs, cache, monkeypatch):
    def killed(path, size):
        if path == photographs[7]:
            raise KeyboardInterrupt
        return read_square(path, size)

    with monkeypatch.context() as patch:
        patch.setattr(decoding, "read_square", killed)
        with pytest.raises(KeyboardInterrupt):
            open_squares(cache, photographs, 16, label="x")
    assert not cache.finished
    squares = open_squares(cache, photographs, 16, label="x")
    assert all(np.array_equal(squares[row], read_square(photographs[row], 16)) for row in range(9))
    assert cache.finished


def test_what_a_killed_process_left_takes_no_room(photographs, cache, monkeypatch):
    def usage(folder):
        left = sum(path.stat().st_size for path in cache.folder.glob("squares.*"))
        return type("Usage", (), {"free": 10_000 - left})

    monkeypatch.setattr(decoding.shutil, "disk_usage", usage)
    (cache.folder / "squares.npy").write_bytes(bytes(7_000))
    assert len(open_squares(cache, photographs, 16, label="x")) == 9


def test_what_is_being_decoded_counts_too(photographs, cache, monkeypatch):
    monkeypatch.setenv(decoding.LIMIT, "0.00001")
    (cache.folder / "squares.npy").write_bytes(bytes(7_000))
    other = make_work(cache.folder.parent / "other")
    with pytest.raises(InputError, match="other sizes 7e-06 GB"):
        open_squares(other, photographs, 17, label="x")


def test_caches_are_bounded(photographs, cache, monkeypatch):
    """All sizes count together; nothing is left of what was refused."""
    monkeypatch.setenv(decoding.LIMIT, "0.00001")
    open_squares(cache, photographs, 16, label="x")
    other = make_work(cache.folder.parent / "other")
    with pytest.raises(InputError) as caught:
        open_squares(other, photographs, 17, label="x")
    told = str(caught.value)
    assert told.startswith("9 images of 17 pixels take 7.8e-06 GB decoded, other sizes 7.04e-06 GB")
    assert "JOURNAL_IMAGE_CACHE_GB allows 1e-05 GB: raise it, or remove folders of" in told
    assert "\n" not in told
    assert not (other.folder / "squares.npy").exists()


def test_a_disk_too_small_is_told(photographs, cache, monkeypatch):
    free = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(decoding.shutil, "disk_usage", lambda folder: free)
    with pytest.raises(InputError, match=r"6.91e-06 GB decoded, .* has 1e-06 GB free"):
        open_squares(cache, photographs, 16, label="x")


def test_a_limit_that_is_no_number_is_told(photographs, cache, monkeypatch):
    monkeypatch.setenv(decoding.LIMIT, "beaucoup")
    with pytest.raises(InputError, match="JOURNAL_IMAGE_CACHE_GB=beaucoup: expected a number"):
        open_squares(cache, photographs, 16, label="x")


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
