"""One style for every figure: theme, colours safe for colour blindness, French numbers on the axes.

Knows nothing of cars or models. The style is set for the whole process rather than in a context,
because matplotlib reads part of it only when the figure is saved, which happens elsewhere.
"""

import math
import textwrap
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from itertools import repeat

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
DPI = 120
WIDTH = 8.0  # inches: 960 pixels, legible on a page 800 pixels wide
TITLE_WIDTH = 26  # characters per line, above an image
TITLE_ROOM = 0.4  # inches above an image: two lines
NO_IMAGE = "aucune image\nbien classée"
EXTREMES = 10  # groups named at each end, where there are too many to name them all
LONGEST_NAME = 34  # characters of the name of a class, on an axis

_RC = {
    "font.family": "DejaVu Sans",
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "axes.titlesize": 12,
    "axes.labelsize": 10.5,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.fontsize": 9.5,
    "legend.title_fontsize": 9.5,
    "image.cmap": SEQUENTIAL,
    "text.parse_math": False,  # a name with a $ is shown as it is written
    "svg.hashsalt": "journal",
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
    images: Sequence[Image.Image | None],
    titles: Sequence[str],
    columns: int,
    *,
    cell: float,
    colours: Sequence[str] | None = None,
) -> Figure:
    """Show images on a grid, each under its title; None leaves a cell with its title alone.

    Images stand at the top of their cells, so that the titles of a row are level. `cell` is the
    width of a cell in inches; `colours` are those of the titles.
    """
    shape = max((image.height / image.width for image in images if image), default=1.0)
    rows = math.ceil(len(images) / columns)
    size = {"width": cell * columns, "height": (cell * shape + TITLE_ROOM) * rows}
    fig, axes = new_figure(rows, columns, squeeze=False, **size)
    for ax in axes.flat:
        ax.set_axis_off()
        ax.set_anchor("N")
    for ax in axes.flat[len(images) :]:
        ax.remove()
    colours = colours or repeat(plt.rcParams["text.color"])
    for ax, image, title, colour in zip(axes.flat, images, titles, colours):
        ax.set_title(textwrap.fill(drawable(title), TITLE_WIDTH), fontsize=8.5, color=colour)
        if image:
            ax.imshow(np.asarray(image))
        else:
            ax.text(0.5, 0.5, NO_IMAGE, ha="center", transform=ax.transAxes)
    return fig


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


def legend_below(fig: Figure, ax: Axes, *, columns: int | None = None) -> None:
    """Put the legend of `ax` below the figure, where it hides nothing; by default in one row."""
    handles, labels = ax.get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=columns or len(labels))


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
