"""What writes trees of texts: one method for each kind of node."""

from collections.abc import Iterable

from docutils import nodes

SITE_ALONE = frozenset({"web"})  # classes of texts that are true of the site alone


class Writer:
    """Calls, for a node, the method of its name, or `other`; leaves out nodes of some classes."""

    left_out: frozenset[str] = frozenset()

    def __call__(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Element) and self.left_out.intersection(node["classes"]):
            return ""
        return getattr(self, type(node).__name__, self.other)(node)

    def other(self, node: nodes.Element) -> str:
        raise NotImplementedError(type(node).__name__)

    def all(self, children: Iterable[nodes.Node]) -> str:
        return "".join(map(self, children))

    def inside(self, node: nodes.Element) -> str:
        return self.all(node.children)

    def document(self, node: nodes.document) -> str:
        return self.inside(node)

    def comment(self, node: nodes.comment) -> str:
        return ""

    def system_message(self, node: nodes.system_message) -> str:
        return ""
