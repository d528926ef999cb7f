"""Directives, ```{name} argument: docutils' own where it has them, with MyST's options."""

import re

from docutils import nodes
from docutils.languages import get_language
from docutils.parsers.rst import Directive, directives
from docutils.parsers.rst.directives import images, tables

from carnet.text.language import spoken, translate
from carnet.text.nodes import bibliography

NAMED = {"name": directives.unchanged, "label": directives.unchanged, "class": directives.unchanged}
LINES = re.compile(r"\s*\d+(?:\s*-\s*\d+)?(?:\s*,\s*\d+(?:\s*-\s*\d+)?)*\s*")
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(px|%|)")


def size(argument: str) -> str:
    """Return a width in pixels or percent, as an attribute of HTML has it."""
    match = SIZE.fullmatch(argument.strip())
    if not match:
        raise ValueError(f"{argument!r}: expected pixels, such as 300px, or a share, such as 50%")
    return f"{round(float(match[1]))}{'%' if match[2] == '%' else ''}"


class _Named(Directive):
    """Directives give what they show the name of their option `name`, or `label`."""

    def named(self, node: nodes.Element) -> nodes.Element:
        name = self.options.pop("label", None) or self.options.pop("name", None)
        node["names"] = [name] if name else []
        node["classes"] += self.options.pop("class", "").split()
        node.line = self.lineno
        return node

    def inline(self, text: str) -> list[nodes.Node]:
        return self.state.inline_text(text, self.lineno)[0]


class Admonition(_Named):
    """A note, a warning, … or, as `dropdown`, what unfolds."""

    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = NAMED | {"open": directives.flag}
    has_content = True

    @staticmethod
    def titled(kind: str, *title: nodes.Node) -> nodes.admonition:
        """Return an admonition of a kind, under its French name where it has no title."""
        node = nodes.admonition("", classes=[kind])
        others = {"dropdown": translate("Détails")}
        label = get_language(spoken()).labels.get(kind, others.get(kind, translate("Note")))
        return node.__iadd__(
            nodes.title("", "", *(title or [nodes.Text(label.strip(" !").capitalize())]))
        )

    def run(self) -> list[nodes.Node]:
        title = self.inline(self.arguments[0]) if self.arguments else []
        if not self.content and not title:
            raise self.error(f"{{{self.name}}}: nothing in it")
        if not self.content:  # as in ```{note} Text of the note
            title, text = [], title
            node = self.named(self.titled(self.name))
            return [node.__iadd__(nodes.paragraph("", "", *text))]
        node = self.named(self.titled(self.name, *title))
        node["open"] = "open" in self.options
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


class Image(_Named):
    """An image that is not a figure: neither caption nor number."""

    required_arguments = 1
    final_argument_whitespace = True
    option_spec = NAMED | {
        "alt": directives.unchanged,
        "width": size,
        "align": images.Image.option_spec["align"],
    }

    def run(self) -> list[nodes.Node]:
        given = {name: self.options[name] for name in ("alt", "width") if name in self.options}
        image = nodes.image(uri=directives.uri(self.arguments[0]), **{"alt": "", **given})
        return [self.named(self.shown(image))]

    def shown(self, image: nodes.image) -> nodes.Element:
        return image


class Figure(Image):
    """An image with its caption, and what follows the caption."""

    has_content = True

    def shown(self, image: nodes.image) -> nodes.Element:
        inside = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, inside)
        caption, *rest = inside.children or [nodes.paragraph()]
        if not isinstance(caption, nodes.paragraph):
            raise self.error(f"{{figure}} {self.arguments[0]}: expected a caption, a paragraph")
        caption = [nodes.caption("", "", *caption.children)] if caption.children else []
        return nodes.figure("", image, *caption, *([nodes.legend("", *rest)] if rest else []))


class Formula(_Named):
    """A formula on its own lines."""

    optional_arguments = 1
    final_argument_whitespace = True
    option_spec = NAMED
    has_content = True

    def run(self) -> list[nodes.Node]:
        latex = "\n".join([*self.arguments, *self.content]).strip()
        node = self.named(nodes.math_block("", latex))
        self.state._renderer.draw(node, self.lineno)
        return [node]


class Code(_Named):
    """Code in a language, with a caption, numbers of lines and lines that stand out."""

    optional_arguments = 1
    option_spec = NAMED | {
        "caption": directives.unchanged,
        "linenos": directives.flag,
        "lineno-start": directives.positive_int,
        "emphasize-lines": directives.unchanged,
    }
    has_content = True

    def run(self) -> list[nodes.Node]:
        text, lines = "\n".join(self.content), self.options.get("emphasize-lines", "")
        if lines and not LINES.fullmatch(lines):
            raise self.error(f"emphasize-lines: {lines!r}: expected lines such as 1,3-5")
        about = {"first": self.options.get("lineno-start", 1), "emphasized": lines}
        about["numbered"] = bool(self.options.keys() & {"linenos", "lineno-start"})
        block = nodes.literal_block(text, text, language="".join(self.arguments), **about)
        caption = self.options.get("caption")
        if not caption:
            return [self.named(block)]
        listing = self.named(nodes.container("", classes=["listing"]))
        return [listing.__iadd__([nodes.caption("", "", *self.inline(caption)), block])]


class Bibliography(Directive):
    """The list of what is cited, or of what is cited with a keyword."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        return [bibliography(keyword="".join(self.arguments).strip())]


def _table(base: type[Directive]) -> type[Directive]:
    """A table of docutils, with MyST's `label`."""

    class Table(base):
        option_spec = base.option_spec | {"label": directives.unchanged}
        run_of_docutils = base.run

        def run(self) -> list[nodes.Node]:
            name = self.options.pop("label", None) or self.options.pop("name", None)
            made = super().run()
            for node in made:
                if isinstance(node, nodes.table):
                    node["names"], node.line = [name] if name else [], self.lineno
            return made

    return Table


ADMONITIONS = ("note", "tip", "hint", "important", "attention", "warning", "caution", "danger")
DIRECTIVES: dict[str, type[Directive]] = {
    **dict.fromkeys([*ADMONITIONS, "error", "admonition", "dropdown"], Admonition),
    "figure": Figure,
    "image": Image,
    "table": _table(tables.RSTTable),
    "list-table": _table(tables.ListTable),
    "csv-table": _table(tables.CSVTable),
    "bibliography": Bibliography,
    "math": Formula,
    "code-block": Code,
    "code": Code,
}


# What stands for directives and roles of MyST that are not here.
INSTEAD = {
    **dict.fromkeys(["include", "literalinclude"], "code-block"),
    **dict.fromkeys(["tab-set", "tab-item", "grid", "card"], "dropdown"),
    **dict.fromkeys(["margin", "aside", "sidebar", "topic", "seealso", "epigraph"], "note"),
    **dict.fromkeys(["prf:theorem", "prf:proof", "exercise", "solution"], "admonition"),
    "mermaid": "image",
    "code-cell": "embed",
}


def register() -> None:
    """Give docutils these directives, under these names."""
    for name, directive in DIRECTIVES.items():
        directives.register_directive(name, directive)
