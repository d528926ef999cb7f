import pytest

from carnet.text.markdown import (
    Block,
    Expression,
    blocks,
    expressions,
    headings,
    map_expressions,
    map_headings,
    opening_heading,
    parse,
    shift_headings,
)

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


def test_prose_and_expressions_in_order():
    text = "a {eval}`fr(x.y)` b `{eval}` c {eval}`` z['`'] ``"
    assert parse(text) == [
        "a ",
        Expression("fr(x.y)", "{eval}`fr(x.y)`"),
        " b `{eval}` c ",
        Expression("z['`']", "{eval}`` z['`'] ``"),
        "",
    ]


def test_expressions_are_replaced_by_their_values():
    text = "# {eval}`a`\n\n`{eval}` et {eval}`b`."
    assert map_expressions(text, lambda found: found.code.upper()) == "# A\n\n`{eval}` et B."


UNENDED = "```\nHERE"
CODE = [
    "```text\nHERE\n```",
    "````\n```\nHERE\n```\n````",
    "`````\nHERE\n`````",
    "~~~\n```\nHERE\n~~~",
    "~~~ `a`\nHERE\n~~~~",
    "- un\n\n  ```\nHERE\n  ```",
    "> ```\n> HERE\n> ```",
    "<!-- un\nHERE\n-->",
    "<pre>\nHERE\n</pre>",
    "texte ` seul\n```\nHERE ` \n```",
    UNENDED,
]


@pytest.mark.parametrize("code", CODE)
def test_what_is_in_code_is_left_alone(code):
    expression, heading = code.replace("HERE", "{eval}`x`"), code.replace("HERE", "# Titre")
    assert expressions(expression) == []
    assert list(headings(heading)) == []
    assert shift_headings(heading, 1) == heading
    if code != UNENDED:
        assert [found.code for found in expressions(f"{expression}\n\n{{eval}}`y`")] == ["y"]
        assert list(headings(f"{heading}\n\n# Fin")) == [(1, "Fin")]


@pytest.mark.parametrize("text", ["`` {eval}`x` ``", r"\`a {eval}`x` `", "```{eval}`x````"])
def test_what_is_in_a_code_span_is_no_expression(text):
    assert [found.code for found in expressions(text)] == (["x"] if text[0] == "\\" else [])


def test_fenced_blocks_are_apart():
    text = "a\n\n```{embed} x#Y\n```\n\n~~~~ text\n```\n~~~~\nb\n```\nc"
    assert list(blocks(text)) == [
        "a\n\n",
        Block("{embed} x#Y", "", "```{embed} x#Y\n```", True),
        "\n\n",
        Block("text", "\n```", "~~~~ text\n```\n~~~~", True),
        "\nb\n",
        Block("", "\nc", "```\nc", False),
        "",
    ]


@pytest.mark.parametrize("before", ["", "\n \n", "  ", "<!-- un\ndeux -->\n<!-- trois -->\n\n"])
def test_the_heading_that_begins_a_text(before):
    assert opening_heading(f"{before}## A ##\n\n  suite\n") == (2, "A", "  suite\n")


@pytest.mark.parametrize("text", ["a\n# B", "    # code", "<!-- a --> b <!-- c -->\n# D", ""])
def test_a_text_that_begins_otherwise(text):
    assert opening_heading(text) is None
