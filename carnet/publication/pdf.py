"""The journal as one PDF, printed by a Chromium of this machine.

nbconvert's own web PDF launches no other browser than the one that Playwright downloads, and knows
neither contents nor page numbers: here its exporter makes the HTML, and the browser is called
directly. The document is laid out several times: the first ones tell on which page each heading
falls, and which figures leave a gap.
"""

import io
import itertools
import json
import logging
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from carnet.project.settings import Settings
from carnet.publication.browser import find_browser, print_page
from carnet.publication.fitting import Places, fitted, marked, rules
from carnet.publication.footnotes import mark
from carnet.publication.html import HtmlWriter
from carnet.publication.layout import written
from carnet.publication.outputs import Assets
from carnet.publication.references import Target, chapter_anchors
from carnet.publication.site import figure_files, style_files
from carnet.publication.texts import SitePage
from carnet.text.language import listed, translate

NODE = re.compile(rb"node\d{8}")
DEEPEST_IN_PDF_CONTENTS = 3
MOST_PRINTINGS = 8  # to learn where things are


def render_pdf(
    about: Settings,
    pages: list[SitePage],
    images: dict[str, Path],
    assets: Assets,
    templates: Path,
) -> bytes:
    """Return the pages, in reading order, as one PDF with a title page and contents.

    Raises:
        InputError: there is no browser, or it fails.
    """
    from carnet.publication.exporters import site_exporter

    browser, files = find_browser(), figure_files(pages, images)
    files |= {f"images/{name}": data for name, data in assets.files.items()}
    files |= style_files(templates, assets)
    chapters = list(_chapters(pages))
    sheet = (templates / "pdf" / "pdf.css").read_text("utf-8")
    sheet += _running_heads(about.title, chapters)
    cells = (cell for chapter in chapters for cell in chapter.notebook["cells"])
    numbered = [cell | {"id": f"cell-{i}"} for i, cell in enumerate(cells)]
    document = chapters[0].notebook | {"cells": numbered}
    entries = [chapter.entry for chapter in chapters]
    summary = next((e.get("summary_shown", "") for e in entries if not e["day"]), "")
    context = {"about": about, "site": about.title, "summary": summary}
    context |= {"pages": entries, "page": entries[0]}
    with tempfile.TemporaryDirectory() as folder:
        _write_files(Path(folder), files)
        exporter, levels = site_exporter(templates, "pdf"), (1, DEEPEST_IN_PDF_CONTENTS)
        places, heights = {}, {}
        for printing in itertools.count():
            numbers = {anchor: page for anchor, (page, _) in places.items()}
            html = exporter.export(document, context, levels=levels, numbers=numbers)
            smaller = fitted(html, places, heights) if printing < MOST_PRINTINGS else {}
            if printing and not smaller:
                break
            heights |= smaller
            Path(folder, "pdf.css").write_text(sheet + rules(heights), "utf-8")
            places = _places(print_page(browser, Path(folder), marked(html)))
        pdf = print_page(browser, Path(folder), html)
    return _stable(pdf, about)


def _running_heads(journal: str, chapters: list[SitePage]) -> str:
    """Return the CSS of the pages of each chapter: the journal and the chapter on top."""
    rules = ""
    for number, chapter in enumerate(chapters, 1):
        name, corners = f"chapter-{number}", {"left": journal, "right": chapter.entry["title"]}
        heads = (f"@top-{side} {{ content: {_quoted(text)} }}" for side, text in corners.items())
        rules += f".{name} {{ page: {name} }}\n@page {name} {{ {' '.join(heads)} }}\n"
    return rules


def _quoted(text: str) -> str:
    """Return a text as a string of CSS, which JSON writes alike."""
    return json.dumps(text, ensure_ascii=False)


def _chapters(pages: list[SitePage]) -> Iterator[SitePage]:
    """Yield the pages written, each under its title, its notes and provenance last."""
    anchors = chapter_anchors(pages)

    def href(target: Target) -> str | None:
        anchor = target.anchor or anchors.get(target.file)
        return f"#{anchor}" if anchor else None

    writer = HtmlWriter(href)
    for number, page in enumerate(pages, 1):
        name = page.entry["file"].partition(".")[0]
        mark(page, f"{name}-")
        with page.speaking():
            made = written(page, writer, "text/html")
            heading = f"<h4>{translate('Provenance de cette page')}</h4>"
            footnotes = writer.footnotes(page.footnotes)
        date = f"<p><em>{made.entry['date']}</em></p>" if made.entry["date"] else ""
        anchor = anchors[page.entry["file"]]
        opening = f'<section class="chapter-{number}">'
        before = f'{opening}<h1 id="{anchor}">{made.entry["title_shown"]}</h1>{date}'
        provenance = f'<div class="provenance">{heading}{made.note}</div>' if made.note else ""
        end = f"{footnotes}{provenance}</section>"
        own = [_html_cell(before), *made.notebook["cells"], _html_cell(end)]
        yield replace(made, notebook=made.notebook | {"cells": own})


def _html_cell(html: str) -> dict:
    return {"cell_type": "markdown", "metadata": {}, "source": html}


def _write_files(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(_jpeg(data) if name.endswith(".webp") else data)


def _jpeg(webp: bytes) -> bytes:
    """Return photographs as a PDF can hold them: Chromium prints pixels of WebP uncompressed."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.open(io.BytesIO(webp)).convert("RGB").save(buffer, "JPEG", quality=88)
    return buffer.getvalue()


def _places(pdf: bytes) -> Places:
    """Return anchor -> page and distance from its bottom, in points, of what links lead to."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(pdf))
    return {
        name.removeprefix("/"): (reader.get_destination_page_number(found) + 1, float(found.top))
        for name, found in reader.named_destinations.items()
    }


def _stable(pdf: bytes, about: Settings) -> bytes:
    """Return a PDF that says whose it is, without what differs from one printing to the next:
    dates, numbers of nodes.

    Nodes are numbered again in their own order, for they stand in sorted lists.
    """
    from pypdf import PdfWriter

    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it remarks on how Chromium counts
    nodes = {node: b"node%08d" % i for i, node in enumerate(sorted(set(NODE.findall(pdf))))}
    pdf = NODE.sub(lambda node: nodes[node[0]], pdf)
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    told = {"/Author": listed([author.name for author in about.authors]), "/Creator": "carnet"}
    told |= {"/Subject": about.licence}
    kept = {k: v for k, v in writer.metadata.items() if not k.endswith("Date")}
    writer.metadata = kept | {k: v for k, v in told.items() if v}
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()
