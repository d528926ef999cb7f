import datetime
from pathlib import Path

import pytest
from docutils import nodes

from carnet.project.errors import RequestError
from carnet.project.paths import Project
from carnet.publication.outputs import Assets
from carnet.publication.rendering import read_all, render
from carnet.publication.texts import SitePage
from carnet.sources.pages import Embed, Page, Prose
from carnet.store.runs import Store
from tests.carnet.conftest import code, keep_run, make_notebook, markdown

NOWHERE = Path("nowhere")  # a journal without settings or bibliography


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


def shown(kind: str, name: str = "a") -> dict:
    about = {"kind": kind, "name": name, "caption": "Légende", "alt": "Vue"}
    data = {"text/markdown": "| A |\n| - |\n| 1 |"}
    return {"output_type": "display_data", "data": data, "metadata": {"journal": about}}


def numbers(*pages: list[dict]) -> list[list[tuple]]:
    """The kinds and numbers of what pages show, each in a cell of its own."""
    made = []
    for outputs in pages:
        cells = [markdown("m", "Texte."), *(code("c", "x") | {"outputs": [o]} for o in outputs)]
        made.append(SitePage({"file": "a.html", "title": "A", "source": ""}, {"cells": cells}, ""))
    read, _ = read_all(made, [], NOWHERE, Assets())
    return [
        [
            (node.tagname, node["number"])
            for text in page.texts.values()
            for node in text.tree.findall(nodes.Element)
            if "number" in node
        ]
        for page in read
    ]


def test_figures_and_tables_are_numbered_apart_through_the_whole_journal():
    found = numbers(
        [shown("figure", name="a"), shown("table", name="b"), shown("figure", name="c")],
        [],
        [shown("table", name="d"), shown("figure", name="e"), shown("figure", name="a")],
    )
    assert found == [
        [("figure", 1), ("table", 1), ("figure", 2)],
        [],
        [("table", 2), ("figure", 3), ("figure", 1)],  # shown again, it keeps its number
    ]


def test_what_is_no_figure_takes_no_number():
    printed = {"output_type": "stream", "name": "stdout", "text": "x"}
    other = {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}}
    assert numbers([printed, shown("caption"), other, shown("figure")]) == [[("figure", 1)]]


def rendered(store, runs: dict, pages: list[Page], formats=()) -> dict[str, bytes]:
    notebooks = {name: make_notebook(f"{i:02}_{name}") for i, name in enumerate(runs, 1)}
    return render(pages, notebooks, runs, Project.at(NOWHERE), set(formats))


def test_the_images_of_every_run_are_documents(store):
    runs = {
        "un": keep_run(store, "un", "k", images=("a", "b"), inputs={"python": "3.12"}),
        "deux": keep_run(store, "deux", "k", images=("c",), inputs={"python": "3.12"}),
    }
    documents = rendered(store, runs, [])
    assert documents == {f"images/{name}.png": b"png" for name in "abc"}


def test_two_notebooks_may_not_name_a_figure_the_same(store):
    runs = {name: keep_run(store, name, "k", images=("courbe",)) for name in ("un", "deux")}
    with pytest.raises(RequestError) as caught:
        rendered(store, runs, [])
    expected = "figure 'courbe' is made by notebooks 'un' and 'deux': give each its own name"
    assert caught.value.mistakes == [expected]


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    """JOURNAL.md of three pages."""
    store = Store(tmp_path_factory.mktemp("runs"))
    first = "## Résultats\n\n### Score\n\n#### Détail\n\n```\n# code\n```\n"
    pages = [
        Page("introduction", "Pour commencer", None, "", (Prose("Bonjour."),)),
        Page("jour-1", "Jour 1 : essai", None, "", (Prose(first),)),
        Page("jour-2", "Jour 2", None, "", (Prose("## Résultats\n\nSuite."),)),
    ]
    return rendered(store, {}, pages, ["markdown"])["journal/JOURNAL.md"].decode()


def test_pages_are_sections_of_one_document(document):
    lines = [line for line in document.splitlines() if line.startswith("#")]
    assert lines == [
        "# Journal de bord",
        "## Pour commencer",
        "## Jour 1\u00a0: essai",
        "### Résultats",
        "#### Score",
        "##### Détail",
        "# code",
        "## Jour 2",
        "### Résultats",
    ]


def test_contents_lead_to_anchors_that_are_there_once(document):
    contents = document.split("## ")[0]
    assert "- [Pour commencer](#pour-commencer)\n- [Jour 1\u00a0: essai](#jour-1-" in contents
    assert "  - [Résultats](#resultats)\n    - [Score](#score)\n- [Jour 2](#jour-2)\n" in contents
    assert "  - [Résultats](#jour-2-resultats)\n" in contents
    assert "Détail" not in contents
    for anchor in ("pour-commencer", "jour-1-essai", "resultats", "score", "jour-2-resultats"):
        assert document.count(f'<a id="{anchor}"></a>') == 1


def test_an_anchor_stands_right_before_its_heading(document):
    assert '<a id="jour-2-resultats"></a>\n\n### Résultats\n\nSuite.' in document


def test_prose_comes_in_reading_order(document):
    places = [document.index(text) for text in ("Bonjour.", "#### Score", "Suite.")]
    assert places == sorted(places)


def test_only_the_formats_asked_for(store):
    pages = [Page("introduction", "Introduction", None, "", (Prose("Bonjour."),))]
    assert rendered(store, {}, pages) == {}
    assert list(rendered(store, {}, pages, ["markdown"])) == ["journal/JOURNAL.md"]


def test_without_an_introduction_the_index_lists_the_days(store):
    pages = [Page("jour-1", "Jour 1", None, "", (Prose("Bonjour."),))]
    site = rendered(store, {}, pages, ["html"])
    index = site["journal/site/index.html"].decode()
    assert '<a href="jour-1.html">Jour 1</a>' in index
    assert index.count("<h2") == 1
    assert 'rel="prev" href="index.html"' in site["journal/site/jour-1.html"].decode()


def test_a_page_that_embeds_shows_the_outputs_of_the_run(store):
    cells = [markdown("t", "# Un"), markdown("s", "## Score"), code("c", "print(1)")]
    printed = {"output_type": "stream", "name": "stdout", "text": "quarante-deux\n"}
    run = keep_run(
        store,
        "un",
        "0123456789",
        cells=[*cells[:2], cells[2] | {"outputs": [printed]}],
        inputs={"python": "CPython 3.12"},
    )
    pages = [Page("jour-1", "Jour 1", None, "", (Embed("un", "Score"),))]
    notebooks = {"un": make_notebook("01_un", cells)}
    made = render(pages, notebooks, {"un": run}, Project.at(NOWHERE), {"markdown"})
    text = made["journal/JOURNAL.md"].decode()
    assert "### Score" in text
    assert "quarante-deux" in text
    assert "`01234567`" in text


@pytest.mark.parametrize(
    ("form", "file"), [("markdown", "JOURNAL.md"), ("html", "site/jour-1.html")]
)
def test_texts_are_typeset_and_printed_outputs_are_not(store, form, file):
    printed = {"output_type": "stream", "name": "stdout", "text": "l'un : brut !\n"}
    cells = [markdown("t", "# L'un"), code("c", "print(1)")]
    ran = [cells[0], cells[1] | {"outputs": [printed]}]
    inputs = {"python": "CPython 3.12", "parameter x": "l'un"}
    run = keep_run(store, "un", "0123456789", cells=ran, inputs=inputs)
    page = Page("jour-1", "L'essai : un", None, "Qu'est-ce ?", (Embed("un", None),))
    notebooks = {"un": make_notebook("01_un", cells)}
    made = render([page], notebooks, {"un": run}, Project.at(NOWHERE), {form})
    text = made[f"journal/{file}"].decode()
    assert "L’essai\u00a0: un" in text
    assert "CPython 3.12\u00a0; 0\u00a0paquet importé" in text
    assert "l'un : brut !" in text.replace("&#39;", "'")
    assert "x = l'un" in text.replace("&#39;", "'")


def documents(folder, settings: str) -> dict[str, str]:
    """A journal of one page that shows nothing, with what `journal.yml` says."""
    (folder / "journal.yml").write_text(settings)
    page = Page("jour-1", "Un: deux", datetime.date(2026, 3, 1), "", (Prose("L'un : deux.", 1),))
    made = render([page], {}, {}, Project.at(folder), {"markdown", "html"})
    texts = (".md", ".html")
    return {name: data.decode() for name, data in made.items() if name.endswith(texts)}


def test_the_document_says_who_signs_it(tmp_path):
    authors = "authors: [{name: Ada_L, orcid: 0000-0002-1825-0097}, {name: Bo}]"
    text = documents(tmp_path, f"title: Mien\nlicence: MIT\n{authors}")["journal/JOURNAL.md"]
    assert text.startswith(
        "# Mien\n\n[Ada_L](https://orcid.org/0000-0002-1825-0097) et Bo · MIT\n\n- ["
    )
    assert documents(tmp_path, "title: Mien")["journal/JOURNAL.md"].startswith("# Mien\n\n- [")


def test_a_journal_in_english_is_neither_typeset_nor_named_in_french(tmp_path):
    made = documents(tmp_path, "language: en")
    page, home = made["journal/site/jour-1.html"], made["journal/site/index.html"]
    assert '<html lang="en">' in page
    assert "L'un : deux." in page
    assert "March 1, 2026" in page
    assert 'href="index.html#_carnets"' in page
    assert '<h2 id="_jours">' in home


def test_a_page_may_have_a_language_of_its_own(tmp_path):
    day, prose = datetime.date(2026, 3, 1), (Prose("(name)=\n## A: b!\n\n[](#name)"),)
    pages = [
        Page("jour-1", "Un: deux", day, "", (Prose("Un: deux ! [](#name)"),)),
        Page("jour-2", "Day 2: three", day, "", prose, language="en"),
    ]
    made = render(pages, {}, {}, Project.at(tmp_path), {"html", "markdown"})
    first, second = (made[f"journal/site/jour-{n}.html"].decode() for n in (1, 2))
    assert '<html lang="fr">' in first
    assert ">la section «\u00a0A: b!\u00a0»</a>" in first.replace("La", "la")
    assert ">Jour 1</button>" in first
    assert '<html lang="en">' in second
    assert "A: b!" in second
    assert '>Section "A: b!"</a>' in second.replace("&quot;", '"')
    assert "March 1, 2026" in second
    assert ">Day 2</button>" in second
    document = made["journal/JOURNAL.md"].decode()
    assert "*1er\u00a0mars\u00a02026*" in document
    assert "*March 1, 2026*" in document


def test_a_page_that_is_no_day_shows_its_key_figures_on_the_first_page(tmp_path):
    figures = (("Total", "{eval}`len([1, 2])`"),)
    pages = [
        Page("bilan", "Bilan", None, "", (), figures),
        Page("sources", "Sources", None, "", ()),
    ]
    made = render(pages, {}, {}, Project.at(tmp_path), {"html"})
    home = made["journal/site/index.html"].decode()
    assert home.count('<article class="card">') == 1
    assert "<dt>Total</dt><dd>2</dd>" in home
