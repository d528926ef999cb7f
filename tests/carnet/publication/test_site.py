"""The site of a made-up journal: one page of everything, one notebook; no browser."""

import dataclasses
import re

import pytest

from carnet.publication.site import shown_size
from tests.carnet.publication.small_site import ABOUT, days, made, made_pages, png, prose


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
