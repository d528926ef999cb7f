"""Take pictures of the built site, to be looked at: widths, themes, and what each page weighs.

python benchmarks/screenshots.py --to /somewhere
"""

import sys
from pathlib import Path

import click
from playwright.sync_api import sync_playwright

from carnet.publication.browser import find_browser

SITE = Path(__file__).resolve().parents[1] / "journal" / "site"
PAGES = ("index", "jour-1", "jour-2")
WIDTHS = (360, 1440)
THEMES = ("light", "dark")


@click.command(help=__doc__)
@click.option("--to", "folder", type=click.Path(path_type=Path), required=True)
def main(folder: Path) -> None:
    if not (SITE / "index.html").exists():
        sys.exit("no site: run `python build_journal.py` first")
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        for name in sorted(path.stem for path in SITE.glob("*.html")):
            weigh(chromium, name)
        for theme in THEMES:
            for width in WIDTHS:
                take(chromium, folder, theme, width)


def weigh(chromium, name: str) -> None:
    """Print the requests of a page read to its end, and their bytes."""
    page, asked = chromium.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    open_whole(page, name)
    sizes = [Path(url.removeprefix("file://")).stat().st_size for url in asked]
    own = (SITE / f"{name}.html").stat().st_size
    print(f"{name:24} {len(asked):3} requests, {sum(sizes):9,} bytes, of which the page {own:7,}")
    page.close()


def take(chromium, folder: Path, theme: str, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    for name in PAGES:
        open_whole(page, name)
        page.screenshot(path=folder / f"{name}-{width}-{theme}.png", full_page=True)
    page.close()


def open_whole(page, name: str) -> None:
    """Open a page with the images that it would load on the way down."""
    page.goto((SITE / f"{name}.html").as_uri())
    page.evaluate("document.querySelectorAll('img').forEach(image => image.loading = 'eager')")
    page.wait_for_load_state("networkidle")
    page.evaluate("Promise.all([...document.images].map(image => image.decode()))")


if __name__ == "__main__":
    main()
