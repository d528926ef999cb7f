"""Trees written into the notebook that nbconvert's templates lay out."""

import copy

from carnet.publication.texts import SitePage
from carnet.publication.writers import Writer


def written(page: SitePage, writer: Writer, kind: str) -> SitePage:
    """Return a page whose texts are those of a format, `text/html` or `text/markdown`.

    What the entry holds is plain text, for attributes and lists, and written under `name_shown`.
    """
    notebook = page.notebook | {"cells": []}
    for index, cell in enumerate(page.notebook["cells"]):
        notebook["cells"].append(_cell(page, index, cell, writer, kind))
    entry = copy.copy(page.entry)
    for name in ("title", "summary"):
        if name in page.texts:
            tree = page.texts[name].tree
            entry |= {name: tree.astext(), f"{name}_shown": _line(writer, tree)}
    figures = range(len(entry.get("key_figures", ())))
    pairs = [(page.texts["label", i].tree, page.texts["figure", i].tree) for i in figures]
    entry["key_figures"] = [tuple(_line(writer, tree) for tree in pair) for pair in pairs]
    note = writer(page.texts["note"].tree) if "note" in page.texts else ""
    return SitePage(entry, notebook, note)


def _line(writer: Writer, tree) -> str:
    return writer.inside(tree[0]) if tree.children else ""


def _cell(page: SitePage, index: int, cell: dict, writer: Writer, kind: str) -> dict:
    cell = {name: value for name, value in cell.items() if name != "attachments"}
    if cell["cell_type"] == "code":
        return cell | {"outputs": list(_outputs(page, index, cell, writer, kind))}
    text = page.texts.get((index, None))  # none of a raw cell for another format
    return cell | {"cell_type": "markdown", "source": writer(text.tree) if text else ""}


def _outputs(page: SitePage, index: int, cell: dict, writer: Writer, kind: str):
    for number in range(len(cell["outputs"])):
        tree = page.texts[index, number].tree
        if text := writer(tree):
            yield {"output_type": "display_data", "data": {kind: text}, "metadata": {}}
