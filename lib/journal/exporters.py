"""nbconvert exporters with the templates of journal/gabarits. Slow to import: only to render."""

import re
import unicodedata
from functools import cache
from html import unescape
from pathlib import Path

import latex2mathml.converter
import nbformat
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter, MarkdownExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments.formatters import HtmlFormatter

TOC_MARK = "<!-- contents -->"


class PageRenderer(IPythonRenderer):
    """Markdown to HTML: headings with unique ids, formulas as MathML, images loaded late."""

    def __init__(self, headings: list, **options):
        super().__init__(escape=False, exclude_anchor_links=True, **options)
        self.headings = headings

    def heading(self, text: str, level: int, **attrs) -> str:
        plain = unescape(re.sub(r"<[^>]+>", "", text))
        taken = {anchor for _, _, anchor in self.headings}
        anchor = unique_slug(plain, taken)
        self.headings.append((level, plain, anchor))
        link = f'<a class="anchor" href="#{anchor}" aria-label="Lien vers cette section">#</a>'
        return f'<h{level} id="{anchor}">{text} {link}</h{level}>\n'

    def block_math(self, body: str) -> str:
        return f'<div class="formula">{_mathml(body, "block")}</div>'

    def inline_math(self, body: str) -> str:
        return _mathml(body, "inline")

    def table(self, text: str) -> str:
        return f'<div class="scroll" tabindex="0"><table>\n{text}</table></div>\n'


class SiteExporter(HTMLExporter):
    """A page of the site. `headings` holds (level, text, anchor) of the page just exported."""

    def __init__(self, templates: Path):
        super().__init__(
            template_name="site",
            extra_template_basedirs=[str(templates)],
            anchor_link_text="",
        )
        self.headings: list[tuple[int, str, str]] = []

    @pass_context
    def markdown2html(self, context, source: str) -> str:
        renderer = PageRenderer(self.headings)
        return MarkdownWithMath(renderer=renderer).render(source)


def export_html(exporter: SiteExporter, page: dict, context: dict) -> str:
    """Return a page as HTML, its table of contents filled in."""
    exporter.headings.clear()
    node = nbformat.from_dict(page)
    context = context | {"code_style": code_style()}
    html, _ = exporter.from_notebook_node(node, resources={"journal": context})
    contents = [entry for entry in exporter.headings if 2 <= entry[0] <= 4]
    return html.replace(TOC_MARK, _contents(contents))


def export_markdown(templates: Path, page: dict, context: dict) -> str:
    """Return a page as Markdown."""
    exporter = MarkdownExporter(template_name="document", extra_template_basedirs=[str(templates)])
    text, _ = exporter.from_notebook_node(nbformat.from_dict(page), resources={"journal": context})
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def slug(text: str) -> str:
    """Return an anchor without accents or signs: « L'été » -> l-ete."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "section"


def unique_slug(text: str, taken: set[str]) -> str:
    base = slug(text)
    candidates = [base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))]
    return next(candidate for candidate in candidates if candidate not in taken)


def _contents(headings: list[tuple[int, str, str]]) -> str:
    items = [
        f'<li class="level-{level}"><a href="#{anchor}">{_escape(text)}</a></li>'
        for level, text, anchor in headings
    ]
    return "<ol>\n" + "\n".join(items) + "\n</ol>"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _mathml(formula: str, display: str) -> str:
    return latex2mathml.converter.convert(unescape(formula), display=display)


@cache
def code_style() -> str:
    """Return the CSS of highlighted code, light and dark."""
    light = HtmlFormatter(style="default").get_style_defs(".highlight")
    dark = HtmlFormatter(style="github-dark").get_style_defs(".highlight")
    return f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}"
