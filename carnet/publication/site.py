"""The site: pages of the journal, executed notebooks, images, style, script, search index."""

import json
import re
import struct
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path

from docutils import nodes

from carnet.notebook.recording import FIGURE_DPI
from carnet.project.settings import Settings
from carnet.publication.code import code_style
from carnet.publication.documents import SITE_FOLDER, encoded
from carnet.publication.feed import described, feed
from carnet.publication.footnotes import mark
from carnet.publication.html import HtmlWriter
from carnet.publication.layout import written
from carnet.publication.outputs import Assets
from carnet.publication.references import Target, give_anchors, taken_ids
from carnet.publication.texts import SitePage
from carnet.sources.pages import notebook_file
from carnet.text.language import translate
from carnet.text.nodes import heading

CSS_DPI = 96
STATIC = ("script.js", "favicon.svg")
SHOWN = (".svg", ".webp")  # what a run keeps of a figure for pages

_MAIN = re.compile(r"<main\b.*?>(.*)</main>", re.DOTALL)
_UNSEARCHED = re.compile(
    r'<details class="(?:code|provenance)".*?</details>|<div class="highlight.*?</div>'
    r'|<a class="origin".*?</a>|<pre class="printed">.*?</pre>',
    re.DOTALL,
)
_NUMBERED = re.compile(
    r'<figcaption id="_legende-([^"]+)"><a [^>]*><strong>(.*?)</strong></a>(?: — )?'
    r"(.*?)</figcaption>",
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
    commit: dict | None = None,
) -> dict[str, bytes]:
    """Return every file of the site: path -> bytes.

    Args:
        pages, notebooks: in reading order, their texts read; previous and next stay within each.
        images: file name -> file, of all recorded figures and tables.
        commit: that of the project, and whether its files differ from it; None where none is known.
    """
    from carnet.publication.exporters import site_exporter

    files = figure_files([*pages, *notebooks], images)
    exporter, searched = site_exporter(templates), []
    for page in (*pages, *notebooks):
        give_anchors(page, taken_ids(page))
    groups = [[_written(page, assets) for page in group] for group in (pages, notebooks)]
    listed = [[page.entry for page in group] for group in groups]
    shared = {"about": about, "site": about.title, "pages": listed[0], "notebooks": listed[1]}
    shared |= {"address": about.address and f"{about.address.rstrip('/')}/", "commit": commit}
    dated = sorted((e for e in listed[0] if e.get("iso") and e["day"]), key=lambda e: -e["day"])
    shared["feed"] = bool(dated)
    if dated:
        files["feed.xml"] = encoded(feed(exporter, shared, dated))
    for group, entries in zip(groups, listed):
        for page, before, after in zip(group, [None, *entries], [*entries[1:], None]):
            context = {"page": page.entry, "previous": before, "next": after, "note": page.note}
            with page.speaking():
                page.entry["described"] = described(about, page.entry, shared["address"])
                html = exporter.export(page.notebook, shared | context)
            files[page.entry["file"]] = encoded(html)
            searched.append((page.entry, sections(html)))
    files |= {f"images/{name}": data for name, data in assets.files.items()}
    files |= style_files(templates, assets)
    files |= {f"downloads/{name}": data for name, data in assets.downloads.items()}
    files |= {name: (templates / "site" / name).read_bytes() for name in STATIC}
    files["search.js"] = encoded(search_index(searched))
    return {f"{SITE_FOLDER}/{name}": data for name, data in files.items()}


def _written(page: SitePage, assets: Assets) -> SitePage:
    """Write a page, its links as seen from it."""

    def href(target: Target) -> str:
        file = "" if target.file == page.entry["file"] and target.anchor else target.file
        return f"{file}#{target.anchor}" if target.anchor else file

    writer = HtmlWriter(href)
    mark(page)
    for index, cell in enumerate(page.notebook["cells"]):
        for number in range(len(cell.get("outputs", ()))):
            for node in page.texts[index, number].tree.findall(_is_recorded):
                with page.speaking():
                    node["links"] = list(_links(node, page, cell, assets))
    with page.speaking():
        made = written(page, writer, "text/html")
        made.entry["footnotes"] = writer.footnotes(page.footnotes)
    shown = (n["file"] for t in page.texts.values() for n in t.tree.findall(nodes.image))
    made.entry["image"] = next((file for file in shown if not file.endswith(".svg")), "")
    if "notebook" not in made.entry:
        made.notebook["cells"] = list(_folded(page, made.notebook["cells"]))
    return made


def _is_recorded(node: nodes.Node) -> bool:
    return isinstance(node, nodes.figure | nodes.table) and "recorded" in node


def _links(node: nodes.Element, page: SitePage, cell: dict, assets: Assets) -> Iterator[str]:
    """Yield the links of a caption: to the cell that shows it, to the values of a table."""
    if "notebook" not in page.entry:
        yield f'<a class="origin" href="{_cell_address(cell)}">{translate("Carnet")}</a>'
    if (name := f"{node['anchor']}.csv") in assets.downloads:
        yield f'<a class="origin" href="downloads/{name}" download>CSV</a>'


def _cell_address(cell: dict) -> str:
    about = cell["metadata"]["journal"]
    return f"{notebook_file(about['notebook'])}#_cellule-{about['cell']}"


def _folded(page: SitePage, cells: list[dict]) -> Iterator[dict]:
    """Yield cells, the code of each section given to the last cell of code that it has."""
    section: list[dict] = []
    for index, cell in enumerate(cells):
        text = page.texts.get((index, None))
        if text and next(iter(text.tree.findall(heading)), None):
            yield from _with_code(section)
            section = []
        section.append(cell)
    yield from _with_code(section)


def _with_code(section: list[dict]) -> Iterator[dict]:
    shown = [cell for cell in section if cell["cell_type"] == "code" and _shows_code(cell)]
    for cell in section:
        if shown and cell is shown[-1]:
            code = "\n\n".join(each["source"] for each in shown)
            fold = {"code": code, "href": _cell_address(shown[0])}
            cell = cell | {"metadata": cell["metadata"] | {"fold": fold}}
        yield cell


def _shows_code(cell: dict) -> bool:
    return bool(cell["source"]) and "remove-input" not in cell["metadata"].get("tags", ())


def style_files(templates: Path, assets: Assets) -> dict[str, bytes]:
    """Return the style of all pages, colours of code and tables included, and its fonts."""
    own = (templates / "site" / "style.css").read_text("utf-8")
    tables = "".join(f".{name} {{ {rule} }}\n" for name, rule in sorted(assets.styles.items()))
    fonts = {f"fonts/{p.name}": p.read_bytes() for p in (templates / "site/fonts").iterdir()}
    return {"style.css": f"{own}{code_style()}\n{tables}".encode(), **fonts}


def figure_files(pages: Iterable[SitePage], images: dict[str, Path]) -> dict[str, bytes]:
    """Set the file of each recorded figure and the size at which it is shown; return the files:
    path -> bytes."""
    files = {}
    for node in (n for p in pages for t in p.texts.values() for n in t.tree.findall(nodes.image)):
        if "kept" in node:
            kept = images[node["kept"]]
            shown = next((p for p in map(kept.with_suffix, SHOWN) if p.exists()), kept)
            node["file"], node["drawn"] = shown.name, shown.suffix == ".svg"
            node.attributes |= shown_size(kept.read_bytes())
            files[f"images/{shown.name}"] = shown.read_bytes()
    return files


def shown_size(png: bytes) -> dict:
    """Return width and height in CSS pixels at the size the figure was drawn for."""
    width, height = (round(n * CSS_DPI / FIGURE_DPI) for n in struct.unpack(">II", png[16:24]))
    return {"width": width, "height": height}


def sections(html: str) -> list[tuple[str, str, str]]:
    """Return (anchor, heading, text) of each section of a page, and of each numbered figure and
    table after the section that shows it; the first section has no anchor."""
    main = _UNSEARCHED.sub(" ", _MAIN.search(html)[1])
    found, parts = [], ["", "", *_HEADING.split(main)]
    for anchor, title, text in zip(parts[::3], parts[1::3], parts[2::3]):
        found.append((anchor, _plain(title), _plain(_NUMBERED.sub(" ", text))))
        found += [(name, _plain(n), _plain(said)) for name, n, said in _NUMBERED.findall(text)]
    return found


def _plain(html: str) -> str:
    """Text alone; spaces that do not break are kept."""
    blocks = re.sub(r"<[^>]+>", " ", re.sub(r"</?(?:a|em|span|strong)\b[^>]*>", "", html))
    return re.sub(r"[ \t\n]+", " ", unescape(blocks)).strip()


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
