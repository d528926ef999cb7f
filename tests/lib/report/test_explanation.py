"""Verdicts and tables on the attribution maps."""

import numpy as np
import pandas as pd
import pytest

from lib.report import explanation


def test_verdicts_are_said_in_french(shares):
    named = explanation.in_french(shares)
    assert named.verdict.tolist() == ["plus que l’uniforme", "moins que l’uniforme", "sans objet"]
    assert set(named.tracking) == {"non concluant"}


def test_pairs_of_models_are_named():
    table = pd.DataFrame({"reference": ["v1"], "model": ["v2"], "change": 0.1, "verdict": "above"})
    named = explanation.in_french(table).iloc[0]
    assert (named.model, named.verdict) == ("v2 contre v1", "davantage dans la boîte")


def test_deletion_is_compared_with_chance():
    table = pd.DataFrame({"gain": [0.1, -0.1], "verdict": ["above", "below"]})
    verdicts = explanation.in_french(table).verdict.tolist()
    assert verdicts == ["plus que le hasard", "moins que le hasard"]


def test_verdicts_are_summarised_in_french_the_unclear_last():
    verdicts = ["non concluant", "plus", "non concluant"]
    table = pd.DataFrame(
        {"model": ["v1", "v2", "v2"], "method": ["A", "A", "B"], "verdict": verdicts}
    )
    assert repr(explanation.summarise(table)) == (
        "« plus » pour A (v2) ; « non concluant » pour A (v1) et B (v2)"
    )


def test_one_verdict_for_all_is_said_once():
    table = pd.DataFrame({"model": "v1", "method": ["A", "B"], "verdict": "sans objet"})
    assert explanation.summarise(table) == "« sans objet » pour toutes les cartes"


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


def test_tables_have_french_columns_in_order(shares):
    shown = explanation.display_table(shares, explanation.SHARE_COLUMNS)
    assert shown.columns.tolist() == list(explanation.SHARE_COLUMNS.values())
    space = "\N{NO-BREAK SPACE}"
    assert shown["Intervalle à 95 %"].tolist()[1:] == [f"70,0{space}% à 90,0{space}%", "—"]
    assert shown["Écart, intervalle à 95 %"][0] == f"4,0{space}% à 16,0{space}%"
