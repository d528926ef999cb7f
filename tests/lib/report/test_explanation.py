"""Verdicts, sentences and tables on the explanations."""

import json

import numpy as np
import pandas as pd
import pytest

from lib.explanation.deletion import CONTROLS
from lib.explanation.interventions import NO_BACKGROUND, NO_CAR, NO_SIGNATURE, PLAIN
from lib.report import explanation
from lib.training.makes import make_errors
from tests.lib.training.test_makes import CLASSES, evaluation

SPACE = "\N{NO-BREAK SPACE}"


def told(*verdicts, methods="ABCDEFGH", models=("v1",)):
    keys = [(method, model) for method in methods for model in models][: len(verdicts)]
    index = pd.MultiIndex.from_tuples(keys, names=["method", "model"])
    return pd.Series(verdicts, index)


def test_verdicts_are_said_in_french_by_method_and_model(shares):
    named = explanation.verdicts_of(shares, explanation.UNIFORM)
    assert named.to_dict() == {
        ("Grad-CAM", "v1"): "dépasse l’uniforme",
        ("Occlusion", "v1"): "reste sous l’uniforme",
        ("Lime", "v2"): "n’a rien à mesurer",
    }
    assert set(explanation.verdicts_of(shares, explanation.TRACKING, "tracking")) == {
        "ne permet pas de conclure"
    }


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (("above", "above", "above"), "bat les trois témoins"),
        (("above", "unclear", "above"), "bat seulement le hasard et l’autre carte"),
        (
            ("above", "below", "unclear"),
            "bat seulement le hasard et fait moins bien que le hasard dans la boîte",
        ),
        (("unclear", "below", "unclear"), "fait moins bien que le hasard dans la boîte"),
        (("unclear", "unclear", "unclear"), "ne permet pas de conclure"),
        (
            ("below", "below", "unclear"),
            "fait moins bien que le hasard et le hasard dans la boîte",
        ),
    ],
)
def test_a_map_is_judged_by_the_controls_that_it_beats(verdicts, expected):
    columns = {f"{name}_verdict": [found] for name, found in zip(CONTROLS, verdicts)}
    table = pd.DataFrame({"method": ["Lime"], "model": ["v2"]} | columns)
    assert explanation.deletion_verdicts(table).to_dict() == {("Lime", "v2"): expected}


YES, NO, UNKNOWN = "suit la boîte", "évite la boîte", "ne permet pas de conclure"


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (told(YES), "la seule carte suit la boîte"),
        (told(YES, YES), "les 2 cartes suivent la boîte"),
        (told(YES, NO), "A (v1) suit la boîte ; B (v1) évite la boîte"),
        (told(UNKNOWN, YES), "B (v1) suit la boîte ; A (v1) ne permet pas de conclure"),
        (told(YES, YES, NO), "2 cartes sur 3 suivent la boîte ; C (v1) évite la boîte"),
        (
            told(YES, UNKNOWN, UNKNOWN, UNKNOWN, NO),
            "3 cartes sur 5 ne permettent pas de conclure ; A (v1) suit la boîte ; "
            "E (v1) évite la boîte",
        ),
        (
            told(YES, YES, NO, NO, models=("v1", "v2")),
            "A (v1 et v2) suit la boîte ; B (v1 et v2) évite la boîte",
        ),
        (
            told(YES, NO, NO, YES, YES, models=("v1", "v2")),
            "3 cartes sur 5 suivent la boîte ; A (v2) et B (v1) évitent la boîte",
        ),
    ],
)
def test_verdicts_are_summarised_as_a_person_would(verdicts, expected):
    assert explanation.summarise(verdicts).replace("\u00a0", " ") == expected


def test_every_verdict_has_a_plural():
    said = (explanation.UNIFORM, explanation.TRACKING, explanation.LEARNT)
    words = [*explanation.LEANING.values(), *explanation.NO_VERDICT.values()]
    words += [
        "bat le hasard",
        "fait moins bien que le hasard",
        *(w for it in said for w in it.values()),
    ]
    assert all(explanation.agreed(word, 2) != word == explanation.agreed(word, 1) for word in words)


def test_both_verbs_of_a_verdict_agree():
    verdict = "bat seulement le hasard et fait moins bien que l’autre carte"
    assert explanation.agreed(verdict, 2) == (
        "battent seulement le hasard et font moins bien que l’autre carte"
    )


@pytest.mark.parametrize(
    ("beating", "said"),
    [
        (0, "aucune des 2 cartes ne bat les trois témoins"),
        (1, "1 des 2 cartes bat les trois témoins"),
        (2, "2 des 2 cartes battent les trois témoins"),
    ],
)
def test_maps_that_beat_all_controls_are_counted(beating, said):
    verdicts = [explanation.BEATS_ALL] * beating + ["bat seulement le hasard"] * (2 - beating)
    assert explanation.faithful_count(told(*verdicts)) == said


def test_the_matrix_has_a_row_a_map_and_a_column_a_question():
    first = told("oui", "non", "oui", methods=("Lime", "Grad-CAM"), models=("v2", "v1"))
    second = told("bat", methods=("Grad-CAM",), models=("v2",))
    matrix = explanation.verdict_matrix({"Premier": first, "Second": second})
    assert matrix.to_numpy().tolist() == [
        ["Lime", "v2", "oui", "—"],
        ["Lime", "v1", "non", "—"],
        ["Grad-CAM", "v2", "oui", "bat"],
    ]
    assert matrix.columns.tolist() == ["Méthode", "Modèle", "Premier", "Second"]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["above", "above"], "v1 et v2 s’appuient sur le sujet plus que sur le décor"),
        (["below", "below"], "v1 et v2 s’appuient sur le décor plus que sur le sujet"),
        (
            ["above", "unclear"],
            "v1 s’appuie sur le sujet plus que sur le décor ; v2 ne penche nettement d’aucun côté",
        ),
        (
            ["pointless", "pointless"],
            "v1 et v2 ne se jugent pas, car les boîtes ne cachent rien",
        ),
    ],
)
def test_what_models_rely_on_agrees_with_their_number(verdicts, expected):
    table = pd.DataFrame({"model": ["v1", "v2"], "verdict": verdicts})
    assert explanation.leaning_sentence(table) == expected


@pytest.fixture
def interventions():
    changed = {"change": -0.5, "change_low": -0.6, "change_high": -0.4, "p": 1e-5}
    rows = [
        {"intervention": PLAIN, "model": "v1", "accuracy": 0.7, "low": 0.6, "high": 0.8},
        {"intervention": NO_CAR, "model": "v1", "accuracy": 0.2, "low": 0.1, "high": 0.3}
        | changed
        | {"verdict": "below"},
    ]
    return pd.DataFrame(rows)


def test_interventions_are_told_with_their_changes(interventions):
    plain, hidden = explanation.interventions_table(interventions).to_numpy().tolist()
    span = f"[60{SPACE};{SPACE}80]"
    assert plain == ["Image entière", "v1", f"70{SPACE}% {span}", "—", "—", "—"]
    change = f"−50{SPACE}pt [−60{SPACE};{SPACE}−40]"
    assert hidden[3:] == [change, f"<{SPACE}0,001", "baisse"]
    assert explanation.interventions_alt(interventions) == (
        f"Image entière : 70{SPACE}% (v1) ; Sujet caché : 20{SPACE}% (v1)"
    )


def test_what_is_recorded_is_json(interventions):
    rows = json.loads(json.dumps(explanation.recorded(interventions), allow_nan=False))
    assert (rows[0]["change"], rows[0]["verdict"], rows[1]["change"]) == (None, None, -0.5)


@pytest.mark.parametrize(
    ("verdict", "low", "said"),
    [
        ("unclear", -0.04, "pas de baisse de plus de 4 pt"),
        ("unclear", 0.01, "pas de baisse"),
        ("above", 0.01, "hausse"),
        ("pointless", -0.04, "sans objet"),
    ],
)
def test_a_change_that_is_not_established_is_bounded(interventions, verdict, low, said):
    table = interventions.assign(change_low=low, verdict=[np.nan, verdict])
    found = explanation.interventions_table(table)["Verdict"].tolist()
    assert [found[0], found[1].replace(SPACE, " ")] == ["—", said]


def leanings(verdict):
    return pd.DataFrame({"model": ["v1"], "verdict": [verdict]})


def test_the_subject_and_the_background_are_told_where_boxes_separate_them(interventions):
    hidden = interventions.assign(intervention=[PLAIN, NO_BACKGROUND])
    table = pd.concat([hidden, interventions.tail(1)])
    told = explanation.car_finding(table, leanings("above")).replace(SPACE, " ")
    assert told == (
        "L’exactitude est de 70 % (v1) sur l’image entière, de 20 % (v1) décor caché et de 20 % "
        "(v1) sujet caché : v1 s’appuie sur le sujet plus que sur le décor."
    )
    assert explanation.car_finding(table, leanings("pointless")).startswith("Sans boîtes, rien ne")


def test_only_drawn_cars_lose_a_signature(interventions):
    assert "sans la signature" in explanation.signature_note(True)
    assert explanation.signature_note(False) == ""
    assert explanation.signature_finding(interventions, []) == ""


@pytest.mark.parametrize(
    ("verdict", "said"), [("below", "tombe à"), ("unclear", "ne change pas de façon établie, et")]
)
def test_what_the_signature_is_worth_is_told_with_the_errors(interventions, verdict, said):
    table = interventions.assign(intervention=[PLAIN, NO_SIGNATURE], verdict=verdict)
    errors = [make_errors(evaluation([pair] * 20), CLASSES) for pair in ((0, 1), (0, 2))]
    told = explanation.signature_finding(table, errors).replace(SPACE, " ")
    assert f"l’exactitude {said}" in told and "20 % (v1), et, des erreurs de v2" in told
    assert "de 100 % [84 ; 100], passe à 0 % [0 ; 16]." in told


def test_maps_that_mark_nothing_are_counted(shares):
    maps = {(row.model, row.method): np.zeros(30) for row in shares.itertuples()}
    told = explanation.blank_note(shares.assign(count=[30, 28, 30]), maps)
    assert told == "Les cartes sans valeur positive sont laissées de côté : 2 pour Occlusion (v1)."
    assert explanation.blank_note(shares.assign(count=30), maps) == ""


def test_a_map_of_few_cells_is_said_to_be_judged_by_them():
    assert "2 × 2 cases de Grad-CAM par 8 × 8 carrés" in explanation.coarse_note(2, 8, 64)
    assert explanation.coarse_note(8, 8, 256) == ""


def test_a_bound_that_would_be_zero_shows_its_sign():
    table = pd.DataFrame({"x": [0.012, 0.064], "x_low": [0.003, 0.021], "x_high": [0.02, 0.13]})
    first, second = (it.replace(SPACE, " ") for it in explanation.differences(table, "x"))
    assert (first, second) == ("+1,2 pt [0,3 ; 2,0]", "+6 pt [2 ; 13]")


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        ([0.4, 0.6], "La boîte occupe en moyenne 50\N{NO-BREAK SPACE}% de l’image."),
        ([0.6, 1], "pour 1\N{NO-BREAK SPACE}image, qui n’apprennent rien"),
        ([1, 1], "aucune conclusion n’en est tirée"),
    ],
)
def test_what_the_boxes_allow_to_conclude_is_said(ratio, expected):
    assert expected in explanation.box_note(np.array(ratio))


def test_shares_have_french_columns_and_intervals(shares):
    shown = explanation.shares_table(shares)
    assert shown.columns.tolist() == [
        *("Méthode", "Modèle", "Images", "Part dans la boîte"),
        *("Écart à l’uniforme", "Écart à l’autre boîte"),
    ]
    gaps = shown["Écart à l’uniforme"].tolist()
    assert gaps == [
        f"+10{SPACE}pt [4{SPACE};{SPACE}16]",
        f"+20{SPACE}pt [10{SPACE};{SPACE}30]",
        "—",
    ]


def test_deletion_has_a_gap_a_control():
    gap = {"": 0.1, "_low": -0.05, "_high": 0.25}
    gaps = {f"over_{name}{end}": [value] for name in CONTROLS for end, value in gap.items()}
    table = pd.DataFrame({"method": ["Lime"], "model": "v2", "count": 36, "fall": 0.5} | gaps)
    shown = explanation.deletion_table(table).iloc[0]
    assert shown["Baisse"] == f"50{SPACE}pt"
    assert shown["Écart à la boîte"] == f"+10{SPACE}pt [−5{SPACE};{SPACE}25]"


def test_the_cascade_is_a_row_by_method():
    """In the order of the measures; the layers that were drawn again are the columns."""
    rows = [("Occlusion", "fc", 0.5), ("Occlusion", "layer4", 0.25), ("Lime", "fc", 0.125)]
    table = pd.DataFrame(rows, columns=["method", "down_to", "correlation"])
    bounds = {"correlation_low": -0.2, "correlation_high": 0.4, "flat": [False, True, False]}
    shown = explanation.cascade_table(table.assign(**bounds))
    assert list(shown) == ["Méthode", "La sortie seule", "et « layer4 »"]
    assert shown["Méthode"].tolist() == ["Occlusion", "Lime"]
    assert shown["et « layer4 »"].tolist() == ["— (cartes plates)", "—"]
    assert shown["La sortie seule"].tolist()[1] == f"0,12 [−0,20{SPACE};{SPACE}0,40]"
