"""The built site in a real browser, opened from the disk as a reader opens it."""

import collections
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import CHROMIUM, NO_CHROMIUM

pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")

WIDTHS = (360, 768, 1440)
GRAVE = {"serious", "critical"}
IMAGES_ARE_DECODED = "Promise.allSettled([...document.images].map(image => image.decode()))"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
]


@dataclass
class Tab:
    """A page of the browser, with what it asked for and complained of."""

    page: object
    site: Path
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def open(self, name: str):
        self.page.goto((self.site / f"{name}.html").as_uri())
        return self.page


@pytest.fixture(scope="module")
def site(small_build) -> Path:
    output, _, done = small_build
    assert done.returncode == 0, done.stderr
    return output / "journal" / "site"


@pytest.fixture
def tab(browser, site):
    """Return a function that makes a tab of some width and theme."""
    contexts = []

    def make(width: int = 1440, theme: str = "light", **options) -> Tab:
        viewport = {"width": width, "height": 900}
        contexts.append(browser.new_context(viewport=viewport, color_scheme=theme, **options))
        return Tab(contexts[-1].new_page(), site)

    yield make
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_overflows_complains_or_asks_the_network(tab, site, width):
    opened = tab(width)
    for path in sorted(site.glob("*.html")):
        page = opened.open(path.stem)
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
        page.evaluate(IMAGES_ARE_DECODED)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path.stem} is {wide} pixels too wide at {width}"
        broken = page.evaluate(
            "[...document.images].filter(image => !image.naturalWidth).map(image => image.src)"
        )
        assert broken == []
    assert opened.complaints == []
    assert all(url.startswith("file:") for url in opened.requests)


def test_the_policy_of_the_pages_refuses_the_network(tab):
    opened = tab()
    page = opened.open("jour-1")
    assert page.evaluate("fetch('https://example.org').then(() => 'let', () => 'refused')") == (
        "refused"
    )
    assert any("Content Security Policy" in complaint for complaint in opened.complaints)


def one_of_each_kind(pages: list[Path]) -> list[Path]:
    """The first of the days, of the notebooks and so on, by what its name begins with."""
    return list({page.stem.partition("-")[0]: page for page in reversed(pages)}.values())


def all_that_is_shown(pages: list[Path]) -> list[Path]:
    """All but the pages of notebooks, whose sections the days show; one of these."""
    notebooks = [page for page in pages if page.stem.startswith("carnet-")]
    return [page for page in pages if page not in notebooks[1:]]


@pytest.mark.parametrize(
    ("width", "theme", "choose"),
    [(WIDTHS[-1], "light", all_that_is_shown), (WIDTHS[0], "dark", one_of_each_kind)],
)
def test_axe_finds_nothing_grave(tab, site, width, theme, choose):
    """Widths change the layout, themes the colours: each is seen once, not each with each."""
    opened = tab(width, theme, bypass_csp=True)
    found = collections.Counter()
    pages = choose(sorted(site.glob("*.html")))
    assert len(pages) >= 4
    for path in pages:
        page = opened.open(path.stem)
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        for violation in axe(page):
            found[violation["impact"]] += len(violation["nodes"])
            where = f"{violation['id']} in {path.stem}: {violation['nodes'][0]['html']}"
            assert violation["impact"] not in GRAVE, where
    print(f"{width} px, {theme}: {dict(found) or 'no violation'}")


def axe(page) -> list[dict]:
    """Run axe-core; its own loading of style sheets does not work from the disk."""
    from axe_playwright_python.sync_playwright import Axe

    return Axe().run(page, options={"preload": False}).response["violations"]


def test_search_by_keyboard(tab):
    page = tab().open("index")
    page.keyboard.press("/")
    page.keyboard.type("donnees")  # without its accent
    page.locator("#_resultats [role=option]").first.wait_for()
    page.keyboard.press("ArrowDown")
    chosen = page.locator("#_resultats [aria-selected=true]").get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{chosen}")
    page.locator("#_recherche").fill("xyzzy")
    page.locator("#_etat", has_text="Aucun résultat pour « xyzzy »").wait_for()
    page.keyboard.press("Escape")
    assert page.locator(".found").is_hidden()


def test_the_theme_is_chosen_by_keyboard_and_kept(tab):
    page = tab(theme="light").open("index")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.locator("#_theme").focus()
    page.keyboard.press("End")
    dark = page.evaluate(ground)
    assert dark != light
    page.goto(page.url.replace("index", "jour-1"))
    assert page.evaluate(ground) == dark


def test_code_unfolds_by_keyboard(tab):
    page = tab().open("jour-1")
    fold = page.locator("details.code").first
    fold.locator("summary").focus()
    assert fold.locator("pre").is_hidden()
    page.keyboard.press("Enter")
    assert fold.locator("pre").is_visible()


def test_the_contents_follow_the_scroll(tab):
    page = tab().open("jour-1")
    page.locator(".fold-all").click()
    headings = page.locator("main h2")
    assert headings.count() > 2
    for index in range(headings.count()):
        wanted = headings.nth(index).get_attribute("id")
        if index < headings.count() - 1:
            headings.nth(index).evaluate("h => h.scrollIntoView({behavior: 'instant'})")
        else:
            page.evaluate("scrollTo({top: document.body.scrollHeight, behavior: 'instant'})")
            wanted = page.locator("main :is(h2, h3, h4)").last.get_attribute("id")
        page.locator(f".contents [aria-current][href='#{wanted}']").wait_for(timeout=5000)
        assert page.locator(".contents [aria-current]").count() == 1


def test_the_contents_are_folded_on_a_phone_and_lead_by_keyboard(tab):
    page = tab(360).open("jour-1")
    contents = page.locator(".contents details")
    assert not contents.evaluate("fold => fold.open")
    contents.locator("summary").focus()
    page.keyboard.press("Enter")
    link = contents.locator("a").nth(1)
    link.focus()
    href = link.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith(href))


def test_previous_next_and_the_way_past_the_header_by_keyboard(tab):
    page = tab().open("index")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "_contenu"
    page.locator("a[rel=next]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/jour-1.html")
    page.locator("a[rel=prev]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html")


def test_without_script_a_page_reads_whole(tab):
    page = tab(java_script_enabled=False).open("jour-1")
    assert page.locator(".tools").is_hidden()
    assert page.locator(".contents a").first.is_visible()
    assert page.locator("main figure img").count() > 5
