"""Trees of texts as Markdown that every forge draws: numbered, resolved, without directives."""

import re
from collections.abc import Callable, Iterable

from docutils import nodes

from carnet.publication.references import Target
from carnet.publication.writers import Writer
from carnet.text.formulas import plain

DEEPEST_IN_CONTENTS = 4

SPECIAL = re.compile(r"[\\`*$]|\[(?=.*\])|(?<!\w)_|_(?!\w)|<(?=[a-zA-Z/!?])|&(?=#?\w+;)|~|!(?=\[)")
AT_START = re.compile(r"^([ \t]*\d*)(?=[#>+-][ \t]|#+[ \t]|-{3,}|={3,}|(?<=\d)[.)][ \t])", re.M)
ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-_]")
INLINE = (nodes.Text, nodes.Inline)


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is, inside a paragraph."""
    return SPECIAL.sub(lambda match: "&amp;" if match[0] == "&" else f"\\{match[0]}", text)


def code_span(code: str) -> str:
    """Return code between as many backticks as it needs."""
    ticks = "`" * (max(map(len, re.findall("`+", code)), default=0) + 1)
    space = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{ticks}{space}{code}{space}{ticks}"


class MarkdownWriter(Writer):
    """Writes texts; `contents` are the headings that it wrote, as (level, text, anchor).

    Args:
        href: gives the address of a target of the journal, None where there is none.
        shift: how much deeper headings stand.
    """

    def __init__(self, href: Callable[[Target], str | None], shift: int = 0):
        self.href, self.shift = href, shift
        self.contents: list[tuple[int, str, str]] = []

    def document(self, node: nodes.document) -> str:
        return self.blocks(node.children)

    def blocks(self, children: Iterable[nodes.Node], between: str = "\n\n") -> str:
        """Return blocks, one after the other; text that stands among them as a paragraph."""
        written, line = [], ""
        for child in children:
            if isinstance(child, INLINE) and not isinstance(child, nodes.math_block | nodes.image):
                line += self(child)
                continue
            written += [line, self(child)]
            line = ""
        return between.join(block for block in [*written, line] if block.strip())

    def Text(self, node: nodes.Text) -> str:
        return escaped(str(node))

    def paragraph(self, node: nodes.paragraph) -> str:
        return AT_START.sub(r"\1\\", self.inside(node)) if node.children else ""

    def heading(self, node: nodes.Element) -> str:
        level, text = min(node["level"] + self.shift, 6), self.inside(node).replace("\n", " ")
        shallow = level <= DEEPEST_IN_CONTENTS
        if shallow:
            self.contents.append((level, text, node["anchor"]))
        line = f"{'#' * level} {text}"
        anchored = shallow or node.get("pointed")
        return f'<a id="{node["anchor"]}"></a>\n\n{line}' if anchored else line

    def emphasis(self, node: nodes.emphasis) -> str:
        return f"*{self.inside(node)}*"

    def strong(self, node: nodes.strong) -> str:
        return f"**{self.inside(node)}**"

    def inline(self, node: nodes.inline) -> str:
        if "volatile" in node["classes"]:  # of one run alone
            return ""
        if "kbd" in node["classes"]:
            return f"<kbd>{self.inside(node)}</kbd>"
        return f"~~{self.inside(node)}~~" if "s" in node["classes"] else self.inside(node)

    def literal(self, node: nodes.literal) -> str:
        return code_span(node.astext())

    def literal_block(self, node: nodes.literal_block) -> str:
        code = node.astext().rstrip("\n")
        ticks = "`" * max(3, max(map(len, re.findall("`+", code)), default=0) + 1)
        return f"{ticks}{node.get('language', '')}\n{code}\n{ticks}"

    def container(self, node: nodes.container) -> str:
        if "listing" in node["classes"]:
            caption, *rest = node.children
            return f"*{self.inside(caption)}*\n\n{self.blocks(rest)}"
        return self.blocks(node.children)

    def bullet_list(self, node: nodes.bullet_list) -> str:
        return self._list(node, ["-"] * len(node.children))

    def enumerated_list(self, node: nodes.enumerated_list) -> str:
        first = node.get("start", 1)
        return self._list(node, [f"{first + i}." for i in range(len(node.children))])

    def _list(self, node: nodes.Element, marks: list[str]) -> str:
        tight = all(
            child.get("tight", True)
            for item in node.children
            for child in item.children
            if isinstance(child, nodes.paragraph)
        )
        items = (
            hanging(mark, self._item(item, "\n" if tight else "\n\n"))
            for mark, item in zip(marks, node.children)
        )
        return ("\n" if tight else "\n\n").join(items)

    def _item(self, item: nodes.Element, between: str) -> str:
        box = {None: "", True: "[x] ", False: "[ ] "}[item.get("checked")]
        return box + self.blocks(item.children, between)

    def definition_list(self, node: nodes.definition_list) -> str:
        return self.blocks(node.children)

    def definition_list_item(self, node: nodes.definition_list_item) -> str:
        term, *definitions = node.children
        items = (hanging("-", self.blocks(d.children)) for d in definitions)
        return "\n\n".join([f"**{self.inside(term)}**", *items])

    def block_quote(self, node: nodes.block_quote) -> str:
        return quoted(self.blocks(node.children))

    def attribution(self, node: nodes.attribution) -> str:
        return f"— {self.inside(node)}"

    def admonition(self, node: nodes.admonition) -> str:
        title, *rest = node.children
        body = self.blocks(rest)
        if "dropdown" in node["classes"]:
            return f"<details><summary>{self.inside(title)}</summary>\n\n{body}\n\n</details>"
        return quoted(f"**{self.inside(title)}**\n\n{body}")

    def transition(self, node: nodes.transition) -> str:
        return "---"

    def line_break(self, node: nodes.Element) -> str:
        return "\\\n"

    def raw(self, node: nodes.raw) -> str:
        return node.astext().rstrip("\n")

    def target(self, node: nodes.target) -> str:
        return f'<a id="{node["anchor"]}"></a>' if node.get("anchor") else ""

    def math(self, node: nodes.math) -> str:
        return f"${node.astext()}$"

    def math_block(self, node: nodes.math_block) -> str:
        number = f" \\tag{{{node['number']}}}" if "number" in node else ""
        return self._anchored(node, f"$$\n{plain(node.astext())}{number}\n$$")

    def image(self, node: nodes.image) -> str:
        return f"![{escaped(node['alt'])}](../images/{node.get('kept') or node['file']})"

    def figure(self, node: nodes.figure) -> str:
        legends = [c for c in node.children if isinstance(c, nodes.legend)]
        rest = [self.blocks(legend.children) for legend in legends]
        blocks = filter(None, [self(node[0]), self._caption(node), *rest])
        return self._anchored(node, "\n\n".join(blocks))

    def table(self, node: nodes.table) -> str:
        groups = [group for group in node.children if isinstance(group, nodes.tgroup)]
        table = "\n\n".join(self._pipes(group) for group in groups)
        if not isinstance(node.children[0], nodes.title):
            return table
        return self._anchored(node, f"{table}\n\n{self._caption(node)}")

    def printed(self, node: nodes.Element) -> str:
        text = ANSI.sub("", node.astext()).strip("\n")
        return "\n".join(f"    {line}" if line else "" for line in text.split("\n"))

    def markup(self, node: nodes.Element) -> str:
        text = node.astext().replace(' src="images/', ' src="../images/')
        return re.sub(r"\n\s*\n", "\n", text).strip()

    def _pipes(self, group: nodes.tgroup) -> str:
        rows = list(group.findall(nodes.row))
        heads = [row for row in rows if isinstance(row.parent, nodes.thead)]
        first = (heads or rows)[0]
        marks = ["".join(entry["classes"]) for entry in first.children]
        rule = [{"text-right": "---:", "text-center": ":---:"}.get(mark, ":---") for mark in marks]
        head = [self._cell(entry) for entry in first.children] if heads else [""] * len(rule)
        body = [[self._cell(entry) for entry in row.children] for row in rows[len(heads) :]]
        return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *body])

    def _cell(self, entry: nodes.entry) -> str:
        text = re.sub(r"\s*\n\s*", " ", self.blocks(entry.children))
        return re.sub(r"(?<!\\)\|", r"\\|", text)

    def _caption(self, node: nodes.Element) -> str:
        shown = " — ".join(filter(None, self.captioned(node)))
        return f"*{shown}*" if shown else ""

    def _anchored(self, node: nodes.Element, text: str) -> str:
        return f'<a id="{node["anchor"]}"></a>\n\n{text}' if node.get("pointed") else text

    def reference(self, node: nodes.reference) -> str:
        text, address = node.astext(), node["refuri"]
        if address in (text, f"mailto:{text}"):
            return f"<{text}>"
        return (
            f"[{self.inside(node)}](<{address}>)"
            if " " in address
            else f"[{self.inside(node)}]({address})"
        )

    def pointer(self, node: nodes.Element) -> str:
        href = self.href(node["to"])
        return self.inside(node) if href is None else f"[{self.inside(node)}]({href})"

    def footnote_reference(self, node: nodes.footnote_reference) -> str:
        return f"[^{node['mark']}]"

    def footnote(self, node: nodes.footnote) -> str:
        return hanging(f"[^{node['mark']}]:", self.blocks(node.children), 4)

    def footnotes(self, notes: list[nodes.footnote]) -> str:
        return self.blocks(notes)


def hanging(mark: str, text: str, width: int | None = None) -> str:
    """Return a text after a mark, its other lines under its first."""
    indent = " " * (width or len(mark) + 1)
    first, *rest = text.split("\n")
    return "\n".join([f"{mark} {first}", *(f"{indent}{line}" if line else "" for line in rest)])


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
