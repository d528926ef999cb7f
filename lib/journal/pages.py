"""Pages as written: front matter, prose, embedded sections, inline expressions."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from lib.journal.errors import nearest
from lib.journal.markdown import EXPRESSION
from lib.journal.notebooks import Notebook

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
EMBED = re.compile(
    r"^```\{embed\}[ \t]*([^\n#]+?)[ \t]*(?:#[ \t]*([^\n]+?))?[ \t]*\n```[ \t]*$", re.MULTILINE
)
NAME = re.compile(r"\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)")
DAY = re.compile(r"jour-(\d+)")
# The parser in C, where PyYAML was built with it, reads ten times as fast.
SAFE_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Prose:
    """Markdown written in the page."""

    text: str


@dataclass(frozen=True)
class Embed:
    """A section of a notebook, or all of it where `section` is None."""

    notebook: str
    section: str | None


@dataclass(frozen=True)
class Page:
    """One page of the journal, journal/<name>.md."""

    name: str
    title: str
    date: datetime.date | None
    summary: str
    parts: tuple[Prose | Embed, ...]
    key_figures: tuple[tuple[str, str], ...] = ()  # (label, text with an inline expression)

    @classmethod
    def read(cls, path: Path) -> "Page":
        """Read a page.

        Raises:
            ValueError: its front matter is missing or wrong, in one line.
        """
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            raise ValueError(f"journal/{path.name}: expected UTF-8 text") from None
        match = FRONT_MATTER.match(text)
        if not match:
            raise ValueError(
                f"journal/{path.name}: expected to begin with a front matter (---, title: …, ---)"
            )
        about = _front_matter(match[1], f"journal/{path.name}")
        parts = tuple(_parts(text[match.end() :]))
        return cls(
            path.stem,
            about["title"],
            about.get("date"),
            about.get("summary", ""),
            parts,
            tuple(about.get("key_figures", {}).items()),
        )

    @property
    def day(self) -> int | None:
        match = DAY.fullmatch(self.name)
        return int(match[1]) if match else None

    @property
    def order(self) -> tuple:
        """The introduction, the days by number, then the rest by name."""
        if self.day is not None:
            return (1, self.day, "")
        return (0, 0, "") if self.name == "introduction" else (2, 0, self.name)

    def embeds(self) -> list[Embed]:
        return [part for part in self.parts if isinstance(part, Embed)]

    def notebooks(self) -> set[str]:
        """Names of the notebooks whose sections or results the page shows."""
        named = {name for text in self.expressions() for name, _ in NAME.findall(text)}
        return named | {embed.notebook for embed in self.embeds()}

    def expressions(self) -> list[str]:
        texts = [part.text for part in self.parts if isinstance(part, Prose)]
        texts += [text for _, text in self.key_figures]
        return [expression for text in texts for expression in EXPRESSION.findall(text)]

    def mistakes(self, notebooks: dict[str, Notebook]) -> Iterator[str]:
        """Tell which sections and results the page names that no notebook has."""
        for embed in self.embeds():
            place = f"journal/{self.name}.md: {{embed}} {embed.notebook}"
            notebook = notebooks.get(embed.notebook)
            if notebook is None:
                yield f"{place}: no such notebook: {nearest(embed.notebook, notebooks)}"
            elif embed.section is not None:
                yield from _unknown_section(place, notebook, embed.section)
        for expression in self.expressions():
            yield from self._unknown_results(expression, notebooks)

    def _unknown_results(self, expression: str, notebooks: dict) -> Iterator[str]:
        place = f"journal/{self.name}.md: {{eval}}`{expression}`"
        for notebook, result in NAME.findall(expression):
            if notebook not in notebooks:
                yield f"{place}: no notebook '{notebook}': {nearest(notebook, notebooks)}"
                continue
            names, complete = notebooks[notebook].recorded
            if complete and result not in names:
                yield f"{place}: '{notebook}' records no '{result}': {nearest(result, names)}"


def _unknown_section(place: str, notebook: Notebook, section: str) -> Iterator[str]:
    try:
        notebook.section(section)
    except KeyError:
        headings = [text for _, text, _ in notebook.headings()]
        yield f"{place}#{section}: no such section: {nearest(section, headings)}"


def _front_matter(text: str, place: str) -> dict:
    try:
        about = yaml.load(text, SAFE_LOADER)
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(
            f"{place}: front matter is no YAML ({' '.join(str(error).split())})"
        ) from None
    if not isinstance(about, dict) or not isinstance(about.get("title"), str):
        raise ValueError(f"{place}: the front matter has no `title: …`")
    known = {"title", "date", "summary", "key_figures"}
    for key in about:
        if key not in known:
            raise ValueError(
                f"{place}: unknown key '{key}' in the front matter: {nearest(key, known)}"
            )
    if not isinstance(about.get("date", datetime.date.min), datetime.date):
        raise ValueError(f"{place}: date {about['date']!r}: expected YYYY-MM-DD")
    _check_key_figures(about.get("key_figures", {}), place)
    return about


def _check_key_figures(figures, place: str) -> None:
    """A key figure is computed: its text holds an inline expression."""
    expected = 'expected lines such as `Exactitude: "{eval}`fr_percent(modele.accuracy)`"`'
    if not isinstance(figures, dict):
        raise ValueError(f"{place}: key_figures {figures!r}: {expected}")
    for label, text in figures.items():
        if not isinstance(label, str) or not EXPRESSION.search(str(text)):
            raise ValueError(f"{place}: key_figures: {label}: {text!r}: {expected}")


def _parts(text: str) -> Iterator[Prose | Embed]:
    end = 0
    for match in EMBED.finditer(text):
        if prose := text[end : match.start()].strip():
            yield Prose(prose)
        yield Embed(match[1], match[2])
        end = match.end()
    if prose := text[end:].strip():
        yield Prose(prose)


def read_pages(folder: Path) -> tuple[list[Page], list[str]]:
    """Return the pages of a folder in reading order, and the mistakes found."""
    pages, mistakes = [], []
    for path in sorted(folder.glob("[!.]*.md")):
        if path.name == "JOURNAL.md":
            continue
        try:
            pages.append(Page.read(path))
        except ValueError as error:
            mistakes.append(str(error))
    return sorted(pages, key=lambda page: page.order), mistakes
