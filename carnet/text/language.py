"""The language of what readers see: its strings, its numbers and dates.

Strings are written in French in the engine's code and templates; `locales/LANGUAGE.po` (gettext)
holds what they are in another language. `speaking` chooses it, for the whole of a rendering.
"""

import contextlib
import datetime
import functools
import gettext
import io
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from numbers import Real
from pathlib import Path

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list

from carnet.text.french import NBSP, fr_date, fr_list, fr_plural, written

LOCALES = Path(__file__).with_name("locales")
SOURCE = "fr"

_spoken = ContextVar("language", default=SOURCE)


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Choose the language of what the block gives to readers."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken() -> str:
    """Return the code of the language chosen: fr where none is."""
    return _spoken.get()


def translate(text: str) -> str:
    """Return a string of the engine in the language chosen."""
    return _catalogue(spoken()).gettext(text)


def counted(count: int, singular: str, plural: str) -> str:
    """Return a count with its noun, both in the language chosen: 3 images."""
    if spoken() == SOURCE:
        return fr_plural(count, singular, plural)
    noun = _catalogue(spoken()).ngettext(singular, plural, count)
    return f"{number(count)}{NBSP}{noun}"


@functools.cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """Read the strings of a language; there is nothing to read for that of the code."""
    if language == SOURCE:
        return gettext.NullTranslations()
    from babel.messages import mofile, pofile

    compiled = io.BytesIO()
    with (LOCALES / f"{language}.po").open("rb") as file:
        mofile.write_mo(compiled, pofile.read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def number(value: Real | str, digits: int | None = 2) -> str:
    """Write a number as `fr` does, in the language chosen."""
    return written(value, digits, Locale(spoken()))


def percent(value: Real, digits: int = 0) -> str:
    """Write a share as a percentage: 83 % in French, 83% in English."""
    space = NBSP if spoken() == SOURCE else ""
    return f"{number(float(value) * 100, digits)}{space}%"


def duration(seconds: float) -> str:
    """Write a duration: 31 s, 2 min 31 s."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s".removeprefix("0 min ").replace(" ", NBSP)


def date_in_words(date: datetime.date) -> str:
    """Write a date: 1er janvier 2026, January 1, 2026."""
    if spoken() == SOURCE:
        return str(fr_date(date))
    return format_date(date, "long", locale=spoken())


def listed(items: Iterable) -> str:
    """Write a list: a, b et c; a, b, and c."""
    if spoken() == SOURCE:
        return fr_list(list(items))
    return format_list([str(item) for item in items], locale=spoken())
