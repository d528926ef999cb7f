"""Numbers, lists and dates as a French reader expects them.

The functions return a `str` that shows itself without quotes, so that an inline expression
`{eval}` reads the same in JupyterLab and in the built journal.
"""

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal, localcontext
from numbers import Integral, Real

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal

LOCALE = Locale("fr")
NBSP = "\u00a0"
MINUS = "\u2212"
MISSING = "—"
FLOAT_DIGITS = 400  # of the largest float written in full, with its decimals


class Text(str):
    """A string whose representation has no quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def fr(value: Real | str, digits: int | None = 2) -> Text:
    """Write a number with a decimal comma and thousands apart: 8144 -> 8 144, 0.5 -> 0,50.

    `digits=None` writes as many decimals as the number has: 0.00015 -> 0,00015. Integers take no
    decimals; text is returned as it is, NaN is a dash.

    Raises:
        TypeError: the value is neither a number nor text.
    """
    return written(value, digits, LOCALE)


def written(value: Real | str, digits: int | None, locale: Locale) -> Text:
    """Write a number as `fr` does, in any locale."""
    if isinstance(value, str):
        return Text(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"fr() writes numbers and text, not {value!r}")
    if value != value:
        return Text(MISSING)
    digits = 0 if isinstance(value, Integral) else digits
    # Fifteen significant digits leave out what binary adds: 0.1 * 0.1 = 0.010000000000000002.
    exact = Decimal(f"{value:.15g}" if digits is None else f"{value:.{digits}f}") or Decimal()
    pattern = "#,##0." + "0" * (digits or 0)
    with localcontext(prec=FLOAT_DIGITS):
        text = format_decimal(exact, pattern, locale=locale, decimal_quantization=False)
    return Text(text.replace("-", MINUS))


def fr_percent(value: Real, digits: int = 0) -> Text:
    """Write a share as a percentage: 0.834 -> 83 %."""
    return Text(f"{fr(float(value) * 100, digits)}{NBSP}%")


def fr_points(difference: Real, digits: int = 1) -> Text:
    """Write a difference between two shares in percentage points: 0.123 -> 12,3 points."""
    value = round(float(difference) * 100, digits)
    return Text(f"{fr(value, digits)}{NBSP}{_noun(value, 'point')}")


def fr_list(items: Sequence) -> Text:
    """Write a list: a, b et c."""
    return Text(format_list([str(item) for item in items], locale=LOCALE))


def fr_plural(count: int, singular: str, plural: str | None = None) -> Text:
    """Write a count with its noun: 1 image, 3 images (0 and 1 are singular in French)."""
    return Text(f"{fr(count)}{NBSP}{_noun(count, singular, plural)}")


def _noun(count: Real, singular: str, plural: str | None = None) -> str:
    return singular if abs(count) < 2 else plural or f"{singular}s"


def fr_date(date: datetime.date) -> Text:
    """Write a date in words: 1er janvier 2026."""
    day = "1er" if date.day == 1 else str(date.day)
    return Text(f"{day} {format_date(date, 'MMMM y', locale=LOCALE)}".replace(" ", NBSP))


# What stands for what is not text: code, a formula, an image.
OBJECT = "\ufffc"
_TYPOGRAPHY = re.compile(
    rf"(?P<address>\b(?:[a-z][a-z0-9+.-]*://|www\.|mailto:)\S+)"
    rf"|(?P<apostrophe>(?<=[^\W\d_])'(?=[\w«{OBJECT}]))"
    r"|(?<=\S) (?=[;?!»%](?:\W|$)|:(?:\s|$)|[=<>≤≥≈] [\d−])|(?<=«) (?=\S)"
    r"|(?<=\S [=<>≤≥≈]) (?=[\d−])|(?<=\d)(?<!\d{4}) (?=\d{3}(?!\d))"
)


def typographic(text: str) -> str:
    """Set a text as French does: curved apostrophes, and non-breaking spaces before « : ; ? ! % »,
    inside guillemets, around the sign of "p = 1,00" and in "8 144". Addresses stay as they are, and
    so does the length."""

    def set_in_french(match: re.Match) -> str:
        return match["address"] or ("\u2019" if match["apostrophe"] else NBSP)

    return _TYPOGRAPHY.sub(set_in_french, text)
