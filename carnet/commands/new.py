"""What a new day and a new notebook begin with. Both build as they are, with nothing to edit."""

import datetime
import json
import keyword
import re
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import carnet
from carnet.project.errors import InputError, RequestError, nearest
from carnet.project.paths import Project
from carnet.project.settings import read_settings
from carnet.sources.notebooks import FILE_NAME, Notebook, calls, find_name, read_notebooks
from carnet.sources.pages import Page, read_pages
from carnet.text.slugs import slug

MAX_NAME_LENGTH = 40
# Calls whose result is a number, which `fr` writes: what is known without running anything.
NUMBERS = {"float", "int", "len", "round"}
# Pages, notebooks and projects as templates of `string.Template`, by language.
SCAFFOLDS = Path(__file__).with_name("scaffolds")


@dataclass(frozen=True)
class Words:
    """How a language names a day and what is to be written."""

    prefix: str
    title: str
    untitled: str
    result: str  # the section of a new notebook that shows what it found
    imports: tuple[str, ...]  # what the new notebook takes from the engine


WORDS = {
    "fr": Words(
        prefix="jour",
        title="Jour {} : {}",
        untitled="titre à écrire",
        result="Résultat",
        imports=("figure", "fr", "fr_plural", "record"),
    ),
    "en": Words(
        prefix="day",
        title="Day {}: {}",
        untitled="title to write",
        result="Result",
        imports=("figure", "record"),
    ),
}


def new_day(project: Project, date: datetime.date, title: str | None = None) -> Path:
    """Create the page of the next day, after the largest number there is; return its path.

    Raises:
        RequestError: the title is not a line of text, or the page exists.
        InputError: the page cannot be written.
    """
    settings = read_settings(project.root)
    language, words = settings.language, WORDS[settings.language]
    days = [settings.day_pattern.fullmatch(path.stem) for path in project.pages.glob("*.md")]
    number = 1 + max((int(day[1]) for day in days if day), default=0)
    about = json.dumps(_day_title(number, title, words), ensure_ascii=False)
    values = {"title": about, "date": date.isoformat(), "example": _example(project, language)}
    text = template(f"{language}/day.md", **values)
    name = (settings.days or f"{words.prefix}-{{}}").format(number)
    return _create(project.pages / f"{name}.md", text, project)


def _day_title(number: int, title: str | None, words: Words) -> str:
    text = " ".join((title if title is not None else words.untitled).split())
    if not text or not text.isprintable():
        message = f"--title {title!r}: expected a line of text, such as 'une autre idée'"
        raise RequestError([message])
    named = re.match(rf"{words.prefix} {number}\b", text, re.IGNORECASE)
    return text if named else words.title.format(number, text)


def _example(project: Project, language: str) -> str:
    """Embed sections of the newest notebook and cite a number: a page that already works."""
    notebooks, _ = read_notebooks(project.notebooks)
    pages, _ = read_pages(project.pages)
    newest_first = list(notebooks.values())[::-1]
    embedded = [name for notebook in newest_first[:1] for name in _to_embed(notebook, pages)]
    text = "".join(f"\n```{{embed}} {name}\n```\n" for name in embedded)
    found = ((notebook.name, name) for notebook in newest_first for name in _numbers(notebook))
    for notebook, result in [*found][:1]:
        text += template(f"{language}/citation.md", notebook=notebook, result=result)
    return text


def _to_embed(notebook: Notebook, pages: list[Page]) -> list[str]:
    """The sections that no page shows yet, or the last one; all where it has no sections."""
    embeds = [embed for page in pages for embed in page.embeds() if embed.section]
    shown = {_plain(embed.section) for embed in embeds if embed.notebook == notebook.name}
    sections = [text for level, text, _ in notebook.headings() if level == 2]
    new = [text for text in sections if _plain(text) not in shown]
    return [f"{notebook.name}#{section}" for section in new or sections[-1:]] or [notebook.name]


def _plain(section: str) -> str:
    return section.replace("’", "'")


def _numbers(notebook: Notebook) -> Iterator[str]:
    """Names of results that are certainly numbers."""
    for cell in notebook.cells:
        for call in calls(cell["source"], "record") if cell["cell_type"] == "code" else ():
            for item in call.keywords:
                if item.arg and getattr(getattr(item.value, "func", None), "id", None) in NUMBERS:
                    yield item.arg


def new_notebook(project: Project, name: str, needs: Sequence[str] = ()) -> Path:
    """Create notebooks/NN_name.ipynb with the next number; return its path.

    Raises:
        RequestError: pages cannot use the name, another notebook has it, or a need is unknown.
        InputError: the notebook cannot be written.
    """
    import nbformat

    files = [FILE_NAME.fullmatch(path.name) for path in project.notebooks.glob("*.ipynb")]
    taken = {file[2]: file[0] for file in files if file}
    needs = dict.fromkeys(find_name(need, taken) or need for need in needs)
    unknown = [need for need in needs if need not in taken]
    bad_needs = [f"--needs {n}: no such notebook: {nearest(n, taken)}" for n in unknown]
    if mistakes := [*_bad_name(name, taken), *bad_needs]:
        raise RequestError(mistakes)
    number = 1 + max((int(file[1]) for file in files if file), default=0)
    language = read_settings(project.root).language
    text = nbformat.writes(_notebook(name, list(needs), language)) + "\n"
    return _create(project.notebooks / f"{number:02}_{name}.ipynb", text, project)


def _bad_name(name: str, taken: dict[str, str]) -> Iterator[str]:
    """Pages write NAME.result: a name is a Python name, and hides no other."""
    where = f"new notebook {name}"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > MAX_NAME_LENGTH:
        valid = slug(name, "_").lstrip("0123456789_")[:MAX_NAME_LENGTH]
        yield (
            f"{where}: expected at most {MAX_NAME_LENGTH} lowercase letters without accents, "
            f"digits and _, a letter first: did you mean '{valid or 'ma_mesure'}'?"
        )
    elif keyword.iskeyword(name) or name in carnet.__all__:
        yield f"{where}: reserved by Python or carnet: did you mean 'carnet_{name}'?"
    elif name in taken:
        free = next(other for n in range(2, 999) if (other := f"{name}_{n}") not in taken)
        yield f"{where}: notebooks/{taken[name]} has this name: did you mean '{free}'?"


def _notebook(name: str, needs: list[str], language: str) -> dict:
    import nbformat

    imports = ", ".join([*WORDS[language].imports, *(["results"] if needs else [])])
    title = name.replace("_", " ").capitalize()
    text = template(f"{language}/notebook.ipynb", title=title, imports=imports, name=name)
    content = nbformat.reads(text, as_version=4)
    content.metadata.journal.needs = needs
    if needs:
        reading = "\n".join(f'{need}_results = results("{need}")' for need in needs)
        content.cells.insert(3, nbformat.v4.new_code_cell(reading, id="besoins"))
    return content


def template(file: str, **values: str) -> str:
    """Return a template of `SCAFFOLDS` with its values."""
    text = (SCAFFOLDS / f"{file}.template").read_text("utf-8")
    return string.Template(text).substitute(values)


def _create(path: Path, text: str, project: Project) -> Path:
    """Write a file that does not exist yet, whole or not at all."""
    where = path.relative_to(project.root)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise RequestError([f"{where}: already exists, and is left unchanged"]) from None
    except OSError as error:
        path.unlink(missing_ok=True)
        raise InputError(f"{where}: cannot be written ({error.strerror})") from None
    return where
