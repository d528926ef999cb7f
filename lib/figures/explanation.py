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
from PIL import Image
from torch import Tensor, nn

from carnet import fr_percent
from lib.explanation.deletion import CONTROLS
from lib.explanation.inference import Prediction
from lib.explanation.interventions import NO_SIGNATURE, choose_donors, interventions
from lib.figures.explore import Menus, explore
from lib.figures.style import (
    DIVERGING,
    MUTED,
    french_axis,
    image_grid,
    label,
    legend_above,
    model_colour,
    name_rows,
    new_figure,
    show_interval,
)
from lib.report.explanation import INTERVENTIONS
from lib.training.model import to_unit_range

BOX_COLOUR = "#00d5ff"
SCALE, COLOURS = Normalize(-1, 1), f"{DIVERGING}_r"  # warm speaks for the class
STRONGEST = 99  # percentile of the absolute attribution that gets the full colour
HEADING_OFFSET = 46  # points between an image and the heading of its column: four lines of title
EXPLORED = (6.4, 4.6)  # inches: one image and one map
LINE = 17  # characters of a class name on one line above an image
FADED = 0.25  # how far the photograph under a map is brought to white
OPAQUE = 0.85  # of the strongest attribution
GREYS = np.array([0.299, 0.587, 0.114])  # weights of red, green and blue, ITU-R BT.601


@dataclass(frozen=True)
class Attributions:
    """The explanations of a sample: those computed so far, and the methods for the others.

    `sample` has one row per image, with label, class_name, width, height and box; `classes` are the
    names of the labels. Models, images (N, 3, H, W; uint8 or floats in [0, 1]) and predictions go
    by the name of the model, as do `maps` (model, method) -> (N, H, W). `methods` are functions of
    a model, images and targets.
    """

    sample: pd.DataFrame
    classes: Sequence[str]
    models: Mapping[str, nn.Module]
    images: Mapping[str, Tensor]
    predictions: Mapping[str, Prediction]
    methods: Mapping[str, Callable[..., np.ndarray]]
    maps: Mapping[tuple[str, str], np.ndarray]

    def of(self, rows: Sequence[int], model: str, method: str) -> np.ndarray:
        """Return the maps (R, H, W) of some rows of the sample, computed if need be."""
        if (model, method) in self.maps:
            return self.maps[model, method][rows]
        targets = self.predictions[model].classes[rows]
        return self.methods[method](self.models[model], self.images[model][rows], targets)

    def pictures(self, rows: Sequence[int], model: str) -> np.ndarray:
        """Return some rows of the sample as a model sees them: (R, H, W, 3) in [0, 1]."""
        return to_unit_range(self.images[model][rows]).permute(0, 2, 3, 1).numpy()


def attribution_grid(
    attributions: Attributions, rows: Sequence[int], columns: Sequence[tuple[str, str]]
) -> Figure:
    """Show rows of the sample, each with its box, and beside it maps over the grey image.

    `columns` are (method, model); the image is the one that the last of these models sees. Each
    map is divided by its largest absolute value; the colour bar gives that scale.
    """
    width = len(columns) + 1
    fig, axes = new_figure(
        len(rows), width, width=max(6.0, 1.7 * width), height=0.5 + 2.35 * len(rows), squeeze=False
    )
    cars, names = list(attributions.sample.iloc[rows].itertuples()), attributions.classes
    for ax, image, car in zip(axes[:, 0], attributions.pictures(rows, columns[-1][1]), cars):
        _show_image(ax, image, car)
        _title(ax, names[car.label], "classe vraie")
    for cells, (method, model) in zip(axes.T[1:], columns):
        images, maps = attributions.pictures(rows, model), attributions.of(rows, model, method)
        for ax, row, image, values, car in zip(cells, rows, images, maps, cars):
            _show_map(ax, image, values, car)
            predicted = attributions.predictions[model].classes[row]
            mark = "✓" if predicted == car.label else "✗"
            sure = fr_percent(attributions.predictions[model].confidences[row])
            _title(ax, names[predicted], f"{mark} {sure}")
    headings = ["Image et boîte", *(f"{method}, {model}" for method, model in columns)]
    for ax, heading in zip(axes[0], headings):
        ax.annotate(
            heading, (0.5, 1), (0, HEADING_OFFSET), xycoords="axes fraction",
            textcoords="offset points", ha="center", fontsize=10, fontweight="bold",
        )  # fmt: skip
    _colour_bar(fig, axes)
    return fig


def _title(ax: Axes, name: str, detail: str) -> None:
    lines = textwrap.wrap(name, LINE, max_lines=3, placeholder="…")
    ax.set_title("\n".join([*lines, detail]), fontsize=8)


def _show_image(ax: Axes, image: np.ndarray, car: tuple, **how) -> None:
    size = image.shape[0]
    ax.imshow(image, extent=(0, size, size, 0), **how)
    x, y = (car.x1 - 1) / car.width * size, (car.y1 - 1) / car.height * size
    across, down = car.x2 / car.width * size - x, car.y2 / car.height * size - y
    ax.add_patch(
        Rectangle((x, y), across, down, fill=False, edgecolor=BOX_COLOUR, linewidth=1.2, zorder=2)
    )
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)


def _show_map(ax: Axes, image: np.ndarray, values: np.ndarray, car: tuple) -> None:
    size = image.shape[0]
    _show_image(ax, FADED + (1 - FADED) * (image @ GREYS), car, cmap="gray", vmin=0, vmax=1)
    scale = float(np.percentile(np.abs(values), STRONGEST))
    shown = np.clip(values / max(scale, 1e-12), -1, 1)
    # Weak attribution is transparent: colour stands where there is something to say.
    ax.imshow(
        shown, cmap=COLOURS, norm=SCALE, alpha=OPAQUE * np.abs(shown) ** 1.5,
        extent=(0, size, size, 0), zorder=1,
    )  # fmt: skip


def _colour_bar(fig: Figure, axes: np.ndarray) -> None:
    bar = fig.colorbar(
        ScalarMappable(SCALE, COLOURS), ax=axes, location="bottom", shrink=0.6, aspect=45,
        pad=0.02, ticks=[-1, 0, 1],
    )  # fmt: skip
    bar.ax.set_xticklabels(["contre la classe prédite", "0", "pour la classe prédite"])
    bar.set_label(
        f"Attribution, rapportée au {STRONGEST}ᵉ centile de sa valeur absolue dans la carte",
        fontsize=9,
    )
    bar.outline.set_visible(False)


def intervention_examples(
    images: Tensor,
    coverage: np.ndarray,
    labels: np.ndarray,
    row: int,
    unsigned: Tensor | None,
    *,
    seed: int = 0,
) -> Figure:
    """Show one image as the model sees it under each intervention; arguments as `right_answers`."""
    seen = dict(interventions(images, coverage, choose_donors(coverage, labels, seed=seed)))
    if unsigned is not None:
        seen[NO_SIGNATURE] = to_unit_range(unsigned)
    pictures = [
        Image.fromarray((255 * shown[row].permute(1, 2, 0).numpy()).round().astype(np.uint8))
        for shown in seen.values()
    ]
    return image_grid(pictures, [INTERVENTIONS[name] for name in seen], len(seen), cell=1.6)


def intervention_intervals(table: pd.DataFrame, chance: float) -> Figure:
    """Plot the accuracy of each model under each intervention of `measure_interventions`."""
    shown = table.assign(name=table.intervention.map(INTERVENTIONS), value=table.accuracy)
    fig, ax = _dots(shown, line=(chance, "au hasard"), marks={})
    ax.set_xlabel("exactitude sur les images de validation")
    return fig


def share_intervals(table: pd.DataFrame) -> Figure:
    """Plot the share in the box by method and model, and what is expected of a blind map.

    `table` as `measure_boxes` gives it. The interval is that of the paired difference with the
    boxes of other images, drawn from their hollow mark: clear of it, it tells that the map follows
    the car.
    """
    low, high = table.swapped + table.gain_low, table.swapped + table.gain_high
    shown = table.assign(name=table.method, value=table.share, low=low, high=high)
    uniform = float(table.uniform.iloc[0])
    marks = {"swapped": ("dans la boîte d’une autre image", "D")}
    fig, ax = _dots(shown, line=(uniform, "carte uniforme"), marks=marks)
    ax.set_xlabel("part de l’attribution positive dans la boîte")
    return fig


def deletion_intervals(table: pd.DataFrame, hidden: float) -> Figure:
    """Plot the fall of the probability when the share `hidden` of the image turns grey.

    `table` as `measure_deletion` gives it. The interval is that of the paired difference with the
    strongest control, drawn from its hollow mark: clear of it, it tells that the map beats it.
    """
    strongest = table[list(CONTROLS)].idxmax(axis=1)
    bounds = [
        [row[name] + row[f"over_{name}_{end}"] for end in ("low", "high")]
        for name, (_, row) in zip(strongest, table.iterrows())
    ]
    shown = table.assign(name=table.method, value=table.fall)
    shown[["low", "high"]] = bounds
    marks = {
        "random": ("au hasard", "D"),
        "boxed": ("au hasard dans la boîte", "s"),
        "other": ("carte d’une autre image", "^"),
    }
    fig, ax = _dots(shown, line=(0, "aucune baisse"), marks=marks)
    ax.set_xlabel(
        f"baisse de la probabilité de la classe prédite, {fr_percent(hidden)} de l’image cachés"
    )
    return fig


def _dots(
    table: pd.DataFrame, *, line: tuple[float, str], marks: Mapping[str, tuple[str, str]]
) -> tuple[Figure, Axes]:
    """Draw `value` between `low` and `high`, a line a model, the models of a `name` together.

    `line` is a position and its label; `marks` are columns to compare with, their labels and their
    hollow signs.
    """
    names, models = list(dict.fromkeys(table.name)), table.groupby("name").cumcount()
    apart = models - (table.groupby("name").model.transform("count") - 1) / 2
    rows = table.name.map(names.index) + 0.32 * apart
    fig, ax = new_figure(height=1.0 + 0.56 * len(names))
    references = [ax.axvline(line[0], color=MUTED, linestyle="--", label=line[1])]
    ends = table[["value", "high", *marks]].max(axis=1)
    for row, end, found in zip(rows, ends, table.itertuples()):
        colour = model_colour(found.model)
        show_interval(ax, row, found.value, (found.low, found.high), colour)
        label(ax, found.model, (end, row), color=colour)
    for column, (name, sign) in marks.items():
        hollow = {"mfc": "none", "color": "black", "ms": 6, "label": name}
        references += ax.plot(table[column], rows, sign, **hollow)
    name_rows(ax, names)
    french_axis(ax.xaxis, percent=True)
    legend_above(fig, references)
    return fig, ax


def explore_attributions(
    attributions: Attributions, name: str, *, first: int, model: str, caption: str, drawn: int
) -> None:
    """Show the map of an image, a model and a method that the reader chooses; see `explore`.

    The first choice is the image `first` of the sample and the model `model`.
    """
    menus = images_models_methods(attributions, first=first, model=model)
    explore(partial(show_attribution, attributions), name, menus, caption=caption, drawn=drawn)


def images_models_methods(attributions: Attributions, *, first: int, model: str) -> Menus:
    """Return the menus: an image of the sample, by its number and class; a model; a method.

    The first options are the image `first` and the model `model`.
    """
    names = attributions.sample.class_name
    rows = [first, *(row for row in range(len(names)) if row != first)]
    models = [model, *(name for name in attributions.models if name != model)]
    return {
        "Image": {f"{row + 1}. {names.iloc[row]}": row for row in rows},
        "Modèle": {name: name for name in models},
        "Méthode": {name: name for name in attributions.methods},
    }


def show_attribution(
    attributions: Attributions, row: int, model: str, method: str
) -> tuple[Figure, str]:
    """Draw one image of the sample with its box, and beside it one map of one model."""
    drawn = attribution_grid(attributions, [row], [(method, model)])
    drawn.set_size_inches(EXPLORED)
    prediction = attributions.predictions[model]
    predicted = attributions.classes[prediction.classes[row]]
    return drawn, (
        f"À gauche, une image de validation, {attributions.sample.class_name.iloc[row]}, et sa "
        f"boîte ; à droite, la carte de {method} du modèle {model}, qui prédit "
        f"{predicted} avec une probabilité de {fr_percent(prediction.confidences[row])}."
    )
