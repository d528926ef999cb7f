"""An executed notebook, as papermill leaves it: its own cells, and what to remove."""

import json
from pathlib import Path

INJECTED = "injected-parameters"


def own_cells(content: dict) -> list[dict]:
    """Return the cells of an executed notebook without the parameters that papermill added."""
    return [cell for cell in content["cells"] if INJECTED not in _tags(cell)]


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


def _tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])
