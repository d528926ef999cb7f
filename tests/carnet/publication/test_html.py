"""Figures, tables, headings and code in the HTML of a page."""

import re

import pytest
from docutils import nodes

from carnet.project.paths import TEMPLATES
from carnet.publication.html import HtmlWriter
from carnet.publication.outputs import Assets
from carnet.publication.rendering import read_all
from carnet.publication.texts import SitePage
from tests.carnet.conftest import code, markdown
from tests.carnet.publication.small_site import day, entry, made_pages, notebook, output, png, prose


def test_figures_keep_their_place_and_say_what_they_show(pages):
    images = {image["src"]: image for image in pages["jour-1.html"].find("img")}
    small, large = images["images/petite.png"], images["images/large.png"]
    assert (small["width"], small["height"], small["alt"]) == ("384", "192", "Vue de petite")
    assert large["width"] == "960"
    shown = pages["jour-1.html"].find("a", **{"class": "image"})
    assert {"images/petite.png", "images/large.png"} < {link["href"] for link in shown}
    assert all(image["loading"] == "lazy" and image["alt"] for image in images.values())
    assert not any(src.startswith("data:") for src in images)


def test_only_long_tables_are_sortable(pages):
    assert len(pages["jour-1.html"].find("table", **{"data-sortable": None})) == 1


def test_what_may_be_wide_scrolls_in_a_frame_that_the_keyboard_reaches(pages):
    frames = [a for _, a in pages["jour-1.html"].elements if "scroll" in a.get("class", "")]
    assert len(frames) == 3  # two tables, the table in the prose
    for frame in frames:
        assert frame["tabindex"] == "0"
        assert frame["role"] in ("region", "group")
        assert frame.keys() & {"aria-label", "aria-labelledby"}


@pytest.mark.parametrize("kind", ["svg", "webp", "png"])
def test_what_a_run_keeps_for_pages_is_shown(tmp_path, kind):
    from carnet.publication.site import figure_files

    path = tmp_path / "courbe.png"
    path.write_bytes(png(1500, 300))
    if kind != "png":
        path.with_suffix(f".{kind}").write_bytes(b"kept")
    cell = {"cell_type": "code", "metadata": {}, "outputs": [output("figure", "courbe")]}
    page = SitePage(entry("jour-1.html", "Jour"), {"cells": [cell]}, "")
    ((shown,), _) = read_all([page], [], tmp_path, Assets())
    data = path.read_bytes() if kind == "png" else b"kept"
    assert figure_files([shown], {"courbe.png": path}) == {f"images/courbe.{kind}": data}
    (image,) = shown.texts[0, 0].tree.findall(nodes.image)
    assert (image["file"], image["width"]) == (f"courbe.{kind}", 960)
    assert ('class="drawn"' in HtmlWriter(lambda to: None)(image)) == (kind == "svg")


def anchors(html: str) -> list[str]:
    return re.findall(r'<h[1-6] id="([^"]+)"', html)


def test_headings_have_their_own_names_for_anchors():
    names = ["Contenu", "Provenance", "Thème", "Recherche", "Résultats", "Les jours", "Note 1"]
    text = "\n\n".join(f"## {name}" for name in names) + "\n\nUn appel[^a].\n\n[^a]: Une note."
    own = ["contenu", "provenance", "theme", "recherche", "resultats", "les-jours", "note-1"]
    made = made_pages(prose("index.html", text), day(1, text))
    assert anchors(made["jour-1.html"]) == own
    assert anchors(made["index.html"]) == ["_jours", "_introduction", *own, "_carnets"]


def test_anchors_stay_when_a_section_is_added():
    before = "## A\n\n### Score\n\n## B\n\n### Score\n\n## C\n\n### Score\n"
    after = before.replace("## C", "## B bis\n\n### Score\n\n## C")
    old, new = (anchors(made_pages(day(1, text))["jour-1.html"]) for text in (before, after))
    assert old == ["a", "score", "b", "b-score", "c", "c-score"]
    assert [name for name in new if name in old] == old


def test_the_code_of_a_section_is_in_one_fold_that_leads_to_its_notebook():
    origin = {"notebook": "essai", "cell": "calcul"}
    cells = [
        markdown("a", "## Un"),
        code("b", "un = 1", journal=origin),
        markdown("c", "Suite."),
        code("d", "deux = 2", journal=origin),
        code("e", "cache = 3", journal=origin, tags=["remove-input"]),
        markdown("f", "## Deux"),
        code("g", "trois = 3", journal=origin),
    ]
    page = SitePage(entry("jour-1.html", "Jour", day=1), {**notebook(), "cells": cells}, "")
    html = made_pages(page)["jour-1.html"]
    folds = re.findall(r'<details class="code">.*?</details>\n<a [^>]*>', html, re.DOTALL)
    shown = [re.findall(r"(\w+) =", re.sub("<[^>]+>", "", fold)) for fold in folds]
    assert shown == [["un", "deux"], ["trois"]]
    assert all('href="carnet-essai.html#_cellule-calcul"' in fold for fold in folds)
    assert "cache" not in html


def test_imports_are_folded_in_a_notebook():
    from carnet.publication.exporters import site_exporter

    imports = site_exporter(TEMPLATES).environment.tests["imports"]
    assert imports("import os\nfrom a import b  # c")
    assert not any(
        map(imports, ["import os\nx = 1", "%matplotlib inline\nimport os", "x", "# rien"])
    )


def test_figures_and_tables_lead_to_themselves_to_their_cell_and_to_their_values(site, pages):
    page = pages["jour-1.html"]
    assert page.find("a", href="#petite", **{"class": "anchor"})
    assert len(page.find("a", **{"class": "origin"}, href="carnet-essai.html#_cellule-calcul")) == 5
    assert page.find("a", href="downloads/court.csv", download=None)
    carnet = pages["carnet-essai.html"]
    assert carnet.find("a", href="downloads/01_essai.ipynb", download=None)
    assert carnet.find("a", href="jour-1.html")
    assert not carnet.find("a", href="carnet-essai.html#_cellule-calcul")
