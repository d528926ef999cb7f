"""One style for every figure: theme, colours safe for colour blindness, French numbers on the axes.

Knows nothing of cars or models. The style is set for the whole process rather than in a context,
because matplotlib reads part of it only when the figure is saved, which happens elsewhere.
"""

import math
import textwrap
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, LogLocator, NullLocator
from PIL import Image

from carnet import drawable, fr, fr_percent

PALETTE = tuple(sns.color_palette("colorblind").as_hex())
# Throughout the journal, each model (by a word of its name) and each subset has its colour.
V1, V2, FINAL = PALETTE[:3]
MODELS = {"v1": V1, "première": V1, "v2": V2, "deuxième": V2, "final": FINAL}
SUBSETS = {"train": "#5f5f5f", "validation": PALETTE[4], "test": PALETTE[9]}
SEQUENTIAL = "cividis"
DIVERGING = "PuOr"
MUTED = "#8c8c8c"  # reference lines, and whatever the reader compares with
WIDTH = 8.0  # inches: legible on a page 800 pixels wide
TITLE_WIDTH = 28  # characters per line, above an image
LINE = 0.17  # inches: height of a line of a title above an image
NO_IMAGE = "aucune image\nbien classée"
EXTREMES = 10  # groups named at each end, where there are too many to name them all
LONGEST_NAME = 34  # characters of the name of a class, on an axis

_RC = {
    "font.family": "DejaVu Sans",
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "axes.linewidth": 0.8,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "grid.linewidth": 0.8,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "image.cmap": SEQUENTIAL,
    "text.parse_math": False,  # a name with a $ is shown as it is written
}


def apply() -> None:
    """Set the style for all figures made from now on in this process."""
    sns.set_theme(context="notebook", style="whitegrid", palette=list(PALETTE), rc=_RC)


def new_figure(
    rows: int = 1, columns: int = 1, *, width: float = WIDTH, height: float = 4.5, **subplots
) -> tuple[Figure, Axes | np.ndarray]:
    """Make a figure in the style: as `plt.subplots`, laid out by "constrained", French axes.

    `width` and `height` are those of the whole figure, in inches.
    """
    apply()
    fig, axes = plt.subplots(
        rows, columns, figsize=(width, height), layout="constrained", **subplots
    )
    for ax in np.atleast_1d(axes).flat:
        french_axis(ax.xaxis)
        french_axis(ax.yaxis)
    return fig, axes


def image_grid(
    images: Sequence[Image.Image], titles: Sequence[str], columns: int, *, cell: float
) -> Figure:
    """Show images on a grid, each under its title.

    Images stand at the top of their cells, so that the titles of a row are level. `cell` is the
    width of a cell in inches.
    """
    rows, shapes = math.ceil(len(images) / columns), [i.height / i.width for i in images]
    tallest = [max(shapes[first : first + columns]) for first in range(0, len(shapes), columns)]
    room = LINE * (1 + max(wrapped(title).count("\n") for title in titles)) + 0.1
    size = {"width": cell * columns, "height": cell * sum(tallest) + room * rows}
    fig, axes = new_figure(rows, columns, squeeze=False, height_ratios=tallest, **size)
    for ax in axes.flat[len(images) :]:
        ax.remove()
    for ax, image, title in zip(axes.flat, images, titles):
        show_image(ax, image, title)
    return fig


def show_image(
    ax: Axes, image: Image.Image | None, title: str, *, width: int = TITLE_WIDTH
) -> None:
    """Show an image under its title, of lines of `width` characters, or say that there is none."""
    ax.set_axis_off()
    ax.set_anchor("N")
    ax.set_title(wrapped(title, width), fontsize=8)
    if image:
        ax.imshow(np.asarray(image))
    else:
        ax.text(0.5, 0.5, NO_IMAGE, ha="center", transform=ax.transAxes)


def wrapped(title: str, width: int = TITLE_WIDTH) -> str:
    """Break a title into as few lines as `width` allows, of like lengths."""
    title = drawable(title)
    lines = len(textwrap.wrap(title, width))
    narrowest = next(w for w in range(1, width + 1) if len(textwrap.wrap(title, w)) <= lines)
    return textwrap.fill(title, narrowest)


class FrenchFormatter(Formatter):
    """Tick labels in French, in any system locale: 0.5 reads "0,5", or "50 %" of shares.

    All ticks of an axis have as many decimals as the one that needs most.
    """

    def __init__(self, *, percent: bool = False):
        self.write, self.scale, self.digits = (fr_percent if percent else fr), 1 + 99 * percent, 0

    def set_locs(self, locs):
        """Take the places of the ticks."""
        written = [f"{Decimal(f'{self.scale * place:.9g}'):f}" for place in locs]
        self.digits = max((len(text.partition(".")[2]) for text in written), default=0)

    def __call__(self, x, pos=None):
        return self.write(float(x), self.digits)


def french_axis(axis: Axis, *, percent: bool = False) -> None:
    """Write the numbers of one axis in French; to be called again after a change of scale."""
    axis.set_major_formatter(FrenchFormatter(percent=percent))
    # Left as a default, the formatter still gives way to names when categories are plotted.
    axis.isDefault_majfmt = not percent


def log_axes(ax: Axes) -> None:
    """Make both axes logarithmic, with ticks at 1, 2 and 5 times powers of ten."""
    ax.set(xscale="log", yscale="log")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_minor_locator(NullLocator())
        french_axis(axis)


def legend_above(fig: Figure, handles: Sequence | None = None, *, columns: int = 4) -> None:
    """Put a legend above the figure, where it hides nothing; by default that of its first axes."""
    handles = handles or fig.axes[0].get_legend_handles_labels()[0]
    fig.legend(handles=handles, loc="outside upper center", ncols=min(columns, len(handles)))


def label(ax: Axes, text: str, at: tuple, shift: tuple[float, float] = (7, 0), **look) -> None:
    """Write beside a point, `shift` points from it."""
    look = {"va": "center", "fontsize": 8.5} | look
    ax.annotate(text, at, shift, textcoords="offset points", **look)


def name_rows(ax: Axes, names: Sequence[str], **look) -> None:
    """Name the rows of a chart that reads from top to bottom: the first one is at 0."""
    ax.set_yticks(range(len(names)), names, **look)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(False, axis="y")


def show_interval(
    ax: Axes, row: float, value: float, bounds: tuple[float, float], colour: str, text: str = ""
) -> None:
    """Draw a value and its interval on a row, with a text at their right."""
    ax.hlines(row, *bounds, color=colour, lw=2)
    ax.plot(value, row, "o", color=colour)
    if text:
        label(ax, text, (max(value, bounds[1]), row))


def short_names(names: Sequence[str]) -> list[str]:
    """Shorten the names of classes for an axis; those that differ stay distinct.

    The last word, the year, is kept. Names that would be the same lose the words that they begin
    with in common instead, and then get a number.
    """
    full = [drawable(str(name)) for name in names]
    short = [short_name(name) for name in full]
    for name in [name for name, count in Counter(short).items() if count > 1]:
        rows = [row for row, other in enumerate(short) if other == name]
        for row, rest in zip(rows, _without_beginning([full[row] for row in rows])):
            short[row] = rest
    return _numbered(short)


def model_colour(model: str) -> str:
    """Return the colour of a model, by the word of its name that tells which one it is."""
    return next((colour for word, colour in MODELS.items() if word in model.lower()), MUTED)


def short_name(name: str) -> str:
    """Shorten the name of a class, all but its last word, the year, which tells classes apart."""
    if len(name) <= LONGEST_NAME:
        return name
    model, _, year = name.rpartition(" ")
    room = LONGEST_NAME - len(year) - 1
    if not model or room < len(" …"):
        return f"{name[: LONGEST_NAME - 1]}…"
    return f"{textwrap.shorten(model, room, placeholder=' …')} {year}"


def _without_beginning(names: list[str]) -> list[str]:
    """Shorten names by the words, after the first, with which all of them begin."""
    words = [name.split() for name in names]
    unlike = (place for place, found in enumerate(zip(*words)) if len(set(found)) > 1)
    common = next(unlike, min(map(len, words)))
    if common < 2:
        return list(map(short_name, names))
    return [short_name(" ".join([name[0], "…", *name[common:]])) for name in words]


def _numbered(names: list[str]) -> list[str]:
    """Add a number to each of those that are the same."""
    counts, seen, numbered = Counter(names), Counter(), []
    for name in names:
        seen[name] += 1
        numbered.append(f"{name} ({seen[name]})" if counts[name] > 1 else name)
    return numbered
