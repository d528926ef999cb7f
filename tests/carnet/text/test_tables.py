import pandas as pd
import pytest
from matplotlib import pyplot

from carnet.text.tables import ShownTable


def example():
    frame = pd.DataFrame(
        {"Nom": ["a|b", "<c>"], "Compte": [1, 2000], "Part": [0.256, None], "Vrai": [True, False]}
    )
    return ShownTable.of(frame, digits=2, shares=("Part",))


def test_cells_are_french():
    rows = (("a|b", "1", "25,6\u00a0%", "oui"), ("<c>", "2\u202f000", "—", "non"))
    assert example().rows == rows
    assert example().numeric == (False, True, True, False)


def test_markdown_aligns_numbers_and_escapes_pipes():
    lines = example().markdown().splitlines()
    assert lines[1] == "| :--- | ---: | ---: | :--- |"
    assert lines[2].startswith(r"| a\|b | 1 |")


def columns(**values) -> dict[str, list[str]]:
    shown = ShownTable.of(pd.DataFrame(values))
    return dict(zip(shown.headings, map(list, zip(*shown.rows))))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.834, 0.5], ["0,83", "0,50"]),
        ([0.001234, 0.5], ["0,0012", "0,5000"]),
        ([1e-6, 0.5], ["0,000001", "0,5"]),
        ([190, 1.854, 17.5], ["190", "1,85", "17,5"]),
        ([1207, 100.583, 10.169, 0.9984], ["1\u202f207", "101", "10,2", "0,998"]),
        ([100.583, 150.0], ["101", "150"]),
        ([100.583, 0.98], ["101", "0,98"]),
        ([12.5, 3.25], ["12,5", "3,2"]),
        ([3.0, None], ["3", "—"]),
        ([8144, 12], ["8\u202f144", "12"]),
        ([float("inf"), 1.5], ["∞", "1,50"]),
        ([0.0, 0.0], ["0", "0"]),
    ],
)
def test_a_column_has_the_decimals_that_it_deserves(values, expected):
    assert columns(a=values)["a"] == expected


def test_a_column_does_not_impose_its_digits_on_another():
    shown = columns(petit=[0.0012, 0.0034], grand=[1234.5, 2345.6], compte=[1, 2])
    assert shown == {
        "petit": ["0,0012", "0,0034"],
        "grand": ["1\u202f234", "2\u202f346"],
        "compte": ["1", "2"],
    }


def test_a_number_that_is_not_zero_is_not_written_as_zero():
    frame = pd.DataFrame({"a": [0.5, 0.00123]})
    assert ShownTable.of(frame, digits=2).rows == (("0,50",), ("0,00123",))


class Formula:
    def _repr_markdown_(self):
        return "$x$"


def test_cells_are_text_unless_they_say_that_they_are_markdown():
    frame = pd.DataFrame({"*a*": ["5 $ ou 6 $", "<b>\n`c`", Formula()]})
    assert ShownTable.of(frame).markdown().splitlines() == [
        r"| \*a\* |",
        "| :--- |",
        r"| 5 \$ ou 6 \$ |",
        r"| \<b\> \`c\` |",
        "| $x$ |",
    ]


def test_dates_and_missing_values_of_every_kind():
    shown = columns(
        date=[pd.Timestamp("2026-01-01"), pd.NaT],
        entier=pd.array([1, None], dtype="Int64"),
        texte=pd.array(["a", None], dtype="string"),
    )
    assert shown == {
        "date": ["1er\u00a0janvier\u00a02026", "—"],
        "entier": ["1", "—"],
        "texte": ["a", "—"],
    }


def test_columns_of_several_levels_and_of_one_name():
    frame = pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "b")]))
    assert ShownTable.of(frame).headings == ("a b", "a b")
    assert ShownTable.of(frame).rows == (("1", "2"),)


def test_the_picture_of_a_table_draws_names_as_they_are_written():
    """No formula, and no warning of a glyph that is missing."""
    frame = pd.DataFrame({"Classe": ["$x$ _y_", "比亚迪 EV"]})
    figure = ShownTable.of(frame).figure()
    figure.canvas.draw()
    (table,) = figure.axes[0].tables
    pyplot.close(figure)
    assert [table[row, 0].get_text().get_text() for row in (1, 2)] == ["$x$ _y_", "… EV"]
