import pandas as pd

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


def test_html_is_escaped_and_scoped():
    html = example().html()
    assert '<th scope="col">Nom</th>' in html
    assert "&lt;c&gt;" in html
    assert '<td class="n">1</td>' in html


def test_markdown_aligns_numbers_and_escapes_pipes():
    lines = example().markdown().splitlines()
    assert lines[1] == "| :--- | ---: | ---: | :--- |"
    assert lines[2].startswith(r"| a\|b | 1 |")


def test_the_picture_of_a_table_draws_names_as_they_are_written():
    """No formula, and no warning of a glyph that is missing."""
    frame = pd.DataFrame({"Classe": ["$x$ _y_", "比亚迪 EV"]})
    figure = ShownTable.of(frame).figure()
    figure.canvas.draw()
    (table,) = figure.axes[0].tables
    assert [table[row, 0].get_text().get_text() for row in (1, 2)] == ["$x$ _y_", "… EV"]
