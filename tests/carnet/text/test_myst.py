import pytest

from carnet.text.myst import read


def told(text: str) -> list[tuple[int, str]]:
    return [tuple(mistake) for mistake in read(text).mistakes]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a\n\n```{notee}\nb\n```", 3, "{notee}: no such directive: did you mean 'note'?"),
        ("un {ste}`x`", 1, "did you mean 'cite'?"),
        ("```{figure} a.png\n:widht: 3\n\nb\n```", 2, "{figure} has no option 'widht': did you"),
        ("```{image} a.png\n:width: large\n:alt: b\n```", 2, "'large': expected pixels"),
        ("```{figure}\n```", 1, "1 argument(s) required"),
        ("```{note}\n```", 1, "{note}: nothing in it"),
        ("```{list-table} T\n* - a\n* - b\n  - c\n```", 1, "uniform two-level bullet list"),
        ("$\\left( x$", 1, "$\\left( x$: \\left and \\right do not come in pairs"),
        ("a\n\n$$\n\n$$", 3, "an empty formula"),
        ("```{math}\nx_{\n```", 1, "a brace { or } without the other"),
        ("{math}`a_b_c`", 1, "two _ on one symbol"),
        ("{eval} `x`", 1, "{eval}: not a role as it is written: expected {eval}`x`, in one piece"),
        ("| a |\n| - |\n| {eval}`a|b` |", 3, "{eval}: not a role as it is written"),
        ("{ eval }`x`", 1, "{ eval }: not a role as it is written: expected {eval}`x`, in one"),
        ("{éval}`x`", 1, "{éval}: not a role as it is written: expected {eval}`x`, in one piece"),
        ("a eval`x`", 1, "eval: not a role as it is written: expected {eval}`x`, in one piece"),
        ("a `{eval}x`", 1, "`{eval}x`: not a role as it is written: expected {eval}`x`"),
        ("a {{ b.c }}", 1, "{{ b.c }}: not a role as it is written: expected {eval}`b.c`"),
        ("{embed} a", 1, "{embed}: not a directive as it is written: expected ```{embed} at"),
        ("```embed a\n```", 1, "```embed a: not a directive as it is written: expected ```{embed}"),
        ("```note\na\n```", 1, "```note: not a directive as it is written: expected ```{note}"),
        ("{eval}` `", 1, "{eval}: an empty expression"),
        ("> ```{embed} a\n> ```", 1, "{embed}: expected alone at the margin of a page"),
        ("> [!NOTTE]\n> a", 1, "[!NOTTE]: neither a link nor an alert"),
        ("a\n\n<script>alert(1)</script>", 3, "<script>: this tag is not published"),
        ("</main>", 1, "</main>: this tag is not published"),
        ("<details>\n\na", 1, "<details>: never closed"),
        ("a</b>", 1, "</b>: closes nothing that is open"),
        ("[a](javascript:b)", 1, "[a](javascript:b): neither a link nor an alert: expected"),
        ("[a](b c.md)", 1, "[a](b c.md): neither a link nor an alert"),
        ("[a](tel:1)", 1, "(tel:1): expected an address https://…, a file or #name"),
    ],
)
def test_what_is_not_known_is_told_with_its_line(text, line, words):
    mistakes = told(text)
    assert any(words in mistake for _, mistake in mistakes), mistakes
    assert mistakes[0][0] == line
    assert not any("\n" in mistake for _, mistake in mistakes)


def test_all_mistakes_at_once():
    assert [line for line, _ in told("{a}`b`\n\n```{c}\n```\n\n$x_{$\n\n<x>\n")] == [1, 3, 6, 8]


@pytest.mark.parametrize(
    "text",
    [
        "5 $ et 10 $, 5$ et 6$",
        "<kbd>Ctrl</kbd> <!-- <script> -->\n\n<details><summary>A</summary>\n\nb\n\n</details>",
        "```text\n{eval} `x` {notee}`y`\n```",
        "`{eval} ` `x`",
        "user@example.org et @handle",
        "% commentaire\n\n+++\n\n(cible)=\n# A",
    ],
)
def test_what_is_well_written_is_not_told(text):
    assert told(text) == []


def test_definitions_of_other_cells_serve():
    assert "refuri" in read("[a][b]", "[b]: https://exemple.org").tree.pformat()
    assert read("[a][b]", "[b]: https://exemple.org").mistakes == ()


def test_an_image_alone_is_a_figure_with_its_description_for_a_caption():
    assert [c.tagname for c in read("![Une photo](a.png)").tree[0]] == ["image", "caption"]
    assert [c.tagname for c in read("![image.png](attachment:image.png)").tree[0]] == ["image"]
    assert read('![Une photo](a.png "Titre")').tree[0][1].astext() == "Titre"
    assert read("texte ![Une photo](a.png)").tree[0].tagname == "paragraph"
