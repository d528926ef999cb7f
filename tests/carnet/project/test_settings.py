"""`journal.yml`: what it may say, and one line for each thing that is wrong."""

import pytest

from carnet.project.errors import RequestError
from carnet.project.settings import Author, Settings, read_settings

WHOLE = """
title: Carnet de chiffres
authors:
  - {name: Josiah Carberry, orcid: 0000-0002-1825-0097}
  - name: Ada
language: en
licence: CC BY 4.0
repository: https://example.org/journal
profile: petit
bibliography: journal/livres.bib
"""


def read(folder, text: str) -> Settings:
    (folder / "journal.yml").write_text(text)
    return read_settings(folder)


def test_every_key_is_read(tmp_path):
    (tmp_path / "journal").mkdir()
    (tmp_path / "journal" / "livres.bib").write_text("")
    assert read(tmp_path, WHOLE) == Settings(
        title="Carnet de chiffres",
        authors=(Author("Josiah Carberry", "0000-0002-1825-0097"), Author("Ada")),
        language="en",
        licence="CC BY 4.0",
        repository="https://example.org/journal",
        profile="petit",
        bibliography="journal/livres.bib",
    )


CITED = """authors:
  - {given-names: Ada, family-names: Lovelace, orcid: https://orcid.org/0000-0002-1825-0097}
  - name: Un groupe
"""


def test_authors_are_those_of_the_citation_where_none_is_named(tmp_path):
    (tmp_path / "CITATION.cff").write_text(CITED)
    both = (Author("Ada Lovelace", "0000-0002-1825-0097"), Author("Un groupe"))
    assert read_settings(tmp_path).authors == both
    assert read(tmp_path, "title: A").authors == both
    assert read(tmp_path, "authors: [{name: B}]").authors == (Author("B"),)


@pytest.mark.parametrize("text", ["title: A", "authors: A", "authors: [{alias: A}]", "{"])
def test_a_citation_that_names_nobody_is_one_line(tmp_path, text):
    (tmp_path / "CITATION.cff").write_text(text)
    with pytest.raises(RequestError, match=r"CITATION\.cff: authors: expected `- name"):
        read_settings(tmp_path)


def test_a_journal_may_do_without(tmp_path):
    assert read_settings(tmp_path) == read(tmp_path, "") == Settings()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("titel: x", "unknown key 'titel': did you mean 'title'?"),
        ("title: 3", "title: 3: expected a line of text"),
        ("title: ' '", "title: ' ': expected a line of text"),
        ("profile:", "profile: None: expected a line of text"),
        ("language: fra", "language: 'fra': did you mean 'fr'?"),
        ("language: xx", "language: 'xx': choose among: en, fr"),
        ("address: a.org", "address: 'a.org': expected an address that begins with https://"),
        ("repository: a/b", "repository: 'a/b': expected an address that begins with https://"),
        ("days: seance", "days: 'seance': expected a name with one {} for the number"),
        ("days: a/{}", "days: 'a/{}': expected a name"),
        ("bibliography: none.bib", "bibliography: 'none.bib': no such file"),
        ("authors: Ada", "authors: 'Ada': expected lines such as"),
        ("authors: {name: Ada}", "authors: {'name': 'Ada'}: expected lines such as"),
        ("authors: [{orcid: x}]", "authors: {'orcid': 'x'}: expected lines such as"),
        ("authors: [{name: Ada, mail: x}]", "authors: {'name': 'Ada', 'mail': 'x'}: expected"),
        (
            "authors: [{name: Ada, orcid: 0000-0002-1825-0098}]",
            "authors: Ada: orcid '0000-0002-1825-0098': not a valid ORCID",
        ),
        ("- title", "expected lines `key: value`"),
        ("{", "not valid YAML"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path, text, message):
    with pytest.raises(RequestError) as caught:
        read(tmp_path, text)
    (line,) = caught.value.mistakes
    assert line.startswith(f"journal.yml: {message}")


def test_all_mistakes_are_told_at_once(tmp_path):
    with pytest.raises(RequestError) as caught:
        read(tmp_path, "titel: x\nlanguage: de\nauthors: 3\n")
    assert len(caught.value.mistakes) == 3


@pytest.mark.parametrize("orcid", ["0000-0002-1694-233X", "0000-0001-5109-3700"])
def test_the_check_digit_of_an_orcid_may_be_an_x(tmp_path, orcid):
    assert read(tmp_path, f"authors: [{{name: A, orcid: {orcid}}}]").authors[0].orcid == orcid
