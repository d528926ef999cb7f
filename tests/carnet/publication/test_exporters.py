import re

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from carnet.project.paths import TEMPLATES
from carnet.publication.exporters import SiteExporter, code_style, site_exporter, warm_up


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
    page = new_notebook(cells=[new_markdown_cell('<h2 id="bilan">Bilan $x$</h2>')])
    context = {"page": {"file": "jour-1.html", "title": "Jour"}, "site": "Journal"}
    warm_up(templates)
    once, again = (site_exporter(templates).export(page, context) for _ in range(2))
    assert once == again == SiteExporter(templates).export(page, context)
    assert '<li class="level-2"><a href="#bilan">Bilan $x$</a></li>' in once
