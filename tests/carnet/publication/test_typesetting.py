import pytest

from carnet.publication.html import HtmlWriter
from carnet.publication.typesetting import typeset
from carnet.text.myst import read


def typeset_html(text: str) -> str:
    tree = read(text).tree.deepcopy()
    typeset(tree)
    return HtmlWriter(lambda target: None)(tree).strip()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("L'essai : `l'un : x` !", "<p>L’essai\u00a0: <code>l'un : x</code>\u00a0!</p>"),
        ("l'`a` « `b` »", "<p>l’<code>a</code> «\u00a0<code>b</code>\u00a0»</p>"),
        ("**Gras** : suite ?", "<p><strong>Gras</strong>\u00a0: suite\u00a0?</p>"),
        ("```\nl'un : ?\n```", "l'un : ?\n"),
        ("    l'un : ?", "l'un : ?\n"),
        ("https://exemple.org/l'autre !", "l'autre</a>\u00a0!</p>"),
        ("[l'un](https://exemple.org/l'autre)", '/l&#x27;autre">l’un</a>'),
        ("[l'un][r]\n\n[r]: https://exemple.org/l'autre", '/l&#x27;autre">l’un</a>'),
        ("| L'un : |\n| - |\n| l'a ? |", "<td>l’a\u00a0?</td>"),
    ],
)
def test_prose_is_typeset_and_code_and_addresses_are_not(written, expected):
    assert expected in typeset_html(written)


def test_alternative_texts_are_typeset():
    tree = read("du texte ![L'image : un](a.png)").tree.deepcopy()
    typeset(tree)
    assert tree[0][1]["alt"] == "L’image\u00a0: un"


def test_formulas_are_left_alone():
    assert "<mi>a</mi><mo>∶</mo><mi>b</mi></math> et c\u00a0: d" in typeset_html("$a : b$ et c : d")


def test_typesetting_twice_changes_nothing_more():
    tree = read("L'essai : « un » ?").tree.deepcopy()
    typeset(tree)
    once = tree.astext()
    typeset(tree)
    assert tree.astext() == once == "L’essai\u00a0: «\u00a0un\u00a0»\u00a0?"
