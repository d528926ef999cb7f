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
    ("ticks", "labels"),
    [
        ([-0.25, 0.0, 0.5], ["\N{MINUS SIGN}0,25", "0,00", "0,50"]),
        ([0.1, 0.2, 0.1 + 0.2], ["0,1", "0,2", "0,3"]),
        ([0.0, 1e-5], ["0,00000", "0,00001"]),
        ([], []),
    ],
)
def test_axes_have_decimal_commas_and_as_many_decimals_as_needed(ticks, labels):
    _, ax = style.new_figure()
    assert ax.yaxis.get_major_formatter().format_ticks(ticks) == labels


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
    images = [Image.new("RGB", (40, 30))] * 4
    fig = style.image_grid(images, ["Alba City 2009"] * 4, 3, cell=2.0)
    assert [len(ax.images) for ax in fig.axes] == [1, 1, 1, 1]


def test_an_image_that_is_not_there_is_said():
    _, ax = style.new_figure()
    style.show_image(ax, None, "Alba City 2009")
    assert [text.get_text() for text in ax.texts] == [style.NO_IMAGE]


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Alba City 2009", ["Alba City 2009"]),
        ("Alba City Cabriolet 2009", ["Alba City", "Cabriolet 2009"]),
    ],
)
def test_titles_break_into_lines_of_like_lengths(title, lines):
    assert style.wrapped(title, 20).splitlines() == lines


@pytest.mark.parametrize(
    ("values", "labels"),
    [([0.1, 0.29], ["10\u00a0%", "29\u00a0%"]), ([0.05, 0.075], ["5,0\u00a0%", "7,5\u00a0%"])],
)
def test_shares_have_decimals_only_where_one_needs_them(values, labels):
    _, ax = style.new_figure()
    style.french_axis(ax.xaxis, percent=True)
    ax.set_xlim(0, 0.3)
    assert ax.xaxis.get_major_formatter().format_ticks(values) == labels


def test_legend_stands_above_in_one_row():
    figure, ax = style.new_figure()
    for name in ("a", "b", "c"):
        ax.plot([0, 1], label=name)
    style.legend_above(figure)
    (legend,) = figure.legends
    figure.canvas.draw()
    tops = {round(text.get_window_extent().y0) for text in legend.get_texts()}
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "c"]
    assert len(tops) == 1
    assert legend.get_window_extent().y0 >= ax.get_window_extent().y1


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


@pytest.mark.parametrize(
    ("one", "other"), [("v1", "la première version"), ("v2", "Deuxième version")]
)
def test_a_model_has_one_colour_under_all_its_names(one, other):
    assert style.model_colour(one) == style.model_colour(other) != style.MUTED


def test_models_and_subsets_have_colours_of_their_own():
    colours = {style.model_colour(name) for name in ("v1", "v2", "Modèle final")}
    assert len(colours | set(style.SUBSETS.values())) == 6
    assert style.model_colour("non entraîné") == style.MUTED


OFFICIAL = [
    "Chevrolet Silverado 1500 Hybrid Crew Cab 2012",
    "Chevrolet Silverado 1500 Extended Cab 2012",
    "Chevrolet Silverado 1500 Regular Cab 2012",
    "Aston Martin V8 Vantage Convertible 2012",
    "Aston Martin V8 Vantage Coupe 2012",
    "BMW M3 Coupe 2012",
]


@pytest.mark.parametrize(
    "names",
    [
        OFFICIAL,
        ["a" * 50, "a" * 60, "b" * 50],
        ["Very long name of a model " * 3 + tail for tail in ("A 2012", "B 2012")],
        ["比亚迪", "汉", "EV 2021"],
        ["", "…", "x " * 40],
    ],
)
def test_short_names_stay_distinct(names):
    short = style.short_names(names)
    assert len(set(short)) == len(names)
    assert max(map(len, short)) <= style.LONGEST_NAME + len(" (1)")


def test_names_that_are_cut_alike_keep_what_tells_them_apart():
    assert style.short_names(OFFICIAL) == [
        "Chevrolet … Hybrid Crew Cab 2012",
        "Chevrolet … Extended Cab 2012",
        "Chevrolet … Regular Cab 2012",
        "Aston Martin V8 Vantage … 2012",
        "Aston Martin V8 Vantage Coupe 2012",
        "BMW M3 Coupe 2012",
    ]


def test_official_names_stay_distinct(official_annotations):
    names = sorted(set(official_annotations["class_name"]))
    assert len(set(style.short_names(names))) == len(names) == 196


def test_names_are_drawn_as_they_are_written():
    """No formula, and no warning of a glyph that is missing."""
    names = ["$x$ <b>*y*</b> [a](b)", "比亚迪 汉 EV 2021"]
    images = [Image.new("RGB", (30, 20))] * 2
    figure = style.image_grid(images, names, 2, cell=2.0)
    figure.canvas.draw()
    assert [ax.get_title() for ax in figure.axes] == ["$x$ <b>*y*</b> [a](b)", "… EV 2021"]
    assert not any(ax.title.get_parse_math() for ax in figure.axes)


def test_an_interval_stands_on_its_row_with_its_text_beyond_its_end():
    _, ax = style.new_figure()
    style.name_rows(ax, ["haut", "bas"])
    style.show_interval(ax, 1, 0.5, (0.25, 0.75), "red", "50 %")
    assert ax.collections[0].get_segments()[0].tolist() == [[0.25, 1], [0.75, 1]]
    assert ax.texts[0].xy == (0.75, 1)
    assert ax.yaxis_inverted()
