"""The site of a made-up journal: one page of everything, one notebook; no browser."""

import base64
import dataclasses
import datetime
import io
import json
import re
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from docutils import nodes
from PIL import Image

from carnet.project.paths import TEMPLATES
from carnet.project.settings import Author, Settings
from carnet.publication.html import HtmlWriter
from carnet.publication.outputs import Assets
from carnet.publication.rendering import read_all
from carnet.publication.site import render_site, sections, shown_size
from carnet.publication.texts import SitePage
from tests.carnet.conftest import code, markdown

ABOUT = Settings(
    title="Journal",
    authors=(Author("Josiah <Carberry>", "0000-0002-1825-0097"), Author("Ada")),
    licence="CC BY 4.0",
    repository="https://example.org/j",
)
VOID = {"img", "meta", "link", "input"}
PROSE = """## Contenu

L'été $x^2$ coûte 20 % à [l'index](index.html).

| A | B |
|:--|--:|
| a | 1 |
"""


class Parsed(HTMLParser):
    """What a page holds: elements as (tag, attributes), and whether all are closed."""

    def __init__(self, html: str):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    def find(self, tag: str, **wanted) -> list[dict]:
        found = [attributes for name, attributes in self.elements if name == tag]
        return [a for a in found if wanted.items() <= a.items()]


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "PNG")
    return buffer.getvalue()


def output(kind: str, name: str, markdown: str = "") -> dict:
    about = {"kind": kind, "name": name, "caption": f"Légende de {name}", "alt": f"Vue de {name}"}
    data = {"text/markdown": markdown, "text/plain": "…"} if markdown else {"text/plain": "…"}
    return {"output_type": "display_data", "data": data, "metadata": {"journal": about}}


def table(rows: int) -> str:
    return "| A | B |\n| :--- | ---: |\n" + "".join(f"| a{i} | {i},5 |\n" for i in range(rows))


def notebook() -> dict:
    outputs = [
        output("figure", "petite"),
        output("figure", "large"),
        output("table", "court", table(3)),
        output("table", "long", table(30)),
        {"output_type": "stream", "name": "stdout", "text": "imprimé"},
        {
            "output_type": "display_data",
            "data": {"image/png": base64.b64encode(png(4, 4)).decode(), "text/plain": "…"},
            "metadata": {},
        },
    ]
    origin = {"journal": {"notebook": "essai", "cell": "calcul"}}
    code = {"cell_type": "code", "id": "c", "metadata": origin, "source": "secret = 1"}
    cells = [
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": PROSE},
        code | {"outputs": outputs, "execution_count": None},
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def entry(file: str, title: str, **more) -> dict:
    empty = {"day": None, "date": "", "iso": "", "summary": "", "key_figures": []}
    about = {"file": file, "title": title, "source": f"journal/{file}"}
    return empty | about | more


def made(
    pages: list[SitePage], images: dict, about: Settings = ABOUT, commit: dict | None = None
) -> dict[str, bytes]:
    """The site of some pages and of one executed notebook."""
    carnet = {"file": "carnet-essai.html", "title": "Essai", "source": "notebooks/01_essai.ipynb"}
    carnet |= {"shown_on": [{"file": "jour-1.html", "title": "Jour 1", "day": 1}]}
    executed = [SitePage(carnet | {"notebook": "01_essai.ipynb"}, notebook(), "Valeurs.")]
    assets = Assets()
    assets.downloads |= {"01_essai.ipynb": b"{}", "court.csv": b"A,B\n"}
    shown, carnets = read_all(pages, executed, TEMPLATES, assets)
    return render_site(about, shown, carnets, images, assets, TEMPLATES, commit)


def made_pages(*pages: SitePage, **more) -> dict[str, str]:
    """The pages of a site whose figures are all the same."""
    path = Path(tempfile.mkdtemp()) / "i.png"
    path.write_bytes(png(10, 10))
    names = ("petite", "large", "court", "long")
    site = made(list(pages), {f"{name}.png": path for name in names}, **more)
    return {
        Path(name).name: data.decode()
        for name, data in site.items()
        if "." in name and name[-4:] in ("html", ".xml")
    }


def prose(file: str, *texts: str, **more) -> SitePage:
    """A page of Markdown cells, with what its entry says."""
    cells = [markdown("m", text) for text in texts]
    return SitePage(entry(file, file, **more), {**notebook(), "cells": cells}, "")


def day(number: int, *texts: str) -> SitePage:
    date = datetime.date(2026, 1, 1) + datetime.timedelta(days=number)
    about = {"day": number, "date": f"{date:%d/%m/%Y}", "iso": date.isoformat(), "summary": "Vu."}
    return prose(f"jour-{number}.html", *texts, **about)


def days(count: int) -> list[SitePage]:
    return [prose("index.html", "Bonjour."), *(day(n + 1, "Texte.") for n in range(count))]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("images")
    images = {
        f"{name}.png": folder / f"{name}.png" for name in ("petite", "large", "court", "long")
    }
    for path, width in zip(images.values(), (600, 1500, 10, 10)):
        path.write_bytes(png(width, 300))
    day = {"day": 1, "date": "1er mai 2026", "iso": "2026-05-01", "summary": "Un résumé."}
    figures = {"key_figures": [("Exactitude", "84,6 %", {})]}
    pages = [
        SitePage(entry("index.html", "Introduction"), notebook(), "| A |\n| - |\n| note |"),
        SitePage(entry("jour-1.html", "Jour 1 : l'essai", **day, **figures), notebook(), "Note."),
        SitePage(entry("sources.html", "Sources"), {**notebook(), "cells": []}, ""),
    ]
    found = made(pages, images)
    return {name.removeprefix("journal/site/"): data for name, data in found.items()}


@pytest.fixture(scope="module")
def pages(site) -> dict[str, Parsed]:
    return {name: Parsed(data.decode()) for name, data in site.items() if name.endswith(".html")}


def index_of(site) -> dict:
    text = site["search.js"].decode()
    return json.loads(text.removeprefix("journalIndex = ").removesuffix(";\n"))


def test_the_files_of_the_site(site):
    assert set(site) - {name for name in site if re.match(r"images/[0-9a-f]{16}\.png", name)} == {
        *("index.html", "jour-1.html", "sources.html", "carnet-essai.html"),
        *("style.css", "script.js", "search.js", "images/petite.png", "images/large.png"),
        *("favicon.svg", "feed.xml", "downloads/01_essai.ipynb", "downloads/court.csv"),
        *("fonts/inter.woff2", "fonts/inter-bold.woff2", "fonts/OFL.txt"),
        *(f"fonts/literata{face}.woff2" for face in ("", "-bold", "-italic")),
    }


def test_pages_are_well_formed_french_and_name_their_landmarks(pages):
    for page in pages.values():
        assert page.open == []
        assert page.find("html", lang="fr")
        assert len(page.find("main")) == len(page.find("h1")) == 1
        assert all("aria-label" in nav for nav in page.find("nav"))
        assert page.find("a", href="#_contenu")


def test_every_id_is_unique(pages):
    for page in pages.values():
        ids = page.all("id")
        assert len(ids) == len(set(ids))


def test_every_link_and_reference_resolves(site, pages):
    for name, page in pages.items():
        for target in page.all("href") + page.all("src"):
            file, _, anchor = target.partition("#")
            assert not file or file in site or file.startswith("https://")
            if anchor:
                assert anchor in pages[file or name].all("id")
        for pointed in page.all("aria-labelledby") + page.all("aria-controls"):
            assert pointed in page.all("id")


def test_nothing_comes_from_elsewhere_and_the_policy_says_so(site, pages):
    for page in pages.values():
        (policy,) = page.find("meta", **{"http-equiv": "Content-Security-Policy"})
        assert policy["content"].startswith("default-src 'none'; ")
        assert "unsafe" not in policy["content"]
        assert not [n for _, a in page.elements for n in a if n.startswith("on") or n == "style"]
        assert not page.find("style")
        assert [script["src"] for script in page.find("script") if "src" in script] == ["script.js"]
    for name in ("style.css", "script.js"):
        assert not re.search(rb"https?:|url\((?!\"fonts/)|@import|fetch\(|XMLHttp", site[name])


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


def test_results_lead_to_the_executed_notebook(site, pages):
    assert pages["jour-1.html"].find("a", href="carnet-essai.html#_cellule-calcul")
    assert pages["jour-1.html"].find("details", **{"class": "code"})
    assert not pages["carnet-essai.html"].find("details", **{"class": "code"})
    assert b"secret" in site["carnet-essai.html"]
    assert pages["index.html"].find("a", href="carnet-essai.html")


def test_the_first_page_shows_the_days(site, pages):
    html = site["index.html"].decode()
    card = html[html.index('<article class="card">') : html.index("</article>")]
    assert '<time datetime="2026-05-01">1er mai 2026</time>' in card
    assert "<dt>Exactitude</dt><dd>84,6\u00a0%</dd>" in card
    assert "Un résumé." in card
    contents = html.split("<ol>")[1].split("</ol>")[0]
    entries = ["Les jours", "Introduction", "Contenu", "Carnets exécutés"]
    assert re.findall(r">([^<]+)</a>", contents) == entries


def test_previous_and_next(pages):
    page = pages["jour-1.html"]
    assert [a["href"] for a in page.find("a", rel="prev")] == ["index.html"]
    assert [a["href"] for a in page.find("a", rel="next")] == ["sources.html"]
    assert not pages["carnet-essai.html"].find("a", rel="prev")


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


def test_images_are_shown_at_the_size_they_were_drawn_for():
    assert shown_size(png(1500, 300)) == {"width": 960, "height": 192}


def test_the_same_journal_gives_the_same_bytes(site, tmp_path):
    path = tmp_path / "i.png"
    path.write_bytes(png(10, 10))
    images = dict.fromkeys(("petite.png", "large.png"), path)
    one, two = (made([], images) for _ in range(2))
    assert one == two


@pytest.mark.slow
def test_a_day_and_its_notebooks_are_built_with_their_keyfigure_files(built):
    assert "La longueur vaut 4." in built.page("carnet-mesure.html")
    key = 'summary: Un essai.\nkey_figures:\n  Le double: "{eval}`fr(double.double, 1)`"\n'
    built.edit("journal/jour-1.md", "summary: Un essai.\n", key)
    assert built.executed() == set()
    assert "<dt>Le double</dt><dd>12,0</dd>" in built.page("index.html")
    built.edit("journal/jour-1.md", 'fr(double.double, 1)`"', 'fr(double.doubel, 1)`"')
    done = built.build(check=False)
    assert done.returncode == 2
    expected = (
        "{eval}`fr(double.doubel, 1)`: 'double' does not record 'doubel': did you mean 'double'?"
    )
    assert done.stderr.splitlines() == [f"journal/jour-1.md: {expected}"]


@pytest.mark.slow
def test_the_page_of_a_notebook_goes_with_it(built):
    built.build()  # where it stands now
    assert (built.root / "journal" / "site" / "carnet-double.html").exists()
    (built.root / "notebooks" / "02_double.ipynb").unlink()
    built.edit("journal/jour-1.md", "{eval}`fr(double.double, 1)`", "douze")
    built.build()
    assert not (built.root / "journal" / "site" / "carnet-double.html").exists()
    assert "carnet-double" not in built.page("index.html")
    assert "carnet-double" not in built.page("search.js")


def test_every_page_says_who_signs_it_and_under_what_licence(site):
    pages = [text.decode() for name, text in site.items() if name.endswith(".html")]
    assert len(pages) > 1
    for page in pages:
        signed = page.split('<footer class="signature">')[1]
        name = "Josiah &lt;Carberry&gt;</a>"
        assert f'<a href="https://orcid.org/0000-0002-1825-0097">{name}' in signed
        assert "<li>Ada</li>\n" in signed
        assert "<li>CC BY 4.0</li>" in signed
        assert '<a href="https://example.org/j">Sources</a>' in signed


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


def test_days_come_newest_first_and_the_bar_stays_as_long():
    made = made_pages(*days(100))
    listed = re.findall(r'<a href="(jour-\d+)\.html"', made["index.html"])
    wanted = [f"jour-{n}" for n in range(100, 0, -1)]
    assert listed[:100] == wanted  # the menu
    assert listed[100:200] == wanted  # the cards, then the list
    assert made["index.html"].count('<article class="card">') == 6
    bars = [
        re.sub(r"<ol id.*?</ol>", "", html.split("</header>")[0], flags=re.DOTALL).split("<header")[
            1
        ]
        for html in (made["index.html"], made_pages(*days(1))["index.html"])
    ]
    assert bars[0] == bars[1]


def test_a_day_begins_with_its_key_figures():
    figures = {"key_figures": [("Exactitude", "84,6 %", {})]}
    html = made_pages(prose("jour-1.html", "## Suite", day=1, **figures))["jour-1.html"]
    assert html.index("<dt>Exactitude</dt>") < html.index('id="suite"')


ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_feed_of_the_days():
    here, there = (
        ElementTree.fromstring(made_pages(*days(3), about=about)["feed.xml"].strip())
        for about in (ABOUT, dataclasses.replace(ABOUT, address="https://example.org/site"))
    )
    titles = [found.text for found in here.findall(f"{ATOM}entry/{ATOM}title")]
    assert titles == ["jour-3.html", "jour-2.html", "jour-1.html"]
    assert here.find(f"{ATOM}updated").text == "2026-01-04T00:00:00Z"
    links = [feed.find(f"{ATOM}entry/{ATOM}link").get("href") for feed in (here, there)]
    assert links == ["jour-3.html", "https://example.org/site/jour-3.html"]
    ids = [[found.text for found in feed.iter(f"{ATOM}id")] for feed in (here, there)]
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 4
    assert "feed.xml" not in made_pages(prose("index.html", "Rien."))


def test_the_head_says_what_a_page_is():
    about = dataclasses.replace(ABOUT, address="https://example.org/site/")
    html = made_pages(*days(1), about=about)["jour-1.html"]
    found = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])
    assert (found["@type"], found["datePublished"]) == ("Article", "2026-01-02")
    assert found["author"][0]["@id"] == "https://orcid.org/0000-0002-1825-0097"
    assert found["author"][0]["name"] == "Josiah <Carberry>"
    metas = {
        a.get("property") or a.get("name"): a["content"]
        for a in Parsed(html).find("meta")
        if "content" in a
    }
    assert metas["og:url"] == "https://example.org/site/jour-1.html"
    assert metas["og:type"] == "article"
    assert metas["author"] == "Ada"
    plain = made_pages(*days(1))["jour-1.html"]
    assert "og:url" not in plain
    assert '<link rel="icon"' in plain


def test_the_foot_says_what_commit_the_site_is_built_from():
    commit = {"commit": "0123456789abcdef", "dirty": True}
    html = made_pages(*days(1), commit=commit)["jour-1.html"]
    assert (
        '<a href="https://example.org/j/commit/0123456789abcdef"><code>01234567</code></a> (et'
        in html
    )
    nowhere = dataclasses.replace(ABOUT, repository="")
    html = made_pages(*days(1), about=nowhere, commit=commit | {"dirty": False})["jour-1.html"]
    assert "Construit depuis <code>01234567</code></li>" in " ".join(html.split())


def test_the_search_leads_to_figures_and_tables_by_their_numbers(site):
    index = index_of(site)
    found = {(anchor, heading): text for _, anchor, heading, text in index["sections"]}
    assert found["petite", "Figure 1"] == "Légende de petite."
    assert found["long", "Tableau 2"] == "Légende de long."
