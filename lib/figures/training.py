"""The figures of notebooks 02 and 03: curves, confusion matrices, mistakes, comparisons.

Each function takes histories, evaluations or frames and returns a matplotlib `Figure`; few or many
classes stay readable. Text is French.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from carnet import fr
from lib.data.cars import Cars, makes_of
from lib.data.images import read_image
from lib.figures import style
from lib.tolerance import lowest
from lib.training.calibration import Calibration
from lib.training.evaluation import Evaluation
from lib.training.makes import group_by_make

TRAIN, VALIDATION = style.SUBSETS["train"], style.SUBSETS["validation"]
ANNOTATED = 20  # up to this many rows, a matrix shows its classes and its numbers
MOST_NAMED = 80  # up to this many rows, a matrix names them
THUMBNAIL = 256  # pixels of the longest side of an example


def plot_learning_curves(history: pd.DataFrame) -> Figure:
    """Plot loss and accuracy of training (during the epoch) and validation (after it)."""
    fig, axes = style.new_figure(1, 2, height=3.8)
    for ax, measure, title in zip(axes, ("loss", "accuracy"), ("Perte", "Exactitude")):
        for split, label, colour in (
            ("train", "entraînement (pendant l’époque)", TRAIN),
            ("validation", "validation (après l’époque)", VALIDATION),
        ):
            values = history[f"{split}_{measure}"]
            ax.plot(history["epoch"], values, marker="o", color=colour, label=label)
        ax.set(title=title, xlabel="époque")
        ax.margins(y=0.06)
        _epochs_axis(ax)
    axes[0].set_ylim(bottom=0)
    _accuracy_axis(axes[1])
    style.legend_below(fig, axes[0], columns=2)
    return fig


def plot_learning_rate(history: pd.DataFrame) -> Figure:
    """Plot the learning rate of each epoch, above the validation loss that decides on it."""
    fig, (top, bottom) = style.new_figure(2, 1, height=4.4, sharex=True)
    epochs, rates, losses = history["epoch"], history["learning_rate"], history["validation_loss"]
    top.step(epochs, rates, where="mid", color=style.PALETTE[3])
    top.plot(epochs, rates, "o", color=style.PALETTE[3])
    top.set_yscale("log")
    top.set_ylim(rates.min() / 4, rates.max() * 4)
    top.yaxis.set_major_locator(LogLocator())
    top.yaxis.set_major_formatter(lambda rate, _: fr(rate, digits=None))
    top.yaxis.set_minor_formatter(NullFormatter())
    top.set(title="Taux d’apprentissage", ylabel="taux (échelle log.)")
    bottom.plot(epochs, losses, "o-", color=VALIDATION)
    best = lowest(losses)
    bottom.plot(epochs[best], losses[best], "*", markersize=16, color=style.MUTED)
    above = {"xytext": (0, 10), "textcoords": "offset points", "ha": "center", "fontsize": 9}
    bottom.annotate("meilleure époque", (epochs[best], losses[best]), color=style.MUTED, **above)
    bottom.set(title="Perte de validation", xlabel="époque", ylabel="perte")
    bottom.set_ylim(0, 1.12 * losses.max())
    _epochs_axis(bottom)
    return fig


def plot_confusion(evaluation: Evaluation, classes: Sequence[str]) -> Figure:
    """Plot the confusion matrix, each row as shares of the true class.

    With many classes, classes of one make are added together.
    """
    counts, names, what = evaluation.confusion, list(classes), "classe"
    if len(names) > ANNOTATED and len(set(makes_of(names))) < len(names):
        counts, names = group_by_make(counts, classes)
        what = "marque"
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = min(max(4.5, 2.2 + 0.42 * len(names)), 8.0)
    fig, ax = style.new_figure(width=side + 1.2, height=side)
    image = ax.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    if len(names) <= ANNOTATED:
        _annotate(ax, counts, shares)
    _name_both_axes(ax, names)
    for edge in _make_edges(names):
        ax.axhline(edge, color=style.MUTED, linewidth=0.8)
        ax.axvline(edge, color=style.MUTED, linewidth=0.8)
    ax.set(xlabel=f"{what} prédite", ylabel=f"{what} vraie", title=f"Confusion par {what}")
    bar = fig.colorbar(image, ax=ax, shrink=0.75, label=f"part des images de la {what} vraie")
    style.french_axis(bar.ax.yaxis, percent=True)
    return fig


def plot_mistakes(
    cars: Cars, evaluation: Evaluation, pairs: pd.DataFrame, *, columns: int = 2
) -> Figure:
    """Show, for each pair of `most_confused`, a mistaken image beside one of the class predicted.

    Of each kind, the image with the highest confidence, another one each time a class returns.
    """
    files, seen, images, titles = cars.of(evaluation.split)["file"], Counter(), [], []
    for pair in pairs.itertuples():
        wrong = _surest(evaluation, pair.true, pair.predicted)
        known = _surest(evaluation, pair.predicted, pair.predicted, rank=seen[pair.predicted])
        seen[pair.predicted] += 1
        for row in (wrong, known):
            path = None if row is None else cars.path(files[row])
            images.append(path and read_image(path, longest=THUMBNAIL))
        titles += [f"vraie : {pair.true_name}", f"prédite : {pair.predicted_name}"]
    colours = [style.PALETTE[3], "black"] * len(pairs)
    cell = style.WIDTH / (2 * columns)
    return style.image_grid(images, titles, 2 * columns, cell=cell, colours=colours)


def plot_gains(gains: pd.DataFrame, *, before: str, after: str) -> Figure:
    """Plot the recall of each class in two models, largest gain on top; of many, the extremes."""
    title = f"Rappel par classe : de {before} à {after}"
    if len(gains) > 2 * (ends := style.EXTREMES):
        gains = pd.concat([gains.head(ends), gains.tail(ends)])
        title += f"\nles {ends} évolutions les plus favorables, les {ends} les moins favorables"
    fig, ax = style.new_figure(height=1.6 + 0.33 * len(gains))
    rows = np.arange(len(gains))[::-1]
    lines = np.where(gains["gain"] >= 0, style.MUTED, style.PALETTE[3])
    ax.hlines(rows, gains["before"], gains["after"], color=lines, linewidth=2.5)
    for column, name in (("before", before), ("after", after)):
        colour = style.model_colour(name)
        ax.plot(gains[column], rows, "o", color=colour, markersize=7, label=name)
    ax.plot([], [], color=style.PALETTE[3], linewidth=2.5, label="en baisse")
    beside = {"xytext": (8, 0), "textcoords": "offset points", "va": "center", "fontsize": 8.5}
    for row, gain, end in zip(rows, gains["gain"], gains[["before", "after"]].max(axis=1)):
        ax.annotate(
            f"{'+' if gain > 0 else ''}{fr(100 * gain, 0)}\N{NO-BREAK SPACE}pt",
            (end, row),
            **beside,
        )
    ax.set_yticks(rows, style.short_names(gains["class_name"]))
    fig.suptitle(title, fontsize=12)
    ax.set(xlabel="rappel", xlim=(-0.03, 1.14), ylim=(-0.7, len(gains) - 0.3))
    ax.set_xticks(np.linspace(0, 1, 6))
    style.french_axis(ax.xaxis, percent=True)
    ax.grid(visible=False, axis="y")
    style.legend_below(fig, ax, columns=3)
    return fig


def plot_double_scaling(curves: pd.DataFrame, *, chance: float) -> Figure:
    """Plot the accuracies of a `DoubleScaling`, images divided once or twice by 255.

    `chance` is the accuracy of a model that draws its answers.
    """
    fig, axes = style.new_figure(1, 2, height=3.8, sharey=True)
    measures = (
        ("Images d’entraînement", "learnt", "averaged"),
        ("Images de validation", "measured", "validated"),
    )
    for ax, (title, *lines) in zip(axes, measures):
        for measure, line in zip(lines, ("o-", "s--")):
            for side, colour in (("reference", style.PALETTE[0]), ("double", style.PALETTE[3])):
                ax.plot(curves["epoch"], curves[f"{measure}_{side}"], line, color=colour)
        ax.axhline(chance, color=style.MUTED, linestyle=":")
        ax.set(title=title, xlabel="époque")
        _epochs_axis(ax)
        _accuracy_axis(ax)
    for label, look in (
        ("une division", {"color": style.PALETTE[0]}),
        ("double division", {"color": style.PALETTE[3]}),
        ("statistiques de chaque lot, ou mesurées", {"color": "black", "marker": "o"}),
        ("moyennes mobiles", {"color": "black", "marker": "s", "linestyle": "--"}),
        ("hasard", {"color": style.MUTED, "linestyle": ":"}),
    ):
        axes[0].plot([], [], label=label, **look)
    style.legend_below(fig, axes[0], columns=3)
    return fig


def plot_reliability(calibration: Calibration) -> Figure:
    """Plot the accuracy of each bin of confidence, with its interval, beside what it should be."""
    fig, ax = style.new_figure(width=5.2, height=4.6)
    bins = calibration.bins
    around = [bins["accuracy"] - bins["low"], bins["high"] - bins["accuracy"]]
    ax.plot([0, 1], [0, 1], color=style.MUTED, linestyle=":", label="calibration parfaite")
    ax.errorbar(
        bins["confidence"],
        bins["accuracy"],
        np.maximum(around, 0),
        fmt="o",
        color=VALIDATION,
        label="exactitude et son intervalle à 95 %",
    )
    for row in bins.itertuples():
        beside = {"xytext": (6, 5), "textcoords": "offset points", "fontsize": 8}
        ax.annotate(fr(row.images), (row.confidence, row.accuracy), **beside)
    ax.set(title="Fiabilité des confiances", xlabel="confiance", ylabel="exactitude")
    ax.set_xlim(0, 1.03)
    style.french_axis(ax.xaxis, percent=True)
    _accuracy_axis(ax)
    style.legend_below(fig, ax, columns=1)
    return fig


def plot_crossed(runs: pd.DataFrame, batch_sizes: Sequence[int]) -> Figure:
    """Plot the accuracy of each training of a crossed design, and the mean of each cell."""
    fig, ax = style.new_figure(width=6.2, height=4.0)
    places = runs["batch_size"].map(list(batch_sizes).index)
    for augmented, label, colour, shift in (
        (False, "sans augmentation", style.PALETTE[0], -0.04),
        (True, "avec augmentation", style.PALETTE[1], 0.04),
    ):
        chosen = runs[runs["augmented"] == augmented]
        x = places[chosen.index] + shift
        ax.plot(x, chosen["accuracy"], "o", color=colour, alpha=0.6)
        means = chosen.groupby(x)["accuracy"].mean()
        ax.plot(means.index, means, "_-", markersize=18, color=colour, label=label)
    ax.set_xticks([0, 1], [f"lots de {size}" for size in batch_sizes])
    ax.set(title="Exactitude de validation, un point par entraînement", xlim=(-0.4, 1.4))
    style.french_axis(ax.yaxis, percent=True)
    style.legend_below(fig, ax, columns=2)
    return fig


def _epochs_axis(ax: Axes) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _accuracy_axis(ax: Axes, top: float = 1.03) -> None:
    ax.set_ylim(0, top)
    ax.set_yticks(np.linspace(0, 1, 6))
    style.french_axis(ax.yaxis, percent=True)


def _name_both_axes(ax: Axes, names: Sequence[str]) -> None:
    """Name the rows and columns of a matrix, smaller where they are many, if there is room."""
    if len(names) > MOST_NAMED:
        return
    labels, many = style.short_names(names), len(names) > ANNOTATED
    size = 6.5 if many else 8.5
    ax.set_yticks(range(len(names)), labels, fontsize=size)
    turned = (
        {"rotation": 90} if many else {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    )
    ax.set_xticks(range(len(names)), labels, fontsize=size, **turned)
    ax.grid(visible=False)


def _make_edges(names: Sequence[str]) -> list[float]:
    """Return where the make, the first word, changes between classes; nowhere if all differ."""
    makes = makes_of(names)
    edges = [row - 0.5 for row in range(1, len(makes)) if makes[row] != makes[row - 1]]
    return edges if len(edges) < len(makes) - 1 else []


def _annotate(ax: Axes, counts: np.ndarray, shares: np.ndarray) -> None:
    centred = {"ha": "center", "va": "center", "fontsize": 9}
    for row, column in np.argwhere(counts > 0):
        colour = "white" if shares[row, column] > 0.55 else "black"
        ax.text(column, row, str(counts[row, column]), color=colour, **centred)


def _surest(evaluation: Evaluation, true: int, predicted: int, *, rank: int = 0) -> int | None:
    """Position of the image of class `true` predicted `predicted` with most confidence, or None.

    The next ones have the ranks 1, 2...; beyond the last one, it is given again.
    """
    chosen = np.flatnonzero((evaluation.labels == true) & (evaluation.predictions == predicted))
    if not len(chosen):
        return None
    order = chosen[np.argsort(-evaluation.confidences[chosen], kind="stable")]
    return int(order[min(rank, len(order) - 1)])
