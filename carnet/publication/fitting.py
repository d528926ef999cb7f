"""Figures of a printed document made as high as the room that is left, where that spares a gap.

A browser moves a figure that does not fit to the next page, and floats none. So the document is
printed with a mark before each figure; the marks tell the room that was left, and a figure that
loses little by it is made to fit. What follows moves up, so this is done figure by figure, in all
chapters at once, for each begins on a page of its own.
"""

import re

FIGURE = re.compile(
    r'<figure id="(?P<anchor>[^"]+)">(?=\s*(?:<[^>]*>\s*){,3}<img[^>]* width="(?P<width>\d+)"'
    r' height="(?P<height>\d+)")'
)
CHAPTER = '<section class="chapter-'
MARK = "avant-"
MM = 25.4 / 72  # of a point
WIDTH, HIGHEST, BOTTOM = 158, 150, 22  # millimetres, as pdf.css has them: text, figures, margin
CAPTION = 28  # millimetres: caption and margins of a figure
LEAST = 0.7  # of its height, that a figure may shrink to: a gap is then less than half a page
Places = dict[str, tuple[int, float]]  # anchor -> page, and distance from its bottom in points


def marked(html: str) -> str:
    """Return a document with a mark before each figure, and links to both on its first page: the
    PDF then tells where they are."""
    anchors = [figure["anchor"] for figure in FIGURE.finditer(html)]
    links = "".join(f'<a href="#{mark}{a}">·</a>' for a in anchors for mark in ("", MARK))
    html = FIGURE.sub(rf'<div class="mark" id="{MARK}\g<anchor>"></div>\g<0>', html)
    return html.replace("</section>", f'<p class="measures">{links}</p></section>', 1)


def fitted(html: str, places: Places, known: dict[str, float]) -> dict[str, float]:
    """Return the height, in millimetres, of the first other figure of each chapter to shrink.

    Args:
        html: the document without marks.
        places: those of the marked one.
        known: the heights of the figures made to fit already.
    """
    heights = {}
    for chapter in html.split(CHAPTER):
        for figure in FIGURE.finditer(chapter):
            anchor = figure["anchor"]
            if anchor in known or not {anchor, MARK + anchor} <= places.keys():
                continue
            (page, _), (before, left) = places[anchor], places[MARK + anchor]
            room, height = left * MM - BOTTOM - CAPTION, _height(figure)
            if page > before and LEAST * height <= room < height:
                heights[anchor] = round(room, 1)
                break
    return heights


def _height(figure: re.Match) -> float:
    """The height at which a figure is printed where there is room."""
    return min(WIDTH * int(figure["height"]) / int(figure["width"]), HIGHEST)


def rules(heights: dict[str, float]) -> str:
    """Return the CSS of figures that are made to fit."""
    return "".join(f'[id="{a}"] img {{ max-height: {h}mm }}\n' for a, h in heights.items())
