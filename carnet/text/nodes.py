"""Nodes of a text that docutils does not have."""

from docutils import nodes


class heading(nodes.General, nodes.TextElement):
    """A heading of some `level`, anywhere in a text; `anchor` once its page is known."""


class evaluation(nodes.Inline, nodes.TextElement):
    """{eval}`code`: a value to be filled in."""


class pointer(nodes.Inline, nodes.TextElement):
    """A link to something of the journal: `path` names a file, `target` what is in it or anywhere.

    `form` is how it is worded: link, ref, numref (with a `template`), eq or doc; the target of a
    download is a path.
    """


class citation(nodes.Inline, nodes.TextElement):
    """Works cited by `keys`: `narrative` as "Krause et al. (2013)", `bare` where it may be text."""


class line_break(nodes.Inline, nodes.Element):
    """A line that ends where its author ended it."""


class printed(nodes.General, nodes.FixedTextElement):
    """What a cell prints or returns, with the colours of a console."""


class markup(nodes.General, nodes.FixedTextElement):
    """HTML that a cell shows, without what a page refuses."""


class bibliography(nodes.General, nodes.Element):
    """Where works are listed: all that are cited, or those of a `keyword`."""
