"""The figures of the search, with few and many trials."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lib.figures import search as figures
from lib.report.names import HYPERPARAMETERS
from lib.search import analysis
from tests.fake_search import REFERENCE, fake_plan, fake_search


@pytest.fixture(scope="module", params=[1, 16])
def found(request):
    """With a reference beside the space, where there are many trials."""
    beside = fake_plan(1).generation([])[0].settings | REFERENCE
    return fake_search(request.param, references={"v2": beside} if request.param > 1 else {})


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def test_history(found):
    fig = figures.plot_history(found)
    step, complete, pruned, *generations = fig.axes[0].lines
    named = [text.get_text() for text in fig.axes[0].texts]
    assert named == ["v2"] * (len(found.trials) > 1)
    assert len(generations) == found.trials.generation.max() - 1
    assert len(complete.get_xdata()) + len(pruned.get_xdata()) == len(found.trials)
    assert np.nanmax(step.get_ydata()) == found.best["accuracy"]


def test_importances(found, monkeypatch):
    monkeypatch.setattr(analysis, "TRIAL_RESAMPLES", 2)
    table = analysis.importances(found)
    ax = figures.plot_importances(table).axes[0]
    assert texts(ax.yaxis) == [HYPERPARAMETERS[name] for name in table.factor]


def test_parallel_coordinates(found):
    """One line a trial, which crosses all axes; that of the best trial drawn last, the widest."""
    ax = figures.plot_parallel_coordinates(found).axes[0]
    assert len(ax.lines) == len(found.trials)
    assert texts(ax.yaxis)[-1] == "Exactitude"
    scores = analysis.compared_accuracy(found, found.trials)
    best = scores[found.complete.index[0]]
    higher = (scores > best).sum()
    bottom = [line.get_xdata()[-1] for line in ax.lines]
    assert sum(x > bottom[-1] for x in bottom) == higher
    assert max(ax.lines, key=lambda line: line.get_linewidth()) is ax.lines[-1]


def test_effects(found):
    effects = analysis.factor_effects(found)
    ax = figures.plot_effects(effects, 0.5, 2).axes[0]
    labels = texts(ax.yaxis)
    assert {HYPERPARAMETERS[name] for name in analysis.compared_factors(found)} <= set(labels)
    assert any(label.startswith("0,001  (") for label in labels)
