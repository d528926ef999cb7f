"""The figures exist, in French, with few classes and with many."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from lib.data.cars import load_cars
from lib.figures.training import (
    _surest,
    plot_confusion,
    plot_crossed,
    plot_double_scaling,
    plot_gains,
    plot_learning_curves,
    plot_mistakes,
    plot_reliability,
)
from lib.training.calibration import calibrate
from lib.training.double_scaling import CURVES
from lib.training.evaluation import most_confused, recall_gains, score

HISTORY = pd.DataFrame(
    {
        "epoch": [1, 2, 3],
        "learning_rate": [1e-3, 1e-3, 1e-4],
        "train_loss": [2.0, 1.5, 1.2],
        "train_accuracy": [0.2, 0.5, 0.6],
        "validation_loss": [2.1, 1.4, 1.5],
        "validation_accuracy": [0.2, 0.5, 0.45],
    }
)


@pytest.fixture(autouse=True)
def close():
    """Figures do not pile up."""
    yield
    plt.close("all")


def names(count):
    return tuple(f"Make{label % 30:02d} Model{label} 2012" for label in range(count))


def evaluation(classes, images=3):
    """Random answers over `classes` classes."""
    labels = np.repeat(np.arange(classes), images)
    return score(np.random.default_rng(0).normal(size=(len(labels), classes)), labels, "test")


def texts(figure: Figure) -> str:
    """All that a figure says."""
    return "\n".join(text.get_text() for text in figure.findobj(plt.Text))


def test_learning_curves():
    """Two measures, two splits, and a line where the learning rate falls."""
    figure = plot_learning_curves(HISTORY)
    assert [len(ax.lines) for ax in figure.axes] == [3, 3]
    assert figure.axes[0].lines[-1].get_xdata() == [2.5, 2.5]
    assert "Exactitude" in texts(figure) and "validation" in texts(figure)
    assert texts(figure).count("baisse du taux") == 1
    constant = plot_learning_curves(HISTORY.assign(learning_rate=1e-3))
    assert "baisse du taux" not in texts(constant)


def test_learning_curves_of_one_epoch():
    """A single point is still a figure."""
    plot_learning_curves(HISTORY.head(1)).canvas.draw()


def test_small_confusion_is_annotated():
    """Each class is named, each count written."""
    figure = plot_confusion(evaluation(4), names(4))
    assert "classe vraie" in texts(figure)
    assert names(4)[0] in texts(figure)
    written = [int(text.get_text()) for text in figure.axes[0].texts if text.get_text()]
    assert sum(written) == 12


def test_large_confusion_is_grouped_by_make():
    """196 classes become their makes."""
    figure = plot_confusion(evaluation(196), names(196))
    assert "marque vraie" in texts(figure)
    assert not figure.axes[0].texts


def test_large_confusion_without_makes_names_nothing():
    figure = plot_confusion(evaluation(100), [f"flower {number}" for number in range(100)])
    assert "classe vraie" in texts(figure)
    assert "flower" not in texts(figure)


def test_mistakes(tiny_cars_root, tmp_path, monkeypatch):
    """A mistaken image beside one of the class predicted, or a word where there is none."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path))
    cars = load_cars(str(tiny_cars_root), validation=0.25)
    labels = cars.of("test")["label"].to_numpy()
    logits = np.zeros((len(labels), 3))
    logits[:, 1] = 1  # everything is taken for class 1
    result = score(logits, labels, "test")
    pairs = most_confused(result, cars.classes, 6)
    figure = plot_mistakes(cars, result, pairs)
    assert sum(len(ax.images) for ax in figure.axes) == 4
    assert [len(panel.axes) for panel in figure.subfigs[:2]] == [2, 2]
    assert "prédite" in texts(figure)


def test_a_class_predicted_twice_is_shown_by_two_images():
    """The surest first; the last one again where there are no more."""
    logits = np.array([[0, 3], [0, 9], [0, 5], [2, 0], [0, 1]])
    result = score(logits, np.array([1, 1, 1, 1, 0]), "test")
    assert [_surest(result, 1, 1, rank=rank) for rank in range(4)] == [1, 2, 0, 0]
    assert _surest(result, 0, 1) == 4
    assert _surest(result, 0, 0) is None


@pytest.mark.parametrize(("classes", "rows"), [(12, 12), (196, 20)])
def test_gains_show_the_extremes_of_many(classes, rows):
    """All of few classes; ten at each end of many."""
    after = evaluation(classes)
    before = after.answers() | {"right": "01" * (len(after.labels) // 2) + "0" * (classes % 2)}
    gains = recall_gains(before, after, names(classes))
    figure = plot_gains(gains)
    assert len(figure.axes[0].get_yticks()) == rows
    assert len(figure.axes[0].collections) == rows
    assert "pt" in figure.axes[0].get_xticklabels()[0].get_text()


def test_double_scaling():
    """Two measures of both divisions, on both splits, and chance."""
    columns = [
        f"{measure}_{side}" for measure in CURVES.values() for side in ("reference", "double")
    ]
    curves = pd.DataFrame({"epoch": [1, 2]} | {name: [0.1, 0.3] for name in columns})
    figure = plot_double_scaling(curves, chance=0.1)
    assert "hasard" in texts(figure)
    assert [len(ax.lines) for ax in figure.axes] == [10, 5]  # the first also makes the legend


def test_reliability():
    """A point a bin, with how many images it has."""
    calibration = calibrate(evaluation(4))
    figure = plot_reliability(calibration)
    assert "calibration parfaite" in texts(figure)
    written = [int(text.get_text()) for text in figure.axes[0].texts]
    assert sum(written) == 12 and len(written) == len(calibration.bins)


def test_crossed():
    """Every training is a point, in the order of the models' batches."""
    rows = [(a, size, seed, 0.5) for a in (False, True) for size in (64, 32) for seed in (0, 1)]
    runs = pd.DataFrame(rows, columns=["augmented", "batch_size", "seed", "accuracy"])
    figure = plot_crossed(runs, (64, 32))
    points = [line for line in figure.axes[0].lines if line.get_linestyle() == "None"]
    assert sum(len(line.get_xdata()) for line in points) == 8
    assert "sans\naugmentation" in texts(figure)
    assert next(label.get_text() for label in figure.axes[0].get_xticklabels()) == "lots de 64"
