"""An executed notebook, as papermill leaves it: whose cells are whose, and what to remove."""

import json
from pathlib import Path

INJECTED = "injected-parameters"
# Tags of the cells that papermill adds: parameters and, after a failure, a link to the error.
ADDED = {INJECTED, "papermill-error-cell-tag"}


def own_cells(content: dict) -> list[dict]:
    """Return the cells of an executed notebook without those that papermill added."""
    return [cell for cell in content["cells"] if not ADDED.intersection(_tags(cell))]


def failed_cell(path: Path) -> int:
    """Return the index, among `own_cells`, of the cell at which the execution failed."""
    cells = own_cells(json.loads(path.read_text("utf-8")))
    return max(index for index, cell in enumerate(cells) if _failed(cell))


def clean(path: Path) -> None:
    """Remove what differs from run to run: times and random ids."""
    content = json.loads(path.read_text("utf-8"))
    content["metadata"].pop("papermill", None)
    for cell in content["cells"]:
        for key in ("papermill", "execution"):
            cell["metadata"].pop(key, None)
        if INJECTED in _tags(cell):
            cell["id"] = INJECTED
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(text + "\n", "utf-8")


def _failed(cell: dict) -> bool:
    return any(output["output_type"] == "error" for output in cell.get("outputs", []))


def _tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])
