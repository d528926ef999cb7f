"""JupyterLab as `carnet lab` starts it, in a real browser: start page, figures, menus, values."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lib.data.cars import load_cars
from tests.conftest import CHROMIUM, NO_CHROMIUM

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

ROOT = Path(__file__).parents[1]
NOTEBOOK = "01_statistiques.ipynb"
EMBEDDED = 'data = "synthetique"'  # in the parameters cell
TOKEN = "essai"
SECONDS = 1000  # milliseconds, as Playwright counts

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason=NO_CHROMIUM),
]


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address and the folder that it serves."""

    url: str
    folder: Path


def lab_command(port: int) -> list[str]:
    """Return the command of `make lab`, on a port and with a token that we know."""
    options = {"port": port, "port_retries": 0, "open_browser": False}
    settings = [f"--ServerApp.{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "carnet", "lab", *settings, f"--IdentityProvider.token={TOKEN}"]


@pytest.fixture(scope="module")
def lab(tmp_path_factory, tiny_cars_root) -> Iterator[Lab]:
    """JupyterLab on a copy of the notebooks, the first one set to a tiny data set."""
    folder, home = tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("home")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    (folder / "journal").mkdir()  # what tells the root of a journal
    notebook = folder / "notebooks" / NOTEBOOK
    source = notebook.read_text("utf-8")
    assert 'data = \\"synthetique\\"' in source
    notebook.write_text(
        source.replace('data = \\"synthetique\\"', f'data = \\"{tiny_cars_root}\\"')
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("JOURNAL_", "JUPYTER"))}
    environment |= {"HOME": str(home), "PYTHONPATH": str(ROOT), "JOURNAL_STORE": str(home / "runs")}
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            lab_command(port), cwd=folder, env=environment, stdout=log, stderr=log
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/api", server, home / "log")
            yield Lab(f"http://127.0.0.1:{port}/?token={TOKEN}", folder)
        finally:
            server.terminate()
            server.wait(30)


def wait_for(url: str, server: subprocess.Popen, log: Path) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            if server.poll() is not None:
                break
            time.sleep(0.25)
    pytest.fail(f"JupyterLab does not answer:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="module")
def told() -> list[str]:
    """The warnings of the browser's console."""
    return []


@pytest.fixture(scope="module")
def page(lab, told):
    """The first page of a browser, where `carnet lab` leads."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 1000}, locale="fr-FR")
        page.on("console", lambda m: told.append(m.text) if m.type == "warning" else None)
        page.goto(lab.url)
        yield page
        browser.close()


@pytest.fixture(scope="module")
def opened(page):
    """The notebook opened from the start page."""
    page.locator(".jp-MarkdownViewer").get_by_role("link", name="01 ").click(timeout=60 * SECONDS)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60 * SECONDS)
    return page.locator(".jp-NotebookPanel")


@pytest.fixture(scope="module")
def notebook(page, opened):
    """The same, all its cells run."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    # The cell with the menus is the last one.
    opened.locator(".widget-dropdown select").first.wait_for(timeout=180 * SECONDS)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60 * SECONDS)
    return opened


def test_it_opens_on_the_start_page_rendered(page):
    heading = page.locator(".jp-MarkdownViewer h1")
    heading.wait_for(timeout=60 * SECONDS)
    assert heading.inner_text() == "Journal de bord : les carnets"


def test_a_notebook_is_not_unsaved_as_soon_as_it_is_opened(page, opened):
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.wait_for_timeout(2 * SECONDS)  # what would not happen cannot be waited for
    assert page.locator(".lm-TabBar-tab.jp-mod-dirty").count() == 0


def test_every_cell_runs_without_an_error_or_a_warning(lab, page, notebook):
    page.keyboard.press("Control+s")
    cells = saved_cells(lab, page)
    assert all(cell["execution_count"] for cell in cells)
    kinds = {output["output_type"] for cell in cells for output in cell["outputs"]}
    assert kinds == {"display_data"}


def saved_cells(lab: Lab, page) -> list[dict]:
    """Return the code cells of the notebook as JupyterLab saved it, once it has."""
    for _ in range(60):
        content = json.loads((lab.folder / "notebooks" / NOTEBOOK).read_text("utf-8"))
        cells = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
        if cells[-1]["outputs"]:
            break
        page.wait_for_timeout(500)
    return cells


def test_figures_are_shown(notebook):
    images = notebook.locator(".jp-OutputArea img")
    drawn = images.evaluate_all("all => all.filter(img => img.naturalWidth > 400).length")
    assert drawn == images.count() >= 7


def test_numbers_in_the_text_are_live(notebook, tiny_cars_root):
    n_classes = len(load_cars(str(tiny_cars_root)).classes)
    cell = notebook.locator(".jp-MarkdownCell", has_text="montre une image de")
    assert re.search(rf"une image de {n_classes}\sclasses", cell.text_content())


def test_a_menu_changes_the_figure(page, notebook):
    menu = notebook.locator(".widget-dropdown select").first
    cell = notebook.locator(".jp-CodeCell", has=page.locator(".widget-dropdown"))
    before = cell.locator("img").get_attribute("src")
    menu.select_option("toutes")
    page.wait_for_function(
        "before => ![...document.images].some(image => image.src === before)", arg=before
    )
    assert cell.locator("img").count() == 1
    assert cell.locator("[data-mime-type='application/vnd.jupyter.stderr']").count() == 0


def test_the_versions_of_the_extensions_fit(notebook, told):
    assert [text for text in told if "version" in text] == []
