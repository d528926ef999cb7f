"""What writes trees of texts: one method for each kind of node."""

from collections.abc import Iterable

from docutils import nodes


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

    def comment(self, node: nodes.comment) -> str:
        return ""

    def system_message(self, node: nodes.system_message) -> str:
        return ""
