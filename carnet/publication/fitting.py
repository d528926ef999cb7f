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
CAPTION = 20  # millimetres: caption and margins of a figure
LEAST = 0.6  # of its height, that a figure may shrink to


def marked(html: str) -> str:
    """Return a document with a mark before each figure, and links to both on its first page: the
    PDF then tells where they are."""
    anchors = [figure["anchor"] for figure in FIGURE.finditer(html)]
    links = "".join(f'<a href="#{mark}{a}">·</a>' for a in anchors for mark in ("", MARK))
    html = FIGURE.sub(rf'<div class="mark" id="{MARK}\g<anchor>"></div>\g<0>', html)
    return html.replace("</section>", f'<p class="measures">{links}</p></section>', 1)


def fitted(html: str, places: dict[str, tuple[int, float]]) -> dict[str, float]:
    """Return the height, in millimetres, of the first figure of each chapter that should shrink.

    Args:
        html: the document without marks.
        places: anchor -> page and distance from its bottom, in points, in the marked one.
    """
    heights = {}
    for chapter in html.split(CHAPTER):
        for figure in FIGURE.finditer(chapter):
            anchor = figure["anchor"]
            if anchor not in places or MARK + anchor not in places:
                continue
            (page, _), (before, left) = places[anchor], places[MARK + anchor]
            room = left * MM - BOTTOM - CAPTION
            if page > before and room >= LEAST * _height(figure):
                heights[anchor] = round(room, 1)
                break
    return heights


def _height(figure: re.Match) -> float:
    """The height at which a figure is printed where there is room."""
    return min(WIDTH * int(figure["height"]) / int(figure["width"]), HIGHEST)


def rules(heights: dict[str, float]) -> str:
    """Return the CSS of figures that are made to fit."""
    return "".join(f'[id="{a}"] img {{ max-height: {h}mm }}\n' for a, h in heights.items())
