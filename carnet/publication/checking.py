"""What can be told of texts before anything runs: all but what only runs show."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from carnet.project.files import digest, fingerprint, read_sealed, remember
from carnet.project.paths import Project
from carnet.project.settings import read_settings
from carnet.publication.overrides import templates_of
from carnet.sources.code import cell_tree, dependencies, module_file, read_source
from carnet.sources.notebooks import Notebook, calls, codes
from carnet.sources.pages import Page, notebook_file
from carnet.store.keys import rendering_key

CHECKED = "checked.json"
SHOWING = {"carnet.figure", "carnet.table"}


def check_texts(
    pages: list[Page], notebooks: dict[str, Notebook], project: Project
) -> tuple[list[str], dict[str, str]]:
    """Return what texts ask and cannot get, one line each, and the files that they show.

    The store remembers the last texts that were right: reading them takes longer than a build that
    has nothing to do.

    Returns:
        Mistakes, and path -> hash of images and bibliography.
    """
    stamp = digest([rendering_key(pages, notebooks, {}, templates_of(project)), str(project.root)])
    known = read_sealed(project.store / CHECKED)
    if known.get("stamp") != stamp or known["files"] != _hashes(known["files"], project.root):
        mistakes, files = _read(pages, notebooks, project.root)
        known = {"stamp": stamp, "files": _hashes(files, project.root)}
        if mistakes:
            return mistakes, {}
        if project.store.is_dir():
            remember(project.store / CHECKED, known)
    return [], known["files"]


def _hashes(files: Iterable[str], root: Path) -> dict[str, str]:
    paths = {name: root / name for name in sorted(files)}
    return {name: fingerprint(path) if path.is_file() else "" for name, path in paths.items()}


def _read(
    pages: list[Page], notebooks: dict[str, Notebook], root: Path
) -> tuple[list[str], set[str]]:
    from carnet.publication.citations import cite, read_works
    from carnet.publication.footnotes import number_notes
    from carnet.publication.images import place_images
    from carnet.publication.outputs import Assets
    from carnet.publication.references import Names, check
    from carnet.publication.texts import read_texts

    mistakes, assets = [], Assets()
    shown = [read_texts(page, assets, mistakes) for page in _pages(pages)]
    executed = [read_texts(page, assets, mistakes) for page in _notebooks(notebooks)]
    bibliography = read_settings(root).bibliography
    works = read_works(root / bibliography, mistakes, bibliography)
    cite([*shown, *executed], works, mistakes, bibliography)
    names, code = Names(shown, executed), _given_names(notebooks.values(), root)
    for page in (*shown, *executed):
        place_images(page, root, assets, mistakes)
        number_notes(page, mistakes, whole=True)
        check(page, names, code, mistakes)
    return list(dict.fromkeys(mistakes)), assets.sources | {bibliography}


def _given_names(notebooks: Iterable[Notebook], root: Path) -> set[str] | None:
    """Return the texts in the code of notebooks, among which are the names of all that they show;
    None where code, that of modules too, may compute such a name."""
    notebooks = list(notebooks)
    imports = {name for n in notebooks for source in n.sources for name in source.imports}
    files = (module_file(name, root) for name in dependencies(imports, root).modules)
    showing = (path for path, folder in files if SHOWING & read_source(path, folder).imports)
    cells = [code for n in notebooks for cell in n.cells for code in codes(cell)]
    if any(map(_computes_names, (*cells, *(path.read_text("utf-8") for path in showing)))):
        return None
    found = (node for code in cells for node in ast.walk(cell_tree(code) or ast.Module([], [])))
    values = (node.value for node in found if isinstance(node, ast.Constant))
    return {value for value in values if isinstance(value, str)}


def _computes_names(code: str) -> bool:
    """Whether a figure or table has a name that is neither a text nor what a function is given."""
    for call in (call for name in ("figure", "table") for call in calls(code, name)):
        named = [*call.args[1:2], *(key.value for key in call.keywords if key.arg == "name")]
        given = {node.arg for node in ast.walk(cell_tree(code)) if isinstance(node, ast.arg)}
        known = (isinstance(n, ast.Constant) or getattr(n, "id", None) in given for n in named)
        if not named or not all(known):
            return True
    return False


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
