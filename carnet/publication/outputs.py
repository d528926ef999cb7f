"""What cells show, as trees: each output is shown, or refused by name."""

import base64
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator

from docutils import nodes

from carnet.publication.markup import ROWS, published_html
from carnet.publication.writers import STOPS
from carnet.text.french import MISSING
from carnet.text.language import spoken, translate
from carnet.text.nodes import markup, printed

IMAGES = {
    "image/svg+xml": "svg",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
}
SHOWN_LINES, SHOWN_BYTES = 200, 50_000  # of one text; the notebook keeps the rest
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{6,}")  # of an object, another one in each run
FEW_ROWS, LONG_TABLE = 3, 9  # with the headings
NUMBER = re.compile(r"[\d\s.,+−-]+")  # what is left of a cell is its unit
SCRIPTED = {  # libraries whose outputs need their script, and what gives an image instead
    "application/vnd.plotly.v1+json": 'plotly: expected fig.show(renderer="png") or figure()',
    "application/vnd.bokehjs_load.v0+json": "bokeh: expected bokeh.io.export_png or figure()",
    "application/vnd.bokehjs_exec.v0+json": "bokeh: expected bokeh.io.export_png or figure()",
    "application/vnd.holoviews_load.v0+json": "holoviews: expected the matplotlib backend",
    "application/javascript": "a script: nothing of a page runs",
}
VEGA = re.compile(r"application/vnd\.vega(lite)?\.v\d+(\.\d+)?\+json")
WIDGET = "application/vnd.jupyter.widget-view+json"
SCRIPT = re.compile(rb"<script\b|\bon\w+\s*=|javascript:", re.IGNORECASE)
TEXTUAL = re.compile(r'class="sk-|id="sk-')  # a model of scikit-learn, drawn by a script


class Assets:
    """What texts and outputs show besides text: image files named by their contents, files to
    download, and the classes that stand for the colours of tables, with their declarations."""

    def __init__(self):
        self.files: dict[str, bytes] = {}
        self.downloads: dict[str, bytes] = {}
        self.styles: dict[str, str] = {}
        self.sources: set[str] = set()  # files of the project that are shown

    def keep(self, data: bytes, suffix: str, stem: str = "") -> dict:
        """Keep an image; return the attributes of its node: file, and size where it is known.

        Raises:
            ValueError: it is a drawing that runs a script where it is opened alone.
        """
        if suffix == "svg" and SCRIPT.search(data):
            raise ValueError("a drawing with a script: expected one without")
        digest = hashlib.sha256(data).hexdigest()[: 8 if stem else 16]
        name = f"{stem}-{digest}.{suffix}" if stem else f"{digest}.{suffix}"
        self.files[name] = data
        return {"file": name, **_size(data, suffix)}


def _size(data: bytes, suffix: str) -> dict:
    from PIL import Image

    if suffix == "svg":
        return {}
    try:
        with Image.open(io.BytesIO(data)) as image:
            return {"width": str(image.width), "height": str(image.height)}
    except (OSError, ValueError):
        return {}


def shown(output: dict, assets: Assets, read: Callable[..., nodes.document]) -> list:
    """Return the nodes of an output.

    Args:
        read: makes a tree of Markdown.

    Raises:
        ValueError: it cannot be shown, in one line.
    """
    if output["output_type"] == "stream":
        return [_printed(output["text"])]
    if output["output_type"] == "error":
        return [_printed("\n".join(output["traceback"]))]
    about = output.get("metadata", {}).get("journal", {})
    kind = about.get("kind")
    if kind == "caption":
        return []
    if kind == "figure":
        return [_figure(about, read)]
    if kind == "table":
        return [_table(about, output["data"]["text/markdown"], read)]
    return _displayed(output["data"], assets, read)


def _figure(about: dict, read) -> nodes.figure:
    kept = f"{about['name']}.png"
    image, caption = nodes.image(alt=about["alt"], file=kept, kept=kept), _caption(about, read)
    figure = nodes.figure("", image, caption, names=[about["name"]], recorded=True)
    if menus := about.get("menus"):
        image["alts"], figure["menus"] = about["alts"], menus
        options = (f"{menu.lower()} « {first} »" for menu, (first, *_) in menus)
        said = translate("Ici : {}.").format(", ".join(options))
        _go_on(caption, nodes.inline("", said, classes=["here"]))
    return figure


def _table(about: dict, markdown: str, read) -> nodes.table:
    table = next(iter(read(markdown).findall(nodes.table)))
    table["names"] = [about["name"]]
    table["recorded"] = True
    title = nodes.title("", "", *_caption(about, read).children)
    for said in (*_constants(table), *_left_out(table)):
        _go_on(title, nodes.Text(said))
    table["classes"] = ["sortable"] if _is_sortable(table) else []
    table.insert(0, title)
    return table


def _columns(table: nodes.table) -> list[tuple[nodes.entry, ...]]:
    """Return the cells of each column, its heading first."""
    return list(zip(*(row.children for row in table.findall(nodes.row))))


def _constants(table: nodes.table) -> Iterator[str]:
    """Take out the columns that hold one value in every row; yield a sentence for each."""
    first, *columns = _columns(table)
    for heading, *cells in columns if len(first) > FEW_ROWS else ():
        if len({cell.astext() for cell in cells}) == 1:
            for cell in (heading, *cells):
                cell.parent.remove(cell)
            next(iter(table.findall(nodes.colspec))).replace_self([])
            said = translate("{} : {} à chaque ligne.")
            yield said.format(heading.astext(), cells[0].astext())


def _left_out(table: nodes.table) -> Iterator[str]:
    """Take out the rows of a long table; yield the sentence that says so."""
    rows = list(table.findall(nodes.row))[ROWS + 1 :]
    for row in rows:
        row.parent.remove(row)
    if rows:
        yield translate("… {} lignes de plus, dans le carnet").format(len(rows))


def _unit(cell: str) -> tuple[str, int]:
    """Return what tells measures apart: the unit of a number, and its decimals."""
    decimals = re.search(r",(\d+)" if spoken() == "fr" else r"\.(\d+)", cell)
    return NUMBER.sub("", cell), len(decimals[1]) if decimals else 0


def _is_sortable(table: nodes.table) -> bool:
    """A table that is read at a glance needs no sorting; one that mixes units cannot be sorted."""
    columns = [cells for _, *cells in _columns(table) if "text-right" in cells[0]["classes"]]
    units = [
        {_unit(cell.astext()) for cell in cells if cell.astext() != MISSING} for cells in columns
    ]
    long = len(list(table.findall(nodes.row))) > LONG_TABLE
    return bool(columns) and long and all(len(found) < 2 for found in units)


def _go_on(caption: nodes.TextElement, sentence: nodes.Node) -> None:
    """Add a sentence to a caption."""
    caption += nodes.Text(" " if caption.astext().endswith(STOPS) else ". ")
    caption += sentence


def _caption(about: dict, read) -> nodes.caption:
    return nodes.caption("", "", *read(about["caption"], inline=True)[0].children)


def _displayed(data: dict, assets: Assets, read) -> list:
    for kind, suffix in IMAGES.items():
        if kind in data and WIDGET not in data:
            alt = translate("Figure sans description")
            image = nodes.image(alt=alt, **assets.keep(_bytes(data[kind]), suffix))
            return [nodes.figure("", image, plain=True)]
    if refused := _refusal(data):
        raise ValueError(refused)
    if "text/latex" in data and "text/html" not in data:
        return read(_formula(data["text/latex"])).children
    if "text/markdown" in data:
        return read(data["text/markdown"]).children
    if "text/html" in data and not (TEXTUAL.search(data["text/html"]) and "text/plain" in data):
        return [markup("", published_html(data["text/html"], assets))]
    if "application/json" in data:
        return [_printed(json.dumps(data["application/json"], ensure_ascii=False, indent=2))]
    if "text/plain" in data:
        return [_printed(data["text/plain"])]
    if not data:
        return []
    raise ValueError(f"an output of type {', '.join(data)}: nothing shows it: expected figure()")


def _refusal(data: dict) -> str | None:
    """Return why an output that runs in the browser is not shown, or None."""
    for kind in data:
        if kind in SCRIPTED:
            return SCRIPTED[kind]
        if VEGA.fullmatch(kind):
            return "altair: expected alt.renderers.enable('png') or figure()"
    if WIDGET in data and "text/html" not in data:
        return "a widget: expected a figure or a value instead, or the tag remove-output"
    return None


def _bytes(data: str | dict) -> bytes:
    return data.encode() if data.lstrip().startswith("<") else base64.b64decode(data)


def _formula(latex: str) -> str:
    """Return LaTeX as Markdown, a formula on its own lines; without dollars it is one too."""
    inside = latex.strip()
    for mark in ("$$", "$"):
        if inside.startswith(mark) and inside.endswith(mark) and len(inside) > 2 * len(mark):
            inside = inside[len(mark) : -len(mark)]
            break
    return f"```{{math}}\n{inside.strip()}\n```"


def _printed(text: str) -> printed:
    """Return a text as a console leaves it, no longer than is read, with a note of what is cut."""
    lines = (line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    text = ADDRESS.sub("", "\n".join(lines)).rstrip("\n")
    shown = "\n".join(text.split("\n", SHOWN_LINES)[:SHOWN_LINES])[:SHOWN_BYTES]
    if left := len(text) - len(shown):
        more = translate("[… {} caractères de plus, dans le carnet exécuté]").format(left)
        shown += f"\n{more}"
    return printed("", shown)
