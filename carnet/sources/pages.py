"""Pages as written: front matter, prose, embedded sections, inline expressions."""

import builtins
import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from carnet.project.errors import nearest
from carnet.sources.code import names_read
from carnet.sources.notebooks import Notebook
from carnet.text import french, markdown
from carnet.text.markdown import Block, Expression

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
EMBED = re.compile(r"\{embed\}[ \t]*([^#]+?)[ \t]*(?:#[ \t]*(.+))?")
INTRODUCTION = "introduction"
INDEX = "index.html"
# What an expression of a page can call: nothing that reads what no key knows.
PURE = (
    "abs all any dict enumerate float int len list max min range round set sorted str sum tuple zip"
)
CALLABLE = {name: getattr(builtins, name) for name in PURE.split()}
CALLABLE |= {name: value for name, value in vars(french).items() if name.startswith("fr")}
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
            ValueError: its front matter is missing or wrong, or an {embed} is, in one line.
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
        parts = tuple(_parts(text[match.end() :], f"journal/{path.name}"))
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
        return (0, 0, "") if self.name == INTRODUCTION else (2, 0, self.name)

    @property
    def file(self) -> str:
        """Its file in the site."""
        return INDEX if self.name == INTRODUCTION else f"{self.name}.html"

    def embeds(self) -> list[Embed]:
        return [part for part in self.parts if isinstance(part, Embed)]

    def notebooks(self) -> set[str]:
        """Names of the notebooks whose sections or results the page shows."""
        named = {name for found in self.expressions() for name in names_read(found.code)}
        return (named - CALLABLE.keys()) | {embed.notebook for embed in self.embeds()}

    def expressions(self) -> list[Expression]:
        texts = [part.text for part in self.parts if isinstance(part, Prose)]
        texts += [text for _, text in self.key_figures]
        return [expression for text in texts for expression in markdown.expressions(text)]

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
            place = f"journal/{self.name}.md: {expression.text}"
            yield from _unknown_results(place, expression.code, notebooks)


def _unknown_results(place: str, expression: str, notebooks: dict[str, Notebook]) -> Iterator[str]:
    try:
        read = names_read(expression)
    except SyntaxError as error:
        yield f"{place}: not a Python expression ({error.msg})"
        return
    for name in sorted(read.keys() - CALLABLE.keys()):
        if name not in notebooks:
            what = "notebook" if read[name] else "notebook or function"
            hint = nearest(name, [*notebooks, *CALLABLE] if not read[name] else notebooks)
            yield f"{place}: no {what} '{name}': {hint}"
            continue
        names, complete = notebooks[name].recorded
        for result in sorted(read[name] - names if complete else ()):
            yield f"{place}: '{name}' records no '{result}': {nearest(result, names)}"


def notebook_file(name: str) -> str:
    """The file of an executed notebook in the site."""
    return f"carnet-{name}.html"


def clashes(pages: Iterable[Page], notebooks: Iterable[str]) -> Iterator[str]:
    """Tell which pages would be the same day or the same file, capitals apart, as another."""
    files = {notebook_file(name).lower(): f"notebook '{name}'" for name in notebooks}
    files[INDEX] = f"journal/{INTRODUCTION}.md"
    days = {}
    for page in pages:
        place = f"journal/{page.name}.md"
        if (other := files.setdefault(page.file.lower(), place)) != place:
            yield f"{place}: {page.file} is the page of {other}: expected another name"
        if page.day is not None and (other := days.setdefault(page.day, place)) != place:
            yield f"{other} and {place}: two pages are day {page.day}, expected one"


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
    if not isinstance(about.get("summary", ""), str):
        raise ValueError(f"{place}: summary {about['summary']!r}: expected a line of text")
    _check_key_figures(about.get("key_figures", {}), place)
    return about


def _check_key_figures(figures, place: str) -> None:
    """A key figure is computed: its text holds an inline expression."""
    expected = 'expected lines such as `Exactitude: "{eval}`fr_percent(modele.accuracy)`"`'
    if not isinstance(figures, dict):
        raise ValueError(f"{place}: key_figures {figures!r}: {expected}")
    for label, text in figures.items():
        if not isinstance(label, str) or not markdown.expressions(str(text)):
            raise ValueError(f"{place}: key_figures: {label}: {text!r}: {expected}")


def _parts(text: str, place: str) -> Iterator[Prose | Embed]:
    prose = ""
    for piece in markdown.blocks(text):
        if isinstance(piece, Block) and "{embed}" in piece.info:
            yield from _prose(prose)
            yield _embed(piece, place)
            prose = ""
        else:
            prose += piece.text if isinstance(piece, Block) else piece
    yield from _prose(prose)


def _prose(text: str) -> Iterator[Prose]:
    if text := text.strip():
        yield Prose(text)


def _embed(block: Block, place: str) -> Embed:
    """What is fenced as an embed but is not one would be published as code."""
    match = EMBED.fullmatch(block.info)
    if not match or block.body.strip() or not block.ended or block.text[0] not in "`~":
        line = block.text.splitlines()[0].strip()
        expected = "```{embed} NOTEBOOK#Section with ``` alone on the next line"
        raise ValueError(f"{place}: {line}: expected {expected}")
    return Embed(match[1], match[2])


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
