"""What `journal.yml` says of a journal: its title, its authors, its language."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path

from carnet.project.errors import RequestError, nearest
from carnet.project.files import read_yaml

FILE = "journal.yml"
CITATION = "CITATION.cff"
DAY = re.compile(r"(?:jour|day)-(\d+)")
DAYS = re.compile(r"[\w-]*\{\}[\w-]*")
LANGUAGES = ("en", "fr")
ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")
AUTHOR = 'expected lines such as `- {name: Ada Lovelace, orcid: "0000-0002-1825-0097"}`'


@dataclass(frozen=True)
class Author:
    """One who signs the journal; `orcid` is empty where none is given."""

    name: str
    orcid: str = ""


@dataclass(frozen=True)
class Settings:
    """What the keys of `journal.yml` say, or what stands where one is absent.

    `profile` is that of a build that names none; `repository`, the address of the sources;
    `address`, that of the published site; `data`, the project's module that knows its data (see
    `carnet.sources.data`); `days`, the name of the pages of days, {} for the number.
    """

    title: str = "Journal de bord"
    authors: tuple[Author, ...] = ()
    language: str = "fr"
    licence: str = ""
    repository: str = ""
    address: str = ""
    profile: str | None = None
    bibliography: str = "journal/references.bib"
    data: str = ""
    days: str = ""

    @property
    def day_pattern(self) -> re.Pattern:
        """What the names of the pages of days match; their number is its group."""
        before, number, after = self.days.partition("{}")
        return re.compile(rf"{re.escape(before)}(\d+){re.escape(after)}") if number else DAY


def read_settings(root: Path) -> Settings:
    """Read `journal.yml` at the root of a journal; a journal may do without. Where it names no
    authors, they are those of CITATION.cff.

    Raises:
        RequestError: with all that is wrong in it.
    """
    about = _read(*_state(root / FILE)) if (root / FILE).is_file() else Settings()
    if about.authors or not (root / CITATION).is_file():
        return about
    return replace(about, authors=_cited(*_state(root / CITATION)))


def _state(path: Path) -> tuple[Path, int, int]:
    return path, (status := path.stat()).st_mtime_ns, status.st_size


@functools.cache
def _cited(path: Path, modified: int, size: int) -> tuple[Author, ...]:
    """Return the authors that CITATION.cff names, people or groups."""
    try:
        return tuple(
            Author(
                who.get("name") or f"{who['given-names']} {who['family-names']}",
                who.get("orcid", "").rpartition("/")[2],
            )
            for who in read_yaml(path.read_bytes())["authors"]
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        expected = "expected `- name: …`, or given-names and family-names"
        raise RequestError([f"{CITATION}: authors: {expected}"]) from None


@functools.cache
def _read(path: Path, modified: int, size: int) -> Settings:
    """Read a file once for as long as it does not change."""
    try:
        written = read_yaml(path.read_bytes()) or {}
    except ValueError as error:
        raise RequestError([f"{FILE}: {error}"]) from None
    if not isinstance(written, dict):
        raise RequestError([f"{FILE}: expected lines `key: value`, such as `title: My journal`"])
    if mistakes := [f"{FILE}: {mistake}" for mistake in _mistakes(written, path.parent)]:
        raise RequestError(mistakes)
    authors = tuple(Author(**author) for author in written.get("authors", ()))
    return Settings(**written | {"authors": authors})


def _mistakes(written: dict, root: Path) -> Iterator[str]:
    known = [field.name for field in fields(Settings)]
    for key, value in written.items():
        if key not in known:
            yield f"unknown key '{key}': {nearest(str(key), known)}"
        elif key == "authors":
            yield from _author_mistakes(value)
        elif not isinstance(value, str) or not value.strip():
            yield f"{key}: {value!r}: expected a line of text"
        elif key == "language" and value not in LANGUAGES:
            yield f"language: {value!r}: {nearest(value, LANGUAGES)}"
        elif key in ("address", "repository") and not value.startswith("https://"):
            yield f"{key}: {value!r}: expected an address that begins with https://"
        elif key == "days" and not DAYS.fullmatch(value):
            yield f"days: {value!r}: expected a name with one {{}} for the number, as in 'day-{{}}'"
        elif key == "bibliography" and not (root / value).is_file():
            yield f"bibliography: {value!r}: no such file under the folder of {FILE}"


def _author_mistakes(authors) -> Iterator[str]:
    if not isinstance(authors, list):
        yield f"authors: {authors!r}: {AUTHOR}"
        return
    for author in authors:
        about = author if isinstance(author, dict) else {}
        texts = all(isinstance(value, str) for value in about.values())
        if not about.get("name") or about.keys() - {"name", "orcid"} or not texts:
            yield f"authors: {author!r}: {AUTHOR}"
        elif "orcid" in about and not _is_orcid(about["orcid"]):
            yield f"authors: {about['name']}: orcid {about['orcid']!r}: not a valid ORCID"


def _is_orcid(text: str) -> bool:
    """Whether the last character is the check digit of the others (ISO 7064, MOD 11-2)."""
    if not ORCID.fullmatch(text):
        return False
    total, (*digits, last) = 0, text.replace("-", "")
    for digit in digits:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == last
