"""The cache of decoded images."""

import json
import mmap
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from carnet import InputError
from lib.data import image_cache
from lib.data.image_cache import Images, open_squares
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
def cache(tmp_path) -> Path:
    folder = tmp_path / "images" / "essai"
    folder.mkdir(parents=True)
    return folder


def test_what_is_read_is_what_was_decoded(photographs, cache):
    images = Images(open_squares(cache, photographs, 16, label="x"), np.array([5, 0, 3, 8]))
    expected = [torch.tensor(read_square(photographs[row], 16)) for row in (5, 0, 3, 8)]
    assert len(images) == 4
    for places in (slice(1, 3), torch.tensor([3, 0]), torch.tensor([2]), torch.tensor([]).long()):
        batch = images[places]
        chosen = range(4)[places] if isinstance(places, slice) else places.tolist()
        assert batch.shape == (len(chosen), 3, 16, 16) and batch.dtype == torch.uint8
        assert all(torch.equal(image, expected[place]) for image, place in zip(batch, chosen))
    assert [len(batch) for batch in images.split(3)] == [3, 1]


def test_decoding_goes_on_where_a_killed_process_stopped(photographs, cache, monkeypatch):
    """It decodes what comes after the last note, and gives the same bytes."""
    monkeypatch.setattr(image_cache, "NOTED_EVERY", 2)

    def killed(path, size):
        if path == photographs[7]:
            raise KeyboardInterrupt
        return read_square(path, size)

    decoded = []
    monkeypatch.setattr(image_cache, "read_square", killed)
    with pytest.raises(KeyboardInterrupt):
        open_squares(cache, photographs, 16, label="x")
    assert not (cache / image_cache.FILE).exists()
    monkeypatch.setattr(
        image_cache, "read_square", lambda *args: decoded.append(args[0]) or read_square(*args)
    )
    squares = open_squares(cache, photographs, 16, label="x")
    assert sorted(decoded) == photographs[6:]
    assert all(np.array_equal(squares[row], read_square(photographs[row], 16)) for row in range(9))
    assert {path.name for path in cache.iterdir()} <= {image_cache.FILE, "decoding.lock"}


def test_a_note_without_its_images_counts_for_nothing(photographs, cache):
    (cache / "decoded.json").write_text(json.dumps(5))
    squares = open_squares(cache, photographs, 16, label="x")
    assert np.array_equal(squares[0], read_square(photographs[0], 16))


def test_a_note_of_other_images_counts_for_nothing(photographs, cache, monkeypatch):
    """A killed process left it; the next was killed too, before it noted anything."""

    def killed(path, size):
        raise KeyboardInterrupt

    (cache / "decoded.json").write_text(json.dumps(5))
    with monkeypatch.context() as patch:
        patch.setattr(image_cache, "read_square", killed)
        with pytest.raises(KeyboardInterrupt):
            open_squares(cache, photographs, 16, label="x")
    assert (cache / "squares.part").exists()
    squares = open_squares(cache, photographs, 16, label="x")
    assert all(np.array_equal(squares[row], read_square(photographs[row], 16)) for row in range(9))


def test_what_a_killed_process_left_takes_no_room(photographs, cache, monkeypatch):
    def usage(folder):
        left = sum(path.stat().st_size for path in cache.glob("squares.*"))
        return type("Usage", (), {"free": 10_000 - left})

    monkeypatch.setattr(image_cache.shutil, "disk_usage", usage)
    (cache / "squares.part").write_bytes(bytes(7_000))
    assert len(open_squares(cache, photographs, 16, label="x")) == 9


def test_what_is_being_decoded_counts_too(photographs, cache, monkeypatch):
    monkeypatch.setenv(image_cache.LIMIT, "0.00001")
    (cache / "squares.part").write_bytes(bytes(7_000))
    other = cache.parent / "other"
    other.mkdir()
    with pytest.raises(InputError, match="other sizes 7e-06 GB"):
        open_squares(other, photographs, 17, label="x")


def test_caches_are_bounded(photographs, cache, monkeypatch):
    """All sizes count together; nothing is left of what was refused."""
    monkeypatch.setenv(image_cache.LIMIT, "0.00001")
    open_squares(cache, photographs, 16, label="x")
    other = cache.parent / "other"
    other.mkdir()
    with pytest.raises(InputError) as caught:
        open_squares(other, photographs, 17, label="x")
    told = str(caught.value)
    assert told.startswith("9 images of 17 pixels take 7.8e-06 GB decoded, other sizes 7.04e-06 GB")
    assert "JOURNAL_IMAGE_CACHE_GB allows 1e-05 GB: raise it, or remove folders of" in told
    assert "\n" not in told
    assert not (other / "squares.part").exists()


def test_a_disk_too_small_is_told(photographs, cache, monkeypatch):
    free = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(image_cache.shutil, "disk_usage", lambda folder: free)
    with pytest.raises(InputError, match=r"6.91e-06 GB decoded, .* has 1e-06 GB free"):
        open_squares(cache, photographs, 16, label="x")


def test_a_limit_that_is_no_number_is_told(photographs, cache, monkeypatch):
    monkeypatch.setenv(image_cache.LIMIT, "beaucoup")
    with pytest.raises(InputError, match="JOURNAL_IMAGE_CACHE_GB=beaucoup: expected a number"):
        open_squares(cache, photographs, 16, label="x")


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
