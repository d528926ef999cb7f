"""From assembled pages to documents: a mapping of path in the output folder -> bytes."""

import json
from collections.abc import Iterator
from pathlib import Path

from carnet.project.errors import RequestError
from carnet.project.paths import Project
from carnet.project.settings import read_settings
from carnet.publication.assembly import assemble, assemble_notebook, key_figures
from carnet.publication.citations import cite, read_works
from carnet.publication.document import render_document
from carnet.publication.documents import DOCUMENT, IMAGES, PDF_DOCUMENT, encoded
from carnet.publication.footnotes import number_notes
from carnet.publication.images import place_images
from carnet.publication.notes import provenance_note
from carnet.publication.outputs import Assets
from carnet.publication.overrides import templates_of
from carnet.publication.pdf import render_pdf
from carnet.publication.references import Names, number, resolve
from carnet.publication.site import render_site
from carnet.publication.texts import SitePage, read_texts
from carnet.sources.notebooks import Notebook
from carnet.sources.pages import INDEX, INTRODUCTION, Page, notebook_file
from carnet.store.provenance import git_state
from carnet.store.runs import Run
from carnet.text.language import date_in_words, speaking, spoken, translate


def render(
    pages: list[Page],
    notebooks: dict[str, Notebook],
    runs: dict[str, Run],
    project: Project,
    formats: set[str],
) -> dict[str, bytes]:
    """Return every document of the journal, images included.

    Raises:
        RequestError: what texts or outputs ask cannot be had, two notebooks give an image the same
            name, or expressions of pages fail.
    """
    about, templates = read_settings(project.root), templates_of(project)
    images, assets = _images(runs), Assets()
    with speaking(about.language):
        assembled = [_site_page(page, notebooks, runs, project.root) for page in pages]
        whole = list(_executed(pages, notebooks, runs, project.root))
        shown, executed = read_all(assembled, whole, project.root, assets)
        documents = {f"{IMAGES}/{name}": path.read_bytes() for name, path in images.items()}
        documents |= {f"{IMAGES}/{name}": data for name, data in assets.files.items()}
        if "markdown" in formats:
            documents[DOCUMENT] = encoded(render_document(about, shown, templates))
        if "pdf" in formats:
            documents[PDF_DOCUMENT] = render_pdf(about, shown, images, assets, templates)
        if "html" in formats:
            with_index = _with_index(shown, project.root)
            assets.downloads |= dict(_downloads(notebooks, runs))
            choices = (path for run in runs.values() for path in run.choices())
            assets.files |= {
                f"{path.parent.name}/{path.name}": path.read_bytes() for path in choices
            }
            commit = git_state(project.root)
            documents |= render_site(about, with_index, executed, images, assets, templates, commit)
    return documents


def read_all(
    pages: list[SitePage], notebooks: list[SitePage], root: Path, assets: Assets
) -> tuple[list[SitePage], list[SitePage]]:
    """Return pages and executed notebooks with their texts read, numbered and resolved.

    Raises:
        RequestError: all that they ask and cannot get.
    """
    mistakes: list[str] = []
    shown, executed = (
        [read_texts(p, assets, mistakes) for p in group] for group in (pages, notebooks)
    )
    bibliography = read_settings(root).bibliography
    works = read_works(root / bibliography, mistakes, bibliography)
    cite([*shown, *executed], works, mistakes, bibliography)
    number(executed, number(shown))
    names = Names(shown, executed)
    for page in (*shown, *executed):
        place_images(page, root, assets, mistakes)
        number_notes(page, mistakes)
        with page.speaking():
            resolve(page, names, mistakes)
    if mistakes:
        raise RequestError(list(dict.fromkeys(mistakes)))
    return shown, executed


def _with_index(pages: list[SitePage], root: Path) -> list[SitePage]:
    """Every page links to the index: without an introduction, it lists the days alone."""
    if any(page.entry["file"] == INDEX for page in pages):
        return pages
    home = _site_page(Page(INTRODUCTION, translate("Accueil"), None, "", ()), {}, {}, root)
    return [read_texts(home, Assets(), []), *pages]


def _downloads(notebooks: dict[str, Notebook], runs: dict[str, Run]) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of the notebooks, as written, and of the tables that they recorded."""
    for notebook in notebooks.values():
        content = notebook.content | {"cells": [_unrun(cell) for cell in notebook.cells]}
        yield (
            notebook.path.name,
            encoded(f"{json.dumps(content, indent=1, ensure_ascii=False)}\n"),
        )
    for path in (path for run in runs.values() for path in run.tables()):
        yield path.name, path.read_bytes()


def _unrun(cell: dict) -> dict:
    run = {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
    return cell | run


def _executed(
    pages: list[Page], notebooks: dict[str, Notebook], runs: dict[str, Run], root: Path
) -> Iterator[SitePage]:
    """Yield the executed notebooks by number, whole."""
    for notebook in sorted(notebooks.values(), key=lambda notebook: int(notebook.number)):
        assembled = assemble_notebook(notebook, runs[notebook.name])
        entry = {
            "file": notebook_file(notebook.name),
            "source": f"notebooks/{notebook.path.name}",
            "title": notebook.title,
            "notebook": notebook.path.name,
            "shown_on": [
                {"file": page.file, "title": page.title, "day": page.day}
                for page in pages
                if notebook.name in page.embedded()
            ],
        }
        note = provenance_note({notebook.name}, notebooks, runs, root)
        yield SitePage(entry, assembled, note)


def _images(runs: dict[str, Run]) -> dict[str, Path]:
    images: dict[str, Path] = {}
    for run in runs.values():
        for path in run.images():
            if path.name in images:
                other = images[path.name].parents[2].name
                message = f"figure '{path.stem}' is made by notebooks '{other}' and '{run.name}'"
                raise RequestError([f"{message}: give each its own name"])
            images[path.name] = path
    return images


def _site_page(
    page: Page, notebooks: dict[str, Notebook], runs: dict[str, Run], root: Path
) -> SitePage:
    """Assemble a page of the journal."""
    with speaking(page.language or spoken()):
        date = date_in_words(page.date) if page.date else ""
        note = provenance_note(page.notebooks(), notebooks, runs, root)
    entry = {
        "file": page.file,
        "source": page.source,
        "title": page.title,
        "day": page.day,
        "language": page.language,
        "date": date,
        "iso": page.date.isoformat() if page.date else "",
        "summary": page.summary,
        "key_figures": key_figures(page, runs),
    }
    return SitePage(entry, assemble(page, notebooks, runs), note)
