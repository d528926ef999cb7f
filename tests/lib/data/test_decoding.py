"""Decoding of images into the store."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from carnet import InputError, Work
from lib.data import decoding
from lib.data.decoding import open_squares
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


def test_decoding_goes_on_where_a_killed_process_stopped(photographs, cache, monkeypatch):
    """It decodes what comes after the last note, and gives the same bytes."""
    monkeypatch.setattr(decoding, "NOTED_EVERY", 2)

    def killed(path, size):
        if path == photographs[7]:
            raise KeyboardInterrupt
        return read_square(path, size)

    decoded = []
    monkeypatch.setattr(decoding, "read_square", killed)
    with pytest.raises(KeyboardInterrupt):
        open_squares(cache, photographs, 16, label="x")
    assert not cache.finished
    monkeypatch.setattr(
        decoding, "read_square", lambda *args: decoded.append(args[0]) or read_square(*args)
    )
    squares = open_squares(cache, photographs, 16, label="x")
    assert sorted(decoded) == photographs[6:]
    assert all(np.array_equal(squares[row], read_square(photographs[row], 16)) for row in range(9))
    assert cache.finished


def test_a_note_without_its_images_counts_for_nothing(photographs, cache):
    (cache.folder / "decoded.json").write_text(json.dumps(5))
    squares = open_squares(cache, photographs, 16, label="x")
    assert np.array_equal(squares[0], read_square(photographs[0], 16))


def test_a_note_of_other_images_counts_for_nothing(photographs, cache, monkeypatch):
    """A killed process left it; the next was killed too, before it noted anything."""

    def killed(path, size):
        raise KeyboardInterrupt

    (cache.folder / "decoded.json").write_text(json.dumps(5))
    with monkeypatch.context() as patch:
        patch.setattr(decoding, "read_square", killed)
        with pytest.raises(KeyboardInterrupt):
            open_squares(cache, photographs, 16, label="x")
    assert (cache.folder / "squares.npy").exists()
    squares = open_squares(cache, photographs, 16, label="x")
    assert all(np.array_equal(squares[row], read_square(photographs[row], 16)) for row in range(9))


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
