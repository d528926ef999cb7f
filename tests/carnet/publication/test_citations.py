"""Works of a BibTeX file, cited and listed in two pages."""

import pytest

from carnet.project.errors import RequestError
from carnet.project.paths import TEMPLATES
from carnet.project.settings import Settings
from carnet.publication.document import render_document
from carnet.publication.outputs import Assets
from carnet.publication.rendering import read_all
from carnet.publication.texts import SitePage
from tests.carnet.conftest import markdown

BIB = r"""
@inproceedings{krause2013, author = {Krause, Jonathan and Stark, Michael and Deng, Jia and
Fei-Fei, Li}, title = {{3D} Object Representations}, booktitle = {ICCV}, year = 2013,
keywords = {données}, note = {L'article de Stanford Cars.}}
@inproceedings{zeiler2014, author = {Zeiler, Matthew D. and Fergus, Rob}, title = {Visualizing},
year = 2014, url = {https://arxiv.org/abs/1311.2901}}
@article{dollar2016, author = {Doll{\'a}r, Jean-Paul}, title = {Un}, journal = {Revue}, year = 2016,
doi = {10.1000/1}}
@misc{dollar2016bis, author = {Doll{\'a}r, Jean-Paul}, title = {Deux}, year = 2016}
"""
LISTS = "## Tout\n\n```{bibliography}\n```\n"
ALL = "{cite:t}`krause2013,zeiler2014`, [@dollar2016; @dollar2016bis] et @zeiler2014."


def document(folder, *texts: str, bib: str = BIB, language: str = "") -> str:
    """Pages of these texts, the last of which may have a language of its own."""
    (folder / "journal").mkdir()
    (folder / "journal" / "references.bib").write_text(bib)
    pages = []
    for order, text in enumerate(texts, 1):
        about = {"journal": {"file": f"journal/jour-{order}.md", "line": 1}}
        cell = markdown("m", text) | {"metadata": about}
        entry = {"file": f"jour-{order}.html", "source": f"journal/jour-{order}.md"}
        entry |= {"title": f"Jour {order}", "date": "", "day": order}
        content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        pages.append(SitePage(entry, content, ""))
    pages[-1].entry["language"] = language
    shown, _ = read_all(pages, [], folder, Assets())
    return render_document(Settings(title="J"), shown, TEMPLATES)


def test_works_are_named_by_author_and_year(tmp_path):
    text = document(tmp_path, ALL, LISTS)
    assert (
        "[Krause et\u00a0al. (2013)](#ref-krause2013) et [Zeiler et Fergus (2014)](#ref-zeiler2014)"
        ", ([Dollár, 2016a](#ref-dollar2016)\u00a0; [Dollár, 2016b](#ref-dollar2016bis)) et "
        "[Zeiler et Fergus (2014)](#ref-zeiler2014)."
    ) in text


def test_works_are_cited_in_captions_cells_and_titles_too(tmp_path):
    table = ":::{table} Selon {cite:t}`zeiler2014`\n\n| A |\n| - |\n| [@zeiler2014] |\n:::"
    text = document(tmp_path, f"## D'après @zeiler2014\n\n{table}\n\n{ALL}", LISTS)
    link = "(#ref-zeiler2014)"
    assert f"| ([Zeiler et Fergus, 2014]{link}) |" in text
    assert f"— Selon [Zeiler et Fergus (2014)]{link}.*" in text
    assert f"### D’après [Zeiler et Fergus (2014)]{link}" in text


def test_works_are_listed_by_author_with_their_addresses(tmp_path):
    listed = document(tmp_path, ALL, LISTS).split("### Tout")[1]
    assert "J.\u00a0Krause, " in listed
    listed = listed.replace("\u00a0", " ")
    assert [line for line in listed.splitlines() if line] == [
        '- <a id="ref-dollar2016"></a>J.-P. Dollár (2016a), *Un*, Revue, '
        "<https://doi.org/10.1000/1>.",
        '- <a id="ref-dollar2016bis"></a>J.-P. Dollár (2016b), *Deux*.',
        '- <a id="ref-krause2013"></a>J. Krause, M. Stark, J. Deng et L. Fei-Fei (2013), '
        "*3D Object Representations*, ICCV. L’article de Stanford Cars.",
        '- <a id="ref-zeiler2014"></a>M. D. Zeiler et R. Fergus (2014), *Visualizing*, '
        "<https://arxiv.org/abs/1311.2901>.",
    ]


def test_works_are_listed_in_the_language_of_the_page(tmp_path):
    listed = document(tmp_path, ALL, LISTS, language="en")
    assert "M.\u00a0Stark, J.\u00a0Deng, and L.\u00a0Fei-Fei (2013), " in listed
    assert "et [Zeiler et Fergus (2014)]" in listed


def test_a_list_of_one_keyword(tmp_path):
    lists = "```{bibliography} données\n```\n\n## Suite\n\n```{bibliography}\n```"
    before, after = document(tmp_path, ALL, lists).split("### Suite")
    assert 'ref-krause2013"></a>' in before
    assert 'ref-zeiler2014"></a>' not in before
    assert 'ref-zeiler2014"></a>' in after


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([f"{ALL}\n\n{{cite:p}}`krause2031`", LISTS], ["line 3: @krause2031: no such work: did"]),
        (["{cite:t}`krause2013`", LISTS], ["zeiler2014: nothing cites it"]),
        ([ALL], ["journal/references.bib: krause2013: no page lists it: expected"]),
    ],
)
def test_what_is_not_cited_known_or_listed_is_told(tmp_path, texts, told):
    with pytest.raises(RequestError) as caught:
        document(tmp_path, *texts)
    for line in told:
        assert any(line in mistake for mistake in caught.value.mistakes), caught.value.mistakes


def test_a_name_after_an_at_sign_that_is_no_work_is_text(tmp_path):
    assert " @quelquun." in document(tmp_path, f"{ALL} @quelquun.", LISTS)


def test_a_file_that_cannot_be_read_is_one_line(tmp_path):
    with pytest.raises(RequestError) as caught:
        document(tmp_path, "A.", bib="@article{x, title = {A")
    (line,) = caught.value.mistakes
    assert line.startswith("journal/references.bib: ")
