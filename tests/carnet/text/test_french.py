import datetime

import numpy as np
import pytest

from carnet.text.french import (
    OBJECT,
    fr,
    fr_date,
    fr_list,
    fr_percent,
    fr_plural,
    fr_points,
    typographic,
)


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.834, 2, "0,83"),
        (8144, 2, "8\u202f144"),
        (1234567.891, 1, "1\u202f234\u202f567,9"),
        (-0.5, 1, "\u22120,5"),
        (-0.001, 2, "0,00"),
        (-0.4, 0, "0"),
        (12345.5, 0, "12\u202f346"),
        (2.675, 2, "2,67"),
        (0.00015, None, "0,00015"),
        (1e-4 * 0.1, None, "0,00001"),
        (1e-12, None, "0,000000000001"),
        (-8144.5, None, "\u22128\u202f144,5"),
        (3.0, None, "3"),
        (12345678901.5, None, "12\u202f345\u202f678\u202f901,5"),
        (8144, None, "8\u202f144"),
        (np.float32(0.25), 1, "0,2"),
        (np.int64(8144), 2, "8\u202f144"),
        (float("nan"), 2, "—"),
        (float("-inf"), 2, "\u2212∞"),
        ("texte", 2, "texte"),
    ],
)
def test_numbers(value, digits, expected):
    assert fr(value, digits) == expected


def test_the_largest_floats_are_written_in_full():
    written = fr(1e308, 2)
    assert written.endswith(",00")
    assert float(written.replace("\u202f", "").replace(",", ".")) == 1e308


def test_a_number_shows_itself_without_quotes():
    assert repr(fr(0.5)) == "0,50"


@pytest.mark.parametrize("value", [True, None, [1]])
def test_what_is_not_a_number_is_refused(value):
    with pytest.raises(TypeError, match="numbers and text"):
        fr(value)


def test_percentages():
    assert fr_percent(0.834) == "83\u00a0%"
    assert fr_percent(1) == "100\u00a0%"


@pytest.mark.parametrize(
    ("difference", "digits", "expected"),
    [
        (0.123, 1, "12,3\u00a0points"),
        (-0.2, 1, "\u221220,0\u00a0points"),
        (0.019, 1, "1,9\u00a0point"),
        (0.01996, 1, "2,0\u00a0points"),
        (-0.0001, 1, "0,0\u00a0point"),
        (0.0125, 2, "1,25\u00a0point"),
        (0.3, 0, "30\u00a0points"),
    ],
)
def test_points_between_two_shares(difference, digits, expected):
    assert fr_points(difference, digits) == expected


def test_lists():
    assert [fr_list(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a et b",
        "a, b et c",
    ]


def test_zero_and_one_are_singular():
    assert fr_plural(0, "image") == "0\u00a0image"
    assert fr_plural(1, "image") == "1\u00a0image"
    assert fr_plural(2, "image") == "2\u00a0images"
    assert fr_plural(2, "cheval", "chevaux") == "2\u00a0chevaux"


def test_dates_in_words():
    assert fr_date(datetime.date(2026, 8, 1)) == "1er\u00a0août\u00a02026"
    assert fr_date(datetime.date(2026, 12, 31)) == "31\u00a0décembre\u00a02026"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Quoi ? Oui : non.", "Quoi\u00a0? Oui\u00a0: non."),
        ("« Oui »", "«\u00a0Oui\u00a0»"),
        ("p = 1,00 et p < 5 %", "p\u00a0=\u00a01,00 et p\u00a0<\u00a05\u00a0%"),
        ("8 144 et 1 234 567, en 2012 196", "8\u00a0144 et 1\u00a0234\u00a0567, en 2012 196"),
        ("l'axe x = temps", "l’axe x = temps"),
        ("[1,2 ; 3,4]", "[1,2\u00a0; 3,4]"),
        ("95 % des cas", "95\u00a0% des cas"),
        ("l'été d'« Ô »", "l’été d’«\u00a0Ô\u00a0»"),
        ("voir https://exemple.org/l'autre ?", "voir https://exemple.org/l'autre\u00a0?"),
        ("www.exemple.org/l'autre", "www.exemple.org/l'autre"),
        (f"l'{OBJECT} : {OBJECT} !", f"l’{OBJECT}\u00a0: {OBJECT}\u00a0!"),
    ],
)
def test_typographic_spaces(written, expected):
    assert typographic(written) == expected
