"""The script and the style of the site in a browser, on a made-up journal of twenty days."""

import pytest

from carnet.publication.texts import SitePage
from tests.carnet.conftest import code, markdown
from tests.carnet.publication.small_site import (
    day,
    entry,
    made,
    notebook,
    output,
    png,
    prose,
)
from tests.conftest import CHROMIUM, NO_CHROMIUM

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
]
PHONE, DESK = 390, 1440
LONG = "Une phrase assez longue pour tenir sur plusieurs lignes. " * 30
NUMBERS = "Il y a 1\u202f793 images, et une explicabilité."


def first_day() -> SitePage:
    """A day of two folded sections with figures, a menu, code, a wide table."""
    menu = output("figure", "large")
    menu["metadata"]["journal"] |= {
        "menus": [["Lettre", ["a", "b"]]],
        "alts": {"1.webp": "Vue de b"},
    }
    wide = "| " + " | ".join(f"Colonne {i}" for i in range(14)) + " |\n" + "| - " * 14 + "|\n"
    wide += "| valeur " * 14 + "|"
    origin = {"journal": {"notebook": "essai", "cell": "calcul"}}
    cells = [
        markdown("a", f"## Constat\n\n{NUMBERS} Voir [la suite](#fin).\n\n{wide}"),
        markdown("b", f"### Mesures\n\n{LONG}"),
        code("c", "x = 1", **origin) | {"outputs": [output("figure", "petite"), menu]},
        markdown("d", f"#### Détail\n\n{LONG}"),
        markdown("e", f"### Suite\n\n{LONG}\n\n#### Fin\n\n{LONG}"),
        code("f", "y = 2", **origin) | {"outputs": [output("table", "long", rows(40))]},
    ]
    about = {"day": 1, "date": "1er mai 2026", "iso": "2026-05-01", "summary": LONG[:200]}
    return SitePage(
        entry("jour-1.html", "Jour 1 : essai", **about), notebook() | {"cells": cells}, ""
    )


def rows(count: int) -> str:
    lines = (f"| mot{i} | {i},5 % à {i + 1},5 % | {i} |" for i in range(count))
    return "| A | B | C |\n| :--- | :--- | ---: |\n" + "\n".join(lines)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of a site: a first page, twenty days, an executed notebook."""
    folder = tmp_path_factory.mktemp("site")
    images = {
        f"{name}.png": folder / f"{name}.png" for name in ("petite", "large", "court", "long")
    }
    for path in images.values():
        path.write_bytes(png(1500, 600))
    days = [day(number, LONG) for number in range(2, 21)]
    pages = [prose("index.html", LONG), first_day(), *days]
    files = made(pages, images) | {"journal/site/images/large/1.webp": png(1500, 600)}
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder / "journal" / "site"


@pytest.fixture
def tab(browser, site):
    """Return a function that opens a page at some width."""
    contexts = []

    def make(name: str, width: int = DESK, **options):
        viewport = {"width": width, "height": 900}
        still = {"viewport": viewport, "reduced_motion": "reduce"}
        contexts.append(browser.new_context(**still, **options))
        page = contexts[-1].new_page()
        page.complaints = []
        page.on("console", lambda message: page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        file, _, anchor = name.partition("#")
        page.goto((site / f"{file}.html").as_uri() + (f"#{anchor}" if anchor else ""))
        return page

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", [PHONE, 768, DESK])
@pytest.mark.parametrize("name", ["index", "jour-1", "jour-20", "carnet-essai"])
def test_no_page_scrolls_sideways(tab, name, width):
    page = tab(name, width)
    page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
    page.evaluate("document.querySelector('.fold-all')?.click()")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shown = page.evaluate("[...document.querySelectorAll('figure img')].map(i => i.offsetWidth)")
    assert all(0 < own < width for own in shown)
    assert page.complaints == []


def test_letters_are_those_that_the_site_ships(tab):
    page = tab("jour-1")
    loaded = "document.fonts.ready.then(fonts => [...fonts].filter(f => f.status === 'loaded')"
    families = page.evaluate(f"{loaded}.map(f => f.family))")
    assert {name.strip('"') for name in families} == {"Inter", "Literata"}


@pytest.mark.parametrize("width", [PHONE, 700, DESK])
def test_what_an_anchor_leads_to_is_not_under_the_bar(tab, width):
    page = tab("jour-1#fin", width)
    page.wait_for_function("scrollY > 0")
    top = page.evaluate("document.getElementById('fin').getBoundingClientRect().top")
    bar = page.evaluate("document.querySelector('.site').getBoundingClientRect().bottom")
    assert max(bar, 0) <= top < 450


def test_the_days_are_in_a_menu_newest_first_that_escape_closes(tab):
    page = tab("jour-1")
    menu = page.locator("#_menu")
    assert menu.is_hidden()
    page.locator("[popovertarget=_menu]").click()
    assert menu.is_visible()
    hrefs = menu.locator("a").evaluate_all("links => links.map(l => l.getAttribute('href'))")
    assert hrefs == [f"jour-{n}.html" for n in range(20, 0, -1)]
    page.keyboard.press("Escape")
    assert menu.is_hidden()


def test_sections_of_a_day_are_folded_and_open_by_what_enters_them(tab):
    page = tab("jour-1")
    folded = page.locator(".folded")
    whole = page.evaluate("document.body.scrollHeight")
    assert folded.count() == 2
    page.locator("h3 .fold").first.click()
    assert folded.count() == 1
    page.locator("a[href='#fin']", has_text="la suite").click()
    assert folded.count() == 0
    assert page.evaluate("document.body.scrollHeight") > whole
    page.locator(".fold-all").click()
    assert folded.count() == 2
    page.locator(".source summary").first.focus()
    assert folded.count() == 1


def test_who_unfolds_all_finds_all_unfolded(tab):
    page = tab("jour-1")
    page.locator(".fold-all").click()
    assert page.locator(".folded").count() == 0
    page.reload()
    assert page.locator(".folded").count() == 0
    assert "Tout replier" in page.locator(".fold-all").inner_text()


def test_figures_open_large_one_after_the_other(tab):
    page = tab("jour-1")
    page.locator(".fold-all").click()
    page.locator("figure .image").first.click()
    dialog = page.locator("dialog")
    assert page.url.endswith("jour-1.html")
    assert "Légende de petite." in dialog.locator(".caption").inner_text()
    page.keyboard.press("ArrowRight")
    assert "Légende de large." in dialog.locator(".caption").inner_text()
    assert dialog.locator("img").get_attribute("alt") == "Vue de large"
    page.keyboard.press("ArrowRight")
    assert "Légende de petite." in dialog.locator(".caption").inner_text()
    dialog.locator(".zoom").click()
    assert dialog.locator("img").evaluate("image => image.offsetWidth") > 2 * DESK - 50
    page.keyboard.press("Escape")
    assert dialog.is_hidden()
    assert page.evaluate("document.activeElement.className") == "image"


def test_a_large_figure_fits_a_phone_and_is_pinched(tab):
    page = tab("jour-1", PHONE, has_touch=True, is_mobile=True)
    page.locator(".fold-all").click()
    page.locator("figure .image").first.click()
    box = page.locator("dialog img").bounding_box()
    assert 300 < box["width"] <= PHONE
    session = page.context.new_cdp_session(page)
    where = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    session.send("Input.synthesizePinchGesture", {**where, "scaleFactor": 2})
    assert page.evaluate("visualViewport.scale") > 1.5


def test_a_menu_changes_its_figure(tab):
    page = tab("jour-1")
    image = page.locator("#large img")
    page.locator("#large select").select_option("b")
    assert image.get_attribute("src") == "images/large/1.webp"
    assert image.get_attribute("alt") == "Vue de b"
    assert page.locator("#large .here").is_hidden()
    page.locator("#large select").select_option("a")
    assert image.get_attribute("src") == "images/large.png"
    assert image.get_attribute("alt") == "Vue de large"


def test_code_is_copied(tab):
    page = tab("jour-1", permissions=["clipboard-read", "clipboard-write"])
    page.locator(".fold-all").click()
    page.locator("details.code summary").first.click()
    page.locator(".copy").first.click()
    page.locator(".copy", has_text="Copié").first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()").strip() == "x = 1"


@pytest.mark.parametrize(
    ("typed", "href"),
    [
        ("1793", "jour-1.html#constat"),
        ("1 793", "jour-1.html#constat"),
        ("figure 2", "jour-1.html#large"),
        ("tableau 1", "jour-1.html#long"),
        ("explicabilte", "jour-1.html#constat"),
        ("explicatilité", "jour-1.html#constat"),
        ("expilcabilite", "jour-1.html#constat"),
    ],
)
def test_the_search_finds(tab, typed, href):
    page = tab("index")
    page.locator("#_recherche").fill(typed)
    found = page.locator("#_resultats [role=option]").first
    found.wait_for()
    assert found.get_attribute("href") == href


def test_the_search_does_not_find_what_is_two_letters_away(tab):
    page = tab("index")
    page.locator("#_recherche").fill("exqlicabixite")
    page.locator("#_etat", has_text="Aucun résultat").wait_for()


def test_a_table_of_numbers_is_sorted_and_its_intervals_stay_on_one_line(tab):
    page = tab("jour-1", PHONE)
    page.locator(".fold-all").click()
    heights = page.locator("#long td.v").evaluate_all("cells => cells.map(c => c.offsetHeight)")
    assert max(heights) - min(heights) < 2
    assert max(heights) < 40
    page.locator("#long th.n button").focus()
    page.keyboard.press("Enter")
    assert page.locator("#long th.n").get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Enter")
    assert page.locator("#long tbody td").first.inner_text() == "mot39"


def test_without_script_nothing_is_folded_or_hidden(tab):
    page = tab("jour-1", java_script_enabled=False)
    assert page.locator("#fin").is_visible()
    assert page.locator(".choices").is_hidden()
    assert page.locator(".here").is_visible()
    assert page.locator(".fold-all").is_hidden()
