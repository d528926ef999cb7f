"""The figures of notebooks 02 and 03: curves, confusion matrices, mistakes, comparisons.

Each function takes histories, evaluations or frames and returns a matplotlib `Figure`; few or many
classes stay readable. Text is French.
"""

import math
from collections import Counter
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from carnet import fr, fr_percent
from lib.data.cars import Cars, makes_of
from lib.data.images import read_image
from lib.figures import style
from lib.training.calibration import Calibration
from lib.training.evaluation import Evaluation
from lib.training.makes import group_by_make

VALIDATION = style.SUBSETS["validation"]
SPLIT_NAMES = {"train": "entraînement (pendant l’époque)", "validation": "validation (après)"}
PANEL = "#efefec"  # behind two images that belong together
ANNOTATED = 20  # up to this many rows, a matrix shows its classes and its numbers
MOST_NAMED = 80  # up to this many rows, a matrix names them
THUMBNAIL = 256  # pixels of the longest side of an example


def plot_learning_curves(history: pd.DataFrame) -> Figure:
    """Plot loss and accuracy of training (during the epoch) and validation (after it).

    A dotted line stands before each epoch that begins with a lower learning rate.
    """
    fig, axes = style.new_figure(1, 2, height=3.4)
    lowered = history["epoch"][history["learning_rate"].diff() < 0] - 0.5
    for ax, measure, title in zip(axes, ("loss", "accuracy"), ("Perte", "Exactitude")):
        for split, name in SPLIT_NAMES.items():
            values = history[f"{split}_{measure}"]
            ax.plot(history["epoch"], values, "o-", ms=5, color=style.SUBSETS[split], label=name)
        for rank, epoch in enumerate(lowered):
            name = "_" * rank + "baisse du taux d’apprentissage"
            ax.axvline(epoch, color=style.MUTED, linestyle=":", label=name)
        ax.set(title=title, xlabel="époque")
        ax.margins(y=0.06)
        _epochs_axis(ax)
    axes[0].set_ylim(bottom=0)
    _accuracy_axis(axes[1])
    style.legend_above(fig)
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
    few, named = len(names) <= ANNOTATED, len(names) <= MOST_NAMED
    side = min(max(3.5, 2.2 + 0.36 * len(names)), 8.0)
    fig, ax = style.new_figure(width=side + 1.2, height=side)
    fig.set_layout_engine("compressed")  # what suits squares
    labels = style.short_names(names) if named else False
    sns.heatmap(
        shares, vmin=0, vmax=1, cmap="Blues", square=True, ax=ax, cbar=not few,
        xticklabels=labels, yticklabels=labels, rasterized=not few, fmt="",
        annot=np.where(counts > 0, counts.astype(str), "") if few else None,
        annot_kws={"fontsize": 9}, cbar_kws={"shrink": 0.75, "label": f"part de la {what} vraie"},
    )  # fmt: skip
    turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if few else {"rotation": 90}
    plt.setp(ax.get_xticklabels(), fontsize=8.5 if few else 6.5, **turned)
    plt.setp(ax.get_yticklabels(), fontsize=8.5 if few else 6.5)
    edges = _make_edges(names)
    ax.hlines(edges, 0, len(names), color=style.MUTED, linewidth=1)
    ax.vlines(edges, 0, len(names), color=style.MUTED, linewidth=1)
    ax.set(xlabel=f"{what} prédite", ylabel=f"{what} vraie")
    for bar in fig.axes[1:]:
        style.french_axis(bar.yaxis, percent=True)
    return fig


def plot_mistakes(
    cars: Cars, evaluation: Evaluation, pairs: pd.DataFrame, *, columns: int = 2
) -> Figure:
    """Show, for each pair of `most_confused`, a mistaken image beside one of the class predicted.

    Of each kind, the image with the highest confidence, another one each time a class returns.
    """
    style.apply()
    files, seen, shown = cars.of(evaluation.split)["file"], Counter(), []
    for pair in pairs.itertuples():
        wrong = _surest(evaluation, pair.true, pair.predicted)
        known = _surest(evaluation, pair.predicted, pair.predicted, rank=seen[pair.predicted])
        seen[pair.predicted] += 1
        for row, title in (
            (wrong, "vraie : " + pair.true_name),
            (known, "prédite : " + pair.predicted_name),
        ):
            path = None if row is None else cars.path(files[row])
            shown.append((path and read_image(path, longest=THUMBNAIL), title))
    rows, cell = math.ceil(len(pairs) / columns), style.WIDTH / (2 * columns)
    shape = max((image.height / image.width for image, _ in shown if image), default=1.0)
    height = rows * (cell * shape + 3 * style.LINE)
    fig = plt.figure(figsize=(style.WIDTH, height), layout="constrained")
    panels = fig.subfigures(rows, columns, wspace=0.03, hspace=0.04, squeeze=False).flat
    for panel, left, right in zip(panels, shown[::2], shown[1::2]):
        panel.set_facecolor(PANEL)
        for ax, (image, title) in zip(panel.subplots(1, 2), (left, right)):
            style.show_image(ax, image, title)
    return fig


def plot_gains(gains: pd.DataFrame) -> Figure:
    """Plot the gain in recall of each class with its interval, largest on top; of many, the
    extremes. Beside it stand both recalls, and the colour says that the interval excludes 0."""
    if len(gains) > 2 * style.EXTREMES:
        gains = pd.concat([gains.head(style.EXTREMES), gains.tail(style.EXTREMES)])
    fig, ax = style.new_figure(height=0.8 + 0.28 * len(gains))
    ax.axvline(0, color=style.MUTED, linewidth=1)
    for row, found in enumerate(gains.itertuples()):
        colour = style.V2 if found.low * found.high > 0 else style.MUTED
        text = f"{fr(100 * found.before, 0)} → {fr_percent(found.after)}"
        style.show_interval(ax, row, found.gain, (found.low, found.high), colour, text)
    style.name_rows(ax, style.short_names(gains["class_name"]))
    style.french_axis(ax.xaxis, percent=True)
    ax.xaxis.set_major_formatter(lambda gain, _: f"{fr(100 * gain, 0)}\N{NO-BREAK SPACE}pt")
    ax.set_xlabel("gain de rappel (trait : intervalle à 95 %)")
    ax.margins(x=0.1)
    return fig


def plot_double_scaling(curves: pd.DataFrame, *, chance: float) -> Figure:
    """Plot the accuracies of a `DoubleScaling`, images divided once or twice by 255.

    `chance` is the accuracy of a model that draws its answers.
    """
    fig, axes = style.new_figure(1, 2, height=3.6, sharey=True)
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
        ax.set_ylim(0, None)
        style.french_axis(ax.yaxis, percent=True)
    for label, look in (
        ("une division", {"color": style.PALETTE[0]}),
        ("double division", {"color": style.PALETTE[3]}),
        ("statistiques de chaque lot, ou mesurées", {"color": "black", "marker": "o"}),
        ("moyennes mobiles", {"color": "black", "marker": "s", "linestyle": "--"}),
        ("hasard", {"color": style.MUTED, "linestyle": ":"}),
    ):
        axes[0].plot([], [], label=label, **look)
    style.legend_above(fig, columns=3)
    return fig


def plot_reliability(calibration: Calibration) -> Figure:
    """Plot the accuracy of each bin of confidence, with its interval, beside what it should be."""
    fig, ax = style.new_figure(width=5.2, height=4.4)
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
        style.label(ax, fr(row.images), (row.confidence, row.accuracy))
    ax.set(xlabel="confiance", ylabel="exactitude", xlim=(0, 1.1))
    ax.set_xticks(np.linspace(0, 1, 6))
    style.french_axis(ax.xaxis, percent=True)
    _accuracy_axis(ax)
    style.legend_above(fig, columns=2)
    return fig


def plot_crossed(runs: pd.DataFrame, batch_sizes: Sequence[int]) -> Figure:
    """Plot the accuracy of each training of a crossed design, and the mean of each cell."""
    fig, ax = style.new_figure(width=6.2, height=3.6)
    places = runs["batch_size"].map(list(batch_sizes).index)
    for augmented, name, line in ((False, "sans", "--"), (True, "avec", "-")):
        chosen = runs[runs["augmented"] == augmented]
        look = {"color": VALIDATION, "mfc": VALIDATION if augmented else "none"}
        ax.plot(places[chosen.index], chosen["accuracy"], "o", **look)
        means = chosen.groupby(places[chosen.index])["accuracy"].mean()
        ax.plot(means.index, means, line, color=VALIDATION)
        style.label(ax, f"{name}\naugmentation", (1, means[1]), (12, 0), fontsize=9.5)
    ax.set_xticks([0, 1], [f"lots de {size}" for size in batch_sizes])
    ax.set(ylabel="exactitude de validation", xlim=(-0.2, 1.35))
    ax.grid(False, axis="x")
    style.french_axis(ax.yaxis, percent=True)
    return fig


def _epochs_axis(ax: Axes) -> None:
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _accuracy_axis(ax: Axes) -> None:
    ax.set_ylim(-0.02, 1.03)
    ax.set_yticks(np.linspace(0, 1, 6))
    style.french_axis(ax.yaxis, percent=True)


def _make_edges(names: Sequence[str]) -> list[int]:
    """Return where the make, the first word, changes between classes; nowhere if all differ."""
    makes = makes_of(names)
    edges = [row for row in range(1, len(makes)) if makes[row] != makes[row - 1]]
    return edges if len(edges) < len(makes) - 1 else []


def _surest(evaluation: Evaluation, true: int, predicted: int, *, rank: int = 0) -> int | None:
    """Position of the image of class `true` predicted `predicted` with most confidence, or None.

    The next ones have the ranks 1, 2...; beyond the last one, it is given again.
    """
    chosen = np.flatnonzero((evaluation.labels == true) & (evaluation.predictions == predicted))
    if not len(chosen):
        return None
    order = chosen[np.argsort(-evaluation.confidences[chosen], kind="stable")]
    return int(order[min(rank, len(order) - 1)])
