"""From pages and runs to one notebook a page (and one a notebook), ready for nbconvert.

Prose is that of today's pages and notebooks; outputs and values are those of the runs.
"""

import ast
import copy

from carnet.execution.notebook import own_cells
from carnet.notebook.recording import Results
from carnet.project.errors import RequestError
from carnet.sources.notebooks import Notebook, is_parameters
from carnet.sources.pages import CALLABLE, Embed, Page, Prose
from carnet.store.runs import Run
from carnet.text.markdown import (
    Expression,
    headings,
    map_expressions,
    opening_heading,
    shift_headings,
)


def assemble(page: Page, notebooks: dict[str, Notebook], runs: dict[str, Run]) -> dict:
    """Return the notebook (nbformat 4.5) of a page.

    Raises:
        RequestError: an inline expression of the page fails.
    """
    names = _names(runs)
    cells, level = [], 1
    for part in page.parts:
        if isinstance(part, Prose):
            text = _evaluated(part.text, names, page)
            cells.append({"cell_type": "markdown", "metadata": {}, "source": text})
            level = [level, *(found for found, _ in headings(text))][-1]
        else:
            cells += _embedded(part, notebooks[part.notebook], runs[part.notebook], level)
    for index, cell in enumerate(cells):
        cell["id"] = f"{page.name}-{index}"
    return _notebook(cells, page.title)


def assemble_notebook(notebook: Notebook, run: Run) -> dict:
    """Return a whole executed notebook; its title is left to the page that shows it."""
    cells = filled(notebook, run)
    for _, _, index in list(notebook.headings())[:1]:
        cells[index]["source"] = opening_heading(cells[index]["source"]).rest
    return _notebook(_traced(cells, notebook), notebook.title)


def key_figures(page: Page, runs: dict[str, Run]) -> list[tuple[str, str]]:
    """Return the key figures of a page: (label, value).

    Raises:
        RequestError: an expression fails.
    """
    names = _names(runs)
    return [(label, _evaluated(text, names, page)) for label, text in page.key_figures]


def _names(runs: dict[str, Run]) -> dict:
    """What the inline expressions of a page can use."""
    return CALLABLE | {name: Results(name, run.results) for name, run in runs.items()}


def _notebook(cells: list[dict], title: str) -> dict:
    metadata = {"title": title, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _traced(cells: list[dict], notebook: Notebook) -> list[dict]:
    """Have each cell say which cell of which notebook it is."""
    for index, cell in enumerate(cells):
        origin = {"notebook": notebook.name, "cell": cell.get("id", str(index))}
        cell["metadata"] = cell["metadata"] | {"journal": origin}
    return cells


def _evaluated(text: str, names: dict, page: Page) -> str:
    """Replace the inline expressions of a page by their values."""

    def value(expression: Expression) -> str:
        try:
            return str(eval(expression.code, {"__builtins__": {}, **names}))
        except Exception as error:
            where = f"journal/{page.name}.md: {expression.text}"
            raise RequestError([f"{where}: {type(error).__name__}: {error}"]) from None

    return map_expressions(text, value)


def _embedded(embed: Embed, notebook: Notebook, run: Run, level: int) -> list[dict]:
    """Return the cells of a section, its headings set under the page's heading of `level`."""
    cells = _traced(filled(notebook, run), notebook)
    if embed.section is None:  # all but the title, its sections right under the page's heading
        top, chosen = 2, range(len(cells))
        for cell in cells[:1]:
            cell["source"] = _without_title(cell)
    else:
        top, chosen = notebook.section(embed.section)
    shown = [cells[i] for i in chosen if cells[i]["source"] and not is_parameters(cells[i])]
    for cell in shown:
        if cell["cell_type"] == "markdown":
            cell["source"] = shift_headings(cell["source"], level + 1 - top)
    return shown


def _without_title(cell: dict) -> str:
    source = cell["source"]
    found = opening_heading(source) if cell["cell_type"] == "markdown" else None
    return found.rest if found and found.level == 1 else source


def filled(notebook: Notebook, run: Run) -> list[dict]:
    """Return the cells of a notebook as written today, with the outputs and values of a run.

    A run with the key of today's notebook has the same code cells and the same expressions
    in the same order, whatever became of the prose.
    """
    executed = [cell for cell in own_cells(run.notebook()) if not is_parameters(cell)]
    outputs = (cell["outputs"] for cell in executed if cell["cell_type"] == "code")
    values = (
        _shown(entry["result"]["data"])
        for cell in executed
        for entry in cell["metadata"].get("user_expressions", [])
    )
    return [_fill(cell, outputs, values) for cell in copy.deepcopy(notebook.cells)]


def _fill(cell: dict, outputs, values) -> dict:
    if cell["cell_type"] == "code":
        shown = [] if is_parameters(cell) else next(outputs)
        return cell | {"outputs": shown, "execution_count": None}
    if cell["cell_type"] == "markdown":
        return cell | {"source": map_expressions(cell["source"], lambda _: next(values))}
    return cell


def _shown(data: dict) -> str:
    """Return the value of an expression as text; a string's representation gives the string."""
    text = data.get("text/markdown") or data["text/plain"]
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return text
    return value if isinstance(value, str) else text
