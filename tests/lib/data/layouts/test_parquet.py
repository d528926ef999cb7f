"""`lib.data.layouts.parquet`: files as Hugging Face gives them."""

import io
from pathlib import Path

import pytest
from PIL import Image

from carnet import InputError
from lib.data import load_cars
from lib.data.layouts import read_data
from tests.lib.data.mat_files import fault
from tests.lib.data.rearranged import write_parquet


def images(count: int) -> list[dict]:
    """Return small images as the files hold them, all different."""
    held = []
    for row in range(count):
        buffer = io.BytesIO()
        Image.linear_gradient("L").resize((20 + row, 30)).save(buffer, "PNG")
        held.append({"bytes": buffer.getvalue(), "path": f"{row}.png"})
    return held


@pytest.fixture
def path(tmp_path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data/train-00000-of-00001.parquet"


def test_the_names_of_classes_are_those_declared(path):
    write_parquet(path, images(6), [1, 1, 1, 0, 0, 0], ["1", "0"])  # names that look like labels
    cars = load_cars(str(path.parent))
    assert cars.classes == ("1", "0")
    assert list(cars.frame["class_name"]) == ["0"] * 3 + ["1"] * 3
    assert list(cars.frame["width"]) == [20, 21, 22, 23, 24, 25]


@pytest.mark.parametrize("labels", [[7, 7, 3, 3], ["tulip", "tulip", "rose", "rose"]])
def test_labels_without_names_are_their_own(path, labels):
    write_parquet(path, images(4), labels)
    data = read_data(path.parent)
    assert data.classes == tuple(map(str, sorted(set(labels))))
    assert list(data.rows["label"]) == [1, 1, 0, 0]


def test_images_without_a_label_are_left_out(path):
    write_parquet(path, images(5), [0, 0, 1, 1, 0], ["a", "b"])
    write_parquet(path.with_name("test-00000-of-00001.parquet"), images(2), [-1, -1], ["a", "b"])
    data = read_data(path.parent)
    assert data.own_test
    assert len(data.rows) == 5


def test_several_files_of_a_split(path):
    write_parquet(path, images(4), [0, 0, 1, 1], ["a", "b"])
    write_parquet(
        path.with_name("train-00001-of-00002.parquet"), images(4), [0, 0, 1, 1], ["a", "b"]
    )
    assert len(read_data(path.parent).rows) == 8


def test_a_label_that_has_no_name(path):
    write_parquet(path, images(3), [0, 1, 2], ["a", "b"])
    with pytest.raises(InputError, match=rf"{path}: label 2, expected 0 to 1"):
        read_data(path.parent)


def test_columns_of_other_names(path):
    write_parquet(path, images(2), [0, 1])
    from pyarrow import parquet

    parquet.write_table(parquet.read_table(path).rename_columns(["picture", "class"]), path)
    with pytest.raises(InputError, match=r"no column label in it, found picture, class$"):
        read_data(path.parent)


def test_a_file_that_is_no_parquet(path):
    path.write_text("version https://git-lfs.github.com/spec/v1")
    with pytest.raises(InputError, match="not a parquet file that can be read"):
        read_data(path.parent)


def test_a_row_without_an_image(path):
    write_parquet(path, [*images(3), None], [0, 0, 1, 1], ["a", "b"])
    assert fault(path.parent) == f"{path}: row 3 holds no image, expected its bytes"


def test_a_damaged_image_is_named(path):
    held = images(6)
    held[2]["bytes"] = held[2]["bytes"][:40]
    write_parquet(path, held, [0, 0, 0, 1, 1, 1], ["a", "b"])
    assert "train-00000-of-00001-000002: " in fault(path.parent)
