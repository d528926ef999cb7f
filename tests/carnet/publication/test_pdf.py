"""The journal on paper, printed by a real browser where there is one."""

import io

import pytest

from carnet.project.errors import InputError
from carnet.publication import browser as browsers
from carnet.publication import documents

pytestmark = pytest.mark.slow


@pytest.fixture
def browser():
    try:
        return browsers.find_browser()
    except InputError as error:
        pytest.skip(str(error))


def test_the_pdf_has_a_title_page_contents_and_page_numbers(built, browser):
    from pypdf import PdfReader

    done = built.build("--to", "pdf")
    *notebooks, changed, opened = done.stderr.splitlines()
    assert f"changed under {built.root}" in changed
    assert opened == f"open {built.root / documents.PDF_DOCUMENT}"
    assert all("  up to date" in line for line in notebooks)
    paper = built.root / documents.PDF_DOCUMENT
    data = paper.read_bytes()
    reader = PdfReader(io.BytesIO(data))
    cover, contents, *pages = [page.extract_text() for page in reader.pages]
    assert "Journal de bord" in cover
    assert "Jour 1" in cover
    assert "Sommaire" in contents
    (number,) = [n for n, text in enumerate(pages, 3) if "Le double vaut 12,0" in text]
    assert f"La mesure {number}" in contents
    assert str(number) in pages[number - 3].splitlines()
    assert "Journal de bord Jour 1\u00a0: essai" in pages[number - 3].splitlines()
    fonts = [f["/BaseFont"] for page in reader.pages for f in page["/Resources"]["/Font"].values()]
    assert {name.partition("+")[2] for name in fonts} >= {"Inter-Regular", "Literata-Regular"}
    assert (built.root / "journal" / "site" / "jour-1.html").exists()  # another format's
    assert built.ask("--check").stdout == "up to date\n"
    paper.unlink()
    built.build("--to", "pdf")
    assert paper.read_bytes() == data


def test_headings_with_formulas_are_numbered_and_a_wide_table_turns_its_page(built, browser):
    """The table shrinks no other page."""
    from pypdf import PdfReader

    row = "| " + "Colonne | " * 14
    table = f"```{{table}} T\n{row}\n{row.replace('Colonne', '---')}\n{row}\n```"
    heading = f"{table}\n\n## La mesure\n\n### Un $x^2$ et `code`\n"
    built.edit("journal/jour-1.md", "## La mesure\n", heading)
    built.build("--to", "pdf")
    pages = PdfReader(built.root / documents.PDF_DOCUMENT).pages
    texts = [page.extract_text() for page in pages]
    (number,) = [n for n, text in enumerate(texts, 1) if "Le double" in text]
    numbered = [line for line in texts[1].splitlines() if line.endswith(f" {number}")]
    assert [line.split()[0] for line in numbered] == ["La", "Un"]
    shapes = ["Colonne" in text for text in texts]
    assert [page.mediabox.width > page.mediabox.height for page in pages] == shapes
    assert shapes.count(True) == 1


def test_a_journal_without_pages_is_one_line(project):
    for page in (project.root / "journal").glob("*.md"):
        page.unlink()
    done = project.ask("--to", "pdf")
    assert done.returncode == 2
    assert done.stderr.startswith("--to pdf: the journal has no page: expected journal/jour-1.md")
    assert done.stderr.count("\n") == 1
    assert not (project.root / "runs" / "notebooks").exists()


def test_without_a_browser_one_line_says_how_to_get_one(project, monkeypatch):
    monkeypatch.setenv(browsers.VARIABLE, "no-such-browser")
    done = project.ask("--to", "pdf")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "CHROME_PATH=no-such-browser: install Chromium" in done.stderr
    assert not (project.root / "runs" / "notebooks").exists()


def test_a_browser_that_prints_nothing_is_one_line(built, monkeypatch):
    monkeypatch.setenv(browsers.VARIABLE, "true")
    done = built.build("--to", "pdf", check=False)
    assert done.returncode == 2
    assert "printed nothing: it said nothing" in done.stderr
    assert not (built.root / documents.PDF_DOCUMENT).exists()


def test_the_pdf_says_whose_it_is_and_leaves_out_what_is_true_of_the_site_alone(built, browser):
    from pypdf import PdfReader

    named = (
        'authors: [{name: "Ada \\"L\\" Lovelace"}, {name: Charles Babbage}]\nlicence: CC BY 4.0\n'
    )
    built.edit("journal.yml", "profile:", f"{named}profile:")
    built.build("--to", "pdf")
    reader = PdfReader(built.root / documents.PDF_DOCUMENT)
    cover = reader.pages[0].extract_text()
    assert reader.metadata.author == 'Ada "L" Lovelace et Charles Babbage'
    assert (reader.metadata.creator, reader.metadata.subject) == ("carnet", "CC BY 4.0")
    assert 'Ada "L" Lovelace' in cover and "CC BY 4.0" in cover
