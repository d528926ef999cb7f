"""What the search of the site finds, and where it leads."""

import json
import re

from carnet.publication.site import sections


def index_of(site) -> dict:
    text = site["search.js"].decode()
    return json.loads(text.removeprefix("journalIndex = ").removesuffix(";\n"))


def test_the_search_covers_every_heading_of_every_page(site, pages):
    index = index_of(site)
    assert ["carnet-essai.html", "Carnet\u00a0: Essai"] in index["pages"]
    known = {(index["pages"][page][0], anchor) for page, anchor, _, _ in index["sections"]}
    for name, page in pages.items():
        headings = [
            a["id"] for tag, a in page.elements if re.fullmatch("h[2-6]", tag) and "id" in a
        ]
        assert {(name, "")} | {(name, anchor) for anchor in headings} <= known


def test_the_search_reads_prose_and_captions_not_code(site):
    index = index_of(site)
    day = [file for file, _ in index["pages"]].index("jour-1.html")
    texts = " ".join(text for page, *_, text in index["sections"] if page == day)
    assert "Légende de petite" in texts
    assert "coûte 20\u00a0%" in texts
    assert "secret" not in texts
    assert "Carnet exécuté" not in texts


def test_sections_of_a_page():
    html = '<main id="x"><p>Début</p><h2 id="a"><a>A &amp; b</a></h2><p>un\n<b>deux</b></p></main>'
    assert sections(html) == [("", "", "Début"), ("a", "A & b", "un deux")]


def test_the_search_leads_to_figures_and_tables_by_their_numbers(site):
    index = index_of(site)
    found = {(anchor, heading): text for _, anchor, heading, text in index["sections"]}
    assert found["petite", "Figure 1"] == "Légende de petite."
    assert found["long", "Tableau 2"] == "Légende de long."
