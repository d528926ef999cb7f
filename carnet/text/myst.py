"""What a Markdown text shows, as a docutils tree: MyST as jupyterlab-myst draws it.

What is not known (a directive, a role, an option, LaTeX, a tag of HTML) is reported, by line. What
needs the rest of the journal is left as a node: values, references, citations, images.
"""

import functools
import re
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import unquote

from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser as RstParser
from docutils.utils import new_document
from markdown_it.tree import SyntaxTreeNode
from myst_parser.mdit_to_docutils.base import DocutilsRenderer, token_line

from carnet.project.errors import nearest
from carnet.text import near
from carnet.text.directives import DIRECTIVES, INSTEAD, register
from carnet.text.formulas import mathml
from carnet.text.language import spoken
from carnet.text.markdown import make_parser
from carnet.text.nodes import citation, evaluation, heading, line_break, pointer
from carnet.text.roles import ROLES
from carnet.text.tags import faults

ADDRESS = re.compile(r"(?:https?|mailto|ftp):", re.IGNORECASE)
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
FILE_NAME = re.compile(r"\S+\.\w{2,5}")
NEAR_NAME = re.compile(r"\{#([\w-]+)\}\s*$")
CITED = re.compile(r"\[((?:-?@[\w:.+/-]+\s*;?\s*)+)\]|(?<![\w@/.])@([\w:+-]+(?:\.[\w:+-]+)*)")
OPTIONS = re.compile(r"'([\w-]+)': Unknown option keys?: (.*?) \(allowed: \[(.*?)\]\).*")
NEAR_LINK = re.compile(r"\[[^\]\n]*\]\([^)\n]*\)|^\[!\w+\]")
KIND = re.compile(r"\s*\[[\w.-]+\]$")  # how MyST ends its warnings
DRAWN_ELSEWHERE = {"mermaid"}  # languages of fences that JupyterLab draws


class Mistake(NamedTuple):
    """What a text asks and cannot get, at a line counted from 1."""

    line: int
    text: str


@dataclass(frozen=True)
class Parsed:
    """A text as a tree, to be copied before it is changed, and its mistakes."""

    tree: nodes.document
    mistakes: tuple[Mistake, ...]


def read(text: str, definitions: str = "", inline: bool = False) -> Parsed:
    """Read a text; titles that it leaves out are in the language spoken.

    Args:
        definitions: lines [label]: address that other cells of its file give.
        inline: read one line, such as a caption, whose only node is then a paragraph.
    """
    return _read(text, definitions, inline, spoken())


@functools.lru_cache(maxsize=4096)
def _read(text: str, definitions: str, inline: bool, language: str) -> Parsed:
    mistakes: list[Mistake] = []
    document = new_document("", _settings())
    document.reporter.attach_observer(lambda message: mistakes.append(_mistake(message)))
    parser = _parser()
    parser.options["document"] = document
    environment: dict = {"mistakes": mistakes, "lines": text.splitlines()}
    if definitions:
        parser.parse(definitions, environment)
    tokens = parser.parseInline(text, environment) if inline else parser.parse(text, environment)
    parser.renderer.render(tokens, parser.options, environment)
    if inline:
        document.children = [nodes.paragraph("", "", *document.children)]
    mistakes += [Mistake(line or 1, fault) for line, fault in faults(document)]
    return Parsed(document, tuple(dict.fromkeys(mistakes)))


@functools.cache
def _settings():
    settings = get_default_settings(RstParser)
    settings.language_code = "fr"
    settings.report_level, settings.halt_level = 5, 6  # reported to an observer, never printed
    settings.raw_enabled = settings.file_insertion_enabled = False
    settings.myst_suppress_warnings = []
    return settings


@functools.cache
def _parser():
    register()
    return make_parser(Renderer)


def _mistake(message: nodes.system_message) -> Mistake:
    text = KIND.sub("", message.astext().partition("\n")[0])
    text = text[text.index(") ") + 2 :] if text.startswith(":") and ") " in text else text
    if option := OPTIONS.fullmatch(text):
        unknown, allowed = (re.findall(r"'([^']+)'", option[i]) for i in (2, 3))
        hints = ", ".join(f"'{name}': {nearest(name, allowed)}" for name in unknown)
        text = f"{{{option[1]}}} has no option {hints}"
    return Mistake(message.get("line") or 1, text)


def _source(token: SyntaxTreeNode) -> str:
    """Return the text, as written, of the block in which an inline token stands."""
    while token.parent and token.type != "inline":
        token = token.parent
    return token.content if token.type == "inline" else ""


class Renderer(DocutilsRenderer):
    """MyST's own, with flat headings, and nodes of ours for what needs the journal."""

    def report(self, token: SyntaxTreeNode, text: str) -> None:
        self.md_env["mistakes"].append(Mistake(token_line(token, 1) or 1, text))

    def _add(self, node: nodes.Element, token: SyntaxTreeNode, keys=("class",)) -> nodes.Element:
        """Add a node with what a token holds."""
        self.add_line_and_source_path(node, token)
        self.copy_attributes(token, node, keys)
        with self.current_node_context(node, append=True):
            self.render_children(token)
        return node

    def render_heading(self, token: SyntaxTreeNode) -> None:
        node = self._add(heading("", "", level=int(token.tag[1])), token)
        node["names"] += [token.attrs["id"]] if "id" in token.attrs else []
        if name := NEAR_NAME.search(node.astext()):
            self.report(token, f"{name[0].strip()}: expected ({name[1]})= alone on the line before")

    def render_paragraph(self, token: SyntaxTreeNode) -> None:
        """An image alone is a figure, whose caption is its title or its description."""
        super().render_paragraph(token)
        node = self.current_node[-1]
        node["tight"] = bool(token.hidden)
        if len(node) == 1 and isinstance(node[0], nodes.image):
            image, figure = node[0], nodes.figure("")
            figure.line = node.line
            figure += image
            caption = image.get("title") or image["alt"]
            if caption and not FILE_NAME.fullmatch(caption):
                figure += nodes.caption("", caption)
            self.current_node[-1] = figure

    def render_text(self, token: SyntaxTreeNode) -> None:
        """Text with its citations; a misspelt role is reported."""
        text, following = token.content, token.next_sibling
        code = following.content if following and following.type == "code_inline" else None
        if mistake := near.in_text(text, code):
            self.report(token, mistake)
        link = NEAR_LINK.search(text)
        if link and re.search(rf"(?<!\\){re.escape(link[0])}", _source(token)):  # not escaped
            expected = "an address https://…, a file or #name, or > [!NOTE]"
            self.report(token, f"{link[0]}: neither a link nor an alert: expected {expected}")
        previous = token.previous_sibling
        if previous and previous.type in ("image", "link") and text.startswith("{"):
            self.report(token, f'{text[:40]}: expected {{name="value"}}, such as {{width="50%"}}')
        end = 0
        for match in CITED.finditer(text):
            self.current_node += nodes.Text(text[end : match.start()])
            keys = re.findall(r"@([\w:.+/-]+)", match[1]) if match[1] else [match[2]]
            bare = not match[1]
            self._add(citation(match[0], keys=keys, narrative=bare, bare=bare), token)
            end = match.end()
        self.current_node += nodes.Text(text[end:])

    def render_code_inline(self, token: SyntaxTreeNode) -> None:
        if mistake := near.in_code(token.content):
            self.report(token, mistake)
        super().render_code_inline(token)

    def render_s(self, token: SyntaxTreeNode) -> None:
        self._add(nodes.inline(classes=["s"]), token)

    def render_hardbreak(self, token: SyntaxTreeNode) -> None:
        self.current_node += line_break()

    def render_html_block(self, token: SyntaxTreeNode) -> None:
        text = re.sub(r"<!--[\s\S]*?-->", "", token.content)
        if text.strip():
            self._add(nodes.raw("", text, format="html"), token)

    render_html_inline = render_html_block

    def render_list_item(self, token: SyntaxTreeNode) -> None:
        node = self._add(nodes.list_item(), token)
        if "checked" in (token.meta or {}):
            node["checked"] = bool(token.meta["checked"])

    def render_alert(self, token: SyntaxTreeNode) -> None:
        """> [!NOTE], as GitHub writes an admonition."""
        kind = token.info.lower()
        if kind not in DIRECTIVES:
            self.report(token, f"> [!{token.info}]: {nearest(kind, DIRECTIVES)}")
        else:
            self._add(DIRECTIVES[kind].titled(kind), token, ())

    def render_table(self, token: SyntaxTreeNode) -> None:
        super().render_table(token)
        head, *rows = (row for part in token.children for row in part.children)
        for row in rows:
            if mistake := near.in_row(self.md_env["lines"][row.map[0] - 1], len(head.children)):
                self.report(row, mistake)

    def render_fence(self, token: SyntaxTreeNode) -> None:
        if token.info.strip() in DRAWN_ELSEWHERE:
            self.report(token, f"```{token.info.strip()}: nothing draws it: expected an image")
        if mistake := near.in_fence(token.info):
            self.report(token, mistake)
        super().render_fence(token)

    def create_highlighted_code_block(self, text, lexer_name, **options):
        node = nodes.literal_block(text, text, language=lexer_name or "")
        node.line = options.get("line")
        return node

    def render_link(self, token: SyntaxTreeNode) -> None:
        href = str(token.attrGet("href") or "")
        if ADDRESS.match(href) or token.info == "auto":
            self._add(nodes.reference(refuri=href), token)
            return
        if SCHEME.match(href) or not href:
            self.report(token, f"({href}): expected an address https://…, a file or #name")
        path, _, name = unquote(href).partition("#")
        self._add(pointer(path=path, target=name, form="link", written=unquote(href)), token)

    def render_image(self, token: SyntaxTreeNode) -> None:
        super().render_image(token)
        node = self.current_node[-1]
        node["uri"] = unquote(node["uri"])
        if "}`" in token.content:  # a role, reported where the image is looked for
            node["alt"] = token.content
        self.add_line_and_source_path(node, token)

    def render_math_inline(self, token: SyntaxTreeNode) -> None:
        self._formula(token, nodes.math)

    def render_math_block(self, token: SyntaxTreeNode) -> None:
        self._formula(token, nodes.math_block)

    render_math_inline_double = render_math_block

    def render_math_block_label(self, token: SyntaxTreeNode) -> None:
        self._formula(token, nodes.math_block, token.info)

    def render_amsmath(self, token: SyntaxTreeNode) -> None:
        label = re.search(r"\\label\{([^{}]+)\}", token.content)
        self._formula(token, nodes.math_block, label and label[1])

    def _formula(self, token: SyntaxTreeNode, kind, label: str | None = None) -> None:
        node = self._add(kind("", token.content.strip()), token)
        node["names"] += [label] if label else []
        self.draw(node, token_line(token, 1))

    def draw(self, node: nodes.math | nodes.math_block, line: int) -> None:
        latex = node.astext()
        try:
            node["mathml"] = mathml(latex, isinstance(node, nodes.math_block))
        except ValueError as error:
            shown = " ".join(latex.split())
            shown = shown if len(shown) < 60 else f"{shown[:60]}…"
            self.md_env["mistakes"].append(Mistake(line, f"${shown}$: {error}"))

    def render_footnote_ref(self, token: SyntaxTreeNode) -> None:
        self._add(nodes.footnote_reference("", refname=token.meta["label"]), token)

    def render_footnote_reference(self, token: SyntaxTreeNode) -> None:
        self._add(nodes.footnote("", names=[token.meta["label"]]), token)

    def render_myst_target(self, token: SyntaxTreeNode) -> None:
        self._add(nodes.target("", names=[token.content]), token)

    def render_myst_role(self, token: SyntaxTreeNode) -> None:
        name = token.meta["name"]
        if name not in ROLES:
            hint = nearest(name, ROLES)
            self.report(token, f"{{{name}}}`{token.content}`: no such role: {hint}")
            return
        node = self._add(ROLES[name](token.content.strip()), token)
        if isinstance(node, nodes.math):
            self.draw(node, token_line(token, 1))
        if isinstance(node, evaluation) and not node["code"]:
            self.report(token, "{eval}: an empty expression")

    def render_directive(self, token: SyntaxTreeNode, name: str, arguments: str, **options) -> None:
        if name == "embed":
            self.report(token, "{embed}: expected alone at the margin of a page of journal/")
        elif name in DIRECTIVES:
            super().render_directive(token, name, arguments, **options)
        else:
            hint = nearest(INSTEAD.get(name, name), [*DIRECTIVES, "embed"])
            self.report(token, f"{{{name}}}: no such directive: {hint}")
