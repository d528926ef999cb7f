"""Headings and inline expressions of Markdown text; fenced code is left alone."""

import re
from collections.abc import Callable, Iterator

HEADING = re.compile(r"^(#{1,6})[ \t]+(.+?)(?:[ \t]+#+)?[ \t]*$", re.MULTILINE)
EXPRESSION = re.compile(r"(?<!`)\{eval\}`([^`]+)`")
FENCES = "|".join(rf"^{mark}.*?^{mark}[ \t]*$" for mark in ("````", "```", "~~~"))
FENCE = re.compile(f"({FENCES})", re.MULTILINE | re.DOTALL)
DEEPEST = 6


def headings(text: str) -> Iterator[tuple[int, str]]:
    """Yield (level, text) of each heading."""
    for part in FENCE.split(text)[::2]:
        for marks, title in HEADING.findall(part):
            yield len(marks), title


def map_headings(text: str, change: Callable[[int, str], str]) -> str:
    """Replace each heading by what `change` makes of its level and text."""
    parts = FENCE.split(text)
    for index in range(0, len(parts), 2):
        parts[index] = HEADING.sub(lambda match: change(len(match[1]), match[2]), parts[index])
    return "".join(parts)


def shift_headings(text: str, shift: int) -> str:
    """Set headings `shift` levels deeper, never past the sixth."""
    return map_headings(text, lambda level, title: f"{'#' * min(level + shift, DEEPEST)} {title}")
