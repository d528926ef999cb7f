"""What writes trees of texts: one method for each kind of node."""

from collections.abc import Iterable
from html import escape

from docutils import nodes

from carnet.text.language import translate

STOPS = (".", "!", "?", "…", ":")


class Writer:
    """Calls, for a node, the method of its name, or `other`."""

    def __call__(self, node: nodes.Node) -> str:
        return getattr(self, type(node).__name__, self.other)(node)

    def other(self, node: nodes.Element) -> str:
        raise NotImplementedError(type(node).__name__)

    def all(self, children: Iterable[nodes.Node]) -> str:
        return "".join(map(self, children))

    def inside(self, node: nodes.Element) -> str:
        return self.all(node.children)

    def document(self, node: nodes.document) -> str:
        return self.inside(node)

    def subscript(self, node: nodes.subscript) -> str:
        return f"<sub>{self.inside(node)}</sub>"

    def superscript(self, node: nodes.superscript) -> str:
        return f"<sup>{self.inside(node)}</sup>"

    def abbreviation(self, node: nodes.abbreviation) -> str:
        return f'<abbr title="{escape(node["title"])}">{self.inside(node)}</abbr>'

    def captioned(self, node: nodes.Element) -> tuple[str, str]:
        """Return the name of a figure or table, "Figure 1", and its caption, which ends in a stop;
        either may be empty."""
        kind = translate("Figure") if isinstance(node, nodes.figure) else translate("Tableau")
        name = f"{kind} {node['number']}" if "number" in node else ""
        captions = [c for c in node.children if isinstance(c, nodes.caption | nodes.title)]
        if not captions:
            return name, ""
        stop = "" if captions[0].astext().rstrip().endswith(STOPS) else "."
        return name, f"{self.inside(captions[0])}{stop}"

    def comment(self, node: nodes.comment) -> str:
        return ""

    def system_message(self, node: nodes.system_message) -> str:
        return ""
