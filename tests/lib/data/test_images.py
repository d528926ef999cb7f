"""`lib.data.images`: pixels as they were meant, upright, of any depth, and what cannot be read."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from torchvision.transforms import v2

from carnet import InputError
from lib.data.images import NO_IMAGE, open_image, orientation, read_image, read_square, size_of


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "image"


@pytest.fixture
def photograph(path) -> Path:
    """A smooth picture, 60 pixels by 40: dark at the upper left, light at the lower right."""
    across, down = np.meshgrid(np.linspace(0, 120, 60), np.linspace(0, 120, 40))
    Image.fromarray((across + down).astype(np.uint8)).convert("RGB").save(path, "JPEG")
    return path


def test_squares_are_near_those_of_torchvision(photograph):
    resize = v2.Compose([v2.Resize((32, 32), antialias=True), v2.PILToTensor()])
    expected = resize(read_image(photograph)).numpy().astype(int)
    assert np.abs(read_square(photograph, 32) - expected).mean() < 3


def test_read_image_keeps_the_shape(photograph):
    assert read_image(photograph, longest=30).size == (30, 20)


def test_size_is_read_without_decoding(path):
    Image.new("RGB", (300, 200)).save(path, "JPEG")
    path.write_bytes(path.read_bytes()[:700])
    with open_image(path) as image:
        assert size_of(image) == (300, 200)


@pytest.mark.parametrize("turn", range(2, 9))
def test_exif_turns_the_image(photograph, tmp_path, turn):
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Pillow's transpose that it undoes
    exif, lying = Image.Exif(), tmp_path / "lying.png"
    exif[ExifTags.Base.Orientation] = turn
    stood = read_image(photograph)
    stood.transpose(Image.Transpose(turns[turn])).save(lying, exif=exif)
    with open_image(lying) as image:
        assert size_of(image) == stood.size == read_image(lying).size
    np.testing.assert_array_equal(read_square(lying, 8), read_square_of(stood, tmp_path))


def read_square_of(image: Image.Image, folder: Path) -> np.ndarray:
    image.save(folder / "stood.png")
    return read_square(folder / "stood.png", 8)


def test_16_bits_are_scaled(path):
    grey = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    Image.fromarray(grey).save(path, "PNG")
    assert read_square(path, 8).mean() == pytest.approx(127.5, abs=1)
    assert np.asarray(read_image(path))[:, :, 0] == pytest.approx(grey / 257, abs=0.51)


@pytest.mark.parametrize("kind", [np.float32, np.int32])
def test_pixels_of_unknown_range_are_refused(path, kind):
    Image.fromarray(np.full((4, 4), 1000, kind)).save(path, "TIFF")
    with pytest.raises(InputError, match="pixels of 32 bits, of unknown range"):
        read_square(path, 8)


@pytest.mark.parametrize("size", [(2, 900), (900, 2)])
def test_a_strip_is_cropped_in_figures(path, size):
    Image.new("RGB", size).save(path, "PNG")
    assert sorted(read_image(path, longest=400).size) == [2, 6]
    assert read_image(path).size == size


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"<!DOCTYPE html><p>Sign in", NO_IMAGE),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", NO_IMAGE),
    ],
)
def test_what_is_no_image(path, content, said):
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"^{path}: {said}$"):
        read_image(path)


def test_an_image_that_is_missing(path):
    with pytest.raises(InputError, match=f"^{path}: the image is missing$"):
        read_image(path)


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_file_in_place_of_an_image(path, make):
    make(path)
    with pytest.raises(InputError, match=f"^{path}: not a file$"):
        read_image(path)


def test_an_image_cut_short(photograph):
    photograph.write_bytes(photograph.read_bytes()[:-200])
    with pytest.raises(InputError, match=rf"^{photograph}: the image is damaged \(.*[Tt]runcated"):
        read_square(photograph, 8)


def test_an_image_too_large_to_open(photograph, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(InputError, match=f"^{photograph}: too large to open, .* 2,000 pixels"):
        read_image(photograph)


@pytest.mark.parametrize("turn", [0, 9])
def test_an_orientation_that_is_none_turns_nothing(photograph, tmp_path, turn):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = turn
    read_image(photograph).save(tmp_path / "odd.png", exif=exif)
    with open_image(tmp_path / "odd.png") as image:
        assert orientation(image) == 1
    assert read_image(tmp_path / "odd.png").size == (60, 40)


def test_a_damaged_exif_leaves_the_pixels(photograph, monkeypatch):
    def fail(image):
        raise SyntaxError("not a TIFF file")

    monkeypatch.setattr(Image.Image, "getexif", fail)
    assert read_image(photograph).size == (60, 40)


def test_transparent_palettes_are_read_without_a_warning(photograph, path):
    palette = read_image(photograph).quantize(8)
    palette.save(path, "PNG", transparency=bytes([0, 128] * 4))
    assert read_image(path).mode == "RGB"
