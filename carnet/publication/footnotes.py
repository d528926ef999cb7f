"""Footnotes of a page, numbered in the order in which it calls them."""

from docutils import nodes

from carnet.project.errors import nearest
from carnet.publication.texts import SitePage


def number_notes(page: SitePage, mistakes: list[str], whole: bool = False) -> None:
    """Number a page's footnotes, taken out of its texts to stand at its end.

    Args:
        whole: the page holds all that is written in its file, so that what nothing calls is lost.

    A label belongs to its file: two notebooks may use the same.
    """
    notes: dict[tuple[str, str], nodes.footnote] = {}
    for text in page.texts.values():
        for node in list(text.tree.findall(nodes.footnote)):
            notes[text.place.file, node["names"][0]] = node
            node.parent.remove(node)
    called: dict[tuple[str, str], nodes.footnote] = {}
    for text in page.texts.values():
        labels = [label for file, label in notes if file == text.place.file]
        for node in text.tree.findall(nodes.footnote_reference):
            key = (text.place.file, node["refname"])
            if key not in notes:
                where = text.place.at(node.line or 1)
                hint = nearest(node["refname"], labels)
                mistakes.append(f"{where}: [^{node['refname']}]: no such note: {hint}")
                continue
            node["first"] = key not in called
            called.setdefault(key, notes[key])
            node["number"] = notes[key]["number"] = list(called).index(key) + 1
    page.footnotes.extend(called.values())
    for file, label in notes.keys() - called.keys() if whole else ():
        mistakes.append(f"{file}: [^{label}]: nothing calls this note")


def mark(page: SitePage, prefix: str = "") -> None:
    """Give notes and their calls the name that they have in a document."""
    calls = (n for t in page.texts.values() for n in t.tree.findall(nodes.footnote_reference))
    for node in (*calls, *page.footnotes):
        node["mark"] = f"{prefix}{node['number']}"
