import datetime

import pytest

from carnet.text.french import fr, fr_date, fr_list, fr_percent, fr_plural, typographic


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (0.834, 2, "0,83"),
        (8144, 2, "8\u202f144"),
        (1234567.891, 1, "1\u202f234\u202f567,9"),
        (-0.5, 1, "\u22120,5"),
        (-0.001, 2, "0,00"),
        ("texte", 2, "texte"),
    ],
)
def test_numbers(value, digits, expected):
    assert fr(value, digits) == expected


def test_a_number_shows_itself_without_quotes():
    assert repr(fr(0.5)) == "0,50"


@pytest.mark.parametrize("value", [True, None, [1]])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match="numbers and text"):
        fr(value)


def test_percentages():
    assert fr_percent(0.834) == "83\u00a0%"
    assert fr_percent(1) == "100\u00a0%"


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


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Quoi ? Oui : non.", "Quoi\u00a0? Oui\u00a0: non."),
        ("« Oui »", "«\u00a0Oui\u00a0»"),
        ("95 % des cas", "95\u00a0% des cas"),
        ("l'été d'« Ô »", "l’été d’«\u00a0Ô\u00a0»"),
        ("`d['a']`", "`d['a']`"),
        ("`a ? b : c`", "`a ? b : c`"),
        ("| :--- | ---: |", "| :--- | ---: |"),
        ("$a : b$ et c : d", "$a : b$ et c\u00a0: d"),
    ],
)
def test_typographic_spaces(written, expected):
    assert typographic(written) == expected
