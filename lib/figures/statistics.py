"""The figures of a data set: how images spread over groups, image sizes, car boxes.

Few or many groups stay readable.
"""

import textwrap
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from carnet import drawable, fr, fr_percent, fr_plural
from lib.data.balance import balance, counts_by_subset, evenly_spaced
from lib.data.cars import Cars
from lib.data.images import read_image
from lib.data.sizes import aspect_ratio, box_height, box_width, coverage
from lib.figures import style
from lib.figures.explore import Menus, explore
from lib.report.names import SPLITS

ALL_NAMED = 60  # beyond this many groups only the extremes are named
SHOWN = 6  # images of a selection
ALL = "toutes"  # makes or years, in a menu
MEDIAN = style.PALETTE[3]
BESIDE = {"xytext": (4, -4), "textcoords": "offset points", "va": "top", "fontsize": 9.5}
BEFORE = {"xytext": (-8, -4), "ha": "right"}
COMMON_SHAPES = {"16:9": 16 / 9, "4:3": 4 / 3, "1:1": 1.0}


def plot_groups(counts: pd.DataFrame, *, title: str, groups: str) -> Figure:
    """Plot the images of each group as bars, one colour per subset.

    Args:
        counts: images by group (rows, largest first) and subset (columns).
        title: French title.
        groups: French plural of what is counted, e.g. "classes".
    """
    if len(counts) <= ALL_NAMED:
        height = 1.4 + 0.19 * len(counts)
        fig, ax = style.new_figure(height=max(height, 3.0))
        _named_bars(ax, counts)
        ax.set_title(title)
        style.legend_below(fig, ax)
        return fig
    fig, (left, right) = style.new_figure(1, 2, height=6.2, width_ratios=(1, 1.15))
    _extreme_bars(left, counts)
    left.set_title(f"Les {2 * style.EXTREMES} {groups} extrêmes")
    _profile(right, counts.sum(axis=1), groups)
    right.set_title(f"Les {fr(len(counts))} {groups}, triées")
    fig.suptitle(title)
    style.legend_below(fig, left)
    return fig


def plot_years(counts: pd.DataFrame, classes: pd.Series) -> Figure:
    """Plot images (one colour per subset) and classes by year, years without any left empty.

    Args:
        counts: images by year (rows) and subset (columns).
        classes: number of classes by year.
    """
    counts = counts.sort_index()
    fig, (top, bottom) = style.new_figure(
        2, 1, height=5.6, sharex=True, gridspec_kw={"height_ratios": (2.2, 1)}
    )
    _stacked_bars(top.bar, counts.index, counts, padding=1)
    bars = bottom.bar(classes.index, classes, color=style.MUTED)
    bottom.bar_label(bars, map(fr, classes), padding=1, fontsize=8)
    years = np.arange(counts.index.min(), counts.index.max() + 1)
    bottom.set_xticks(years, [str(year) for year in years], rotation=60 if len(years) > 12 else 0)
    top.set(title="Nombre d’images par année du modèle", ylabel="images")
    bottom.set(xlabel="année du modèle", ylabel="classes")
    style.legend_below(fig, top)
    for ax in (top, bottom):
        ax.margins(y=0.12)
        ax.grid(visible=False, axis="x")
    return fig


def plot_image_sizes(frame: pd.DataFrame) -> Figure:
    """Plot the height of images against their width, and their shape (width over height)."""
    fig, (left, right) = style.new_figure(1, 2, height=4.4, width_ratios=(1.25, 1))
    dots = {"color": style.SUBSETS["train"], "s": 9, "alpha": 0.35, "linewidths": 0}
    left.scatter(frame["width"], frame["height"], **dots)
    if frame["width"].max() > 10 * frame["width"].min():
        style.log_axes(left)
    _shape_lines(left)
    left.set(title="Taille des images", xlabel="largeur (pixels)", ylabel="hauteur (pixels)")
    _histogram(right, aspect_ratio(frame))
    right.set(title="Forme des images", xlabel="largeur / hauteur", ylabel="images")
    return fig


def plot_car_sizes(frame: pd.DataFrame) -> Figure:
    """Plot the share of the image that the car's box covers, and where boxes are."""
    fig, (left, right) = style.new_figure(1, 2, height=4.2)
    _histogram(left, frame["box_ratio"], range=(0, 1), percent=True)
    style.french_axis(left.xaxis, percent=True)
    left.set(title="Part de l’image couverte", ylabel="images")
    left.set_xlabel("surface de la boîte / surface de l’image")
    shares = right.imshow(coverage(frame), vmin=0, vmax=1, extent=(0, 1, 1, 0))
    fig.colorbar(shares, ax=right, format=style.FrenchFormatter(percent=True), shrink=0.85)
    right.set(xlabel="largeur de l’image", ylabel="hauteur de l’image")
    right.set_title("Où se trouve la boîte")
    for axis in (right.xaxis, right.yaxis):
        style.french_axis(axis, percent=True)
    right.grid(visible=False)
    width, height = box_width(frame).median(), box_height(frame).median()
    text = f"médianes : {fr_percent(width)} de large, {fr_percent(height)} de haut"
    paper = {"facecolor": "white", "alpha": 0.8, "edgecolor": "none"}
    right.text(0.5, 0.06, text, ha="center", va="center", fontsize=8.5, bbox=paper)
    return fig


def plot_examples(images: Sequence[Image.Image], titles: Sequence[str]) -> Figure:
    """Show images on a contact sheet, each under its title."""
    return style.image_grid(images, titles, columns=min(4, len(images)), cell=style.WIDTH / 4)


def plot_selection(
    counts: pd.DataFrame, images: Sequence[Image.Image], titles: Sequence[str], *, title: str
) -> Figure:
    """Plot the images of each class of a selection as bars, above some of them in a row.

    Args:
        counts: images by class (rows, largest first) and subset; only the first are shown.
        images: a few of the selection.
        titles: one for each image.
        title: French name of the selection, which may hold nothing.
    """
    if counts.empty:
        fig, ax = style.new_figure(height=1.2)
        ax.set_axis_off()
        ax.text(0.5, 0.5, f"{title} : aucune image", ha="center", va="center")
        return fig
    shown = counts.head(2 * style.EXTREMES)
    heights = (1.3 + 0.21 * len(shown), 1.4)
    fig, axes = style.new_figure(
        2, max(len(images), 4), height=sum(heights), height_ratios=heights, squeeze=False
    )
    for ax in axes[0]:
        ax.remove()
    top = fig.add_subplot(axes[0, 0].get_gridspec()[0, :])
    _named_bars(top, shown)
    more = f" : les {len(shown)} plus grandes classes" if len(shown) < len(counts) else ""
    top.set_title(drawable(title) + more)
    style.legend_below(fig, top)
    _image_row(axes[1], images, titles)
    return fig


def explore_cars(cars: Cars, name: str, *, caption: str) -> None:
    """Show the images of a make and a year, or of a class, that the reader chooses."""
    explore(partial(show_cars, cars), name, menus(cars), caption=caption)


def menus(cars: Cars) -> Menus:
    """Return the menus: a make (the most frequent one first) and a year, or all; or a class."""
    if not cars.has_makes:
        return {"Classe": {name: {"class_name": name} for name in _names(cars, "class_name")}}
    makes = {make: {"make": make} for make in _names(cars, "make")}
    years = {str(year): {"year": year} for year in sorted(cars.frame["year"].unique())}
    return {"Marque": makes | {ALL: {}}, "Année": {ALL: {}} | years}


def _names(cars: Cars, by: str) -> pd.Index:
    return balance(cars.frame, by).counts.index


def show_cars(cars: Cars, *choices: dict) -> tuple[Figure, str]:
    """Draw the classes that have the values chosen, by column, and some training images."""
    chosen, asked = (
        cars.frame,
        {column: value for part in choices for column, value in part.items()},
    )
    for column, value in asked.items():
        chosen = chosen[chosen[column] == value]
    title = ", ".join(map(str, asked.values())) or "Toutes les images"
    if chosen.empty:
        return plot_selection(pd.DataFrame(), [], [], title=title), f"{title} : aucune image."
    examples = evenly_spaced(chosen[chosen["split"] == "train"], SHOWN)
    drawn = plot_selection(
        counts_by_subset(chosen, "class_name"),
        [read_image(cars.path(file), longest=400) for file in examples["file"]],
        examples["class_name"].tolist(),
        title=title,
    )
    classes, total = fr_plural(chosen["label"].nunique(), "classe"), fr_plural(len(chosen), "image")
    return drawn, f"{title} : barres du nombre d’images de {classes}, {total}, et des exemples."


def _named_bars(ax: Axes, counts: pd.DataFrame) -> None:
    names = style.short_names(counts.index)
    _stacked_bars(ax.barh, range(len(names)), counts, padding=3)
    ax.set_yticks(range(len(names)), names, fontsize=8.5)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.margins(x=0.08)
    ax.set_xlabel("images")
    ax.grid(visible=False, axis="y")


def _stacked_bars(
    bar: Callable, positions: Sequence[int], counts: pd.DataFrame, *, padding: int
) -> None:
    """Draw stacked bars by `Axes.bar` or `Axes.barh`, one colour per subset, and totals."""
    base = np.zeros(len(counts))
    for subset, images in counts.items():
        colour = style.SUBSETS[subset]
        bars = bar(positions, images, 0.8, base, color=colour, label=SPLITS[subset])
        base += images.to_numpy()
    totals = [fr(total) if total else "" for total in counts.sum(axis=1)]
    bars.patches[0].axes.bar_label(bars, totals, padding=padding, fontsize=8)


def _image_row(axes: Sequence[Axes], images: Sequence[Image.Image], titles: Sequence[str]) -> None:
    for ax in axes:
        ax.set_axis_off()
    for ax, image, title in zip(axes, images, titles):
        ax.imshow(np.asarray(image))
        width = style.TITLE_WIDTH * 4 // len(axes)
        ax.set_title(textwrap.fill(drawable(title), width), fontsize=8)


def _extreme_bars(ax: Axes, counts: pd.DataFrame) -> None:
    """Name the largest and the smallest groups, with a gap between them."""
    gap = pd.DataFrame(0, index=["…"], columns=counts.columns)
    _named_bars(ax, pd.concat([counts.head(style.EXTREMES), gap, counts.tail(style.EXTREMES)]))


def _profile(ax: Axes, totals: pd.Series, groups: str) -> None:
    ranks = np.arange(1, len(totals) + 1)
    ax.fill_between(ranks, totals, step="mid", alpha=0.5, color=style.SUBSETS["train"])
    median = totals.median()
    ax.axhline(median, color=MEDIAN, linestyle="--")
    ax.annotate(f"médiane : {fr(median, 0)}", (1, median), color=MEDIAN, **BESIDE)
    ax.set(xlabel=f"rang parmi les {groups}", ylabel="images", ylim=(0, None))
    ax.set_xlim(1, len(totals))


def _shape_lines(ax: Axes) -> None:
    """Draw where images of common shapes lie, inside the limits set by the data."""
    x, y = ax.get_xlim(), ax.get_ylim()
    for (name, shape), line in zip(COMMON_SHAPES.items(), ("-", "--", ":")):
        widths = np.linspace(max(x[0], 1), x[1], 50)
        ax.plot(widths, widths / shape, line, color=style.MUTED, linewidth=1.2)
        end = min(x[1], y[1] * shape)
        ax.annotate(name, (end, end / shape), color=style.MUTED, **BESIDE | BEFORE)
    ax.set(xlim=x, ylim=y)


def _histogram(ax: Axes, values: pd.Series, *, range=None, percent: bool = False) -> None:
    ax.hist(values, bins=30, range=range, color=style.SUBSETS["train"])
    median = values.median()
    text = fr_percent(median) if percent else fr(median)
    ax.axvline(median, color=MEDIAN, linestyle="--")
    place = {"xy": (median, 1), "xycoords": ax.get_xaxis_transform()}
    ax.margins(y=0.15)  # room for the label above the bars
    ax.annotate(f"médiane : {text}", color=MEDIAN, **place | BESIDE)
