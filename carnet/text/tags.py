"""The HTML that a text may hold: tags that neither load, run nor leave the page, each closed."""

from collections.abc import Iterator
from html.parser import HTMLParser

from docutils import nodes

from carnet.project.errors import nearest

ALLOWED = {
    *("abbr", "b", "bdi", "blockquote", "br", "cite", "code", "dd", "del", "details", "dfn", "div"),
    *("dl", "dt", "em", "hr", "i", "ins", "kbd", "li", "mark", "ol", "p", "q", "rp", "rt", "ruby"),
    *("s", "samp", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td"),
    *("th", "thead", "tr", "u", "ul", "var", "wbr"),
}
ATTRIBUTES = {"class", "colspan", "dir", "lang", "open", "rowspan", "scope", "start", "title"}
VOID = {"br", "hr", "wbr"}


class _Reader(HTMLParser):
    """Reads all the HTML of a text, in order."""

    def __init__(self):
        super().__init__()
        self.open: list[tuple[str, int | None]] = []
        self.faults: list[tuple[int | None, str]] = []
        self.refused: set[str] = set()
        self.line: int | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            self.faults.append((self.line, f"<{tag}>: this tag is not published"))
            self.refused.add(tag)
            return
        for name in (name for name, _ in attrs if name not in ATTRIBUTES):
            hint = nearest(name, ATTRIBUTES)
            self.faults.append((self.line, f"<{tag} {name}=…>: not published: {hint}"))
        if tag not in VOID:
            self.open.append((tag, self.line))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1][0] == tag:
            self.open.pop()
        elif tag not in ALLOWED | self.refused:
            self.faults.append((self.line, f"</{tag}>: this tag is not published"))
        elif tag not in VOID | self.refused:
            self.faults.append((self.line, f"</{tag}>: closes nothing that is open"))


def faults(document: nodes.document) -> Iterator[tuple[int | None, str]]:
    """Yield (line, what is wrong) of the HTML of a text."""
    reader = _Reader()
    for node in document.findall(nodes.raw):
        reader.line = node.line
        reader.feed(node.astext())
    reader.close()
    yield from reader.faults
    yield from ((line, f"<{tag}>: never closed") for tag, line in reader.open)
