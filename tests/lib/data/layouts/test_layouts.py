"""`lib.data.layouts`: each layout is recognised by looking, and says what it found in one line."""

import pytest

from carnet import InputError
from lib.data import check_data, load_cars
from lib.data.layouts import read_data
from tests.lib.data.rearranged import LAYOUTS, few_cars40

COUNTS = "4 classes, 32 train and 16 test images"
SPLIT_HERE = "(no test labels: split here)"
SAID = {
    "official": f"Stanford Cars, official layout: {COUNTS}, with boxes",
    "nested": f"Stanford Cars, official layout: {COUNTS}, with boxes",
    "archive": f"Stanford Cars, cars_annos.mat: {COUNTS}, with boxes",
    "kaggle": f"Stanford Cars, cars_annos.mat: {COUNTS}, with boxes",
    "folders": f"folders by class, train/ and test/: {COUNTS}, without boxes",
    "plain": f"folders by class: 4 classes, 40 train and 8 test images {SPLIT_HERE}, without boxes",
    "parquet": f"Hugging Face parquet: {COUNTS}, without boxes",
    "no_test_labels": "Stanford Cars, official layout: 4 classes, 28 train and 4 test images "
    f"{SPLIT_HERE}, with boxes",
    "labels_elsewhere": f"Stanford Cars, official layout: {COUNTS}, with boxes",
    "subset": f"Stanford Cars, official layout: {COUNTS}, with boxes",
    "no_boxes": f"Stanford Cars, official layout: {COUNTS}, without boxes",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_real_photographs_in_each_layout(name, cars40, tmp_path):
    base = few_cars40(cars40, tmp_path / "official")
    LAYOUTS[name](base)
    assert check_data(base.parent) == SAID[name]


@pytest.mark.parametrize("name", LAYOUTS)
def test_each_layout_has_the_images_and_classes_of_the_official_one(name, base):
    before = load_cars(str(base.parent)).frame
    LAYOUTS[name](base)
    after = load_cars(str(base.parent))
    kept = before[before["split"] != "test"] if name == "no_test_labels" else before
    held = after.frame.set_index("hash")["class_name"]
    assert held.to_dict() == kept.set_index("hash")["class_name"].to_dict()
    assert set(after.frame["split"]) == {"train", "validation", "test"}
    assert after.has_makes
    boxes = ["hash", "x1", "y1", "x2", "y2"]
    if after.has_boxes:
        same = after.frame[boxes].merge(kept[boxes])
        assert len(same) == len(kept)
    else:
        assert (after.frame["box_ratio"] == 1).all()


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_the_folder_may_be_given_at_any_depth(base, depth):
    given = [base, base.parent, base.parent.parent][depth]
    assert read_data(given).base == base


def test_a_link_to_the_photographs(base, tmp_path):
    (base / "cars_train").rename(tmp_path / "elsewhere")
    (base / "cars_train").symlink_to(tmp_path / "elsewhere")
    assert check_data(base.parent)


def test_an_empty_folder_says_what_it_may_hold(tmp_path):
    with pytest.raises(InputError) as caught:
        read_data(tmp_path)
    said = str(caught.value)
    assert said.startswith(f"data '{tmp_path}': no data set in it, expected one of: Stanford Cars")
    assert "\n" not in said
    assert "train/CLASS/, test/CLASS/" in said


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match=r"nowhere': no such folder"):
        read_data(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "devkit/cars_meta.mat",
            "found cars_train/, .*, no devkit/cars_meta.mat",
        ),
        ("devkit/cars_train_annos.mat", "no devkit/cars_train_annos.mat"),
        ("cars_train", "no cars_train/"),
        ("cars_test", "no cars_test/"),
    ],
)
def test_what_is_missing_is_named(base, tmp_path, name, said):
    (base / name).rename(tmp_path / "gone")
    with pytest.raises(InputError, match=f"Stanford Cars, official layout: .*{said}"):
        read_data(base.parent)


def test_classes_that_have_no_image_are_left_out(base):
    from tests.lib.data.mat_files import META, read_names, write_names

    names = read_names(base / META)
    write_names(base / META, [*names, "Zeta Coupe 2012"])
    assert read_data(base.parent).classes == tuple(names)


def test_a_test_split_of_its_own_has_a_fifth_of_each_class(base):
    (base / "cars_test_annos_withlabels.mat").unlink()
    data = read_data(base.parent)
    assert data.own_test
    for _, rows in data.rows.groupby("label"):
        assert (rows["split"] == "test").sum() == max(1, len(rows) // 5)
    assert read_data(base.parent).rows.equals(data.rows)
