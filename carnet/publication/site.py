"""The site: pages of the journal, executed notebooks, images, style, script, search index."""

import io
import json
import re
import struct
from collections.abc import Iterable
from html import unescape
from pathlib import Path

from docutils import nodes

from carnet.notebook.recording import FIGURE_DPI
from carnet.project.settings import Settings
from carnet.publication.documents import SITE_FOLDER
from carnet.publication.footnotes import mark
from carnet.publication.html import HtmlWriter
from carnet.publication.layout import written
from carnet.publication.outputs import Assets
from carnet.publication.references import Target, give_anchors
from carnet.publication.texts import SitePage
from carnet.sources.pages import INDEX
from carnet.text.language import translate
from carnet.text.slugs import slug

CSS_DPI = 96
WIDE = 640  # CSS pixels; a wider figure scrolls in its frame on a phone rather than shrink more
# Ids of the template's own elements, and of its headings, which no heading of a text may take.
TEMPLATE_IDS = {"contenu", "provenance", "theme", "recherche", "resultats", "etat-recherche"}
HEAVY = 250_000  # bytes; a heavier figure shows photographs, which PNG does not compress

_MAIN = re.compile(r"<main\b.*?>(.*)</main>", re.DOTALL)
_UNSEARCHED = re.compile(
    r'<details class="(?:code|provenance)".*?</details>|<div class=" highlight.*?</div>'
    r'|<a class="origin".*?</a>|<pre class="printed">.*?</pre>',
    re.DOTALL,
)
_HEADING = re.compile(r'<h[1-6] id="([^"]+)">(.*?)</h[1-6]>', re.DOTALL)


def render_site(
    about: Settings,
    pages: list[SitePage],
    notebooks: list[SitePage],
    images: dict[str, Path],
    assets: Assets,
    templates: Path,
) -> dict[str, bytes]:
    """Return every file of the site: path -> bytes.

    Args:
        pages, notebooks: in reading order, their texts read; previous and next stay within each.
        images: file name -> file, of all recorded figures and tables.
    """
    from carnet.publication.exporters import site_exporter

    files = figure_files([*pages, *notebooks], images)
    exporter, searched = site_exporter(templates), []
    for page in (*pages, *notebooks):
        give_anchors([page], taken_ids(page))
    groups = [[_written(page) for page in group] for group in (pages, notebooks)]
    listed = [[page.entry for page in group] for group in groups]
    shared = {"about": about, "site": about.title, "pages": listed[0], "notebooks": listed[1]}
    for group, entries in zip(groups, listed):
        for page, before, after in zip(group, [None, *entries], [*entries[1:], None]):
            context = {"page": page.entry, "previous": before, "next": after, "note": page.note}
            html = exporter.export(page.notebook, shared | context)
            files[page.entry["file"]] = html.encode()
            searched.append((page.entry, sections(html)))
    files |= {f"images/{name}": data for name, data in assets.files.items()}
    files["style.css"] = style(templates, assets)
    files["script.js"] = (templates / "site" / "script.js").read_bytes()
    files["search.js"] = search_index(searched).encode()
    return {f"{SITE_FOLDER}/{name}": data for name, data in files.items()}


def _written(page: SitePage) -> SitePage:
    """Write a page, its links as seen from it."""

    def href(target: Target) -> str:
        file = "" if target.file == page.entry["file"] and target.anchor else target.file
        return f"{file}#{target.anchor}" if target.anchor else file

    writer = HtmlWriter(href)
    mark(page)
    made = written(page, writer, "text/html")
    made.entry["footnotes"] = writer.footnotes(page.footnotes)
    return made


def taken_ids(page: SitePage) -> set[str]:
    """Return the ids that figures, tables, cells and the template have on a page."""
    cells = (cell["metadata"].get("journal", {}) for cell in page.notebook["cells"])
    named = (node for text in page.texts.values() for node in text.tree.findall(nodes.Element))
    taken = TEMPLATE_IDS | {f"cellule-{about.get('cell')}" for about in cells}
    taken |= {node["anchor"] for node in named if node.get("anchor") and node.tagname != "heading"}
    home = page.entry["file"] == INDEX
    own = [translate("Les jours"), translate("Carnets exécutés"), page.entry["title"]]
    return taken | (set(map(slug, own)) if home else set())


def style(templates: Path, assets: Assets) -> bytes:
    """Return the style of all pages, colours of code and tables included."""
    from carnet.publication.exporters import code_style

    own = (templates / "site" / "style.css").read_text("utf-8")
    tables = "".join(f".{name} {{ {rule} }}\n" for name, rule in sorted(assets.styles.items()))
    return f"{own}{code_style()}\n{tables}".encode()


def figure_files(pages: Iterable[SitePage], images: dict[str, Path]) -> dict[str, bytes]:
    """Set the file of each recorded figure and the size at which it is shown; return the files:
    path -> bytes."""
    files = {}
    for node in (n for p in pages for t in p.texts.values() for n in t.tree.findall(nodes.image)):
        if "kept" in node:
            kept = images[node["kept"]]
            kind = _kind(kept)
            node["file"], node["drawn"] = f"{kept.stem}.{kind}", kind == "svg"
            node.attributes |= shown_size(kept.read_bytes())
            if (path := f"images/{node['file']}") not in files:
                files[path] = _file(kept, kind)
    return files


def _kind(png: Path) -> str:
    """Return what shows a figure best: a drawing, or for heavy photographs WebP."""
    if png.with_suffix(".svg").exists():
        return "svg"
    return "webp" if png.stat().st_size > HEAVY else "png"


def _file(png: Path, kind: str) -> bytes:
    return lighter(png.read_bytes()) if kind == "webp" else png.with_suffix(f".{kind}").read_bytes()


def lighter(png: bytes) -> bytes:
    """Return an image of photographs as WebP, a fifth of the size for eyes that see no less."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.open(io.BytesIO(png)).save(buffer, "WEBP", quality=90, method=2)
    return buffer.getvalue()


def shown_size(png: bytes) -> dict:
    """Return width and height in CSS pixels at the size the figure was drawn for."""
    width, height = (round(n * CSS_DPI / FIGURE_DPI) for n in struct.unpack(">II", png[16:24]))
    return {"width": width, "height": height, "wide": width > WIDE}


def sections(html: str) -> list[tuple[str, str, str]]:
    """Return (anchor, heading, text) of each section of a page; the first has no anchor."""
    main = _UNSEARCHED.sub(" ", _MAIN.search(html)[1])
    first, *rest = _HEADING.split(main)
    found = [("", "", _plain(first))]
    for anchor, heading, text in zip(rest[::3], rest[1::3], rest[2::3]):
        found.append((anchor, _plain(heading), _plain(text)))
    return found


def _plain(html: str) -> str:
    """Text alone; spaces that do not break are kept."""
    return re.sub(r"[ \t\n]+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).strip()


def search_index(searched: list[tuple[dict, list[tuple[str, str, str]]]]) -> str:
    """Return the script that holds the text of all pages: a page opened from the disk may load a
    script that lies beside it, but fetch nothing."""
    pages = [[entry["file"], _title(entry)] for entry, _ in searched]
    texts = [[i, *section] for i, (_, found) in enumerate(searched) for section in found]
    index = {"pages": pages, "sections": texts}
    return f"journalIndex = {json.dumps(index, ensure_ascii=False, separators=(',', ':'))};\n"


def _title(entry: dict) -> str:
    title = entry["title"]
    return translate("Carnet\u00a0: {}").format(title) if "notebook" in entry else title
