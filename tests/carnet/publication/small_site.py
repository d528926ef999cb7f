"""A small site for tests: pages made of little, and what a reader of HTML finds in them."""

import base64
import datetime
import io
import tempfile
from html.parser import HTMLParser
from pathlib import Path

from PIL import Image

from carnet.project.paths import TEMPLATES
from carnet.project.settings import Author, Settings
from carnet.publication.outputs import Assets
from carnet.publication.rendering import read_all
from carnet.publication.site import render_site
from carnet.publication.texts import SitePage
from tests.carnet.conftest import markdown

ABOUT = Settings(
    title="Journal",
    authors=(Author("Josiah <Carberry>", "0000-0002-1825-0097"), Author("Ada")),
    licence="CC BY 4.0",
    repository="https://example.org/j",
)
VOID = {"img", "meta", "link", "input"}
PROSE = """## Contenu

L'été $x^2$ coûte 20 % à [l'index](index.html).

| A | B |
|:--|--:|
| a | 1 |
"""


class Parsed(HTMLParser):
    """What a page holds: elements as (tag, attributes), and whether all are closed."""

    def __init__(self, html: str):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]

    def find(self, tag: str, **wanted) -> list[dict]:
        found = [attributes for name, attributes in self.elements if name == tag]
        return [a for a in found if wanted.items() <= a.items()]


def png(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "PNG")
    return buffer.getvalue()


def output(kind: str, name: str, markdown: str = "") -> dict:
    about = {"kind": kind, "name": name, "caption": f"Légende de {name}", "alt": f"Vue de {name}"}
    data = {"text/markdown": markdown, "text/plain": "…"} if markdown else {"text/plain": "…"}
    return {"output_type": "display_data", "data": data, "metadata": {"journal": about}}


def table(rows: int) -> str:
    return "| A | B |\n| :--- | ---: |\n" + "".join(f"| a{i} | {i},5 |\n" for i in range(rows))


def notebook() -> dict:
    outputs = [
        output("figure", "petite"),
        output("figure", "large"),
        output("table", "court", table(3)),
        output("table", "long", table(30)),
        {"output_type": "stream", "name": "stdout", "text": "imprimé"},
        {
            "output_type": "display_data",
            "data": {"image/png": base64.b64encode(png(4, 4)).decode(), "text/plain": "…"},
            "metadata": {},
        },
    ]
    origin = {"journal": {"notebook": "essai", "cell": "calcul"}}
    code = {"cell_type": "code", "id": "c", "metadata": origin, "source": "secret = 1"}
    cells = [
        {"cell_type": "markdown", "id": "m", "metadata": {}, "source": PROSE},
        code | {"outputs": outputs, "execution_count": None},
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def entry(file: str, title: str, **more) -> dict:
    empty = {"day": None, "date": "", "iso": "", "summary": "", "key_figures": []}
    about = {"file": file, "title": title, "source": f"journal/{file}"}
    return empty | about | more


def made(
    pages: list[SitePage], images: dict, about: Settings = ABOUT, commit: dict | None = None
) -> dict[str, bytes]:
    """The site of some pages and of one executed notebook."""
    carnet = {"file": "carnet-essai.html", "title": "Essai", "source": "notebooks/01_essai.ipynb"}
    carnet |= {"shown_on": [{"file": "jour-1.html", "title": "Jour 1", "day": 1}]}
    executed = [SitePage(carnet | {"notebook": "01_essai.ipynb"}, notebook(), "Valeurs.")]
    assets = Assets()
    assets.downloads |= {"01_essai.ipynb": b"{}", "court.csv": b"A,B\n"}
    shown, carnets = read_all(pages, executed, TEMPLATES, assets)
    return render_site(about, shown, carnets, images, assets, TEMPLATES, commit)


def made_pages(*pages: SitePage, **more) -> dict[str, str]:
    """The pages of a site whose figures are all the same."""
    path = Path(tempfile.mkdtemp()) / "i.png"
    path.write_bytes(png(10, 10))
    names = ("petite", "large", "court", "long")
    site = made(list(pages), {f"{name}.png": path for name in names}, **more)
    return {
        Path(name).name: data.decode()
        for name, data in site.items()
        if "." in name and name[-4:] in ("html", ".xml")
    }


def prose(file: str, *texts: str, **more) -> SitePage:
    """A page of Markdown cells, with what its entry says."""
    cells = [markdown("m", text) for text in texts]
    return SitePage(entry(file, file, **more), {**notebook(), "cells": cells}, "")


def day(number: int, *texts: str) -> SitePage:
    date = datetime.date(2026, 1, 1) + datetime.timedelta(days=number)
    about = {"day": number, "date": f"{date:%d/%m/%Y}", "iso": date.isoformat(), "summary": "Vu."}
    return prose(f"jour-{number}.html", *texts, **about)


def days(count: int) -> list[SitePage]:
    return [prose("index.html", "Bonjour."), *(day(n + 1, "Texte.") for n in range(count))]
