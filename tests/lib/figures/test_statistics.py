"""The figures of notebook 01 and the style: French text, few or many groups."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.data.sizes import box_height, box_width
from lib.figures import statistics as figures
from lib.figures import style


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def png(figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def groups(count: int) -> pd.DataFrame:
    images = np.linspace(60, 20, count).astype(int)
    names = [f"Make Model With Quite A Long Name {number} 2012" for number in range(count)]
    return pd.DataFrame({"train": images, "test": images // 2}, index=names)


def photographs(count: int = 40, largest: int = 1000) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({"width": generator.integers(80, largest, count)})
    frame["height"] = frame["width"] // 2
    frame = frame.assign(x1=1, y1=1, x2=frame["width"] * 3 // 4, y2=frame["height"])
    return frame.assign(box_ratio=box_width(frame) * box_height(frame))


def drawn_names(ax) -> list[str]:
    return [label.get_text() for label in ax.get_yticklabels()]


@pytest.mark.parametrize("count", [2, 12, figures.ALL_NAMED])
def test_few_groups_are_all_named(count):
    figure = figures.plot_groups(groups(count), groups="classes")
    figure.draw_without_rendering()
    assert len(drawn_names(figure.axes[0])) == count


def test_many_groups_name_their_extremes():
    figure = figures.plot_groups(groups(196), groups="classes")
    figure.draw_without_rendering()
    left, right = figure.axes
    names = drawn_names(left)
    assert len(names) == 2 * style.EXTREMES + 1
    assert names[style.EXTREMES] == "…"
    assert right.get_title() == "Les 196 classes, triées"
    assert figure.get_size_inches()[1] < 8


def test_long_names_keep_their_year():
    figure = figures.plot_groups(groups(3), groups="classes")
    assert drawn_names(figure.axes[0]) == [f"Make … {number} 2012" for number in range(3)]


def test_years_without_images_stay_empty():
    counts = pd.DataFrame({"train": [3, 5]}, index=[1991, 2012])
    figure = figures.plot_years(counts)
    figure.draw_without_rendering()
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == [str(year) for year in range(1991, 2013)]


@pytest.mark.parametrize(("largest", "scale"), [(300, "linear"), (5000, "log")])
def test_image_sizes_spread_widely_are_on_a_logarithmic_scale(largest, scale):
    figure = figures.plot_image_sizes(photographs(largest=largest))
    figure.draw_without_rendering()
    assert figure.axes[0].get_xscale() == scale


@pytest.mark.parametrize("share", [0.75, 1.0])
def test_car_sizes(share):
    frame = photographs()
    frame["x2"] = (frame["width"] * share).astype(int)
    frame["box_ratio"] = box_width(frame) * box_height(frame)
    figure = figures.plot_car_sizes(frame)
    figure.draw_without_rendering()
    assert figure.axes[1].get_title() == "Où se trouve la boîte"


def test_single_image():
    figures.plot_image_sizes(photographs(1)).draw_without_rendering()
    figures.plot_car_sizes(photographs(1)).draw_without_rendering()


def test_examples_fill_a_sheet():
    images = [Image.new("RGB", (60, 30)), Image.new("RGB", (30, 60))] * 3
    figure = figures.plot_examples(images[:5], ["Make Model Sedan 2012"] * 5)
    figure.draw_without_rendering()
    assert len(figure.axes) == 5


@pytest.mark.parametrize("count, title", [(3, "Audi"), (196, "Audi : les 20 plus grandes classes")])
def test_a_selection_shows_its_largest_classes_and_some_images(count, title):
    pictures = [Image.new("RGB", (40, 30))] * 2
    figure = figures.plot_selection(groups(count), pictures, ["Un", "Deux"], title="Audi")
    figure.draw_without_rendering()
    bars, *pictures = figure.axes
    assert bars.get_title() == title
    assert len(drawn_names(bars)) == min(count, 2 * style.EXTREMES)
    assert [len(ax.images) for ax in pictures] == [1, 1]


def test_same_data_same_bytes():
    first, second = (png(figures.plot_car_sizes(photographs())) for _ in range(2))
    assert first == second
