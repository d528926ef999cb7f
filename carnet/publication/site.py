"""The site: pages of the journal, executed notebooks, images, style, script, search index."""

import io
import json
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from carnet.notebook.recording import FIGURE_DPI

SITE_FOLDER = "journal/site"
CSS_DPI = 96
WIDE = 640  # CSS pixels; a wider figure scrolls in its frame on a phone rather than shrink more
HEAVY = 250_000  # bytes; a heavier figure shows photographs, which PNG does not compress

_MAIN = re.compile(r"<main\b.*?>(.*)</main>", re.DOTALL)
_UNSEARCHED = re.compile(
    r'<details class="(?:code|provenance)".*?</details>|<div class=" highlight.*?</div>'
    r'|<a class="origin".*?</a>',
    re.DOTALL,
)
_HEADING = re.compile(r'<h[1-6] id="([^"]+)">(.*?)</h[1-6]>', re.DOTALL)


@dataclass(frozen=True)
class SitePage:
    """A page to render: what templates show about it, its notebook, its provenance."""

    entry: dict
    notebook: dict
    note: str


def outputs(notebooks: Iterable[dict]) -> Iterator[dict]:
    """Yield what is recorded about each output: kind, name, caption."""
    for notebook in notebooks:
        for cell in notebook["cells"]:
            for output in cell.get("outputs", []):
                if about := output.get("metadata", {}).get("journal"):
                    yield about


def render_site(
    title: str,
    pages: list[SitePage],
    notebooks: list[SitePage],
    images: dict[str, Path],
    templates: Path,
) -> dict[str, bytes]:
    """Return every file of the site: path -> bytes.

    Args:
        pages, notebooks: in reading order; previous and next stay within each.
        images: file name -> file, of all recorded figures and tables.
    """
    from carnet.publication.exporters import site_exporter

    files = figure_files([page.notebook for page in (*pages, *notebooks)], images)
    exporter, searched = site_exporter(templates), []
    groups = [[page.entry for page in group] for group in (pages, notebooks)]
    shared = {"site": title, "pages": groups[0], "notebooks": groups[1]}
    for group, entries in zip((pages, notebooks), groups):
        for page, before, after in zip(group, [None, *entries], [*entries[1:], None]):
            context = {"page": page.entry, "previous": before, "next": after, "note": page.note}
            exported = exporter.export(page.notebook, shared | context)
            files[page.entry["file"]] = exported.html.encode()
            files |= {f"images/{name}": data for name, data in exported.images.items()}
            searched.append((page.entry, sections(exported.html)))
    files["style.css"] = style(templates)
    files["script.js"] = (templates / "site" / "script.js").read_bytes()
    files["search.js"] = search_index(searched).encode()
    return {f"{SITE_FOLDER}/{name}": data for name, data in files.items()}


def style(templates: Path) -> bytes:
    """Return the style of all pages, colours of the code included."""
    from carnet.publication.exporters import code_style

    own = (templates / "site" / "style.css").read_text("utf-8")
    return f"{own}{code_style()}\n".encode()


def figure_files(notebooks: list[dict], images: dict[str, Path]) -> dict[str, bytes]:
    """Set the size at which each figure is shown; return their files: path -> bytes."""
    files = {}
    for about in outputs(notebooks):
        if about.get("kind") == "figure":
            png = images[f"{about['name']}.png"].read_bytes()
            kind = "webp" if len(png) > HEAVY else "png"
            about |= {"file": f"{about['name']}.{kind}", **shown_size(png)}
            if (path := f"images/{about['file']}") not in files:
                files[path] = lighter(png) if kind == "webp" else png
    return files


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
    return f"Carnet\u00a0: {entry['title']}" if "notebook" in entry else entry["title"]
