"""The style of every figure: French numbers, colours, grids, legends, names."""

import matplotlib.pyplot as plt
import pytest
from PIL import Image

from lib.figures import style


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


@pytest.mark.parametrize(
    ("value", "label"), [(0.5, "0,50"), (-0.25, "\N{MINUS SIGN}0,25"), (0.0, "0,00")]
)
def test_axes_have_decimal_commas(value, label):
    figure, ax = style.new_figure()
    ax.plot([0, 1], [-1, 1])
    figure.draw_without_rendering()
    assert ax.yaxis.get_major_formatter()(value) == label


def test_axes_set_thousands_apart():
    figure, ax = style.new_figure()
    ax.plot([0, 1], [-12000, 12000])
    figure.draw_without_rendering()
    formatter = ax.yaxis.get_major_formatter()
    assert formatter(10000) == "10\u202f000"
    assert formatter(-5000) == "\N{MINUS SIGN}5\u202f000"


def test_axes_of_shares_and_of_names():
    figure, ax = style.new_figure()
    ax.bar(["a", "b"], [0.25, 0.5])
    style.french_axis(ax.yaxis, percent=True)
    figure.draw_without_rendering()
    assert ax.yaxis.get_major_formatter()(0.25).startswith("25")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["a", "b"]


def test_grid_removes_unused_cells():
    images = [Image.new("RGB", (40, 30))] * 4 + [None]
    fig = style.image_grid(images, ["Alba City 2009"] * 5, 3, cell=2.0)
    assert [len(ax.images) for ax in fig.axes] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("values", "labels"),
    [([0.1, 0.2], ["10\u202f%", "20\u202f%"]), ([0.05, 0.075], ["5,0\u202f%", "7,5\u202f%"])],
)
def test_shares_have_decimals_only_where_one_needs_them(values, labels):
    _, ax = style.new_figure()
    style.french_axis(ax.xaxis, percent=True)
    ax.set_xlim(0, 0.3)
    assert ax.xaxis.get_major_formatter().format_ticks(values) == labels


def test_legend_stands_below_in_one_row():
    figure, ax = style.new_figure()
    for name in ("a", "b", "c"):
        ax.plot([0, 1], label=name)
    style.legend_below(figure, ax)
    (legend,) = figure.legends
    figure.canvas.draw()
    tops = {round(text.get_window_extent().y0) for text in legend.get_texts()}
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "c"]
    assert len(tops) == 1
    assert legend.get_window_extent().y1 <= ax.get_window_extent().y0


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Alba City Berline 2009", "Alba City Berline 2009"),
        ("Chevrolet Silverado 1500 Hybrid Crew Cab 2012", "Chevrolet Silverado 1500 … 2012"),
    ],
)
def test_short_names_keep_their_year(name, short):
    assert style.short_name(name) == short
    assert len(short) <= style.LONGEST_NAME
