"""The journal on paper, printed by a real browser where there is one."""

import io

import pytest

from lib.journal import pdf
from lib.journal.errors import InputError

pytestmark = pytest.mark.slow


@pytest.fixture
def browser():
    try:
        return pdf.find_browser()
    except InputError as error:
        pytest.skip(str(error))


def test_the_pdf_has_a_title_page_contents_and_page_numbers(built, browser):
    from pypdf import PdfReader

    built.build("--to", "pdf")
    data = (built.root / pdf.DOCUMENT).read_bytes()
    reader = PdfReader(io.BytesIO(data))
    cover, contents, *pages = [page.extract_text() for page in reader.pages]
    assert "Journal de bord" in cover
    assert "Jour 1" in cover
    assert "Sommaire" in contents
    (number,) = [n for n, text in enumerate(pages, 3) if "Le double vaut 12,0" in text]
    assert f"La mesure {number}" in contents
    assert str(number) in pages[number - 3].splitlines()[0]
    assert (built.root / "journal" / "site" / "jour-1.html").exists()  # another format's
    built.build("--force", "--to", "pdf")
    assert (built.root / pdf.DOCUMENT).read_bytes() == data


def test_without_a_browser_one_line_says_how_to_get_one(project, monkeypatch):
    monkeypatch.setenv(pdf.VARIABLE, "no-such-browser")
    done = project.build("--to", "pdf", check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "CHROME_PATH=no-such-browser: install Chromium" in done.stderr
    assert not (project.root / "runs" / "notebooks").exists()


def test_a_browser_that_prints_nothing_is_one_line(built, monkeypatch):
    monkeypatch.setenv(pdf.VARIABLE, "true")
    done = built.build("--to", "pdf", check=False)
    assert done.returncode == 2
    assert "printed nothing: it said nothing" in done.stderr
    assert not (built.root / pdf.DOCUMENT).exists()
