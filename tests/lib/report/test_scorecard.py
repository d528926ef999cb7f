"""The report that every model gets."""

import json

import numpy as np
import pandas as pd
import pytest

from carnet import record
from lib.data.cars import load_cars
from lib.report.scorecard import (
    ORIGINAL,
    assess,
    bars,
    best_and_worst,
    confusion_table,
    hyperparameters,
    learning_rate_story,
    top5_if_telling,
)
from lib.training.evaluation import score
from lib.training.training import TrainingConfig, train


@pytest.fixture(scope="module")
def report(tiny_cars_root, tmp_path_factory):
    """Cars and the scorecard of a tiny training."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNAL_STORE", str(tmp_path_factory.mktemp("store")))
        cars = load_cars(str(tiny_cars_root), validation=0.25)
        config = TrainingConfig(image_size=32, epochs=1, batch_size=8, threads=1)
        yield cars, assess(train(cars, config), cars)


@pytest.mark.slow
def test_results_can_be_recorded(report):
    """JSON values, the same as the evaluation's."""
    results = report[1].results()
    record(**json.loads(json.dumps(results, allow_nan=False)))
    assert results["test_accuracy"] == report[1].test.accuracy
    assert len(results["recall"]) == 3
    assert results["top5"] is None  # of three classes
    assert results["test_answers"]["right"].count("1") == report[1].test.right.sum()
    assert results["model"]["training"] == report[1].training.folder.name


@pytest.mark.slow
def test_table_recalls_the_original(report):
    """Measured beside reported, where something was reported."""
    table = report[1].table(ORIGINAL["v1"])
    assert table["Premier journal"].dropna().tolist() == ["1\u00a0%", "5\u00a0%"]
    assert table["Ici"].between(0, 1).all()
    assert list(bars(report[1].results())) == table["Mesure"].tolist()


def test_top_5_tells_nothing_where_chance_has_it():
    for classes, telling in ((25, False), (26, True)):
        found = score(np.eye(classes), np.arange(classes), "validation")
        assert (top5_if_telling(found) == 1.0) == telling


@pytest.mark.slow
def test_best_and_worst_classes_are_named(report):
    cars, card = report
    assert best_and_worst(card.test, cars.classes).startswith("la mieux reconnue est « ")


def test_hyperparameters_are_french():
    """Decimal commas and names as in torchvision."""
    config = TrainingConfig(augmentation=("RandomRotation",), scheduler="ReduceLROnPlateau")
    rows = dict(hyperparameters(config).itertuples(index=False))
    assert rows["Taux d’apprentissage"] == "0,001"
    assert rows["Augmentation"] == "RandomRotation(15)"
    assert rows["Planificateur"].startswith("ReduceLROnPlateau (facteur 0,1")


def test_learning_rate_story():
    """Whether and when it dropped."""
    steady = pd.DataFrame({"epoch": [1, 2, 3], "learning_rate": [1e-3] * 3})
    dropped = steady.assign(learning_rate=[1e-3, 1e-3, 1e-4])
    assert "jusqu’au bout" in learning_rate_story(steady)
    assert "n’a donc rien changé" in learning_rate_story(steady)
    assert "baisse à l’époque 3 et finit à 0,0001." in learning_rate_story(dropped)


def test_confusion_table_renames():
    """French columns."""
    pairs = pd.DataFrame(
        [
            {
                "true": 0,
                "predicted": 1,
                "true_name": "A",
                "predicted_name": "B",
                "count": 2,
                "share": 1,
            }
        ]
    )
    assert list(confusion_table(pairs)) == [
        "Classe vraie",
        "Classe prédite",
        "Images",
        "Part de la classe",
    ]
