"""The Markdown of JupyterLab with MyST, each feature on one page and in one notebook: what it gives
on the site, in JOURNAL.md and on paper, or the line that refuses it."""

import io
import re
import shutil
import unicodedata
from collections.abc import Iterable
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carnet.project.errors import InputError, RequestError
from carnet.project.paths import TEMPLATES
from carnet.project.settings import Settings
from carnet.publication import layout
from carnet.publication.browser import find_browser
from carnet.publication.footnotes import mark
from carnet.publication.html import HtmlWriter
from carnet.publication.outputs import Assets
from carnet.publication.pdf import render_pdf
from carnet.publication.plain import MarkdownWriter
from carnet.publication.references import give_anchors, taken_ids
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
    "setext heading": ("Souligné\n-----", '<h2 id="souligne">', "## Souligné"),
    "target": ("(ici)=\n## Cible", '<h2 id="cible">', "## Cible"),
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
        "| A | B |\n| :--- | :--- |\n| 1 | 2 |",
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
        "```{math}\n:label: f\nx\n```",
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
    "tildes and carets": ("H~2~O, x^2^", "<p>H~2~O, x^2^</p>", "H\\~2\\~O, x^2^"),
    "quotation marks, dashes": ('"a" -- b...', '<p>"a" -- b...</p>', '"a" -- b...'),
    "emoji": (":smile: 😀", "<p>:smile: 😀</p>", ":smile: 😀"),
    "span": ("[mot]{.red}", '<p><span class="red">mot</span></p>', "mot"),
    "code that holds a role": ("``{eval}`x` ``", "<code>{eval}`x` </code>", "``{eval}`x` ``"),
    "value": ("### Vaut {eval}`x`", "Vaut 42</a></h3>", "### Vaut 42"),
    "value in a cell": ("| A |\n|--:|\n| {eval}`x` |", '<td class="n">42</td>', "| 42 |"),
    "formula on one line": ("$$y$$", "<math", "$$\ny\n$$"),
    "aligned": (
        "$$\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}$$",
        "<mtable",
        "\\begin{aligned} a &= b",
    ),
    "signs that are text": (
        "1\\. a\n\n2 \\* 3 \\[a\\]\\(b\\)",
        "<p>1. a</p>",
        "1\\. a\n\n2 \\* 3 \\[a](b)",
    ),
}


# What leads to the features above, which have their names on the page.
REFERENCES = {
    "voir {eq}`e` et [](#e)": f'>(1)</a> et <a href="#e">l’équation{NB}(1)</a>',
    "voir {numref}`vue`": f'<a href="#vue">figure{NB}1</a>',
    "{numref}`Fig. %s <vue>`": '<a href="#vue">Fig. 1</a>',
    "voir [](#t), [le tableau](#t)": f'<a href="#t">tableau{NB}1</a>, <a href="#t">le tableau</a>',
    "{ref}`ici`, {ref}`là <ici>`": f'«{NB}Cible{NB}»</a>, <a href="#cible">là</a>',
    "[là](#titre)": '<a href="#titre">là</a>',
    "{doc}`../journal/jour-1`": ">Jour</a>",
    "{doc}`lui <../journal/jour-1>`": ">lui</a>",
    "[](../journal/jour-1.md), [](../journal/jour-1.html#ici)": '>Jour</a>, <a href="#cible">la',
    "[c](../notebooks/01_un.ipynb)": '<a href="carnet-un.html">c</a>',
    "{download}`la photo <photo.png>`": '<a href="downloads/photo-55c64d0f.png">la photo</a>',
    "{download}`photo.png`": '-55c64d0f.png"><code>photo.png</code></a>',
    "{cite:t}`he2016`, [@he2016]": ">He (2016)</a>, (<a href",
}

REFUSED = {
    "```{mermaid}\na\n```": "{mermaid}: no such directive: did you mean 'image'?",
    "```mermaid\na\n```": "```mermaid: nothing draws it: expected an image",
    ":::{tab-set}\na\n:::": "{tab-set}: no such directive: did you mean 'dropdown'?",
    ":::{grid}\na\n:::": "{grid}: no such directive: did you mean 'dropdown'?",
    "```{include} a.md\n```": "{include}: no such directive: did you mean 'code-block'?",
    "```{literalinclude} a\n```": "{literalinclude}: no such directive: did you mean 'code-block'?",
    "```{glossary}\na\n```": "{glossary}: no such directive: choose among: admonition, ",
    "```{epigraph}\na\n```": "{epigraph}: no such directive: did you mean 'note'?",
    "```{margin}\na\n```": "{margin}: no such directive: did you mean 'note'?",
    "```{prf:theorem} A\na\n```": "{prf:theorem}: no such directive: did you mean 'admonition'?",
    "```{exercise} A\na\n```": "{exercise}: no such directive: did you mean 'admonition'?",
    "```{code-cell} python\n1\n```": "{code-cell}: no such directive: did you mean 'embed'?",
    "```{notee}\na\n```": "{notee}: no such directive: did you mean 'note'?",
    "```{image} photo.png\n:widht: 3\n:alt: A\n```": (
        "{image} has no option 'widht': did you mean 'width'?"
    ),
    "{term}`a`": "{term}`a`: no such role: did you mean 'cite'?",
    "{unknownrole}`a`": "{unknownrole}`a`: no such role: choose among: abbr, ",
    "{{ nom }}": "{{ nom }}: not a role as it is written: expected {eval}`nom`, in one piece",
    "{eval}`(x\n + 0)`": "{eval}: not a role as it is written: expected {eval}`expression`, in one",
    "$\\newcommand{\\R}{x}$": 'Unknown LaTeX command "\\newcommand": none of ',
    "$\\aplha{x}$": "Unknown LaTeX command \"\\aplha\": did you mean 'alpha'?",
    "| a |\n|---|\n| `b | c` |": "2 cells of 1: expected \\| for a bar inside a cell",
    "a ![b](photo.png){width=50%}": '{width=50%}: expected {name="value"}',
    "![b](../images/vue.png)": "a build makes it: expected [](#vue) to what a page shows",
    "![b](https://exemple.org/x.png)": "an image from elsewhere: expected a file of the project",
    "![b](phot.png)": "![b](phot.png): no such file: did you mean 'photo.png'?",
    "[a](data.csv)": "(data.csv): a file that is not published: expected {download}`data.csv`",
    "{download}`phot.png`": "{download}`phot.png`: no such file: did you mean 'photo.png'?",
    "{doc}`jour-9`": "(jour-9): a file that is not published: ",
    "[](#vuu)": "#vuu: no page shows it: did you mean 'vue'?",
    "{cite}`he2017`": "@he2017: no such work: did you mean 'he2016'?",
    "### A {#b}": "{#b}: expected (b)= alone on the line before",
    '<span style="color:red">a</span>': "<span style=…>: not published",
    "<script>a()</script>": "<script>: this tag is not published",
    '<iframe src="a"></iframe>': "<iframe>: this tag is not published",
    '<video src="a"></video>': "<video>: this tag is not published",
}
LISTED_WORKS = "@he2016\n\n```{bibliography}\n```"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("project")
    for name in ("journal", "notebooks"):
        (folder / name).mkdir()
        (folder / name / "photo.png").write_bytes(b"photo")
    return folder


@pytest.fixture(scope="module")
def with_works(folder, tmp_path_factory):
    copy = tmp_path_factory.mktemp("works") / "project"
    shutil.copytree(folder, copy)
    work = "@book{he2016, author={He, K.}, title={Un livre}, year={2016}}"
    (copy / "journal" / "references.bib").write_text(work)
    return copy


def holding(texts: Iterable[str], values: dict | None = None, *, notebook=False) -> SitePage:
    """A page, or an executed notebook, that holds each text in a cell: the nth at line 100 n."""
    file = "notebooks/01_un.ipynb" if notebook else "journal/jour-1.md"
    cells = []
    for number, text in enumerate(texts, 1):
        place = {"number": number} if notebook else {"line": 100 * number}
        about = {"journal": {"file": file, "values": values or {}} | place}
        pasted = {"attachments": {"image.png": {"image/png": "cGhvdG8="}}, "metadata": about}
        cells.append(markdown(f"m{number}", text) | pasted)
    entry = {"file": "carnet-un.html" if notebook else "jour-1.html", "source": file}
    entry |= {"title": "Jour", "day": 1, "date": "", "summary": ""}
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return SitePage(entry | ({"notebook": "01_un.ipynb"} if notebook else {}), content, "")


def shown(page: SitePage, index: int) -> tuple[str, str]:
    """A text of a page in HTML and in Markdown, with the notes of the page."""

    def href(target) -> str:
        return f"#{target.anchor}" if target.anchor else target.file

    mark(page)  # a document whose pages stand together gives other marks
    html, plain = HtmlWriter(href), MarkdownWriter(href)
    tree, notes = page.texts[index, None].tree, page.footnotes
    made = "\n\n".join(filter(None, [plain(tree), plain.footnotes(notes)]))
    return html(tree) + html.footnotes(notes), made


def ready(root: Path, assets: Assets, page: SitePage, *notebooks: SitePage) -> list[SitePage]:
    """Pages and notebooks whose texts are read, with their anchors and notes."""
    read = [made for group in read_all([page], list(notebooks), root, assets) for made in group]
    for made in read:
        give_anchors(made, taken_ids(made))
    return read


def written(folder: Path, text: str, values: dict | None = None) -> tuple[str, str]:
    """A text alone, in HTML and in Markdown."""
    return shown(*ready(folder, Assets(), holding([text], values)), 0)


@pytest.fixture(scope="module")
def published(with_works):
    """A page and a notebook that hold every feature, and the files that these show."""
    texts = [*(text for text, *_ in FEATURES.values()), *REFERENCES, LISTED_WORKS]
    both = [holding(texts, {"x": Value("42")}, notebook=is_notebook) for is_notebook in (0, 1)]
    return *ready(with_works, assets := Assets(), *both), assets


def first(text: str) -> str:
    """A text in which each figure, table and equation is the first."""
    return re.sub(
        rf"(?<=igure[ {NB}])\d+|(?<=ableau[ {NB}])\d+|(?<=tag{{)\d+|(?<=\()\d(?=\)<)", "1", text
    )


def unnumbered(text: str) -> str:
    """A text of a notebook, which has no number for what no page shows."""
    return re.sub(r"<strong>\w+ 1</strong></a> — |\w+ 1 — ", "", text)


@pytest.mark.parametrize("is_notebook", [False, True])
@pytest.mark.parametrize("feature", FEATURES)
def test_what_each_feature_gives(published, feature, is_notebook):
    text, html, plain = FEATURES[feature]
    made = map(first, shown(published[is_notebook], list(FEATURES).index(feature)))
    expected = [html, plain]
    if is_notebook and "name:" not in text:
        made, expected = map(unnumbered, made), map(unnumbered, expected)
    for part, whole in zip(expected, made, strict=True):
        assert part in whole


@pytest.mark.parametrize("is_notebook", [False, True])
@pytest.mark.parametrize("text", REFERENCES)
def test_where_each_reference_leads(published, text, is_notebook):
    site, _ = shown(published[is_notebook], len(FEATURES) + list(REFERENCES).index(text))
    assert REFERENCES[text] in first(site)


@pytest.mark.slow
def test_every_feature_is_on_paper(published):
    """The words of the site are those of the PDF, what unfolds too."""
    from pypdf import PdfReader

    try:
        find_browser()
    except InputError as error:
        pytest.skip(str(error))
    page, _, assets = published
    pdf = render_pdf(Settings("J"), [page], {}, assets, TEMPLATES)
    paper = "".join(leaf.extract_text() for leaf in PdfReader(io.BytesIO(pdf)).pages)
    paper = unicodedata.normalize("NFKC", paper)  # no ligatures, which hang on the font
    for index, feature in enumerate([*FEATURES, *REFERENCES]):
        site = re.sub(r"<math.*?</math>|<section.*", "", shown(page, index)[0], flags=re.DOTALL)
        for word in re.findall(r"\w{3,}", unescape(re.sub(r"<[^>]*>", " ", site))):
            assert word in paper, feature


@pytest.mark.parametrize("is_notebook", [False, True])
def test_all_that_is_refused_is_told_at_once_with_its_line(with_works, is_notebook):
    texts = [*REFUSED, FEATURES["figure"][0], LISTED_WORKS]
    pages = [
        holding(() if is_notebook else texts),
        holding(texts if is_notebook else (), notebook=True),
    ]
    with pytest.raises(RequestError) as caught:
        ready(with_works, Assets(), *pages)
    for number, words in enumerate(REFUSED.values(), 1):
        (line,) = [line for line in caught.value.mistakes if words in line]
        cell, page = f"notebooks/01_un.ipynb, cell {number}, line ", f"jour-1.md, line {number}0"
        assert (cell if is_notebook else page) in line
    assert len(caught.value.mistakes) == len(REFUSED)


@pytest.mark.parametrize(
    ("kind", "html", "plain"),
    [
        ("text/html", "<b>a</b>", "<b>a</b>"),
        ("text/markdown", "&lt;b&gt;", "\\<b>"),
        ("text/latex", "", ""),
        (None, "", ""),
    ],
)
def test_a_raw_cell_is_shown_by_its_format(folder, kind, html, plain):
    page = holding(["\\<b>" if kind == "text/markdown" else "<b>a</b>"])
    page.notebook["cells"][0]["cell_type"] = "raw"
    page.notebook["cells"][0]["metadata"]["format"] = kind
    (page,) = ready(folder, Assets(), page)
    for writer, part in ((HtmlWriter(str), html), (MarkdownWriter(str), plain)):
        (cell,) = layout.written(page, writer, "text/html").notebook["cells"]
        assert part in cell["source"]
        assert bool(part) == bool(cell["source"])


# Numbers, notes and images are resolved in the document.
READ_AGAIN = [
    name for name, (text, *_) in FEATURES.items() if not re.search(r"\.png|\^|math|\$|eval", text)
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
        (Value("a~b~ ~~c~~"), "a~b~ ~~c~~", "a\\~b\\~ \\~\\~c\\~\\~"),
    ],
)
def test_a_value_is_text_unless_it_says_that_it_is_markdown(folder, value, site, document):
    text = "| A |\n| - |\n| {eval}`x` |"
    html, plain = written(folder, text, {"x": value})
    assert f"<td>{site}" in html
    assert document is None or document in plain
    again, _ = written(folder, plain)  # as a forge reads it
    assert f"<td>{site}" in again


def test_an_empty_value_leaves_one_space(folder):
    site, document = written(folder, "un {eval}`x` deux", {"x": Value("")})
    assert "un\u200b deux" in site
    assert "un\u200b deux" in document


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
