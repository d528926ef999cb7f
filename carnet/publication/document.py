"""JOURNAL.md: all pages in one file that every forge draws."""

from pathlib import Path

from carnet.project.settings import Settings
from carnet.publication.footnotes import mark
from carnet.publication.layout import written
from carnet.publication.plain import MarkdownWriter, escaped
from carnet.publication.references import Target, chapter_anchors
from carnet.publication.texts import SitePage
from carnet.text.language import listed, translate


def signature(about: Settings) -> str:
    """Return who signs a journal, under what licence, and where its sources are."""
    names = []
    for author in about.authors:
        name = escaped(author.name)
        names.append(f"[{name}](https://orcid.org/{author.orcid})" if author.orcid else name)
    sources = f"[{translate('Sources')}](<{about.repository}>)" if about.repository else ""
    return " · ".join(filter(None, [listed(names), about.licence, sources]))


def render_document(about: Settings, pages: list[SitePage], templates: Path) -> str:
    """Return one file: contents, then the pages, each under a heading of the second level."""
    from carnet.publication.exporters import document_exporter

    anchors = chapter_anchors(pages)

    def href(target: Target) -> str | None:
        if target.kind in ("notebook", "file"):
            return f"../{target.written}"
        anchor = target.anchor or anchors.get(target.file)
        return f"#{anchor}" if anchor else None

    writer, texts = MarkdownWriter(href, shift=1), []
    for page in pages:
        mark(page, f"{page.entry['file'].partition('.')[0]}-")
        anchor, name = anchors[page.entry["file"]], writer.inside(page.texts["title"].tree[0])
        writer.contents.append((2, name, anchor))
        with page.speaking():
            made = written(page, writer, "text/markdown")
            made.entry["footnotes"] = writer.footnotes(page.footnotes)
            context = {"page": made.entry, "note": made.note}
            text = document_exporter(templates).export(made.notebook, context)
        texts.append(f'<a id="{anchor}"></a>\n\n## {name}\n\n{text}')
    items = (
        f"{'  ' * (level - 2)}- [{name}](#{anchor})" for level, name, anchor in writer.contents
    )
    top = [f"# {escaped(about.title)}", signature(about)]
    return "\n\n".join(filter(None, [*top, "\n".join(items), "\n".join(texts)]))
