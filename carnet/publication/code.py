"""Code in colours: as HTML by classes, and the rules of those classes."""

import functools
from collections.abc import Iterator

STYLES = ("xcode", "github-dark")  # all colours at 4.5:1 or more on our grounds
UNCOLOURED = {None, "", "000000"}  # in the first style


@functools.lru_cache(maxsize=1024)
def highlighted(code: str, language: str, numbered=False, first=1, emphasized="") -> str:
    """Return code in a language that Pygments knows, else plain.

    What the light style leaves black has no element of its own: half of the weight of a page.
    """
    from pygments import highlight
    from pygments.filter import simplefilter
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import TextLexer, get_lexer_by_name
    from pygments.styles import get_style_by_name
    from pygments.token import Text
    from pygments.util import ClassNotFound

    light = get_style_by_name(STYLES[0])

    @simplefilter
    def coloured_alone(_, lexer, stream, options):
        for kind, text in stream:
            yield (Text if light.style_for_token(kind)["color"] in UNCOLOURED else kind), text

    try:
        lexer = get_lexer_by_name(language) if language else TextLexer()
    except ClassNotFound:
        lexer = TextLexer()
    lexer.add_filter(coloured_alone())
    formatter = HtmlFormatter(
        cssclass="highlight",
        linenos="inline" if numbered else False,
        linenostart=first,
        hl_lines=list(_lines(emphasized)),
    )
    return highlight(code, lexer, formatter)


def _lines(written: str) -> Iterator[int]:
    for part in filter(None, written.replace(" ", "").split(",")):
        start, _, end = part.partition("-")
        yield from range(int(start), int(end or start) + 1)


def code_style() -> str:
    """Return the CSS of highlighted code, one rule for the light and the dark theme."""
    from pygments.styles import get_style_by_name
    from pygments.token import STANDARD_TYPES

    light, dark = map(get_style_by_name, STYLES)
    rules = []
    for token, name in STANDARD_TYPES.items():
        day, night = (style.style_for_token(token)["color"] for style in (light, dark))
        if name and day not in UNCOLOURED:
            shown = f"#{night}" if night else "var(--text)"
            rules.append(f".highlight .{name} {{ color: light-dark(#{day}, {shown}) }}")
    return "\n".join(rules)
