"""Numbers, lists and dates as a French reader expects them.

The functions return a `str` that shows itself without quotes, so that an inline expression
`{eval}` reads the same in JupyterLab and in the built journal.
"""

import datetime
import re
from collections.abc import Sequence
from numbers import Integral, Real

NARROW_NBSP = "\u202f"
NBSP = "\u00a0"
MINUS = "\u2212"
MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


class Text(str):
    """A string whose representation has no quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def fr(value: Real | str, digits: int = 2) -> Text:
    """Write a number with a decimal comma and thousands apart: 8144 -> 8 144, 0.5 -> 0,50.

    Integers take no decimals; text is returned as it is.
    """
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"fr() writes numbers and text, not {value!r}")
    digits = 0 if isinstance(value, Integral) else digits
    text = f"{value:,.{digits}f}".replace(",", NARROW_NBSP).replace(".", ",")
    if text.strip("-0,") == "":
        text = text.lstrip("-")
    return Text(text.replace("-", MINUS))


def fr_percent(value: Real, digits: int = 0) -> Text:
    """Write a share as a percentage: 0.834 -> 83 %."""
    return Text(f"{fr(float(value) * 100, digits)}{NBSP}%")


def fr_list(items: Sequence) -> Text:
    """Write a list: a, b et c."""
    items = [str(item) for item in items]
    if len(items) < 2:
        return Text("".join(items))
    return Text(f"{', '.join(items[:-1])} et {items[-1]}")


def fr_plural(count: int, singular: str, plural: str | None = None) -> Text:
    """Write a count with its noun: 1 image, 3 images (0 and 1 are singular in French)."""
    noun = singular if abs(count) < 2 else plural or f"{singular}s"
    return Text(f"{fr(count)}{NBSP}{noun}")


def fr_date(date: datetime.date) -> Text:
    """Write a date in words: 1er janvier 2026."""
    day = "1er" if date.day == 1 else str(date.day)
    return Text(f"{day}{NBSP}{MONTHS[date.month - 1]}{NBSP}{date.year}")


# What must stay as written: code, formulas, links' addresses, table rules.
_VERBATIM = re.compile(
    r"(```.*?```|~~~.*?~~~|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$|\]\([^)\n]*\)|<[^>\n]*>)", re.DOTALL
)
_BEFORE = re.compile(r"(?<=\S) (?=[;?!»%](?:\W|$)|:(?:\s|$))", re.MULTILINE)
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=\w|«)")
_AFTER = re.compile(r"(?<=«) (?=\S)")


def typographic(markdown: str) -> str:
    """Set a Markdown text as French does: curved apostrophes, and non-breaking spaces before
    « : ; ? ! % » and inside guillemets. Code, formulas and addresses stay as they are."""
    parts = _VERBATIM.split(markdown)
    for index in range(0, len(parts), 2):
        text = _APOSTROPHE.sub("\u2019", parts[index])
        parts[index] = _AFTER.sub(NBSP, _BEFORE.sub(NBSP, text))
    return "".join(parts)
