"""nbconvert exporters with the engine's templates. Slow to import: only to render."""

import base64
import functools
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from pathlib import Path

import latex2mathml.converter
import nbformat
from jinja2 import pass_context
from nbconvert.exporters import MarkdownExporter, TemplateExporter
from nbconvert.filters.highlight import Highlight2HTML
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pygments.styles import get_style_by_name
from pygments.token import STANDARD_TYPES

from carnet.text.slugs import unique_slug

TOC_MARK = "<!-- contents -->"
# Ids of the template's own elements, which no heading may take.
TEMPLATE_IDS = {"contenu", "provenance", "theme", "recherche", "resultats", "etat-recherche"}
CODE_STYLES = ("xcode", "github-dark")  # all colours at 4.5:1 or more on our grounds
LONG_TABLE = 8  # rows; a shorter one is read at a glance and needs no sorting
LONG_FORMULA = 40  # characters; a longer one inside a line scrolls on a phone
FRAME = '<div class="scroll" tabindex="0" role="group" aria-label="{}">'


class PageRenderer(IPythonRenderer):
    """Markdown to HTML: headings with unique ids, formulas as MathML, tables that scroll."""

    def __init__(self, headings: list, taken: set[str] | None = None, **options):
        super().__init__(escape=False, exclude_anchor_links=True, **options)
        self.headings = headings
        self.taken = set() if taken is None else taken

    def heading(self, text: str, level: int, **attrs) -> str:
        plain = unescape(re.sub(r"<[^>]+>", "", text))
        anchor = unique_slug(plain, self.taken)
        self.headings.append((level, plain, anchor))
        if "<a " not in text:
            text = f'<a class="anchor" href="#{anchor}">{text}</a>'
        return f'<h{level} id="{anchor}">{text}</h{level}>\n'

    def block_math(self, body: str) -> str:
        frame = FRAME.format("Formule").replace("scroll", "scroll formula")
        return f"{frame}{_mathml(body, 'block')}</div>"

    def inline_math(self, body: str) -> str:
        if len(body) < LONG_FORMULA:
            return _mathml(body, "inline")
        frame = FRAME.format("Formule").replace("<div", "<span")
        return f"{frame}{_mathml(body, 'inline')}</span>"

    def table(self, text: str) -> str:
        return f"{FRAME.format('Tableau')}<table>\n{text}</table></div>\n"

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        """Align by class: the page's Content-Security-Policy refuses style attributes."""
        tag = "th" if head else "td"
        mark = ' class="n"' if align == "right" else ""
        scope = ' scope="col"' if head else ""
        return f"<{tag}{scope}{mark}>{text}</{tag}>\n"


@dataclass
class Exported:
    """A page of the site as HTML, and what was found in it."""

    html: str = ""
    headings: list[tuple[int, str, str]] = field(default_factory=list)  # (level, text, anchor)
    images: dict[str, bytes] = field(default_factory=dict)  # images that no figure() named


class SiteExporter(TemplateExporter):
    """Pages of the site; not an HTMLExporter, which would parse each page once more."""

    def __init__(self, templates: Path, template: str = "site"):
        super().__init__(
            template_name=template,
            file_extension=".html",
            extra_template_basedirs=[str(templates)],
            extra_template_paths=[str(templates)],  # so that one template can extend another
        )
        self.register_filter("markdown2html", self._markdown)
        self.register_filter("heading", self._heading)
        self.register_filter("image_file", self._image_file)
        self.register_filter("table_html", table_html)
        self.register_filter("without_style", without_style)
        self.register_filter("highlight_code", Highlight2HTML(pygments_lexer="python"))
        self.page, self.taken = Exported(), set()

    def export(
        self,
        notebook: dict,
        context: dict,
        *,
        levels: tuple[int, int] = (2, 4),
        numbers: dict[str, int] | None = None,
    ) -> Exported:
        """Return a page; its table of contents holds the headings of `levels`.

        Args:
            numbers: anchor -> page number, shown in the table of contents of a printed document.
        """
        self.page = Exported()
        self.taken = TEMPLATE_IDS | set(_ids(notebook))
        node = nbformat.from_dict(notebook)
        html, _ = self.from_notebook_node(node, resources={"journal": context})
        contents = [e for e in self.page.headings if levels[0] <= e[0] <= levels[1]]
        self.page.html = html.replace(TOC_MARK, _contents(contents, numbers))
        return self.page

    def _markdown(self, source: str) -> str:
        return MarkdownWithMath(renderer=self._renderer()).render(source)

    @pass_context  # so that Jinja does not take it for a constant
    def _heading(self, context, text: str, level: int) -> str:
        return self._renderer().heading(escape(text, quote=False), level)

    def _renderer(self) -> PageRenderer:
        return PageRenderer(self.page.headings, self.taken)

    def _image_file(self, png: str) -> str:
        """Set an image apart from the page, under a name that its contents give."""
        data = base64.b64decode(png)
        name = f"{hashlib.sha256(data).hexdigest()[:16]}.png"
        self.page.images[name] = data
        return name


def _ids(notebook: dict) -> Iterator[str]:
    """Yield the ids that the template gives to figures, tables and cells."""
    for cell in notebook["cells"]:
        yield f"cellule-{cell['metadata'].get('journal', {}).get('cell')}"
        for output in cell.get("outputs", []):
            yield output.get("metadata", {}).get("journal", {}).get("name", "")


class DocumentExporter(MarkdownExporter):
    """Pages of the Markdown document."""

    def __init__(self, templates: Path):
        super().__init__(template_name="document", extra_template_basedirs=[str(templates)])

    def export(self, page: dict, context: dict) -> str:
        node = nbformat.from_dict(page)
        text, _ = self.from_notebook_node(node, resources={"journal": context})
        return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


# One exporter of each kind, whose templates are compiled once.
document_exporter = functools.cache(DocumentExporter)
site_exporter = functools.cache(SiteExporter)


def warm_up(templates: Path) -> None:
    """Compile templates, schema of notebooks and lexer before there is something to render."""
    cells = [new_markdown_cell("#"), new_code_cell("0", metadata={"journal": {}})]
    notebook = new_notebook(cells=cells)
    document_exporter(templates).export(notebook, {"page": {}})
    site_exporter(templates).export(notebook, {"page": {}})


def table_html(table: str) -> str:
    """Mark a recorded table that is long and holds numbers as sortable."""
    sortable = table.count("<tr>") - 1 >= LONG_TABLE and 'class="n"' in table
    return table.replace("<table>", "<table data-sortable>", 1) if sortable else table


def without_style(html: str) -> str:
    """Leave out of an output's HTML what the page's Content-Security-Policy refuses."""
    html = re.sub(r"<(style|script)\b.*?</\1\s*>", "", html, flags=re.DOTALL | re.IGNORECASE)
    return re.sub(r"""\s(?:style|on\w+)=("[^"]*"|'[^']*')""", "", html)


def _contents(headings: list[tuple[int, str, str]], numbers: dict[str, int] | None) -> str:
    items = []
    for level, text, anchor in headings:
        page = f'<span class="page">{numbers.get(anchor, "")}</span>' if numbers else ""
        link = f'<a href="#{anchor}">{escape(text, quote=False)}{page}</a>'
        items.append(f'<li class="level-{level}">{link}</li>')
    return "<ol>\n" + "\n".join(items) + "\n</ol>"


def _mathml(formula: str, display: str) -> str:
    return latex2mathml.converter.convert(unescape(formula), display=display)


def code_style() -> str:
    """Return the CSS of highlighted code, one rule for the light and the dark theme."""
    light, dark = (get_style_by_name(name) for name in CODE_STYLES)
    rules = []
    for token, name in STANDARD_TYPES.items():
        colours = [style.style_for_token(token)["color"] for style in (light, dark)]
        if name and any(colours):
            day, night = (f"#{colour}" if colour else "var(--text)" for colour in colours)
            rules.append(f".highlight .{name} {{ color: light-dark({day}, {night}) }}")
    return "\n".join(rules)
