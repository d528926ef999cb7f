"""Tables of a search, and verdicts on it from stated criteria."""

from dataclasses import replace

import pandas as pd
import pytest

from lib.report import search as report
from lib.report.names import HYPERPARAMETERS
from lib.search import analysis
from lib.search.search import Search
from tests.fake_search import BASE, IMAGES, SPACE, fake_search, of_length, without_effects


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return fake_search(tmp_path_factory.mktemp("study") / "study", 12)


@pytest.fixture(scope="module")
def noise(found):
    return without_effects(found)


def test_tables(found):
    """French names, best first, only the factors that vary."""
    space = report.space_table(SPACE)
    assert space["Facteur"].tolist() == [HYPERPARAMETERS[name] for name in SPACE.factors()]
    assert space["Valeurs essayées"][1] == "0,0001 ; 0,001"
    best = report.best_trials(found, 3)
    assert best.shape == (1 + len(SPACE.factors()), 1 + 3)
    assert best.columns[1] == f"Essai {found.best['trial']}"
    assert best[best.columns[1]].iloc[3] == "Adam"


def test_best_verdict(found, noise):
    """Trials inside the interval of the best are counted."""
    told = report.best_verdict(noise, IMAGES)
    assert "11 autres essais menés à terme y sont aussi" in told
    best = found.trials.trial == found.best["trial"]
    alone = Search(SPACE, BASE, found.trials[best])
    assert "aucun autre essai n’a été mené à terme" in report.best_verdict(alone, IMAGES)
    apart = found.trials.assign(accuracy=best.map({True: 0.9, False: 0.1}), pruned=False)
    told = report.best_verdict(Search(SPACE, BASE, apart), IMAGES)
    assert "aucun autre essai mené à terme n’est dans cet intervalle" in told


@pytest.mark.parametrize(
    ("accuracy", "verdict"),
    [(0.7, "dépasse v2"), (0.51, "ne se distingue pas de v2"), (0.3, "reste en dessous de v2")],
)
def test_comparison_verdict(accuracy, verdict):
    told = report.comparison_verdict(accuracy, 0.5, 500, name="v2")
    assert verdict in told


@pytest.mark.parametrize(
    ("epochs", "common", "told"),
    [
        (3, 1, "à l’époque 1, où les essais sont comparés, aucun planificateur"),
        (3, 2, "n’agit jamais"),
        (7, 7, "n’agit jamais"),
        (8, 8, "peut agir"),
    ],
)
def test_scheduler_note(noise, epochs, common, told):
    """StepLR cuts the rate after a third; ReduceLROnPlateau for the 8th epoch at the earliest."""
    assert told in report.scheduler_note(of_length(noise, epochs, common))


def test_what_each_model_saw_is_told():
    told = report.seen_note({"Modèle final": replace(BASE, image_size=48, epochs=8)})
    assert told == "Entraînement : modèle final, images de 48\u00a0pixels pendant 8\u00a0époques."


def test_effects_are_said_with_their_best_value(found, noise):
    tests = analysis.effect_tests(found)
    assert "optimiseur (meilleure valeur : Adam, p = 0," in report.effects_verdict(tests)
    assert "Adam, de la moins bonne, ce qui dépasse le bruit" in report.factor_verdict(
        tests, "optimizer"
    )
    assert report.factor_verdict(tests, "absent") == "ce facteur n’a pas varié"
    assert "aucun effet ne dépasse" in report.effects_verdict(analysis.effect_tests(noise))
    table = report.effects_table(analysis.factor_effects(found), "optimizer")
    assert table["Optimiseur"].tolist() == ["Adam", "SGD"]
    assert table["Essais"].sum() == 12


@pytest.mark.parametrize(
    ("first", "told"),
    [(0.85, "85\u00a0% des rééchantillonnages, donc ce rang tient"), (0.6, "ne tient pas")],
)
def test_the_first_factor_holds_its_rank_or_not(found, first, told):
    table = pd.DataFrame(
        {"factor": ["optimizer", "loss"], "importance": [0.9, 0.1], "first": [first, 1 - first]}
    )
    verdict = report.importance_verdict(found, table)
    assert told in verdict
    assert "Réserve : 12\u00a0essais pour 2\u00a0facteurs, c’est moins que les 20" in verdict
    assert "trop peu nombreux" in report.importance_verdict(found, table.assign(importance=0.0))


def test_scores_have_their_interval():
    (row,) = report.score_table({"v1": 0.5}, 100).itertuples(index=False)
    assert (row.model, row.accuracy) == ("v1", 0.5)
    assert (row.low, row.high) == pytest.approx((0.404, 0.596), abs=1e-3)


@pytest.mark.parametrize(
    ("epochs", "rule"), [(1, "aucune"), (2, "après l’époque 1,"), (9, "après les époques 2 et 6,")]
)
def test_pruning_rule(epochs, rule):
    assert report.pruning_rule(epochs).startswith(rule)


def test_values_are_named():
    values = {"optimizer": "Adam", "class_weights": "none", "learning_rate": 1e-3}
    assert report.named_values(values) == (
        "Optimiseur : Adam ; Poids des classes : sans ; Taux d’apprentissage : 0,001"
    )
