"""The one place where texts are typeset as French: their trees, once values are in.

Code, formulas, addresses and what cells print or return stay as they are.
"""

from docutils import nodes

from carnet.text.french import OBJECT, typographic
from carnet.text.language import spoken

VERBATIM = (nodes.FixedTextElement, nodes.literal, nodes.math, nodes.raw, nodes.image)


def typeset(tree: nodes.Element) -> None:
    """Typeset a French tree in place: each paragraph, caption, cell or title as one text."""
    if spoken() != "fr":
        return
    for node in tree.findall(nodes.image):
        node["alt"] = typographic(node["alt"])
        node["alts"] = {key: typographic(alt) for key, alt in node.get("alts", {}).items()}
    for block in list(tree.findall(nodes.TextElement)):
        if not isinstance(block, (nodes.Inline, *VERBATIM)):
            _typeset_block(block)


def _typeset_block(block: nodes.TextElement) -> None:
    leaves = list(_leaves(block))
    texts = [str(leaf) if isinstance(leaf, nodes.Text) else OBJECT for leaf in leaves]
    done, start = typographic("".join(texts)), 0
    for leaf, text in zip(leaves, texts):
        new = done[start : start + len(text)]
        start += len(text)
        if isinstance(leaf, nodes.Text) and new != text:
            leaf.parent.replace(leaf, nodes.Text(new))


def _leaves(node: nodes.Element):
    """Yield texts in order, and what stands among them as a whole."""
    for child in node.children:
        whole = isinstance(child, (nodes.Text, *VERBATIM)) or not child.children
        if whole or _is_address(child):
            yield child
        else:
            yield from _leaves(child)


def _is_address(node: nodes.Node) -> bool:
    return isinstance(node, nodes.reference) and node.astext() in node.get("refuri", "")
