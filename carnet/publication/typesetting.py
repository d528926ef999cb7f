"""The one place where texts are typeset as French, once a page is assembled.

Prose, titles, captions, recorded tables, key figures and provenance are; code, addresses and what
cells print or return stay as they are.
"""

from collections.abc import Iterable

from carnet.publication.site import SitePage
from carnet.text.french import typographic

ESCAPED_APOSTROPHE = "&#x27;"  # as `html.escape` writes it


def typeset(page: SitePage) -> SitePage:
    """Return a page whose texts are typeset, those of its notebook in place."""
    for cell in page.notebook["cells"]:
        if cell["cell_type"] == "markdown":
            _typeset_values(cell, ["source"])
        for output in cell.get("outputs", []):
            about = output.get("metadata", {}).get("journal", {})
            _typeset_values(about, ["caption", "alt"])
            if about.get("kind") == "table":
                data = output["data"]
                data["text/html"] = data["text/html"].replace(ESCAPED_APOSTROPHE, "'")
                _typeset_values(data, ["text/html", "text/markdown"])
    texts = {**page.entry, "note": page.note}
    _typeset_values(texts, ["title", "summary", "key_figures", "note"])
    note = texts.pop("note")
    return SitePage(texts, page.notebook, note)


def _typeset_values(texts: dict, names: Iterable[str]) -> None:
    texts |= {name: _typeset(texts[name]) for name in names if name in texts}


def _typeset(value):
    """Typeset a text, or each text of a list or tuple."""
    if isinstance(value, list | tuple):
        return type(value)(map(_typeset, value))
    return typographic(value)
