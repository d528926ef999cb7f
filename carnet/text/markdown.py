"""Markdown as MyST reads it, as tokens: headings, inline expressions, fences.

What follows from the tokens of a text is known here, without docutils: it is asked at each build.
`carnet.text.myst` makes what is shown of the same tokens.
"""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

EXTENSIONS = {
    *("alert", "amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"),
    *("gfm_autolink", "strikethrough", "tasklist"),
}
FENCES = {"fence", "colon_fence"}
DIRECTIVE = re.compile(r"\{([^}\s]+)\}[ \t]*(.*)", re.DOTALL)
VERBATIM = {"code", "code-block", "math"}  # directives whose lines are not Markdown
INVISIBLE = {"myst_line_comment", "myst_block_break", "myst_target"}
_COMMENT = re.compile(r"\s*(?:<!--(?:(?!-->)[\s\S])*-->\s*)*")


@dataclass(frozen=True)
class Expression:
    """Python that stands in prose, {eval}`code`."""

    code: str
    line: int = 1  # of the text, where its paragraph begins

    @property
    def text(self) -> str:
        return f"{{eval}}`{self.code}`"


@dataclass(frozen=True)
class Heading:
    """A heading, as written; `line` and `end` are those of the text, from 0."""

    level: int
    title: str
    line: int
    end: int


@dataclass(frozen=True)
class Fence:
    """A fenced block: the text after the first fence, the lines inside, where it stands (from 0),
    how deep in lists and quotations, and whether it ends before the text does."""

    info: str
    body: str
    line: int
    end: int
    level: int
    ended: bool


def make_parser(renderer):
    """Return a MyST parser whose tokens go to a renderer.

    A formula begins and ends beside its dollars, so that « 5 $ et 10 $ » is none.
    """
    from myst_parser.config.main import MdParserConfig
    from myst_parser.parsers.mdit import create_md_parser

    config = MdParserConfig(
        enable_extensions=EXTENSIONS,
        dmath_allow_space=False,
        dmath_allow_digits=False,
        dmath_double_inline=True,
        heading_anchors=0,
        highlight_code_blocks=False,
    )
    return create_md_parser(config, renderer).disable("front_matter")


@functools.cache
def _parser():
    from markdown_it.renderer import RendererHTML

    return make_parser(RendererHTML)


@functools.lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple:
    return tuple(_parser().parse(text, {}))


@functools.lru_cache(maxsize=4096)
def expressions(text: str) -> tuple[Expression, ...]:
    """Return the inline expressions of a text, in order; in code there are none."""
    return tuple(_expressions(text)) if "{eval}" in text else ()


def _expressions(text: str, first: int = 1) -> Iterator[Expression]:
    for token in _tokens(text):
        line = first + (token.map[0] if token.map else 0)
        for child in token.children or ():
            if child.type == "myst_role" and child.meta["name"] == "eval":
                yield Expression(child.content.strip(), line)
        directive = DIRECTIVE.fullmatch(token.info.strip()) if token.type in FENCES else None
        if directive and directive[1] not in VERBATIM:
            yield from _expressions(directive[2], line)
            yield from _expressions(token.content, line + 1)


def headings(text: str) -> list[Heading]:
    """Return the headings of a text, without those in quotations and lists."""
    tokens = _tokens(text)
    return [
        Heading(int(token.tag[1]), tokens[i + 1].content, *token.map)
        for i, token in enumerate(tokens)
        if token.type == "heading_open" and token.level == 0
    ]


def opening_heading(text: str) -> Heading | None:
    """Return the heading that begins a text; comments and targets before it do not count."""
    for token in _tokens(text):
        if token.type == "heading_open":
            return next(found for found in headings(text) if found.line == token.map[0])
        comment = token.type == "html_block" and _COMMENT.fullmatch(token.content)
        if not comment and token.type not in INVISIBLE:
            return None
    return None


def after(text: str, heading: Heading) -> str:
    """Return what follows a heading of a text."""
    return "\n".join(text.splitlines()[heading.end :]).lstrip("\n")


def fences(text: str) -> Iterator[Fence]:
    """Yield the fenced blocks of a text, those in lists and quotations too."""
    lines = text.splitlines()
    for token in _tokens(text):
        if token.type in FENCES:
            start, end = token.map
            ended = end - start > 1 and lines[end - 1].lstrip("> \t").startswith(token.markup)
            yield Fence(token.info.strip(), token.content, start, end, token.level, ended)
