"""The Markdown of JupyterLab with MyST: what each feature gives on the site and in JOURNAL.md.

What is not taken is refused by name: tests/carnet/text/test_myst.py.
"""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.project.errors import RequestError
from carnet.publication.footnotes import mark
from carnet.publication.html import HtmlWriter
from carnet.publication.outputs import Assets
from carnet.publication.plain import MarkdownWriter
from carnet.publication.references import give_anchors
from carnet.publication.rendering import read_all
from carnet.publication.texts import SitePage, Value
from carnet.text.directives import DIRECTIVES
from carnet.text.roles import ROLES
from tests.carnet.conftest import markdown

NB = "\u00a0"
FIGURE = (
    "```{figure} photo.png\n:name: vue\n:width: 50%\n:alt: Une tour\n\nLa tour.\n\nEn été.\n```"
)
TABLE = "| A | B |\n| :--- | ---: |\n| a | 1 |"
PIPES = '<thead><tr><th scope="col">A</th><th scope="col" class="n">B</th></tr>'
LISTED = "```{list-table} Titre\n:header-rows: 1\n\n* - A\n  - B\n* - 1\n  - 2\n```"

FEATURES = {
    "paragraph": (
        "Un *mot*, **gras**.",
        "<p>Un <em>mot</em>, <strong>gras</strong>.</p>",
        "Un *mot*, **gras**.",
    ),
    "heading": (
        "## Titre",
        '<h2 id="titre"><a class="anchor" href="#titre">Titre</a></h2>',
        "## Titre",
    ),
    "setext heading": ("Titre\n-----", '<h2 id="titre">', "## Titre"),
    "target": ("(ici)=\n## Titre", '<h2 id="titre">', "## Titre"),
    "bullet list": ("- un\n- deux\n  - trois", "<ul>\n<li>un</li>", "- un\n- deux\n  - trois"),
    "ordered list": ("3. un\n4. deux", '<ol start="3">\n<li>un</li>', "3. un\n4. deux"),
    "loose list": ("- un\n\n- deux", "<li><p>un</p>\n</li>", "- un\n\n- deux"),
    "list with code": (
        "1. un\n\n   ```python\n   x\n   ```",
        '<div class="highlight">',
        "1. un\n\n   ```python\n   x\n   ```",
    ),
    "task list": (
        "- [x] fait\n- [ ] non",
        'aria-label="fait">☑</span> fait</li>',
        "- [x] fait\n- [ ] non",
    ),
    "definition list": ("Mot\n: Sens", "<dl><dt>Mot</dt>\n<dd>Sens</dd>", "**Mot**\n\n- Sens"),
    "quotation": ("> Dit", "<blockquote><p>Dit</p>", "> Dit"),
    "line break": ("un\\\ndeux", "<p>un<br>\ndeux</p>", "un\\\ndeux"),
    "rule": ("a\n\n---\n\nb", "<hr>", "a\n\n---\n\nb"),
    "code span": ("`x | y`", "<code>x | y</code>", "`x | y`"),
    "code fence": ("```python\nx = 1\n```", '<span class="mi">1</span>', "```python\nx = 1\n```"),
    "fence in a fence": (
        "````\n```{note}\na\n```\n````",
        "```{note}\na\n```",
        "````\n```{note}\na\n```\n````",
    ),
    "code block": (
        "```{code-block} python\n:caption: Essai\n:linenos:\n:emphasize-lines: 1\nx\ny\n```",
        '<figcaption>Essai</figcaption>\n<div class="highlight"><pre><span></span>',
        "*Essai*\n\n```python\nx\ny\n```",
    ),
    "table": (TABLE, PIPES, TABLE),
    "centred cells": ("| A |\n|:-:|\n| a |", '<td class="c">a</td>', "| A |\n| :---: |\n| a |"),
    "pipes in cells": (
        "| A |\n| - |\n| `a \\| b` |",
        "<td><code>a | b</code></td>",
        "| `a \\| b` |",
    ),
    "table with a caption": (
        f"```{{table}} Titre\n:name: t\n\n{TABLE}\n```",
        "<strong>Tableau 1</strong></a> — Titre.",
        f"{TABLE}\n\n*Tableau 1 — Titre.*",
    ),
    "list table": (
        LISTED,
        '<th scope="col">A</th>',
        "| A | B |\n| :--- | :--- |\n| 1 | 2 |\n\n*Tableau 1",
    ),
    "CSV table": (
        "```{csv-table} T\n:header: X, Y\n\n1, 2\n```",
        "<td>1</td><td>2</td>",
        "| X | Y |",
    ),
    "note": (
        "```{note}\nUn *mot*.\n```",
        '<div class="admonition note" role="note">',
        "> **Note**\n>\n> Un *mot*.",
    ),
    "note in one line": (
        "```{note} Un mot.\n```",
        "Note</p>\n<p>Un mot.</p>",
        "> **Note**\n>\n> Un mot.",
    ),
    "tip with a title": (
        ":::{tip} Titre\nCorps\n:::",
        '<p class="admonition-title">Titre</p>',
        "> **Titre**\n>\n> Corps",
    ),
    "warning": ("```{warning}\nA\n\n- b\n```", "<ul>\n<li>b</li>", "> **Avis**\n>\n> A\n>\n> - b"),
    "important in a note": (
        "::::{note}\n:::{important}\nA\n:::\n::::",
        'class="admonition important"',
        "> > **Important**",
    ),
    "caution": ("```{caution}\nA\n```", ">Avertissement</p>", "> **Avertissement**"),
    "danger": ("```{danger}\nA\n```", ">Danger</p>", "> **Danger**"),
    "alert of GitHub": ("> [!NOTE]\n> A", '<div class="admonition note"', "> **Note**\n>\n> A"),
    "dropdown": (
        "```{dropdown} T\nA\n```",
        '<details class="admonition">\n<summary>T</summary>',
        "<details><summary>T</summary>\n\nA",
    ),
    "figure": (
        FIGURE,
        "<strong>Figure 1</strong></a> — La tour.<p>En été.</p>",
        "![Une tour](../images/photo-55c64d0f.png)\n\n*Figure 1 — La tour.*\n\nEn été.",
    ),
    "image": (
        "```{image} photo.png\n:alt: A\n:width: 20px\n```",
        'alt="A" loading="lazy" decoding="async" width="20"',
        "![A](../images/",
    ),
    "image alone": (
        "![Une tour](photo.png)",
        "<strong>Figure 1</strong></a> — Une tour.",
        "*Figure 1 — Une tour.*",
    ),
    "image in a line": (
        "La ![tour](photo.png) ici",
        '<p>La <img src="images/photo-55c64d0f.png" alt="tour"',
        "La ![tour](../images/",
    ),
    "size of an image": ('a ![b](photo.png){width="30%"}', 'width="30%"', "a ![b]("),
    "pasted image": (
        "a ![image.png](attachment:image.png)",
        'src="images/image-55c64d0f.png"',
        "](../images/image-55c64d0f.png)",
    ),
    "formula": ("$x^2$", "<math xmlns", "$x^2$"),
    "math role": ("{math}`x^2`", "<msup>", "$x^2$"),
    "displayed formula": ("$$\nx\n$$", '<div class="scroll formula"', "$$\nx\n$$"),
    "labelled formula": (
        "$$\nx\n$$ (e)",
        '<div id="e" class="scroll formula"',
        "$$\nx \\tag{1}\n$$",
    ),
    "math directive": (
        "```{math}\n:label: e\nx\n```",
        '<span class="number">(1)</span>',
        "x \\tag{1}",
    ),
    "align": (
        "\\begin{align}\na &= b \\\\ c &= d\n\\end{align}",
        "<mtable",
        "$$\n\\begin{aligned} a &= b",
    ),
    "dollars that are prices": ("5 $ et 10 $", "<p>5 $ et 10 $</p>", "5 \\$ et 10 \\$"),
    "footnote": (
        "Dit[^a].\n\n[^a]: La *note*.",
        '<a id="_renvoi-1" href="#_note-1" role="doc-noteref">1</a>',
        "Dit[^1].\n\n[^1]: La *note*.",
    ),
    "subscript": ("H{sub}`2`O", "H<sub>2</sub>O", "H<sub>2</sub>O"),
    "superscript": ("x{sup}`2`", "x<sup>2</sup>", "x<sup>2</sup>"),
    "abbreviation": (
        "{abbr}`CNN (réseau)`",
        '<abbr title="réseau">CNN</abbr>',
        '<abbr title="réseau">CNN</abbr>',
    ),
    "key": ("{kbd}`Ctrl`", "<kbd>Ctrl</kbd>", "<kbd>Ctrl</kbd>"),
    "struck": ("~~a~~", "<s>a</s>", "~~a~~"),
    "HTML": ("a <mark>b</mark>", "<mark>b</mark>", "a <mark>b</mark>"),
    "details": (
        "<details><summary>A</summary>\n\nb\n\n</details>",
        "<p>b</p>\n</details>",
        "b\n\n</details>",
    ),
    "address": (
        "https://exemple.org/l'a",
        'href="https://exemple.org/l&#x27;a"',
        "<https://exemple.org/l'a>",
    ),
    "link by reference": (
        "[a][b]\n\n[b]: https://exemple.org",
        '<a href="https://exemple.org">a</a>',
        "[a](https://exemple.org)",
    ),
    "comment": ("a <!-- b -->\n\n% c\n\n+++\n\nd", "<p>a </p>\n<p>d</p>", "a \n\nd"),
    "typography": (
        "L'un : « a » !",
        f"<p>L’un{NB}: «{NB}a{NB}»{NB}!</p>",
        f"L’un{NB}: «{NB}a{NB}»{NB}!",
    ),
    "signs that are text": (
        "1\\. a\n\n2 \\* 3 \\[a\\]\\(b\\)",
        "<p>1. a</p>",
        "1\\. a\n\n2 \\* 3 \\[a](b)",
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    (folder / "journal").mkdir()
    (folder / "journal" / "photo.png").write_bytes(b"photo")
    return folder


def written(folder, text: str, values: dict | None = None) -> tuple[str, str]:
    """A text in HTML and in Markdown, its notes at its end."""
    about = {"journal": {"file": "journal/jour-1.md", "line": 1, "values": values or {}}}
    attachments = {"image.png": {"image/png": "cGhvdG8="}}
    cell = markdown("m", text) | {"metadata": about, "attachments": attachments}
    entry = {"file": "jour-1.html", "source": "journal/jour-1.md", "title": "Jour"}
    ((page,), _) = read_all([SitePage(entry, {"cells": [cell]}, "")], [], folder, Assets())
    give_anchors(page, set())
    mark(page)
    html, plain = HtmlWriter(lambda target: ""), MarkdownWriter(lambda target: "")
    notes = page.footnotes
    made = "\n\n".join(filter(None, [plain(page.texts[0, None].tree), plain.footnotes(notes)]))
    return html(page.texts[0, None].tree) + html.footnotes(notes), made


@pytest.mark.parametrize("feature", FEATURES)
def test_what_each_feature_gives(folder, feature):
    text, html, plain = FEATURES[feature]
    site, document = written(folder, text)
    assert html in site
    assert plain in document
    assert "{" not in document.replace("{note}", "").replace("\\tag{", "").replace("{aligned}", "")


# Numbers, notes and images are resolved in the document.
READ_AGAIN = [
    name for name, (text, *_) in FEATURES.items() if not re.search(r"\.png|\^|math|\$", text)
]


@pytest.mark.parametrize("feature", READ_AGAIN)
def test_the_document_reads_as_it_was_written(folder, feature):
    """What JOURNAL.md holds, read again, gives the same text."""
    text, *_ = FEATURES[feature]
    site, document = written(folder, text)
    again, _ = written(folder, re.sub(r"<a id=.*?</a>", "", document))
    words = ("<em>", "<code>", "<li>", "<td", "<sub>", "<kbd>", "<h2")
    for word in words:
        assert again.count(word) >= site.count(word), document


@pytest.mark.parametrize(
    ("value", "site", "document"),
    [
        (Value("5 $ ou | *6* $\n<b> [a](b) # c"), "5 $ ou | *6* $ &lt;b&gt; [a](b) # c", None),
        (
            Value("**gras** et $x$", is_markdown=True),
            "<strong>gras</strong> et <math",
            "**gras** et $x$",
        ),
        (Value("</main><!-- x -->"), "&lt;/main&gt;&lt;!-- x --&gt;", None),
        (Value("a~b~ ~~c~~"), "a~b~ ~~c~~", "a\\~b\\~ \\~\\~c\\~~"),
    ],
)
def test_a_value_is_text_unless_it_says_that_it_is_markdown(folder, value, site, document):
    text = "| A |\n| - |\n| {eval}`x` |"
    html, plain = written(folder, text, {"x": value})
    assert f"<td>{site}" in html
    assert document is None or document in plain
    again, _ = written(folder, plain)  # as a forge reads it
    assert f"<td>{site}" in again


def test_a_value_whose_markdown_cannot_be_read_is_told(folder):
    with pytest.raises(RequestError, match="a brace"):
        written(folder, "{eval}`x`", {"x": Value("$x_{$", is_markdown=True)})


PIECES = [text for text, *_ in FEATURES.values()]
PIECES += [
    "```",
    "````",
    ":::",
    "~~~",
    "> ",
    "- ",
    "1. ",
    "    ",
    "|",
    "$",
    "$$",
    "\\",
    "[^a]",
    "<b>",
]
PIECES += ["(x)=", "+++", "%", "<!--", "-->", "{ref}`x`", "[](#x)", "[]()", "![]()", "@k", "*", "_"]
PIECES += [
    "{note}",
    "{math}``",
    "{abbr}`()`",
    "\\begin{align}",
    "---",
    "===",
    "# ",
    "\0",
    "\r\n",
    "&amp;",
]
PIECES += [f"```{{{name}}}\n```" for name in DIRECTIVES] + [f"{{{name}}}`x`" for name in ROLES]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(["", " ", "\n", "\n\n"]))))
def test_any_text_is_shown_or_refused_in_lines(folder, pieces):
    text = "".join(piece + end for piece, end in pieces)
    try:
        site, _ = written(folder, text)
    except RequestError as error:
        assert all(line and "\n" not in line for line in error.mistakes)
    else:
        shown = re.sub(r"<(pre|code)\b.*?</\1>", "", site, flags=re.DOTALL)
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", shown)
