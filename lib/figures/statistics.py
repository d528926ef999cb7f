"""The figures of a data set: how images spread over groups, image sizes, car boxes.

Few or many groups stay readable.
"""

from collections.abc import Sequence
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from carnet import drawable, fr, fr_percent, fr_plural
from lib.data.balance import balance, counts_by_subset, evenly_spaced
from lib.data.cars import Cars
from lib.data.images import read_image
from lib.data.sizes import aspect_ratio, coverage
from lib.figures import style
from lib.figures.explore import Menus, explore
from lib.report.names import SUBSETS

ALL_NAMED = 60  # beyond this many groups only the extremes are named
SHOWN = 6  # images of a selection
ALL = "toutes"  # makes or years, in a menu
MEDIAN = style.PALETTE[3]
BELOW = {"shift": (4, -4), "va": "top", "color": MEDIAN, "fontsize": 9.5}
COMMON_SHAPES = {"16:9": 16 / 9, "4:3": 4 / 3, "1:1": 1.0}
COVERED = (0.25, 0.5, 0.75, 0.95)  # shares of the images, on the map of where cars are


def plot_groups(counts: pd.DataFrame, *, groups: str) -> Figure:
    """Plot the images of each group as bars, one colour per subset.

    Args:
        counts: images by group (rows, largest first) and subset (columns).
        groups: French plural of what is counted, e.g. "classes".
    """
    if len(counts) <= ALL_NAMED:
        fig, ax = style.new_figure(height=0.7 + 0.22 * len(counts))
        _named_bars(ax, counts)
    else:
        fig, (ax, right) = style.new_figure(1, 2, height=6.2, width_ratios=(1, 1.15))
        _extreme_bars(ax, counts)
        ax.set_title(f"Les {2 * style.EXTREMES} {groups} extrêmes")
        _profile(right, counts.sum(axis=1), groups)
        right.set_title(f"Les {fr(len(counts))} {groups}, triées")
    style.legend_above(fig)
    return fig


def plot_years(counts: pd.DataFrame) -> Figure:
    """Plot the images of each year, one colour per subset, years without any left empty.

    Args:
        counts: images by year (rows) and subset (columns).
    """
    years = range(counts.index.min(), counts.index.max() + 1)
    fig, ax = style.new_figure(height=3.4)
    _stacked_bars(ax, counts.reindex(years, fill_value=0), "bar")
    ax.tick_params(axis="x", rotation=60 if len(years) > 16 else 0)
    ax.set_xlabel("année du modèle")
    style.legend_above(fig)
    return fig


def plot_image_sizes(frame: pd.DataFrame) -> Figure:
    """Plot the height of images against their width, and their shape (width over height)."""
    fig, (left, right) = style.new_figure(1, 2, height=4.4, width_ratios=(1.25, 1))
    dots = {"color": style.SUBSETS["train"], "s": 9, "alpha": 0.35, "linewidths": 0}
    dots["rasterized"] = True  # thousands of them: a vector each would weigh more than the page
    left.scatter(frame["width"], frame["height"], **dots)
    if frame["width"].max() > 10 * frame["width"].min():
        style.log_axes(left)
    _shape_lines(left)
    left.set_title("Taille des images", pad=18)
    left.set(xlabel="largeur (pixels)", ylabel="hauteur (pixels)")
    _histogram(right, aspect_ratio(frame))
    right.set(title="Forme des images", xlabel="largeur / hauteur", ylabel="images")
    return fig


def plot_car_sizes(frame: pd.DataFrame) -> Figure:
    """Plot the share of the image that the car's box covers, and where boxes are."""
    fig, (left, right) = style.new_figure(1, 2, height=3.9)
    _histogram(left, frame["box_ratio"], range=(0, 1), percent=True)
    left.set(title="Part de l’image couverte", ylabel="images")
    left.set_xlabel("surface de la boîte / surface de l’image")
    shares = coverage(frame)
    middles = (np.arange(len(shares)) + 0.5) / len(shares)
    right.contourf(middles, middles, shares, (0, *COVERED, 1.01), cmap="Blues", vmin=0, vmax=1.8)
    lines = right.contour(middles, middles, shares, COVERED, colors="#262626", linewidths=0.8)
    down = shares[:, len(shares) // 2]
    tops = [
        (0.5, middles[np.argmax(down >= level)])
        for level in COVERED
        if down.min() < level <= down.max()
    ]
    right.clabel(lines, fmt=fr_percent, fontsize=8.5, manual=tops)
    right.set(title="Où se trouve la boîte", aspect="equal", xlim=(0, 1), ylim=(1, 0))
    right.set(xlabel="largeur de l’image", ylabel="hauteur de l’image")
    for axis in (left.xaxis, right.xaxis, right.yaxis):
        style.french_axis(axis, percent=True)
    right.grid(visible=False)
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
    heights = (0.7 + 0.22 * len(shown), 0.9)
    fig = plt.figure(figsize=(style.WIDTH, sum(heights)), layout="constrained")
    bars, pictures = fig.subfigures(2, 1, height_ratios=heights)
    top = bars.subplots()
    _named_bars(top, shown)
    more = f" : les {len(shown)} plus grandes classes" if len(shown) < len(counts) else ""
    top.set_title(drawable(title) + more)
    style.legend_above(bars)
    for ax, image, name in zip(pictures.subplots(1, len(images)), images, titles):
        style.show_image(ax, image, name, width=4 * style.TITLE_WIDTH // len(images))
    return fig


def explore_cars(cars: Cars, name: str, *, caption: str, drawn: int) -> None:
    """Show the images of a make and a year, or of a class, that the reader chooses."""
    explore(partial(show_cars, cars), name, menus(cars), caption=caption, drawn=drawn)


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
    _stacked_bars(ax, counts.set_axis(style.short_names(counts.index)), "barh")
    ax.invert_yaxis()


def _stacked_bars(ax: Axes, counts: pd.DataFrame, kind: str) -> None:
    """Draw stacked bars, "bar" or "barh", one colour per subset; their totals make an axis of
    numbers needless."""
    colours = [style.SUBSETS[subset] for subset in counts]
    counts.rename(columns=SUBSETS).plot(
        kind=kind, stacked=True, ax=ax, width=0.8, color=colours, legend=False, fontsize=8.5
    )
    totals = [fr(total) if total else "" for total in counts.sum(axis=1)]
    ax.bar_label(ax.containers[-1], totals, padding=3, fontsize=8.5)
    ax.grid(False)
    ax.margins(**{"x" if kind == "barh" else "y": 0.08})
    (ax.xaxis if kind == "barh" else ax.yaxis).set_visible(False)
    ax.spines["bottom"].set_visible(kind == "bar")
    ax.set(xlabel="", ylabel="")


def _extreme_bars(ax: Axes, counts: pd.DataFrame) -> None:
    """Name the largest and the smallest groups, with a gap between them."""
    gap = pd.DataFrame(0, index=["…"], columns=counts.columns)
    _named_bars(ax, pd.concat([counts.head(style.EXTREMES), gap, counts.tail(style.EXTREMES)]))


def _profile(ax: Axes, totals: pd.Series, groups: str) -> None:
    ranks = np.arange(1, len(totals) + 1)
    ax.fill_between(ranks, totals, step="mid", alpha=0.5, color=style.SUBSETS["train"])
    median = totals.median()
    ax.axhline(median, color=MEDIAN, linestyle="--")
    style.label(ax, f"médiane : {fr(median, 0)}", (1, median), **BELOW)
    ax.set(xlabel=f"rang parmi les {groups}", ylabel="images", ylim=(0, None))
    ax.set_xlim(1, len(totals))


def _shape_lines(ax: Axes) -> None:
    """Draw where images of common shapes lie, inside the limits set by the data, named outside."""
    x, y = ax.get_xlim(), ax.get_ylim()
    for (name, shape), line in zip(COMMON_SHAPES.items(), ("-", "--", ":")):
        widths = np.linspace(max(x[0], 1), x[1], 50)
        ax.plot(widths, widths / shape, line, color=style.MUTED, linewidth=1.2)
        end = min(x[1], y[1] * shape)
        place = {} if end == x[1] else {"shift": (0, 3), "ha": "center", "va": "bottom"}
        style.label(ax, name, (end, end / shape), **place)
    ax.set(xlim=x, ylim=y)


def _histogram(ax: Axes, values: pd.Series, *, range=None, percent: bool = False) -> None:
    ax.hist(values, bins=30, range=range, color=style.SUBSETS["train"])
    median = values.median()
    text = fr_percent(median) if percent else fr(median)
    ax.axvline(median, color=MEDIAN, linestyle="--")
    ax.margins(y=0.15)  # room for the label above the bars
    ax.grid(False, axis="x")
    place = ax.get_xaxis_transform()
    style.label(ax, f"médiane : {text}", (median, 1), xycoords=place, **BELOW)
