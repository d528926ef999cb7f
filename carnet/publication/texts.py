"""Every text of a page as a tree: read by the one parser, its values filled in, typeset.

A page is then a mapping of keys to trees: `(i, None)` for its Markdown cell i, `(i, j)` for the
output j of its code cell i, and the names of what its entry holds.
"""

import functools
import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import NamedTuple

from docutils import nodes

from carnet.publication.outputs import Assets, shown
from carnet.publication.typesetting import typeset
from carnet.text.language import speaking, spoken
from carnet.text.myst import read
from carnet.text.nodes import evaluation, heading

RAW = {"text/html", "text/markdown"}  # what a raw cell may be to be shown
EMPTY = "\u200b"  # a paragraph of nothing else is none in Markdown
DEFINITION = re.compile(r"^ {0,3}\[(?!\^)[^\]\n]+\]:.*$", re.MULTILINE)


class Place(NamedTuple):
    """Where a text is written: a file, a cell counted from 1, its first line there."""

    file: str
    cell: int | None = None
    line: int | None = 1

    @property
    def folder(self) -> str:
        return self.file.rpartition("/")[0]

    def at(self, line: int) -> str:
        cell = f", cell {self.cell}" if self.cell else ""
        return f"{self.file}{cell}" + (f", line {self.line + line - 1}" if self.line else "")


class Value(NamedTuple):
    """What an inline expression gives: text, unless it says that it is Markdown."""

    text: str
    is_markdown: bool = False


@dataclass(frozen=True)
class Text:
    """A tree and where it is written; `attachments` are the images pasted in its cell."""

    tree: nodes.document
    place: Place
    attachments: dict = field(default_factory=dict)


@dataclass(frozen=True)
class SitePage:
    """A page to render: what templates show about it, its notebook, its provenance, its texts."""

    entry: dict
    notebook: dict
    note: str
    texts: dict = field(default_factory=dict)
    footnotes: list = field(default_factory=list)

    def speaking(self) -> AbstractContextManager:
        """Choose the language of the page: its own, or that of the journal."""
        return speaking(self.entry.get("language") or spoken())


def read_texts(page: SitePage, assets: Assets, mistakes: list[str]) -> SitePage:
    """Return a page with its texts as trees; what they cannot get is added to `mistakes`."""
    reader = _Reader(assets, mistakes)
    with page.speaking():
        for index, cell in enumerate(page.notebook["cells"]):
            if cell["cell_type"] == "markdown":
                reader.cell((index, None), cell)
            if cell["cell_type"] == "raw" and (kind := cell["metadata"].get("format")) in RAW:
                made = {"output_type": "display_data", "data": {kind: cell["source"]}}
                reader.output((index, None), cell, made)
            for number, output in enumerate(cell.get("outputs", [])):
                reader.output((index, number), cell, output)
        reader.entry(page)
    return SitePage(page.entry, page.notebook, page.note, reader.texts)


class _Reader:
    """Reads the texts of one page."""

    def __init__(self, assets: Assets, mistakes: list[str]):
        self.assets, self.mistakes = assets, mistakes
        self.texts: dict = {}

    def cell(self, key, cell: dict) -> None:
        about = cell["metadata"].get("journal", {})
        text, place = cell["source"], place_of(cell)
        elsewhere = [line for line in about.get("definitions", ()) if line not in text]
        tree = self.tree(text, place, about.get("values", {}), definitions="\n".join(elsewhere))
        for node in tree.findall(heading):
            node["level"] = min(node["level"] + about.get("shift", 0), 6)
        self.texts[key] = Text(tree, place, cell.get("attachments", {}))

    def output(self, key, cell: dict, output: dict) -> None:
        place = place_of(cell)._replace(line=None)
        try:
            children = shown(output, self.assets, functools.partial(self.tree, place=place))
        except ValueError as error:
            self.mistakes.append(f"{place.at(1)}: {error}")
            return
        tree = nodes.document("", None)
        tree += children
        typeset(tree)
        self.texts[key] = Text(tree, place)

    def entry(self, page: SitePage) -> None:
        """Read title, summary, key figures and note, which are in the front matter."""
        entry, place = page.entry, Place(page.entry.get("source", page.entry["file"]), line=None)
        lines = {name: entry[name] for name in ("title", "summary") if entry.get(name)}
        for name, text in lines.items():
            self.texts[name] = Text(self.tree(text, place, inline=True), place)
        for i, (label, text, values) in enumerate(entry.get("key_figures", ())):
            self.texts["label", i] = Text(self.tree(label, place, inline=True), place)
            self.texts["figure", i] = Text(self.tree(text, place, values, inline=True), place)
        if page.note:
            self.texts["note"] = Text(self.tree(page.note, place), place)

    def tree(
        self, text: str, place: Place, values: dict | None = None, *, definitions="", inline=False
    ) -> nodes.document:
        tree = self._read(text, place, definitions, inline)
        values, empty = values or {}, []
        for node in list(tree.findall(evaluation)):
            value = values.get(node["code"], Value(""))
            shown = [nodes.Text(" ".join(value.text.splitlines()) or EMPTY)]
            if node["code"] in values and not value.text:
                empty += shown
            if value.is_markdown:
                shown = self._read(value.text, place, "", True)[0].children
            if not value.text and isinstance(before := node.previous_sibling(), nodes.Text):
                before.parent.replace(before, nodes.Text(before.rstrip(" ")))  # one space is left
            node.replace_self(shown)
        for text in empty:
            if text.parent.astext().strip(f"{EMPTY} "):
                text.parent.remove(text)
        typeset(tree)
        return tree

    def _read(self, text: str, place: Place, definitions: str, inline: bool) -> nodes.document:
        parsed = read(text, definitions, inline)
        self.mistakes += [f"{place.at(found.line)}: {found.text}" for found in parsed.mistakes]
        return parsed.tree.deepcopy()


def place_of(cell: dict) -> Place:
    about = cell["metadata"].get("journal", {})
    return Place(about.get("file", ""), about.get("number"), about.get("line", 1))


def definitions(texts: Iterable[str]) -> list[str]:
    """Return the lines [label]: address of texts of one file, which all of them can use."""
    return [line for text in texts if "]:" in text for line in DEFINITION.findall(text)]
