"""The figures of the explanations: maps over their images, measures with their intervals."""

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor, nn

from carnet import fr_percent
from lib.explanation.methods import Prediction
from lib.figures.explore import Menus, explore
from lib.figures.style import DIVERGING, MUTED, PALETTE, french_axis, new_figure
from lib.training.model import to_unit_range

BOX_COLOUR = "#00d5ff"
SCALE, COLOURS = Normalize(-1, 1), f"{DIVERGING}_r"  # warm speaks for the class
STRONGEST = 99  # percentile of the absolute attribution that gets the full colour
HEADING_OFFSET = 46  # points between an image and the heading of its column: four lines of title
EXPLORED = (6.4, 4.6)  # inches: one image and one map
LINE = 17  # characters of a class name on one line above an image
GREYS = np.array([0.299, 0.587, 0.114])  # weights of red, green and blue, ITU-R BT.601


@dataclass(frozen=True)
class Column:
    """One column of `attribution_grid`: maps (N, H, W) and what the explained model predicted."""

    title: str
    maps: np.ndarray
    classes: np.ndarray
    confidences: np.ndarray


def attribution_grid(
    images: Tensor,
    labels: np.ndarray,
    boxes: pd.DataFrame,
    columns: Sequence[Column],
    class_names: Sequence[str],
) -> Figure:
    """Show images in rows, each with its box, and beside it one map a column over the grey image.

    `images` (N, 3, H, W) are uint8 or floats in [0, 1]; `boxes` has width, height, x1, y1, x2, y2.
    Each map is divided by its largest absolute value; the colour bar gives that scale.
    """
    width = len(columns) + 1
    fig, axes = new_figure(
        len(images), width, width=max(8.0, 1.7 * width), height=0.5 + 2.35 * len(images),
        squeeze=False,
    )  # fmt: skip
    for row, image in enumerate(to_unit_range(images).permute(0, 2, 3, 1).numpy()):
        box = boxes.iloc[row]
        _show_image(axes[row, 0], image, box)
        _title(axes[row, 0], class_names[labels[row]], "vraie classe")
        for ax, column in zip(axes[row, 1:], columns):
            _show_map(ax, image, column.maps[row], box)
            predicted, sure = column.classes[row], column.confidences[row]
            mark = "✓" if predicted == labels[row] else "✗"
            _title(ax, class_names[predicted], f"{mark} {fr_percent(sure)}")
    for ax, heading in zip(axes[0], ["Image et boîte", *(column.title for column in columns)]):
        ax.annotate(
            heading, (0.5, 1), (0, HEADING_OFFSET), xycoords="axes fraction",
            textcoords="offset points", ha="center", fontsize=10, fontweight="bold",
        )  # fmt: skip
    _colour_bar(fig, axes)
    return fig


def _title(ax: Axes, name: str, detail: str) -> None:
    lines = textwrap.wrap(name, LINE, max_lines=3, placeholder="…")
    ax.set_title("\n".join([*lines, detail]), fontsize=8)


def _show_image(ax: Axes, image: np.ndarray, box: pd.Series, **how) -> None:
    size = image.shape[0]
    ax.imshow(image, extent=(0, size, size, 0), **how)
    x, y = (box.x1 - 1) / box.width * size, (box.y1 - 1) / box.height * size
    across, down = box.x2 / box.width * size - x, box.y2 / box.height * size - y
    ax.add_patch(
        Rectangle((x, y), across, down, fill=False, edgecolor=BOX_COLOUR, linewidth=1.2, zorder=2)
    )
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)


def _show_map(ax: Axes, image: np.ndarray, values: np.ndarray, box: pd.Series) -> None:
    size = image.shape[0]
    _show_image(ax, image @ GREYS, box, cmap="gray", vmin=0, vmax=1)
    scale = float(np.percentile(np.abs(values), STRONGEST))
    shown = np.clip(values / max(scale, 1e-12), -1, 1)
    # The stronger the attribution, the less of the photograph shows through.
    ax.imshow(
        shown, cmap=COLOURS, norm=SCALE, alpha=0.15 + 0.7 * np.abs(shown),
        extent=(0, size, size, 0), zorder=1,
    )  # fmt: skip


def _colour_bar(fig: Figure, axes: np.ndarray) -> None:
    bar = fig.colorbar(
        ScalarMappable(SCALE, COLOURS), ax=axes, location="bottom", shrink=0.6, aspect=45,
        pad=0.02, ticks=[-1, 0, 1],
    )  # fmt: skip
    bar.ax.set_xticklabels(["contre la classe prédite", "0", "pour la classe prédite"])
    bar.set_label(
        f"Attribution, rapportée au {STRONGEST}ᵉ centile de sa valeur absolue dans chaque carte",
        fontsize=9.5,
    )
    bar.outline.set_visible(False)


def share_intervals(table: pd.DataFrame) -> Figure:
    """Plot the share in the box by method and model, and what is expected of a blind map.

    `table` as `measure_boxes` gives it. The uniform map is a line, the boxes of other images are
    hollow marks. The interval is that of the paired difference with the uniform map, drawn from
    the line, so that a bar clear of the line is a verdict.
    """
    uniform = float(table.uniform.iloc[0])
    low, high = uniform + table.excess_low, uniform + table.excess_high
    shown = table.assign(value=uniform + table.excess, low=low, high=high)
    return _intervals(
        shown,
        line=(uniform, f"carte uniforme ({fr_percent(uniform, 1)})"),
        mark=("swapped", "dans la boîte d’une autre image"),
        xlabel="Part de l’attribution positive dans la boîte de la voiture",
    )


def deletion_intervals(table: pd.DataFrame, hidden: float) -> Figure:
    """Plot the fall of the probability when the share `hidden` of the image turns grey.

    `table` as `measure_deletion` gives it. The interval is that of the paired difference with
    random hiding, drawn from its hollow mark, so that a bar clear of the mark is a verdict.
    """
    low, high = table.random + table.low, table.random + table.high
    shown = table.assign(value=table.fall, low=low, high=high)
    share = fr_percent(hidden)
    return _intervals(
        shown,
        line=(0, "aucune baisse"),
        mark=("random", "autant de cases, au hasard"),
        xlabel=f"Baisse de la probabilité de la classe prédite, {share} de l’image cachés",
    )


def _intervals(
    table: pd.DataFrame, *, line: tuple[float, str], mark: tuple[str, str], xlabel: str
) -> Figure:
    """Draw one line a row: `value` between `low` and `high`, and what to compare it with.

    `line` is a position and its label, `mark` a column and its label: hollow marks, which stand a
    little lower, so that they hide no value. The legend names the models first.
    """
    table = table.reset_index(drop=True)
    fig, ax = new_figure(height=1.8 + 0.5 * len(table))
    references = [ax.axvline(line[0], color=MUTED, linestyle="--", label=line[1])]
    for colour, (model, rows) in zip(PALETTE, table.groupby("model", sort=False)):
        spans = np.clip([rows.value - rows.low, rows.high - rows.value], 0, None)
        ax.errorbar(
            rows.value, rows.index, xerr=spans, fmt="o", color=colour, capsize=4, label=model
        )
    hollow = {"mfc": "none", "color": "black", "ms": 6, "label": mark[1]}
    references += ax.plot(table[mark[0]], table.index + 0.2, "D", **hollow)
    ax.set_yticks(table.index, table.method + ", " + table.model)
    ax.set(xlabel=xlabel, ylim=(len(table) - 0.5, -0.5))
    french_axis(ax.xaxis, percent=True)
    fig.legend(handles=[*ax.containers, *references], loc="outside upper center", ncols=3)
    return fig


@dataclass(frozen=True)
class Attributions:
    """The explanations of a sample: those at hand and what computes the others.

    Models, images (N, 3, H, W) and predictions go by the name of the model, as do
    `maps` (model, method) -> (N, H, W). `methods` are functions of a model, images and targets.
    """

    models: Mapping[str, nn.Module]
    images: Mapping[str, Tensor]
    predictions: Mapping[str, Prediction]
    methods: Mapping[str, Callable[..., np.ndarray]]
    maps: Mapping[tuple[str, str], np.ndarray]

    def map(self, place: int, model: str, method: str) -> np.ndarray:
        """Return the map (1, H, W) of one image, computed if it is not at hand."""
        one = slice(place, place + 1)
        if (model, method) in self.maps:
            return self.maps[model, method][one]
        targets = self.predictions[model].classes[one]
        return self.methods[method](self.models[model], self.images[model][one], targets)


def explore_attributions(
    attributions: Attributions,
    sample: pd.DataFrame,
    classes: tuple[str, ...],
    name: str,
    *,
    first: int,
    model: str,
    caption: str,
) -> None:
    """Show the map of an image, a model and a method that the reader chooses; see `explore`.

    The first choice is the image `first` of the sample and the model `model`.
    """
    menus = images_models_methods(attributions, sample, first=first, model=model)
    draw = partial(show_attribution, attributions, sample, classes)
    explore(draw, name, menus, caption=caption)


def images_models_methods(
    attributions: Attributions, sample: pd.DataFrame, *, first: int, model: str
) -> Menus:
    """Return the menus: an image of the sample, by its number and class; a model; a method.

    The first options are the image `first` and the model `model`.
    """
    places = [first, *(place for place in range(len(sample)) if place != first)]
    models = [model, *(name for name in attributions.models if name != model)]
    return {
        "Image": {f"{place + 1}. {sample.class_name.iloc[place]}": place for place in places},
        "Modèle": {name: name for name in models},
        "Méthode": {name: name for name in attributions.methods},
    }


def show_attribution(
    attributions: Attributions,
    sample: pd.DataFrame,
    classes: tuple[str, ...],
    place: int,
    model: str,
    method: str,
) -> tuple[Figure, str]:
    """Draw one image of the sample with its box, and beside it what one method says of one model.

    `sample` has a row an image, with label and box; `classes` are the names of the labels.
    """
    prediction = attributions.predictions[model]
    predicted, sure = prediction.classes[place], prediction.confidences[place]
    column = Column(
        f"{method}, {model}",
        attributions.map(place, model, method),
        np.array([predicted]),
        np.array([sure]),
    )
    row, images = sample.iloc[[place]], attributions.images[model][place : place + 1]
    drawn = attribution_grid(images, row.label.to_numpy(), row, [column], classes)
    drawn.set_size_inches(EXPLORED)
    return drawn, (
        f"À gauche, une image de test, {row.class_name.iloc[0]}, et la boîte de la voiture ; "
        f"à droite, la carte de {method} du modèle {model}, qui prédit {classes[predicted]} "
        f"avec une probabilité de {fr_percent(sure)}."
    )
