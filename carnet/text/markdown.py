"""Markdown text read once: inline expressions, headings, and code, which is left alone."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

DEEPEST = 6
# A fenced block, in a list or a quotation too, a comment or <pre>; one that never ends goes to the
# end of the text.
_FENCED = (
    r"^[ \t>]*(?P<mark>`{3,}(?=[^`\n]*$)|~{3,}(?!~))(?P<info>.*)$(?P<body>(?:\n.*)*?)"
    r"(?:\n[ \t>]*(?P<end>(?P=mark))[`~]*[ \t]*$|\Z)"
)
_HTML = r"^ {0,3}<!--[\s\S]*?(?:-->|\Z)|^ {0,3}<pre\b[\s\S]*?(?:</pre>|\Z)"
BLOCK = f"(?:{_FENCED}|{_HTML})"
# A code span: as many backticks after as before, within a paragraph.
SPAN = (
    r"(?<![`\\])(?P<ticks>`+)(?!`)"
    r"(?P<inside>(?:(?!\n[ \t]*(?:\n|`{3}|~{3}))[\s\S])+?)(?<!`)(?P=ticks)(?!`)"
)
_BLOCKS = re.compile(BLOCK, re.MULTILINE)
_CODE = re.compile(rf"{BLOCK}|(?P<role>\{{eval\}})?{SPAN}", re.MULTILINE)
_HEADING_LINE = r"^ {0,3}(?P<marks>#{1,6})[ \t]+(?P<title>.+?)(?:[ \t]+#+)?[ \t]*$"
_HEADINGS = re.compile(f"{BLOCK}|{_HEADING_LINE}", re.MULTILINE)
_COMMENT = r"<!--(?:(?!-->)[\s\S])*-->"
_OPENING = re.compile(rf"(?:[ \t]*(?:\n|{_COMMENT}))*{_HEADING_LINE}\n*", re.MULTILINE)


@dataclass(frozen=True)
class Expression:
    """Python that stands in prose, {eval}`code`; `text` is what is written."""

    code: str
    text: str


@dataclass(frozen=True)
class Block:
    """What is fenced: the text after the first fence, the lines inside, all that is written, and
    whether the block ends before the text does."""

    info: str
    body: str
    text: str
    ended: bool


class OpeningHeading(NamedTuple):
    """The heading that begins a text, and what follows it."""

    level: int
    title: str
    rest: str


def parse(text: str) -> list[str | Expression]:
    """Return the text in order, its inline expressions apart; in code there are none."""
    pieces, end = [], 0
    for match in _CODE.finditer(text):
        if match["role"]:
            pieces += [text[end : match.start()], Expression(match["inside"].strip(), match[0])]
            end = match.end()
    return [*pieces, text[end:]]


def expressions(text: str) -> list[Expression]:
    return [piece for piece in parse(text) if isinstance(piece, Expression)]


def map_expressions(text: str, value: Callable[[Expression], str]) -> str:
    """Replace each inline expression by its value."""
    return "".join(piece if isinstance(piece, str) else value(piece) for piece in parse(text))


def blocks(text: str) -> Iterator[str | Block]:
    """Yield the text in order, its fenced blocks apart."""
    end = 0
    for match in _BLOCKS.finditer(text):
        if match["mark"]:
            yield text[end : match.start()]
            yield Block(match["info"].strip(), match["body"], match[0], bool(match["end"]))
            end = match.end()
    yield text[end:]


def headings(text: str) -> Iterator[tuple[int, str]]:
    """Yield (level, text) of each heading."""
    for match in _HEADINGS.finditer(text):
        if match["marks"]:
            yield len(match["marks"]), match["title"]


def opening_heading(text: str) -> OpeningHeading | None:
    """Return the heading that begins a text; blank lines and comments before it do not count."""
    match = _OPENING.match(text)
    return match and OpeningHeading(len(match["marks"]), match["title"], text[match.end() :])


def map_headings(text: str, change: Callable[[int, str], str]) -> str:
    """Replace each heading by what `change` makes of its level and text."""
    return _HEADINGS.sub(
        lambda match: change(len(match["marks"]), match["title"]) if match["marks"] else match[0],
        text,
    )


def shift_headings(text: str, shift: int) -> str:
    """Set headings `shift` levels deeper, never past the sixth."""
    return map_headings(text, lambda level, title: f"{'#' * min(level + shift, DEEPEST)} {title}")
