"""The forms of notebooks that other tools write: brought to one, or refused in one line."""

import re

from carnet.project.errors import nearest

METADATA = {"needs"}
INJECTED = "injected-parameters"  # the tag of the cell that sets parameters in a run
# What papermill adds to the notebooks that it executes; not part of the source.
PAPERMILL_TAGS = {INJECTED, "papermill-error-cell-tag"}
CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def normal(content: dict) -> dict:
    """Bring what other tools write to one form: that of nbformat 4.5, without papermill's cells.

    Cells get the ids that they lack, the same each time; a missing list of tags is an empty one.
    """
    if content["nbformat"] != 4:
        raise ValueError(f"nbformat {content['nbformat']!r}, expected 4: save it in JupyterLab")
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\r\n", "\n")
        cell["cell_type"]
        if cell["metadata"].get("tags") is None:
            cell["metadata"].pop("tags", None)
    cells = [cell for cell in content["cells"] if not PAPERMILL_TAGS.intersection(tags_of(cell))]
    taken = set()
    for count, cell in enumerate(cells, 1):
        identifier = cell.setdefault("id", f"cell-{count}")
        if isinstance(identifier, str):
            cell["id"] = f"{identifier}-{count}" if identifier in taken else identifier
            taken.add(cell["id"])
    return content | {"cells": cells, "nbformat_minor": 5}


def tags_of(cell: dict) -> list[str]:
    tags = cell["metadata"].get("tags", [])
    return tags if isinstance(tags, list) else []


def check_about(about, where: str) -> None:
    """Check what the notebook's metadata say to the engine."""
    where = f"{where}: metadata, journal"
    if not isinstance(about, dict):
        raise ValueError(f'{where}: {about!r}: expected {{"needs": ["name of a notebook", …]}}')
    for key in about:
        if key not in METADATA:
            raise ValueError(f"{where}: unknown key '{key}': {nearest(key, METADATA)}")
    needs = about.get("needs", [])
    if not isinstance(needs, list) or not all(isinstance(need, str) for need in needs):
        raise ValueError(f"{where}.needs: {needs!r}: expected a list of notebook names")


def check_form(cell: dict, where: str) -> None:
    """Check what other tools write in ways that papermill refuses."""
    tags, identifier = cell["metadata"].get("tags", []), cell["id"]
    if not isinstance(tags, list):
        raise ValueError(f"{where}: tags {tags!r}: expected a list, such as ['parameters']")
    if not (isinstance(identifier, str) and CELL_ID.fullmatch(identifier)):
        expected = "expected 1 to 64 letters, digits, hyphens or underscores"
        raise ValueError(f"{where}: id {identifier!r}: {expected}")
