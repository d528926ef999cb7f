"""The report that every model gets."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from carnet import record
from lib.data.cars import load_cars
from lib.report.scorecard import (
    ORIGINAL,
    assess,
    best_and_worst,
    class_sizes,
    confusion_finding,
    confusion_table,
    crossed_reason,
    described,
    hyperparameters,
    learning_rate_story,
    top5_if_telling,
)
from lib.training.evaluation import score
from lib.training.training import TrainingConfig, train


@pytest.fixture(scope="module")
def report(narrow_network, tiny_cars_root, tmp_path_factory):
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
    more = report[1].table({}, **{"Au hasard": 0.25})
    assert more.iloc[-1].tolist()[:2] == ["Au hasard", 0.25]


def test_top_5_tells_nothing_where_chance_has_it():
    for classes, telling in ((25, False), (26, True)):
        found = score(np.eye(classes), np.arange(classes), "validation")
        assert (top5_if_telling(found) == 1.0) == telling


@pytest.mark.slow
def test_best_and_worst_classes_are_named(report):
    cars, card = report
    one_or_several = ("la mieux reconnue est «", "les mieux reconnues sont «")
    assert best_and_worst(card.test, cars.classes).startswith(one_or_several)


def test_hyperparameters_are_french():
    """Decimal commas and names as in torchvision."""
    config = TrainingConfig(augmentation=("RandomRotation",), scheduler="ReduceLROnPlateau")
    rows = dict(hyperparameters({"Valeur": config}).itertuples(index=False))
    assert rows["Taux d’apprentissage"] == "0,001"
    assert rows["Augmentation"] == "RandomRotation(15)"
    assert rows["Planificateur"].startswith("ReduceLROnPlateau (facteur 0,1")
    assert rows["Poids des classes"] == "sans"


def test_every_hyperparameter_has_its_meaning():
    table = described(hyperparameters({"Valeur": TrainingConfig()}))
    assert table["Ce que c’est"].str.len().min() > 10


def test_of_several_trainings_the_hyperparameters_that_differ_are_shown():
    small, large = TrainingConfig(batch_size=32), TrainingConfig(batch_size=64, epochs=3)
    table = hyperparameters({"a": small, "b": large})
    assert table.columns.tolist() == ["Hyperparamètre", "a", "b"]
    assert table["Hyperparamètre"].tolist() == ["Taille de lot", "Époques"]
    recorded = SimpleNamespace(**vars(small) | {"augmentation": ["HorizontalFlip"]})
    assert hyperparameters({"a": small, "recorded": recorded})["recorded"].tolist() == [
        "RandomHorizontalFlip"
    ]


@pytest.mark.parametrize(
    ("recall", "said"),
    [
        ([1, 0.5, 0.8], "la mieux reconnue est « A » (100 %) ; la moins bien reconnue est « B »"),
        ([1, 1, 0.5], "les mieux reconnues sont « A » et « B » (100 %) ; la moins bien"),
        ([1, 1, 1, 1, 0], "les mieux reconnues sont au nombre de 4 (100 %) ; la moins bien"),
        ([1, 1, 1], "toutes sont reconnues aussi souvent (100 %)"),
        ([0.2, np.nan, 0.2], "toutes sont reconnues aussi souvent (20 %)"),
    ],
)
def test_equal_classes_are_said_to_be(recall, said):
    told = best_and_worst(SimpleNamespace(recall=recall), tuple("ABCDE"[: len(recall)]))
    assert told.replace("\u00a0", " ").startswith(said)


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ([], "aucune image n’est mal classée"),
        (
            [3, 1],
            "le modèle confond le plus souvent « A » avec « B » (3 images sur 6)",
        ),
        (
            [1, 1],
            "le modèle confond le plus souvent, entre autres, « A » avec « B » (1 image sur 2)",
        ),
    ],
)
def test_the_most_frequent_mistake_is_told(counts, said):
    columns = {"true_name": "A", "predicted_name": "B", "share": 0.5}
    told = confusion_finding(pd.DataFrame({"count": counts}).assign(**columns))
    assert told.replace("\u00a0", " ").startswith(said)


def test_learning_rate_story():
    """Whether and when it dropped."""
    steady = pd.DataFrame({"epoch": [1, 2, 3], "learning_rate": [1e-3] * 3})
    dropped = steady.assign(learning_rate=[1e-3, 1e-3, 1e-4])
    assert "passé plus de 5\u00a0époques sans s’améliorer" in learning_rate_story(steady, 5)
    assert "n’étant pas intervenu" in crossed_reason(steady)
    assert "qui est intervenu" in crossed_reason(dropped)
    assert learning_rate_story(dropped, 5).endswith("baisse à l’époque 3 et finit à 0,0001")
    twice = steady.assign(learning_rate=[1e-3, 1e-4, 1e-5])
    assert "baisse aux époques 2 et 3" in learning_rate_story(twice, 5)


@pytest.mark.parametrize(("sizes", "said"), [([13, 0, 17], "13 à 17 images"), ([5, 5], "5 images")])
def test_the_images_of_a_class_are_counted(sizes, said):
    told = class_sizes(SimpleNamespace(confusion=np.diag(sizes)))
    assert told.replace("\u00a0", " ") == said


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
