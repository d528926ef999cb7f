"""Names of the journal: numbers in reading order, where references lead, how they are worded."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from docutils import nodes

from carnet.project.errors import nearest
from carnet.publication.texts import EMPTY, SitePage, Text
from carnet.sources.pages import INDEX
from carnet.text.language import translate
from carnet.text.nodes import heading, pointer
from carnet.text.slugs import slug, unique_slug

NUMBERED = ("figure", "table", "equation")
SENTENCE_END = re.compile(r"(?:^|[.!?…]\s+)$")


@dataclass(eq=False)
class Target:
    """What a reference leads to: a node of a page, or a page."""

    kind: str  # figure, table, equation, section, place, page, notebook or file
    file: str  # of the site, where it is shown
    node: nodes.Element | None = None
    title: str = ""
    written: str = ""  # path of its source in the project
    names: set[str] = field(default_factory=set)

    @property
    def anchor(self) -> str:
        return self.node["anchor"] if self.node is not None else ""


def kind_of(node: nodes.Node) -> str | None:
    """Return what a node is among what can be pointed to, or None."""
    if isinstance(node, nodes.figure):
        return None if node.get("plain") else "figure"
    if isinstance(node, nodes.table):
        return "table" if isinstance(node.children[0], nodes.title) else None
    if isinstance(node, nodes.math_block):
        return "equation" if node["names"] else None
    return "section" if isinstance(node, heading) else None


def number(pages: list[SitePage], numbers: dict | None = None) -> dict:
    """Number figures, tables and equations through pages in reading order.

    Args:
        numbers: those that what is shown elsewhere has; then nothing else gets one.

    Returns:
        Numbers by kind and identity: one that is shown twice keeps its number.
    """
    given, known = numbers is not None, numbers if numbers is not None else {}
    counts = dict.fromkeys(NUMBERED, 0)
    for text in (text for page in pages for text in page.texts.values()):
        for order, node in enumerate(text.tree.findall(nodes.Element)):
            kind = kind_of(node)
            if kind not in counts:
                continue
            identity = (kind, *(node["names"] or [text.place, order]))
            if identity not in known and not given:
                counts[kind] += 1
                known[identity] = counts[kind]
            if identity in known:
                node["number"] = known[identity]
            shown = known.get(identity, f"{slug(text.place.file)}-{text.place.cell}-{order}")
            name = node["names"][0] if node["names"] else f"{kind}-{shown}"
            node["anchor"] = name if node.get("recorded") else slug(name)
    return known


class Names:
    """All that the pages of the journal show under a name, and its pages and notebooks; what only
    an executed notebook shows has its name there."""

    def __init__(self, pages: list[SitePage], notebooks: list[SitePage]):
        self.targets: dict[str, list[Target]] = {}
        self.executed = {page.entry["file"] for page in notebooks}
        self.files = {f"journal/{INDEX}": Target("page", INDEX, title=translate("Accueil"))}
        for page in pages:
            written = page.entry.get("source", "")
            title = page.texts["title"].tree.astext()
            target = Target("page", page.entry["file"], title=title, written=written)
            self.files |= dict.fromkeys([written, f"journal/{page.entry['file']}"], target)
        for page in notebooks:
            file, path = page.entry["file"], page.entry["source"]
            target = Target("notebook", file, written=path)
            self.files |= dict.fromkeys([path, f"journal/{file}"], target)
        for page in (*pages, *notebooks):
            for name, found in _named(page):
                self.targets.setdefault(name.lower(), []).append(found)

    def find(self, node: pointer, text: Text, file: str) -> Target:
        """Return what a reference leads to, best on the page `file` where it stands.

        Raises:
            ValueError: nothing, in one line.
        """
        if node["path"]:
            page = self.page(node["path"], text)
            if not node["target"] or page.kind == "notebook":
                return page
            file = page.file
        found = self._seen(node["target"].lower(), file)
        here = [target for target in found if target.file == file]
        if here or (found and not node["path"]):
            return (here or found)[0]
        anchor = slug(node["target"])
        for targets in self.targets.values():
            for target in targets:
                section = target.kind == "section" and slug(target.title) == anchor
                if section and target.file == file:
                    return target
        shown = [n for n in self.targets if not n.startswith(" ") and self._seen(n, file)]
        raise ValueError(f"{node['written']}: no page shows it: {nearest(node['target'], shown)}")

    def check(self, node: pointer, code: set[str]) -> None:
        """Look for a name before anything has run: in texts, and in what code may give.

        Raises:
            ValueError: nothing gives it, in one line.
        """
        anchor, known = slug(node["target"]), code | self.targets.keys()
        titles = (t.title.partition(EMPTY) for found in self.targets.values() for t in found)
        sections = (
            anchor.startswith(slug(title)) if value else slug(title) == anchor
            for title, value, _ in titles
        )
        if not {node["target"], node["target"].lower()} & known and not any(sections):
            hint = nearest(node["target"], filter(str.isidentifier, known))
            raise ValueError(f"{node['written']}: no page shows it: {hint}")

    def _seen(self, name: str, file: str) -> list[Target]:
        """Return what has a name, as seen from a page."""
        targets = self.targets.get(name, [])
        return [
            target
            for target in targets
            if target.file in {file} or target.file not in self.executed
        ]

    def page(self, path: str, text: Text) -> Target:
        """Return the page or notebook that a path names.

        Raises:
            ValueError: none, in one line.
        """
        full = posixpath.normpath(posixpath.join(text.place.folder or "journal", path))
        for name in (full, f"{full}.md", f"{full}.ipynb"):
            if name in self.files:
                return self.files[name]
        known = [posixpath.relpath(name, text.place.folder or "journal") for name in self.files]
        expected = f"expected {{download}}`{path}`, which publishes it, or a page"
        raise ValueError(
            f"({path}): a file that is not published: {expected}: {nearest(path, known)}"
        )


def _named(page: SitePage) -> Iterator[tuple[str, Target]]:
    for text in page.texts.values():
        waiting: list[nodes.target] = []
        for node in text.tree.findall(nodes.Element):
            if isinstance(node, nodes.target) and node["names"]:
                waiting.append(node)
                continue
            kind, file = kind_of(node), page.entry["file"]
            if kind and waiting:
                node["names"] = [*node["names"], *(n for w in waiting for n in w["names"])]
                waiting = []
            if kind:
                target = Target(kind, file, node, node.astext() if kind == "section" else "")
                names = node["names"] or ([f" {id(node)}"] if kind == "section" else [])
                yield from ((name, target) for name in names)
            elif waiting and isinstance(node, nodes.Body):
                yield from _places(waiting, file)
                waiting = []
        yield from _places(waiting, page.entry["file"])


def _places(waiting: list[nodes.target], file: str) -> Iterator[tuple[str, Target]]:
    for node in waiting:
        node["anchor"] = slug(node["names"][0])
        yield node["names"][0], Target("place", file, node)


def resolve(page: SitePage, names: Names, mistakes: list[str]) -> None:
    """Have the references of a page lead somewhere, and say what they lead to."""
    for text in page.texts.values():
        for node in list(text.tree.findall(pointer)):
            where = text.place.at(node.line or 1)
            if "to" in node:  # a work, or a file
                continue
            try:
                node["to"] = names.find(node, text, page.entry["file"])
                if not node.children:
                    node += nodes.Text(_worded(node))
                if node["to"].node is not None:
                    node["to"].node["pointed"] = True
            except ValueError as error:
                mistakes.append(f"{where}: {error}")


def check(page: SitePage, names: Names, code: set[str] | None, mistakes: list[str]) -> None:
    """Tell the links of a page to files that are not published, and to names that nothing gives.

    Args:
        code: names that the code of notebooks may give, None where they are not known.
    """
    for text in page.texts.values():
        for node in text.tree.findall(pointer):
            try:
                if node["path"]:
                    names.page(node["path"], text)
                elif node["target"] and "to" not in node and code is not None:
                    names.check(node, code)
            except ValueError as error:
                mistakes.append(f"{text.place.at(node.line or 1)}: {error}")


def _worded(node: pointer) -> str:
    """Return how the language says what a reference leads to.

    Raises:
        ValueError: it has no number or title to say.
    """
    target = node["to"]
    if target.kind in NUMBERED and "number" not in target.node:
        raise ValueError(
            f"{node['written']}: no page shows it: expected a text, for it has no number"
        )
    n = target.node.get("number") if target.node is not None else None
    if "template" in node:
        return re.sub(r"%s|\{number\}", str(n), node["template"])
    if target.kind == "equation":
        said = _capital(node, translate("l’équation\u00a0({})").format(n))
        return f"({n})" if node["form"] == "eq" else said
    if target.kind in ("figure", "table"):
        nouns = {"figure": translate("figure\u00a0{}"), "table": translate("tableau\u00a0{}")}
        return _capital(node, nouns[target.kind].format(n))
    title = target.title or target.written
    if target.kind == "section":
        return _capital(node, translate("la section «\u00a0{}\u00a0»").format(title))
    if target.kind in ("page", "notebook"):
        return title
    raise ValueError(f"{node['written']}: expected a text, as in [text](#{node['target']})")


def _capital(node: pointer, words: str) -> str:
    """A reference that begins a sentence begins with a capital."""
    before = "".join(part.astext() for part in node.parent.children[: node.parent.index(node)])
    return words[0].upper() + words[1:] if SENTENCE_END.search(before) else words


def taken_ids(page: SitePage) -> set[str]:
    """Return the ids that figures, tables and equations have on a page."""
    named = (node for text in page.texts.values() for node in text.tree.findall(nodes.Element))
    return {node["anchor"] for node in named if node.get("anchor") and node.tagname != "heading"}


def chapter_anchors(pages: list[SitePage]) -> dict[str, str]:
    """Give the headings of pages that follow each other in one document their anchors; return
    those of the pages, by file."""
    anchors, taken = {}, set().union(*map(taken_ids, pages))
    for page in pages:
        anchor = unique_slug(page.texts["title"].tree.astext(), taken)
        give_anchors(page, taken, anchor)
        anchors[page.entry["file"]] = anchor
    return anchors


def give_anchors(page: SitePage, taken: set[str], above: str = "") -> None:
    """Give headings anchors that are none of those `taken`, and no other's.

    A heading named as one before it takes the name of the one above it too, so that its anchor
    stays when a section is added elsewhere. Ids that are no one's name begin with "_".
    """
    path = [(0, above)]
    for text in page.texts.values():
        for node in text.tree.findall(heading):
            while path[-1][0] >= node["level"]:
                path.pop()
            name = node.astext()
            named = f"{path[-1][1]} {name}" if slug(name) in taken else name
            node["anchor"] = unique_slug(named, taken)
            path.append((node["level"], node["anchor"]))
