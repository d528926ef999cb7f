"""What can be told of texts before anything runs: all but what only runs show."""

from collections.abc import Iterator
from pathlib import Path

from carnet.project.files import read_json, write_json
from carnet.project.paths import Project
from carnet.sources.notebooks import Notebook
from carnet.sources.pages import Page, notebook_file
from carnet.store.keys import rendering_key

CHECKED = "checked.json"


def text_mistakes(pages: list[Page], notebooks: dict[str, Notebook], project: Project) -> list[str]:
    """Return one line for each thing that a text asks and cannot get, whatever the runs give.

    The store remembers the last texts that were right: reading them takes longer than a build that
    has nothing to do.
    """
    stamp = rendering_key(pages, notebooks, {}, project.templates)
    if read_json(project.store / CHECKED, None) == stamp:
        return []
    mistakes = _mistakes(pages, notebooks, project.root)
    if not mistakes and project.store.is_dir():
        write_json(project.store / CHECKED, stamp)
    return mistakes


def _mistakes(pages: list[Page], notebooks: dict[str, Notebook], root: Path) -> list[str]:
    from carnet.publication.footnotes import number_notes
    from carnet.publication.images import place_images
    from carnet.publication.outputs import Assets
    from carnet.publication.references import Names, check_files
    from carnet.publication.texts import read_texts

    mistakes, assets = [], Assets()
    shown = [read_texts(page, assets, mistakes) for page in _pages(pages)]
    executed = [read_texts(page, assets, mistakes) for page in _notebooks(notebooks)]
    names = Names(shown, {page.entry["file"]: page.entry["source"] for page in executed})
    for page in (*shown, *executed):
        place_images(page, root, assets, mistakes)
        number_notes(page, mistakes)
        check_files(page, names, mistakes)
    return list(dict.fromkeys(mistakes))


def _pages(pages: list[Page]) -> Iterator:
    from carnet.publication.assembly import prose_cells
    from carnet.publication.texts import SitePage

    for page in pages:
        entry = {"file": page.file, "source": page.source}
        entry |= {"title": page.title, "summary": page.summary}
        entry["key_figures"] = [(label, text, {}) for label, text in page.key_figures]
        yield SitePage(entry, {"cells": list(prose_cells(page))}, "")


def _notebooks(notebooks: dict[str, Notebook]) -> Iterator:
    from carnet.publication.assembly import placed
    from carnet.publication.texts import SitePage

    for notebook in notebooks.values():
        source = f"notebooks/{notebook.path.name}"
        entry = {"file": notebook_file(notebook.name), "source": source, "title": notebook.title}
        cells = [cell | {"outputs": []} for cell in placed(notebook)]
        yield SitePage(entry, {"cells": cells}, "")
