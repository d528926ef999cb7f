import pytest

from carnet.text.markdown import EXPRESSION, headings, map_headings, shift_headings

FENCED = "# Un\n\n```python\n# comment\n```\n\n## Deux\n"


def test_headings_with_their_levels():
    text = "# Un\n\n###### Six ##\n\n####### sept\n#sans espace\nUn # dans le texte\n"
    assert list(headings(text)) == [(1, "Un"), (6, "Six")]


def test_comments_in_fenced_code_are_no_headings():
    assert list(headings(FENCED)) == [(1, "Un"), (2, "Deux")]


@pytest.mark.parametrize("fence", ["~~~", "````"])
def test_every_fence_of_markdown(fence):
    text = f"# Un\n\n{fence}\n```\n# comment\n{fence}\n\n# Deux\n"
    assert list(headings(text)) == [(1, "Un"), (1, "Deux")]
    assert shift_headings(text, 1) == text.replace("# Un", "## Un").replace("# Deux", "## Deux")


def test_a_title_that_ends_with_a_sign_keeps_it():
    assert list(headings("## En C#\n")) == [(2, "En C#")]


def test_shifting_leaves_code_and_stops_at_the_sixth_level():
    assert shift_headings(FENCED, 2) == "### Un\n\n```python\n# comment\n```\n\n#### Deux\n"
    assert shift_headings("#### Titre", 5) == "###### Titre"
    assert shift_headings("## Titre", -1) == "# Titre"


def test_headings_are_replaced_by_what_is_made_of_them():
    changed = map_headings("avant\n\n## A\n\naprès", lambda level, title: f"<{level}{title}>")
    assert changed == "avant\n\n<2A>\n\naprès"


def test_expressions():
    text = "a {eval}`fr(x.y)` b `{eval}` c {eval}`z`"
    assert EXPRESSION.findall(text) == ["fr(x.y)", "z"]
