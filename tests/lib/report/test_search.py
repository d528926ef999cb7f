"""Tables of a search, and verdicts on it from stated criteria."""

from dataclasses import replace

import pandas as pd
import pytest

from carnet import fr_points
from lib.report import search as report
from lib.search.search import Search
from lib.search.space import SearchSpace
from lib.training.intervals import PairedDifference
from tests.fake_search import IMAGES, SPACE, fake_search, without_effects


@pytest.fixture(scope="module")
def found():
    return fake_search(12)


@pytest.fixture(scope="module")
def noise(found):
    return without_effects(found)


def test_tables(found, noise):
    """French names, best first, only the factors that vary."""
    assert report.tried(SPACE, "learning_rate") == "0,0001 et 0,001"
    assert report.tried(SPACE, "class_weights") == "sans et équilibrés"
    best = report.best_trials(noise, 3)
    assert best.shape == (1 + len(SPACE.factors()), 1 + 3)
    best = report.best_trials(found, 3)
    assert best.columns[1] == f"Essai {found.best['trial']}"
    assert best[best.columns[1]].iloc[3] == "Adam"


def rivals_of(search: Search, corrected: list[float]) -> pd.DataFrame:
    """As `analysis.rivals` gives them, of as many trials."""
    rows = search.complete.iloc[1 : 1 + len(corrected)][["trial", "origin", "accuracy"]]
    gaps = {"difference": 0.02, "low": -0.01, "high": 0.05, "p_value": 0.2}
    return rows.assign(corrected=corrected, **gaps)


@pytest.fixture(scope="module")
def compared():
    """A search in which v2 comes second."""
    search = fake_search(20)
    second = search.complete.index[1]
    origins = search.trials.origin.where(search.trials.index != second, "v2")
    return replace(search, trials=search.trials.assign(origin=origins))


@pytest.mark.parametrize(
    ("corrected", "told"),
    [
        ([0.2, 0.06], "il ne se distingue pas du nᵒ {} (réglages de v2, p = 0,20) et du nᵒ {} (p "),
        ([0.2, 0.01], "du nᵒ {} (réglages de v2, p = 0,20), mais se distingue du nᵒ {} (p = 0,010"),
        ([0.02, 0.01], "il se distingue du nᵒ {} (réglages de v2, p = 0,020) et du nᵒ {} (p "),
        ([], "aucun autre n’a été mené à terme"),
    ],
)
def test_best_verdict(compared, corrected, told):
    """By the pairs of the best trial and the next ones, corrected for their number."""
    verdict = report.best_verdict(compared, rivals_of(compared, corrected), IMAGES)
    assert told.format(*compared.complete.trial[1:3]) in verdict.replace("\u00a0", " ")
    assert verdict.startswith(f"le meilleur essai, le nᵒ {compared.best['trial']}, atteint")


@pytest.mark.parametrize(
    ("corrected", "told"),
    [
        ([0.2], ", et le meilleur, le nᵒ {best}, ne s’en distingue pas (p = 0,20)"),
        ([0.01], ", et le meilleur, le nᵒ {best}, s’en distingue (p = 0,010)"),
        ([], "arrivent au rang 2 des {count} essais menés à terme"),
    ],
)
def test_the_place_of_a_reference_is_told(compared, corrected, told):
    verdict = report.reference_verdict(compared, rivals_of(compared, corrected), "v2")
    told = told.format(best=compared.best["trial"], count=len(compared.complete))
    assert verdict.replace("\u00a0", " ").endswith(told)


def test_a_reference_may_be_first_or_pruned_or_in_the_design(compared):
    def told(origin, index):
        origins = compared.trials.origin.where(compared.trials.index != index, origin)
        search = replace(compared, trials=compared.trials.assign(origin=origins))
        return report.reference_verdict(search, rivals_of(search, []), "v1")

    pruned = compared.trials.index[compared.trials.pruned][0]
    assert told("v1", compared.complete.index[0]).endswith("sont les meilleurs")
    assert "ont été interrompus à l’époque " in told("v1", pruned)
    assert told("v2", pruned).endswith("n’ont pas été essayés à part")


def with_best(search: Search, origin: str) -> Search:
    origins = search.trials.origin.where(search.trials.trial != search.best["trial"], origin)
    return replace(search, trials=search.trials.assign(origin=origins))


@pytest.mark.parametrize(
    ("origin", "progress", "hope"),
    [
        ("sampler", "Oui. Le meilleur essai, le nᵒ {}, a été proposé par TPE.", "c’est lui qui"),
        (
            "design",
            "Non. Le meilleur essai, le nᵒ {}, est du plan, tiré d’avance. TPE a ",
            "un es",
        ),
        (
            "v1",
            "Non. Le meilleur essai, le nᵒ {}, est l’une des références. TPE a ensuite",
            "v1, r",
        ),
    ],
)
def test_whether_the_search_gets_better_is_answered(compared, origin, progress, hope):
    search = with_best(compared, origin)
    told = report.progress_verdict(search).replace("\u00a0", " ")
    assert told.startswith(progress.format(search.best["trial"]))
    assert report.hope_note(search).startswith(f"Hier, nous comptions sur Optuna ; {hope}")


def test_what_the_sampler_reached_is_told_beside_the_best(compared):
    search = with_best(compared, "design")
    drawn = search.complete[search.complete.origin == "sampler"].iloc[0]
    gap = fr_points(search.best["accuracy"] - drawn.accuracy)
    assert f"le meilleur, le nᵒ {drawn.trial}, atteint" in report.progress_verdict(search)
    assert report.progress_verdict(search).endswith(f"{gap} de moins.")
    level = search.trials.assign(accuracy=0.5)
    assert report.progress_verdict(replace(search, trials=level)).endswith(", autant.")
    stopped = search.trials.assign(
        pruned=search.trials.pruned | (search.trials.origin == "sampler")
    )
    told = report.progress_verdict(replace(search, trials=stopped))
    assert told.endswith("aucun n’est allé à son terme.")


def test_a_search_that_is_a_design_alone_does_not_get_better(found):
    assert report.progress_verdict(found).startswith("Sans objet")
    assert report.hope_note(found) == ""


def test_what_the_best_trials_share_is_told(compared):
    count = len(compared.complete)
    told = report.shared_note(compared, count)
    assert told.startswith(f"les {count} meilleurs essais n’ont en commun que ")
    assert "l’optimiseur (Adam)" in told
    assert report.shared_note(compared, 1) == "un seul essai est allé à son terme"
    mixed = compared.complete.head(2).copy()
    for name in SPACE.factors():
        mixed[name] = SPACE.factors()[name][:2]
    told = report.shared_note(replace(compared, trials=mixed), 2)
    assert told == "les 2 meilleurs essais n’ont aucune valeur en commun"


def test_rivals_are_told_with_labelled_p_values(compared):
    (row,) = report.rivals_table(rivals_of(compared, [0.4])).to_dict("records")
    assert row["Essai"].endswith(" (réglages de v2)")
    assert row["Avance du meilleur essai (points)"] == "2,0 [−1,0\u00a0;\u00a05,0]"
    assert (row["p (McNemar)"], row["p corrigée (Holm)"]) == ("0,20", "0,40")


def test_how_far_apart_trials_must_be_is_half_an_interval(compared):
    told = report.resolution_note(rivals_of(compared, [0.4]), 181)
    assert told.endswith("ne départagent que des scores éloignés d’environ 3\u00a0points")
    assert report.resolution_note(rivals_of(compared, []), 181).endswith("scores éloignés")


def pair(difference: float, low: float, high: float) -> PairedDifference:
    return PairedDifference(difference, low, high, 41, 32, 0.35, 0.0)


@pytest.mark.parametrize(
    ("difference", "p", "told"),
    [
        (0.02, 0.35, "n’a rien trouvé de mieux que v2 de façon établie"),
        (0.02, 0.05, "n’a rien trouvé de mieux que v2 de façon établie"),
        (0.02, 0.01, "a trouvé mieux que v2"),
        (-0.02, 0.01, "a trouvé moins bien que v2"),
    ],
)
def test_what_the_search_found_is_told(difference, p, told):
    assert report.final_verdict(pair(difference, 0, 0), p, "v2") == f"la recherche {told}"


def test_between_what_the_final_gain_lies():
    told = report.final_bounds(pair(0.015, -0.014, 0.044)).replace("\u00a0", " ")
    assert told == "au mieux 4,4 points de plus, au pis 1,4 de moins"
    told = report.final_bounds(pair(0.05, 0.01, 0.09)).replace("\u00a0", " ")
    assert told == "5,0 points [1,0 ; 9,0]"


def test_scores_have_their_interval_and_the_lead_of_the_last_model():
    scores = {"v1": (0.6, 0.55, 0.5), "final": (0.7, 0.7, 0.7)}
    table = report.score_table(scores, 100, {"v1": pair(0.2, 0.1, 0.3)})
    first, last = table.to_numpy().tolist()
    assert first[1:4] == ["60,0\u00a0%", "55,0\u00a0%", "50,0\u00a0% [40,4\u00a0;\u00a059,6]"]
    assert (first[4], last[4]) == ("20,0 [10,0\u00a0;\u00a030,0]", "—")


@pytest.mark.parametrize(
    ("epochs", "rule"),
    [(1, "aucune"), (2, "après l’époque 1, seul"), (9, "après les époques 2 et 6, seul")],
)
def test_pruning_rule(epochs, rule):
    assert report.pruning_rule(epochs).startswith(rule)


def test_values_are_named():
    values = {"optimizer": "Adam", "class_weights": "none", "learning_rate": 1e-3}
    assert report.named_values(values) == (
        "Optimiseur : Adam ; Poids des classes : sans ; Taux d’apprentissage : 0,001"
    )


@pytest.mark.parametrize(
    ("sizes", "note"),
    [
        ([224, 256, 512, 672], "prévoyait 224, 256, 512 et 672 pixels"),
        (
            [32, 40],
            "pixels, mais un passage à 224 pixels coûterait 49 fois plus qu’à 32",
        ),
        ([300], "prévoyait plutôt 224, 256, 512 et 672 pixels"),
    ],
)
def test_image_sizes_are_said_beside_those_that_were_planned(sizes, note):
    assert report.sizes_note(SearchSpace(image_size=sizes)).endswith(note)
