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
from tests.carnet.publication.features import FEATURES, LISTED_WORKS, NB, REFERENCES, REFUSED


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
    assert "<p>un deux" in site
    assert document.startswith("un deux")


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
