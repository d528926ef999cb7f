"""Pages as written: front matter, prose, embedded sections, inline expressions."""

import builtins
import datetime
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from carnet.project.errors import collecting, nearest
from carnet.project.files import read_yaml
from carnet.project.settings import DAY, LANGUAGES
from carnet.sources.code import names_read
from carnet.sources.notebooks import Notebook
from carnet.text import french, markdown
from carnet.text.markdown import DIRECTIVE, Expression, Fence

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
SECTION = re.compile(r"([^#]+?)[ \t]*(?:#[ \t]*(.+))?")  # NOTEBOOK#Section
INTRODUCTION = "introduction"
INDEX = "index.html"
# What an expression of a page can call: nothing whose result a run key does not cover.
PURE = (
    "abs all any dict enumerate float int len list max min range round set sorted str sum tuple zip"
)
CALLABLE = {name: getattr(builtins, name) for name in PURE.split()}
CALLABLE |= {name: value for name, value in vars(french).items() if name.startswith("fr")}


@dataclass(frozen=True)
class Prose:
    """Markdown written in the page, from a line of its file."""

    text: str
    line: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Embed:
    """A section of a notebook, or all of it where `section` is None."""

    notebook: str
    section: str | None
    line: int = field(default=1, compare=False)


@dataclass(frozen=True)
class NoEmbed:
    """What is fenced nearly as an embed, and would be published as code."""

    text: str
    line: int = field(default=1, compare=False)


@dataclass(frozen=True)
class Page:
    """One page of the journal, journal/<name>.md."""

    name: str
    title: str
    date: datetime.date | None
    summary: str
    parts: tuple[Prose | Embed | NoEmbed, ...]
    key_figures: tuple[tuple[str, str], ...] = ()  # (label, text with an inline expression)
    language: str | None = None  # None for that of the journal
    days: re.Pattern = DAY  # what the name of a day matches

    @classmethod
    def read(cls, path: Path, days: re.Pattern = DAY) -> "Page":
        """Read a page.

        Raises:
            ValueError: its front matter is missing or wrong, in one line.
        """
        try:
            text = unicodedata.normalize("NFC", path.read_text("utf-8-sig"))
        except UnicodeDecodeError:
            raise ValueError("expected UTF-8 text") from None
        match = FRONT_MATTER.match(text)
        if not match:
            raise ValueError("expected to begin with a front matter (---, title: …, ---)")
        about = _front_matter(match[1])
        first = 1 + text.count("\n", 0, match.end())
        return cls(path.stem, parts=tuple(_parts(text[match.end() :], first)), days=days, **about)

    @property
    def day(self) -> int | None:
        match = self.days.fullmatch(self.name)
        return int(match[1]) if match else None

    @property
    def order(self) -> tuple:
        """The introduction, the days by number, then the rest by name."""
        if self.day is not None:
            return (1, self.day, "")
        return (0, 0, "") if self.name == INTRODUCTION else (2, 0, self.name)

    @property
    def file(self) -> str:
        """Its file in the site."""
        return INDEX if self.name == INTRODUCTION else f"{self.name}.html"

    def embeds(self) -> list[Embed]:
        return [part for part in self.parts if isinstance(part, Embed)]

    def notebooks(self) -> set[str]:
        """Names of the notebooks whose sections or results the page shows."""
        named = {name for _, found in self.expressions() for name in names_read(found.code)}
        return (named - CALLABLE.keys()) | self.embedded()

    def embedded(self) -> set[str]:
        """Names of the notebooks whose sections the page shows."""
        return {embed.notebook for embed in self.embeds()}

    def expressions(self) -> Iterator[tuple[int, Expression]]:
        """Yield the inline expressions with their lines, those of the front matter last."""
        for part in self.parts:
            if isinstance(part, Prose):
                for found in markdown.expressions(part.text):
                    yield part.line + found.line - 1, found
        for _, text in self.key_figures:
            yield from ((1, found) for found in markdown.expressions(text))

    @property
    def source(self) -> str:
        return f"journal/{self.name}.md"

    def at(self, line: int) -> str:
        """How messages name a line of the page; the front matter is the first line."""
        return self.source + (f", line {line}" if line > 1 else "")

    def mistakes(
        self, notebooks: dict[str, Notebook], unreadable: Collection[str] = ()
    ) -> Iterator[str]:
        """Yield one line for each embed that is misspelt, and for each section and result that the
        page names and no notebook has.

        What it shows of the notebooks named in `unreadable` is not known.
        """
        for part in self.parts:
            if isinstance(part, NoEmbed):
                expected = "```{embed} NOTEBOOK#Section with ``` alone on the next line"
                yield f"{self.at(part.line)}: {part.text}: expected {expected}"
        for embed in self.embeds():
            where = f"{self.at(embed.line)}: {{embed}} {embed.notebook}"
            notebook = notebooks.get(embed.notebook)
            if embed.notebook in unreadable:
                continue
            if notebook is None:
                yield f"{where}: no such notebook: {nearest(embed.notebook, notebooks)}"
            elif embed.section is not None:
                yield from _unknown_section(where, notebook, embed.section)
        for line, expression in self.expressions():
            where = f"{self.at(line)}: {expression.text}"
            try:
                read = names_read(expression.code)
            except ValueError as error:
                yield f"{where}: {error}"
                continue
            known = {name: read[name] for name in sorted(read.keys() - {*CALLABLE, *unreadable})}
            yield from _unknown_results(where, known, notebooks)


def _unknown_results(
    where: str, read: dict[str, set[str]], notebooks: dict[str, Notebook]
) -> Iterator[str]:
    for name in read:
        if name not in notebooks:
            what = "notebook" if read[name] else "notebook or function"
            hint = nearest(name, [*notebooks, *CALLABLE] if not read[name] else notebooks)
            yield f"{where}: no {what} '{name}': {hint}"
            continue
        names, complete = notebooks[name].recorded
        if not read[name]:
            yield f"{where}: '{name}' is a notebook, expected a result: {nearest(name, names)}"
        for result in sorted(read[name] - names if complete else ()):
            yield f"{where}: '{name}' does not record '{result}': {nearest(result, names)}"


def notebook_file(name: str) -> str:
    """The file of an executed notebook in the site."""
    return f"carnet-{name}.html"


def clashes(pages: Iterable[Page], notebooks: Iterable[str]) -> Iterator[str]:
    """Yield one line for each page with the day of another, or its file, ignoring case."""
    files = {notebook_file(name).lower(): f"notebook '{name}'" for name in notebooks}
    for name in CALLABLE.keys() & notebooks:
        yield f"notebook '{name}': its name is that of a function of pages: expected another name"
    files[INDEX] = f"journal/{INTRODUCTION}.md"
    days = {}
    for page in pages:
        where = f"journal/{page.name}.md"
        if (other := files.setdefault(page.file.lower(), where)) != where:
            yield f"{where}: {page.file} is the page of {other}: expected another name"
        if page.day is not None and (other := days.setdefault(page.day, where)) != where:
            yield f"{other} and {where}: two pages are day {page.day}, expected one"


def _unknown_section(where: str, notebook: Notebook, section: str) -> Iterator[str]:
    headings = [text for _, text, _ in notebook.headings()]
    if headings.count(section) > 1:
        yield f"{where}#{section}: {headings.count(section)} sections have this name, expected one"
    try:
        notebook.section(section)
    except KeyError:
        yield f"{where}#{section}: no such section: {nearest(section, headings)}"


def _front_matter(text: str) -> dict:
    """Return title, date, summary, key figures and language, as a `Page` takes them."""
    about = read_yaml(text)
    if not isinstance(about, dict) or not isinstance(about.get("title"), str):
        raise ValueError("the front matter has no `title: …`")
    known = {"date": None, "summary": "", "key_figures": {}, "language": None}
    for key in about.keys() - known.keys() - {"title"}:
        hint = nearest(key, [*known, "title"])
        raise ValueError(f"unknown key '{key}' in the front matter: {hint}")
    if "date" in about and not isinstance(about["date"], datetime.date):
        raise ValueError(f"date {about['date']!r}: expected YYYY-MM-DD")
    about = known | about
    if not isinstance(about["summary"], str):
        raise ValueError(f"summary {about['summary']!r}: expected a line of text")
    if about["language"] not in (None, *LANGUAGES):
        raise ValueError(f"language {about['language']!r}: {nearest(about['language'], LANGUAGES)}")
    return about | {"key_figures": tuple(_key_figures(about["key_figures"]))}


def _key_figures(figures) -> Iterator[tuple[str, str]]:
    """A key figure is computed: its text holds an inline expression."""
    expected = 'expected lines such as `Exactitude: "{eval}`fr_percent(modele.accuracy)`"`'
    if not isinstance(figures, dict):
        raise ValueError(f"key_figures {figures!r}: {expected}")
    for label, text in figures.items():
        texts = isinstance(label, str) and isinstance(text, str)
        if not texts or not markdown.expressions(text):
            raise ValueError(f"key_figures: {label}: {text!r}: {expected}")
        yield label, text


def _parts(text: str, first: int) -> Iterator[Prose | Embed | NoEmbed]:
    """Yield prose and embeds in order; `first` is the line of the file where `text` begins."""
    lines, start = text.splitlines(), 0
    for fence in markdown.fences(text):
        if "{embed}" in fence.info:
            yield from _prose(lines, start, fence.line, first)
            yield _embed(fence, lines[fence.line].strip(), first + fence.line)
            start = fence.end
    yield from _prose(lines, start, len(lines), first)


def _prose(lines: list[str], start: int, end: int, first: int) -> Iterator[Prose]:
    while start < end and not lines[start].strip():
        start += 1
    if text := "\n".join(lines[start:end]).rstrip():
        yield Prose(text, first + start)


def _embed(fence: Fence, written: str, line: int) -> Embed | NoEmbed:
    directive = DIRECTIVE.fullmatch(fence.info)
    named = directive and directive[1] == "embed" and SECTION.fullmatch(directive[2].strip())
    if not named or fence.body.strip() or not fence.ended or fence.level:
        return NoEmbed(written, line)
    return Embed(named[1], named[2], line)


def read_pages(folder: Path, days: re.Pattern = DAY) -> tuple[list[Page], list[str]]:
    """Return the pages of a folder in reading order, and the mistakes found.

    The names of the days match `days`, whose group is their number.
    """
    pages, mistakes = [], []
    for path in sorted(folder.glob("[!.]*.md")):
        if path.name != "JOURNAL.md":
            with collecting(mistakes, f"journal/{path.name}"):
                pages.append(Page.read(path, days))
    return sorted(pages, key=lambda page: page.order), mistakes
