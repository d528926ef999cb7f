"""The figures of the hyperparameter search, from the tables of `lib.search.analysis`."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from carnet import fr, fr_percent, fr_plural
from lib.figures.explore import Menus, explore
from lib.figures.style import (
    MUTED,
    SUBSETS,
    french_axis,
    label,
    legend_above,
    name_rows,
    new_figure,
    show_interval,
)
from lib.report.names import HYPERPARAMETERS, french_value
from lib.search.analysis import compared_accuracy, varied_factors
from lib.search.search import Search
from lib.search.trial import DESIGNED, DRAWN

ROW = 0.36  # inches: height of a row of a chart that reads from top to bottom
FOLLOWED = 5  # best trials, which stand out among all those of the parallel coordinates
WHOLE, STOPPED = SUBSETS["validation"], MUTED  # trials are measured on validation images
BEST, NEXT = {"color": WHOLE, "lw": 3.2}, {"color": WHOLE, "lw": 1.8}
OTHERS = {"color": "#b4b4b4", "lw": 0.9}
PRUNED = OTHERS | {"ls": "--"}
EPOCHS = "époques menées"


def measures(search: Search) -> dict[str, pd.Series]:
    """Return what is measured of each trial: a number, by its French name."""
    trials = search.trials
    return {
        f"exactitude, époque {search.first_rung}": compared_accuracy(search, trials),
        "exactitude, à la dernière époque": trials.accuracy,
        "meilleure exactitude": trials.curve.map(max),
        EPOCHS: trials.epochs,
    }


def plot_history(search: Search) -> Figure:
    """Draw the accuracy of each trial in order, pruned ones apart, and the best so far.

    A line stands before each generation drawn from those before it; references have their name.
    """
    trials = search.trials
    complete, pruned = trials[~trials.pruned], trials[trials.pruned]
    fig, ax = new_figure(height=3.8)
    best = complete.set_index("trial").accuracy.cummax().reindex(trials.trial).ffill()
    ax.step(best.index, best, where="post", color=WHOLE, label="meilleur essai jusque-là")
    ax.plot(complete.trial, complete.accuracy, "o", color=WHOLE, label="essai mené à terme")
    ax.plot(pruned.trial, pruned.accuracy, "x", color=STOPPED, mew=2, label="essai interrompu")
    for trial in trials[~trials.origin.isin([DESIGNED, DRAWN])].itertuples():
        label(ax, trial.origin, (trial.trial, trial.accuracy), (-7, 0), ha="right")
    for begun in trials.groupby("generation").trial.min()[1:]:
        ax.axvline(begun - 0.5, color=MUTED, ls=":", lw=1)
    ax.set(xlabel="essai", ylabel="exactitude de validation", ylim=(0, None))
    ax.grid(False, axis="x")
    ax.xaxis.get_major_locator().set_params(integer=True)
    french_axis(ax.yaxis, percent=True)
    legend_above(fig)
    return fig


def plot_importances(importances: pd.DataFrame) -> Figure:
    """Draw the importance of each factor, largest at the top, with its range over resamples."""
    fig, ax = new_figure(height=0.7 + ROW * len(importances))
    rows = range(len(importances))
    ax.barh(rows, importances.importance, color=WHOLE, height=0.6)
    ax.hlines(rows, importances.low, importances.high, color="black", lw=1.5)
    name_rows(ax, importances.factor.map(HYPERPARAMETERS))
    french_axis(ax.xaxis, percent=True)
    ax.set(xlabel="part relative des différences (trait : étendue à 80 %)", xlim=(0, None))
    return fig


def plot_parallel_coordinates(search: Search) -> Figure:
    """Draw each trial as a line that goes down through its value of each factor to its accuracy.

    The axes lie flat, one per row, so that the names of values stay readable. The complete trials
    that ended best have a colour, the best of them the widest line; pruned trials are dashed.
    """
    names = varied_factors(search.space)
    scores = compared_accuracy(search, search.trials).to_numpy()
    scale = Normalize(scores.min(), max(scores.max(), scores.min() + 0.01))
    lines = dict(zip(search.trials.index, _coordinates(search, names, scale(scores))))
    top = search.complete.head(FOLLOWED).index
    fig, ax = new_figure(height=1.0 + 1.5 * ROW * (len(names) + 1))
    looks = dict.fromkeys(search.trials.index, PRUNED)
    looks |= dict.fromkeys(search.complete.index, OTHERS)
    looks |= dict.fromkeys(top, NEXT) | {top[0]: BEST}
    for index in [*search.trials.index.difference(top), *top[::-1]]:  # the best on top
        ax.plot(lines[index], range(len(names) + 1), **looks[index])
    for row, name in enumerate(names):
        _value_labels(ax, row, search.values(name))
    name_rows(ax, [*(HYPERPARAMETERS[name] for name in names), "Exactitude"])
    _accuracy_ticks(ax, scale)
    ax.set(xlim=(-0.03, 1.03), ylim=(len(names), -0.45))
    ax.set_xlabel(f"exactitude de validation, époque {search.first_rung}")
    ax.grid(True, axis="y")
    ax.grid(False, axis="x")
    named = {
        f"le meilleur essai, nᵒ {search.best['trial']}": BEST,
        "les meilleurs suivants": NEXT,
        "les autres": OTHERS,
        "interrompu": PRUNED,
    }
    legend_above(fig, [Line2D([], [], label=name, **look) for name, look in named.items()])
    return fig


def _accuracy_ticks(ax: Axes, scale: Normalize) -> None:
    """Graduate the bottom axis, which holds accuracies brought into [0, 1] by `scale`."""
    ticks = MaxNLocator(5).tick_values(scale.vmin, scale.vmax)
    ticks = [tick for tick in ticks if scale.vmin <= tick <= scale.vmax]
    ax.set_xticks([scale(tick) for tick in ticks], [fr_percent(tick) for tick in ticks])


def _coordinates(search: Search, names: list[str], scores: np.ndarray) -> np.ndarray:
    """Return where the line of each trial crosses each axis, in [0, 1]: (trials, factors + 1).

    Trials that share a value are spread around it, in their order, so that each can be followed.
    """
    spread = np.linspace(-0.025, 0.025, len(search.trials))
    columns = []
    for name in names:
        places = dict(zip(search.values(name), _positions(search.values(name))))
        columns.append(search.trials[name].map(places).to_numpy(float) + spread)
    return np.column_stack([*columns, np.asarray(scores, float)])


def _positions(values: list) -> np.ndarray:
    """Return the position of each value on its axis, evenly spread and away from the ends."""
    return (np.arange(len(values)) + 0.5) / len(values)


def _value_labels(ax: Axes, row: int, values: list) -> None:
    """Name the values of an axis, just above it."""
    box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.85}
    for value, x in zip(values, _positions(values)):
        text = french_value(value).replace(" + ", "\n+ ")
        label(ax, text, (x, row), (0, 5), ha="center", va="bottom", bbox=box)


def plot_effects(effects: pd.DataFrame, overall: float, epoch: int) -> Figure:
    """Draw the mean accuracy of each value with its interval, grouped by factor.

    `overall` is the mean over the trials of the design.
    """
    groups = list(effects.groupby("factor", sort=False))
    fig, ax = new_figure(height=0.9 + 0.6 * ROW * (len(effects) + 1.3 * len(groups)))
    labels, row = {}, 0.0
    for name, values in groups:
        labels[row] = HYPERPARAMETERS[name]
        for effect in values.itertuples():
            row += 1
            labels[row] = f"{french_value(effect.value)}  ({effect.trials})"
            show_interval(ax, row, effect.mean, (effect.low, effect.high), WHOLE)
        row += 1.3
    ax.axvline(overall, color=MUTED, ls="--", lw=1, label="moyenne des essais du plan")
    ax.set_yticks(list(labels), list(labels.values()))
    for text in ax.get_yticklabels():
        text.set_fontweight("bold" if text.get_text() in HYPERPARAMETERS.values() else "normal")
    ax.set(xlabel=f"exactitude de validation moyenne, époque {epoch}", ylim=(row - 0.7, -0.8))
    highest = max(effects.high.max(), effects["mean"].max())
    ax.set_xlim(0, min(1.0, 1.05 * highest) or 1.0)  # no trial may have recognised anything
    ax.grid(False, axis="y")
    french_axis(ax.xaxis, percent=True)
    legend_above(fig)
    return fig


def plot_trials(
    search: Search, factor: str, values: pd.Series, *, measure: str, percent: bool
) -> Figure:
    """Draw a measure of each trial, by its number, above its value of one factor; and the means.

    Args:
        factor: one that varies.
        values: the measure of each trial, in their order; shares if `percent`.
        measure: its French name.
    """
    trials, options = search.trials, search.values(factor)
    columns = trials[factor].map(options.index)
    among = columns.groupby(columns)
    across = columns + 0.5 * (among.cumcount() + 1) / (among.transform("size") + 1) - 0.25
    fig, ax = new_figure(height=3.8)
    for chosen, mark, colour, name in (
        (~trials.pruned, "o", WHOLE, "essai mené à terme et son numéro"),
        (trials.pruned, "x", STOPPED, "essai interrompu"),
    ):
        ax.plot(across[chosen], values[chosen], mark, color=colour, mew=2, label=name)
    for row in np.flatnonzero(~trials.pruned):
        label(ax, str(trials.trial.iloc[row]), (across.iloc[row], values.iloc[row]))
    means = values.groupby(columns).mean()
    ends = means.index - 0.3, means.index + 0.3
    ax.hlines(means, *ends, color=MUTED, ls="--", label="moyenne des essais")
    ax.set_xticks(range(len(options)), [french_value(option) for option in options])
    ax.set(xlim=(-0.5, len(options) - 0.5), ylim=(0, 1.1 * values.max() or 1))
    ax.set(xlabel=HYPERPARAMETERS[factor], ylabel=measure)
    french_axis(ax.yaxis, percent=percent)
    ax.grid(False, axis="x")
    legend_above(fig)
    return fig


def explore_trials(search: Search, name: str, *, caption: str, drawn: int) -> None:
    """Show the trials by a factor and a measure that the reader chooses; see `explore`."""
    menus = factors_and_measures(search)
    explore(partial(show_trials, search), name, menus, caption=caption, drawn=drawn)


def factors_and_measures(search: Search) -> Menus:
    """Return the menus: a factor that varies, and what is measured of each trial."""
    return {
        "Facteur": {HYPERPARAMETERS[name]: name for name in varied_factors(search.space)},
        "Mesure": {name: name for name in measures(search)},
    }


def show_trials(search: Search, factor: str, measure: str) -> tuple[Figure, str]:
    """Draw a measure of each trial against its value of one factor."""
    values, percent = measures(search)[measure], measure != EPOCHS
    drawn = plot_trials(search, factor, values, measure=measure, percent=percent)
    means = values.groupby(search.trials[factor]).mean()
    write = fr_percent if percent else fr
    means_in_words = " ; ".join(
        f"{french_value(value)} : {write(mean, 1)}" for value, mean in means.items()
    )
    trials = fr_plural(len(values), "essai")
    return (
        drawn,
        f"{HYPERPARAMETERS[factor]} et {measure} de {trials}. Moyennes : {means_in_words}.",
    )
