"""What is nearly a role or a directive of MyST, and would be shown as it is written."""

import re

from markdown_it.rules_block.table import escapedSplit

from carnet.text.directives import DIRECTIVES

BEFORE_CODE = re.compile(r"\{\s*([^\W\d][\w:+-]*)\s*\}[ \t]*$|(?:^|(?<=\s))(eval)\{?$")
FENCE = re.compile(r"(`{3,})\{?[\w-][^`]*")
SUBSTITUTION = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")  # of Jinja, and of MyST elsewhere
DIRECTIVE = re.compile(r"^\{([\w-]+)\}\s")
ROW_ENDS = re.compile(r"^[\s>]*\|?|\|?\s*$")
INSIDE = re.compile(r"\{eval\}\s*([^`\s][^`]*)")
NO_LANGUAGES = DIRECTIVES.keys() - {"code", "code-block", "math"} | {"embed"}


def in_text(text: str, code: str | None) -> str | None:
    """Say what a text, with the code that follows it or None, nearly is; None if it is nothing."""
    if code is not None and (near := BEFORE_CODE.search(text)):
        name = near[1] if near[1] and near[1].isascii() else "eval"
        return _no_role(near[0].strip(), f"{{{name}}}`{code}`")
    if near := SUBSTITUTION.search(text):
        return _no_role(near[0], f"{{eval}}`{near[1]}`")
    if near := FENCE.match(text):
        expected = f"expected ~~~ in place of {near[1]}"
        return f"{near[0].strip()}: no fence, for a backtick follows: {expected}"
    if "{eval}" in text:
        return _no_role("{eval}", "{eval}`expression`")
    near = DIRECTIVE.match(text)
    return _no_directive(near[0].strip(), near[1]) if near and near[1] in NO_LANGUAGES else None


def in_code(code: str) -> str | None:
    """Say what code in a line nearly is; None if it is nothing."""
    near = INSIDE.fullmatch(code)
    return near and _no_role(f"`{code}`", f"{{eval}}`{near[1]}`")


def in_fence(info: str) -> str | None:
    """Say what the first line of a fence nearly is; None if it is nothing."""
    name = info.split()[0] if info.split() else ""
    return _no_directive(f"```{info}", name) if name in NO_LANGUAGES else None


def in_row(line: str, width: int) -> str | None:
    """Say which cells a row of a table would lose, beside `width` columns; None if it keeps all."""
    cells = escapedSplit(row := ROW_ENDS.sub("", line))
    expected = f"{len(cells)} cells of {width}: expected \\| for a bar inside a cell"
    return f"| {row.strip()} |: {expected}" if any(map(str.strip, cells[width:])) else None


def _no_role(written: str, expected: str) -> str:
    return f"{written}: not a role as it is written: expected {expected}, in one piece"


def _no_directive(written: str, name: str) -> str:
    return f"{written}: not a directive as it is written: expected ```{{{name}}} at the margin"
