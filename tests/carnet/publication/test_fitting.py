"""Figures of a printed document that shrink rather than leave a gap."""

import pytest

from carnet.publication.fitting import FIGURE, fitted, marked, rules


def document(*chapters: list[str]) -> str:
    """A cover, and chapters of figures of 960 × 600 pixels, printed 98.75 mm high."""
    shown = '<a class="image"><img src="a.svg" alt="a" width="960" height="600" class="wide"></a>'
    parts = ['<section class="cover"></section>']
    for number, anchors in enumerate(chapters, 1):
        figures = "".join(f'<figure id="{a}">\n<div>{shown}</div></figure>' for a in anchors)
        parts.append(f'<section class="chapter-{number}">{figures}</section>')
    return "".join(parts)


def points(millimetres: float) -> float:
    return millimetres * 72 / 25.4


def test_a_mark_stands_before_each_figure_and_links_on_the_first_page():
    html = marked(document(["a"], ["b"]))
    cover, rest = html.split("</section>", 1)
    assert [f'href="#{name}"' in cover for name in ("a", "avant-a", "b", "avant-b")] == [True] * 4
    assert rest.count('<div class="mark" id="avant-') == 2
    assert '<div class="mark" id="avant-b"></div><figure id="b">' in rest
    assert len(FIGURE.findall(html)) == 2


@pytest.mark.parametrize(
    ("page", "left", "height"),
    [
        (5, 140, {"a": 90.0}),  # 140 mm from the bottom, less its margin and the caption
        (5, 118, {}),  # 68 mm are less than seven tenths
        (4, 140, {}),  # it stands where its mark does
        (5, 158, {}),  # it would fit: something else moved it
    ],
)
def test_a_figure_that_moved_shrinks_if_the_room_is_worth_it(page, left, height):
    places = {"a": (page, points(270)), "avant-a": (4, points(left))}
    assert fitted(document(["a"]), places, {}) == height


def test_one_figure_of_each_chapter_at_a_time():
    places = {name: (5, points(270)) for name in "abc"}
    places |= {f"avant-{name}": (4, points(140)) for name in "abc"}
    html = document(["a", "b"], ["c"])
    assert list(fitted(html, places, {})) == ["a", "c"]
    assert list(fitted(html, places, {"a": 90.0, "c": 90.0})) == ["b"]


def test_the_height_is_a_rule_of_the_figure():
    assert rules({"a": 62.5}) == '[id="a"] img { max-height: 62.5mm }\n'
