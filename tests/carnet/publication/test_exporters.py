import re

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from carnet.project.paths import TEMPLATES
from carnet.publication.exporters import (
    LONG_TABLE,
    PageRenderer,
    SiteExporter,
    code_style,
    site_exporter,
    table_html,
    warm_up,
    without_style,
)


@pytest.mark.parametrize(
    ("formula", "element"),
    [(r"\frac{a}{b}", "mfrac"), (r"\sum_{i=1}^{n} x_i", "munderover"), (r"\log p_t", "mi")],
)
def test_formulas_become_mathml(formula, element):
    assert f"<{element}" in PageRenderer([]).block_math(formula)


def test_headings_are_collected_with_their_anchors():
    headings = []
    renderer = PageRenderer(headings)
    first = renderer.heading("A <em>b</em>", 2)
    assert first == '<h2 id="a-b"><a class="anchor" href="#a-b">A <em>b</em></a></h2>\n'
    renderer.heading("A b", 2)
    assert headings == [(2, "A b", "a-b"), (2, "A b", "a-b-2")]


def test_headings_leave_the_ids_of_the_page_alone():
    renderer = PageRenderer([], taken={"contenu"})
    assert 'id="contenu-2"' in renderer.heading("Contenu", 2)


def test_a_heading_with_a_link_is_no_link_itself():
    heading = PageRenderer([]).heading('<a href="x.html">A</a>', 2)
    assert heading == '<h2 id="a"><a href="x.html">A</a></h2>\n'


def test_cells_of_prose_tables_are_aligned_by_class():
    renderer = PageRenderer([])
    assert renderer.table_cell("1", align="right") == '<td class="n">1</td>\n'
    assert renderer.table_cell("A", align="left", head=True) == '<th scope="col">A</th>\n'


def table(rows, mark=' class="n"'):
    return f"<table>\n{'<tr>' * (rows + 1)}<td{mark}>l&#x27;un</td></table>"


def test_long_tables_of_numbers_are_sortable():
    assert "<table data-sortable>" in table_html(table(LONG_TABLE))
    assert "data-sortable" not in table_html(table(LONG_TABLE - 1))
    assert "data-sortable" not in table_html(table(LONG_TABLE, mark=""))


def test_outputs_lose_what_the_page_refuses():
    html = '<style scoped>p {}</style><p style="color: red" onclick="x()" class="a">b</p>'
    assert without_style(html) == '<p class="a">b</p>'


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "ground"), [(1, "#f4f4f1"), (2, "#20252a")])
def test_highlighted_code_is_legible(theme, ground):
    rule = re.compile(r"\.highlight \.(\w+) \{ color: light-dark\((.+?), (.+?)\) \}")
    colours = {m[1]: m[1 + theme] for m in rule.finditer(code_style()) if m[1 + theme][0] == "#"}
    assert {"k", "s2", "mi", "c1"} <= colours.keys()
    # Other tokens (errors, diffs, output of consoles) do not occur in Python code.
    python = [n for n in colours if re.fullmatch(r"[kcmo]\w*|s\w*|n\w*", n) and n != "c"]
    poor = {n: colours[n] for n in python if contrast(colours[n], ground) < 4.5}
    assert poor == {}


def test_an_exporter_used_before_gives_what_a_new_one_gives():
    templates = TEMPLATES
    page = new_notebook(cells=[new_markdown_cell("## Bilan\n\n$x$"), new_markdown_cell("## Bilan")])
    context = {"page": {"file": "jour-1.html", "title": "Jour"}, "site": "Journal"}
    warm_up(templates)
    once, again = (site_exporter(templates).export(page, context).html for _ in range(2))
    assert once == again == SiteExporter(templates).export(page, context).html
    assert 'id="bilan-2"' in once
