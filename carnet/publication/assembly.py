"""From pages and runs to one notebook a page (and one a notebook).

Prose is that of today's pages and notebooks, as written; outputs and values are those of the runs.
What each cell's text needs besides is in its metadata, under `journal`: file, number of its cell,
line, how much deeper its headings stand, values of its expressions, addresses defined elsewhere.
"""

import ast
import copy
import re
from collections.abc import Iterator

from carnet.execution.notebook import own_cells
from carnet.notebook.recording import Results
from carnet.project.errors import RequestError
from carnet.publication.texts import Value, definitions
from carnet.sources.notebooks import Notebook, is_parameters
from carnet.sources.pages import CALLABLE, Embed, Page, Prose
from carnet.store.runs import Run
from carnet.text.markdown import after, expressions, headings, opening_heading

CELL_FILE = re.compile(r"\S*[/\\]ipykernel_\d+[/\\]\d+\.py")  # what IPython calls a cell
NUMPY = re.compile(r"^np\.\w+\((.*)\)$", re.DOTALL)  # np.float64(0.5) is 0.5 to a reader
REMOVED = "remove-cell"
OUTPUT_REMOVED = "remove-output"


def assemble(page: Page, notebooks: dict[str, Notebook], runs: dict[str, Run]) -> dict:
    """Return the notebook (nbformat 4.5) of a page.

    Raises:
        RequestError: inline expressions of the page fail.
    """
    names, mistakes = _names(runs), []
    cells, level, prose = [], 1, prose_cells(page)
    whole = {name: filled(notebooks[name], runs[name]) for name in page.embedded()}
    for part in page.parts:
        if isinstance(part, Prose):
            cell = next(prose)
            values = _evaluated(part.text, names, page, part.line, mistakes)
            cell["metadata"]["journal"]["values"] = values
            cells.append(cell)
            level = [level, *(found.level for found in headings(part.text))][-1]
        else:
            own = copy.deepcopy(whole[part.notebook])
            cells += _embedded(part, notebooks[part.notebook], own, level)
    if mistakes:
        raise RequestError(mistakes)
    for index, cell in enumerate(cells):
        cell["id"] = f"cell-{index}"
    return _notebook(cells, page.title)


def prose_cells(page: Page) -> Iterator[dict]:
    """Yield the prose of a page as cells that say where they are."""
    prose = [part for part in page.parts if isinstance(part, Prose)]
    shared = definitions(part.text for part in prose)
    for part in prose:
        about = {"file": page.source, "line": part.line, "definitions": shared}
        metadata = {"journal": about}
        yield {"cell_type": "markdown", "metadata": metadata, "source": part.text}


def placed(notebook: Notebook) -> Iterator[dict]:
    """Yield copies of the cells of a notebook that say where they are."""
    shared = definitions(c["source"] for c in notebook.cells if c["cell_type"] == "markdown")
    file = f"notebooks/{notebook.path.name}"
    for number, cell in enumerate(copy.deepcopy(notebook.cells), 1):
        about = {"notebook": notebook.name, "cell": cell.get("id", str(number - 1)), "file": file}
        about |= {"number": number, "line": 1, "definitions": shared}
        cell["metadata"] = cell["metadata"] | {"journal": about}
        yield cell


def assemble_notebook(notebook: Notebook, run: Run) -> dict:
    """Return a whole executed notebook; its title is left to the page that shows it."""
    cells = filled(notebook, run)
    for _, _, index in list(notebook.headings())[:1]:
        _cut_title(cells[index])
    return _notebook([cell for cell in cells if REMOVED not in _tags(cell)], notebook.title)


def key_figures(page: Page, runs: dict[str, Run]) -> list[tuple[str, str, dict[str, Value]]]:
    """Return the key figures of a page: (label, text, values of its expressions).

    Raises:
        RequestError: expressions fail.
    """
    names, mistakes = _names(runs), []
    found = [
        (label, text, _evaluated(text, names, page, 1, mistakes))
        for label, text in page.key_figures
    ]
    if mistakes:
        raise RequestError(mistakes)
    return found


def _names(runs: dict[str, Run]) -> dict:
    """What the inline expressions of a page can use."""
    return CALLABLE | {name: Results(name, run.results) for name, run in runs.items()}


def _notebook(cells: list[dict], title: str) -> dict:
    metadata = {"title": title, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _evaluated(
    text: str, names: dict, page: Page, first: int, mistakes: list[str]
) -> dict[str, Value]:
    """Return the values of inline expressions by their code; those that fail are `mistakes`."""
    values = {}
    for found in expressions(text):
        try:
            value = eval(found.code, {"__builtins__": {}, **names})
            values[found.code] = Value(str(value))
        except Exception as error:
            where = f"{page.at(first + found.line - 1)}: {found.text}"
            mistakes.append(f"{where}: {type(error).__name__}: {error}")
    return values


def _embedded(embed: Embed, notebook: Notebook, cells: list[dict], level: int) -> list[dict]:
    """Return the cells of a section, its headings set under the page's heading of `level`."""
    if embed.section is None:  # all but the title, its sections right under the page's heading
        top, chosen = 2, range(len(cells))
        for cell in cells[:1]:
            _cut_title(cell)
    else:
        top, chosen = notebook.section(embed.section)
    shown = [cells[i] for i in chosen if cells[i]["source"] and not is_parameters(cells[i])]
    for cell in shown:
        cell["metadata"]["journal"]["shift"] = level + 1 - top
    return [cell for cell in shown if REMOVED not in _tags(cell)]


def _cut_title(cell: dict) -> None:
    """Leave the title of a notebook out of its first cell."""
    source = cell["source"]
    found = opening_heading(source) if cell["cell_type"] == "markdown" else None
    if found and found.level == 1:
        cell["source"] = after(source, found)
        left_out = len(source.splitlines()) - len(cell["source"].splitlines())
        cell["metadata"]["journal"]["line"] += left_out


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
    root = f"{notebook.path.resolve().parent.parent}/"
    return [_fill(cell, outputs, values, root) for cell in placed(notebook)]


def _fill(cell: dict, outputs, values, root: str) -> dict:
    if cell["cell_type"] == "code":
        shown = [] if is_parameters(cell) else next(outputs)
        shown = [] if OUTPUT_REMOVED in _tags(cell) else _steady(shown, cell, root)
        return cell | {"outputs": shown, "execution_count": None}
    if cell["cell_type"] == "markdown":
        found = {expression.code: next(values) for expression in expressions(cell["source"])}
        cell["metadata"]["journal"]["values"] = found
    return cell


def _steady(outputs: list[dict], cell: dict, root: str) -> list[dict]:
    """Return outputs without what differs from run to run: when a stream was cut, where files of
    the kernel and of the project are."""
    about, steady = cell["metadata"]["journal"], []
    where = f"{about['file'].rpartition('/')[2]}, cell {about['number']}"
    for output in outputs:
        if output["output_type"] == "stream":
            text = CELL_FILE.sub(where, "".join(output["text"])).replace(root, "")
            if steady and steady[-1].get("name") == output["name"]:
                steady[-1] = output | {"text": steady[-1]["text"] + text}
                continue
            output = output | {"text": text}
        steady.append(output)
    return steady


def _tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])


def _shown(data: dict) -> Value:
    """Return the value of an expression; a string's representation gives the string."""
    if "text/markdown" in data:
        return Value(data["text/markdown"], is_markdown=True)
    text = NUMPY.sub(r"\1", data["text/plain"])
    try:
        value = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        return Value(text)
    return Value(value if isinstance(value, str) else text)
