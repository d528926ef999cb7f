import pytest

from carnet.text.markdown import Heading, after, expressions, fences, headings, opening_heading


def found(text: str) -> list[tuple[int, str]]:
    return [(heading.level, heading.title) for heading in headings(text)]


def codes(text: str) -> list[str]:
    return [expression.code for expression in expressions(text)]


def test_headings_with_their_levels():
    text = "# Un\n\n###### Six ##\n\n####### sept\n#sans espace\nUn # dans le texte\n\nDeux\n---\n"
    assert found(text) == [(1, "Un"), (6, "Six"), (2, "Deux")]


def test_a_title_that_ends_with_a_sign_keeps_it():
    assert found("## En C#\n") == [(2, "En C#")]


def test_expressions_in_order_with_their_lines():
    text = "# {eval}`fr(x.y)`\n\n`{eval}` et {eval}`` z['`'] ``\n\n| a |\n| - |\n| {eval}`t` |\n"
    assert [(e.code, e.line) for e in expressions(text)] == [
        ("fr(x.y)", 1),
        ("z['`']", 3),
        ("t", 7),
    ]


def test_expressions_in_directives():
    text = ":::{note} {eval}`titre`\nA\n\n```{tip}\n{eval}`corps`\n```\n:::\n\n{eval}`suite`"
    assert [(e.code, e.line) for e in expressions(text)] == [
        ("titre", 1),
        ("corps", 5),
        ("suite", 9),
    ]
    assert codes("```{code-block} python\n{eval}`x`\n```") == []


UNENDED = "```\nHERE"
CODE = [
    "```text\nHERE\n```",
    "````\n```\nHERE\n```\n````",
    "`````\nHERE\n`````",
    "~~~\n```\nHERE\n~~~",
    "~~~ `a`\nHERE\n~~~~",
    "- un\n\n  ```\n  HERE\n  ```",
    "> ```\n> HERE\n> ```",
    "<!-- un\nHERE\n-->",
    "<pre>\nHERE\n</pre>",
    "texte ` seul\n```\nHERE ` \n```",
    "    HERE",
    UNENDED,
]


@pytest.mark.parametrize("code", CODE)
def test_what_is_in_code_is_left_alone(code):
    expression, heading = code.replace("HERE", "{eval}`x`"), code.replace("HERE", "# Titre")
    assert codes(expression) == found(heading) == []
    if code != UNENDED:
        assert codes(f"{expression}\n\n{{eval}}`y`") == ["y"]
        assert found(f"{heading}\n\n# Fin") == [(1, "Fin")]


@pytest.mark.parametrize("text", ["`` {eval}`x` ``", r"\`a {eval}`x` `"])
def test_what_is_in_a_code_span_is_no_expression(text):
    assert codes(text) == (["x"] if text[0] == "\\" else [])


def test_fences_say_where_they_stand():
    text = "a\n\n```{embed} x#Y\n```\n\n> ~~~~ text\n> ```\n> ~~~~\n\n:::{note}\nb\n:::\n```\nc"
    assert [(f.info, f.body, f.line, f.level, f.ended) for f in fences(text)] == [
        ("{embed} x#Y", "", 2, 0, True),
        ("text", "```\n", 5, 1, True),
        ("{note}", "b\n", 9, 0, True),
        ("", "c", 12, 0, False),
    ]


@pytest.mark.parametrize("before", ["", "\n \n", "  ", "<!-- un\ndeux -->\n<!-- trois -->\n\n"])
def test_the_heading_that_begins_a_text(before):
    text = f"{before}## A ##\n\n  suite\n"
    heading = opening_heading(text)
    assert (heading.level, heading.title) == (2, "A")
    assert after(text, heading) == "  suite"


def test_a_target_before_a_heading_does_not_count():
    assert opening_heading("(cible)=\n## A\nb") == Heading(2, "A", 1, 2)


@pytest.mark.parametrize("text", ["a\n# B", "    # code", "<!-- a --> b <!-- c -->\n# D", ""])
def test_a_text_that_begins_otherwise(text):
    assert opening_heading(text) is None
