"""nbconvert exporters with the engine's templates. Slow to import: only to render."""

import ast
import functools
import re
from pathlib import Path

import nbformat
from nbconvert.exporters import MarkdownExporter, TemplateExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from carnet.publication.code import highlighted
from carnet.text.language import spoken, translate

TOC_MARK = "<!-- contents -->"
HEADING = re.compile(r'<h([1-6]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)


class SiteExporter(TemplateExporter):
    """Pages of the site; not an HTMLExporter, which would parse each page once more."""

    def __init__(self, templates: Path, template: str = "site"):
        super().__init__(
            template_name=template,
            file_extension=".html",
            extra_template_basedirs=[str(templates)],
            extra_template_paths=[str(templates)],  # so that one template can extend another
        )
        self.register_filter("heading", _heading)
        self.environment.tests["imports"] = _only_imports
        self.environment.globals |= {"_": translate, "spoken": spoken}
        self.register_filter("highlight_code", functools.partial(highlighted, language="python"))

    def export(
        self,
        notebook: dict,
        context: dict,
        *,
        levels: tuple[int, int] = (2, 4),
        numbers: dict[str, int] | None = None,
    ) -> str:
        """Return a page; its table of contents holds the headings of `levels`.

        Args:
            numbers: anchor -> page number, shown in the table of contents of a printed document.
        """
        node = nbformat.from_dict(notebook)
        html, _ = self.from_notebook_node(node, resources={"journal": context})
        return html.replace(TOC_MARK, _contents(html, levels, numbers))


def _heading(html: str, level: int, anchor: str) -> str:
    """Return a heading that a template adds."""
    return f'<h{level} id="{anchor}"><a class="anchor" href="#{anchor}">{html}</a></h{level}>'


def _only_imports(code: str) -> bool:
    """Whether a cell does nothing but import."""
    try:
        body = ast.parse(code).body
    except SyntaxError:
        return False
    imports = (isinstance(node, ast.Import | ast.ImportFrom) for node in body)
    return bool(body) and all(imports)


class DocumentExporter(MarkdownExporter):
    """Pages of the Markdown document."""

    def __init__(self, templates: Path):
        super().__init__(template_name="document", extra_template_basedirs=[str(templates)])
        self.environment.globals["_"] = translate

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


def _contents(html: str, levels: tuple[int, int], numbers: dict[str, int] | None) -> str:
    items = []
    for level, anchor, inside in HEADING.findall(html):
        if levels[0] <= int(level) <= levels[1]:
            page = f'<span class="page">{numbers.get(anchor, "")}</span>' if numbers else ""
            text = re.sub(r"</?(?:a|sup)\b[^>]*>", "", inside)
            text = f"<span>{text}</span>{page}" if page else text
            items.append(f'<li class="level-{level}"><a href="#{anchor}">{text}</a></li>')
    return "<ol>\n" + "\n".join(items) + "\n</ol>"
