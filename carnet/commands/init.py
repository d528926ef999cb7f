"""A journal to begin with: a notebook, a page, and the files around them. It builds as it is."""

import datetime
import json
import string
from collections.abc import Iterator
from pathlib import Path

import carnet
from carnet.commands.new import SCAFFOLDS, new_day, new_notebook, template
from carnet.project.errors import InputError, RequestError, describe_os_error
from carnet.project.paths import Project
from carnet.text.slugs import slug

COMMON = SCAFFOLDS / "project"
# What a journal begins with, by language: its title, the name of its notebook.
FIRST = {"fr": ("Journal de bord", "des"), "en": ("Research journal", "dice")}


def init(folder: Path, language: str, date: datetime.date) -> list[Path]:
    """Create a journal in a folder that is absent or empty; return the files that people edit.

    Raises:
        RequestError: the folder holds something.
        InputError: it cannot be written to.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RequestError([f"init {folder}: expected a new or an empty folder"])
    title, notebook = FIRST[language]
    try:
        for name, text in _files(folder.resolve().name, title, language):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, "utf-8", newline="\n")
        (folder / "notebooks").mkdir()
    except OSError as error:
        raise InputError(f"init {folder}: {describe_os_error(error)}") from None
    project = Project.at(folder)
    made = [new_notebook(project, notebook), new_day(project, date)]
    return [Path("journal.yml"), Path("journal/introduction.md"), *made]


def _files(name: str, title: str, language: str) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file; a name `dot-x` stands for `.x`."""
    values = {
        "title": json.dumps(title, ensure_ascii=False),
        "language": language,
        "name": slug(name) or "journal",
        "version": carnet.__version__,
    }
    for path in sorted(path for path in COMMON.rglob("*") if path.is_file()):
        target = path.relative_to(COMMON).as_posix().replace("dot-", ".")
        text = path.read_text("utf-8")
        if path.suffix == ".template":
            text = string.Template(text).substitute(values)
        yield target.removesuffix(".template"), text
    yield "journal/introduction.md", template(f"{language}/introduction.md")
