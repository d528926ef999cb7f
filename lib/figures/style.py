"""One style for every figure: theme, colours safe for colour blindness, French numbers on the axes.

Knows nothing of cars or models. The style is set for the whole process rather than in a context,
because matplotlib reads part of it only when the figure is saved, which happens elsewhere.
"""

import math
import re
import textwrap
from collections.abc import Sequence
from itertools import repeat

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator, PercentFormatter, ScalarFormatter
from PIL import Image

PALETTE = tuple(sns.color_palette("colorblind").as_hex())
MODELS = {"v1": PALETTE[0], "v2": PALETTE[1], "final": PALETTE[2]}  # throughout the journal
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
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"

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
        ax.set_title(textwrap.fill(title, TITLE_WIDTH), fontsize=8.5, color=colour)
        if image:
            ax.imshow(np.asarray(image))
        else:
            ax.text(0.5, 0.5, NO_IMAGE, ha="center", transform=ax.transAxes)
    return fig


class FrenchFormatter(ScalarFormatter):
    """Tick labels with a decimal comma and thin spaces between thousands, in any system locale."""

    def __call__(self, x, pos=None):
        label = super().__call__(x, pos).replace("$\\mathdefault{", "").replace("}$", "")
        whole, point, decimals = label.partition(".")
        digits = whole.lstrip("-\N{MINUS SIGN}")
        if digits.isdigit():
            sign = whole[: len(whole) - len(digits)]
            whole = sign + f"{int(digits):,}".replace(",", THIN_SPACE)
        return whole + ("," if point else "") + decimals


class FrenchPercentFormatter(PercentFormatter):
    """Tick labels of shares: 0.25 reads "25 %"; decimals only where one of the ticks has some."""

    def __init__(self, xmax: float = 1.0, decimals: int | None = None):
        super().__init__(xmax=xmax, decimals=decimals, symbol=THIN_SPACE + "%")

    def __call__(self, x, pos=None):
        return super().__call__(x, pos).replace(".", ",")

    def format_ticks(self, values):
        labels = super().format_ticks(values)
        whole = [re.sub(r",0+(?!\d)", "", label) for label in labels]
        return labels if any("," in label for label in whole) else whole


def french_axis(axis: Axis, *, percent: bool = False) -> None:
    """Write the numbers of one axis in French; to be called again after a change of scale."""
    axis.set_major_formatter(FrenchPercentFormatter() if percent else FrenchFormatter())
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


def model_colour(model: str) -> str:
    """Return the colour of a model, by the word of its name that tells which one it is."""
    return next((colour for name, colour in MODELS.items() if name in model), MUTED)


def short_name(name: str) -> str:
    """Shorten the name of a class, all but its last word, the year, which tells classes apart."""
    if len(name) <= LONGEST_NAME:
        return name
    model, _, year = name.rpartition(" ")
    return f"{textwrap.shorten(model, LONGEST_NAME - len(year) - 1, placeholder=' …')} {year}"
