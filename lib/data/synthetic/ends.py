"""Draws what lies on nose and tail: grille, lights, bumper inlet, number plates."""

from dataclasses import dataclass

import numpy as np

from lib.data.synthetic.pen import AMBER, BLACK, CHROME, RED, WHITE, Colour, mix
from lib.data.synthetic.shape import subdivide
from lib.data.synthetic.sketch import Sketch

_NOSE, _TAIL = 1.0, -1.0
_LAMP: Colour = (232, 238, 242)
_HOUSING = mix(BLACK, CHROME, 0.35)
Corners = tuple[tuple[float, float], ...]  # (s, share of the end's height from the sill up)


def _rectangle(left: float, right: float, low: float, high: float) -> Corners:
    return ((left, low), (right, low), (right, high), (left, high))


def _ellipse(middle: float, centre: float, half_width: float, half_height: float) -> Corners:
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    s, share = middle + half_width * np.cos(angles), centre + half_height * np.sin(angles)
    return tuple(zip(s.tolist(), share.tolist()))


# For the side s > 0; the other side is the mirror image.
_HEADLIGHTS: dict[str, Corners] = {
    "slanted": ((0.5, 0.68), (0.97, 0.72), (0.97, 0.97), (0.75, 0.9)),
    "square": _rectangle(0.62, 0.97, 0.62, 0.9),
    "round": _ellipse(0.75, 0.72, 0.18, 0.17),
    "slim": _rectangle(0.48, 0.97, 0.8, 0.92),
}
_TAIL_LIGHTS: dict[str, Corners] = {
    "wide": _rectangle(0.25, 0.96, 0.7, 0.84),
    "tall": _rectangle(0.78, 0.96, 0.5, 0.98),
    "round": _ellipse(0.7, 0.72, 0.15, 0.14),
    "corner": ((0.5, 0.82), (0.5, 0.95), (0.96, 0.95), (0.96, 0.55), (0.82, 0.55), (0.82, 0.82)),
}
_GRILLES: dict[str, Corners] = {
    "slats": ((-0.36, 0.5), (0.36, 0.5), (0.44, 0.86), (-0.44, 0.86)),
    "bars": _rectangle(-0.58, 0.58, 0.58, 0.9),
    "oval": _ellipse(0.0, 0.5, 0.42, 0.2),
    "shield": ((0.0, 0.16), (0.26, 0.3), (0.34, 0.95), (-0.34, 0.95), (-0.26, 0.3)),
}
_INLET = _rectangle(-0.8, 0.8, 0.06, 0.2)
_PLATE = _rectangle(-0.2, 0.2, 0.24, 0.38)


@dataclass(frozen=True)
class _End:
    """The nose (1) or the tail (-1) of a car being drawn."""

    sketch: Sketch
    end: float

    def points(self, places: np.ndarray) -> np.ndarray:
        """Points (..., 3) from (..., 2): s, and share of the end's height."""
        shape = self.sketch.shape
        z = shape.sill + places[..., 1] * (shape.edge(self.end) - shape.sill)
        return shape.lower_point(shape.end(self.end, z), z, places[..., 0])

    def fill(self, corners: Corners | np.ndarray, colour: Colour) -> None:
        """Fill a polygon that lies on this end, if that is seen from here."""
        corners = np.array(corners)
        s, share = corners.mean(axis=0)
        outward = np.array([self.end, 1.1 * s * abs(s), 0.0])  # ends are round from above
        if self.sketch.pen.faces_viewer(self.points(np.array([s, share])), outward):
            self.sketch.pen.polygon(self.points(subdivide(corners)), colour)

    def fill_around_corner(self, lamp: Corners, depth: float, colour: Colour) -> None:
        """Draw how far a lamp reaches onto the near side; `depth` as a share of the length."""
        shape = self.sketch.shape
        low, high = np.array(lamp)[:, 1].min(), np.array(lamp)[:, 1].max()
        z = shape.sill + np.array([low, low, high, high]) * (shape.edge(self.end) - shape.sill)
        reach = np.array([0.0, 0.6 * depth, depth, 0.0]) + 0.006
        self.sketch.pen.polygon(
            shape.lower_point(shape.end(self.end, z) + self.end * reach, z, 1.0), colour
        )


def draw_ends(sketch: Sketch) -> None:
    """Draw nose and tail, where they are seen."""
    nose, tail = _End(sketch, _NOSE), _End(sketch, _TAIL)
    make, year = sketch.car.make, sketch.car.year
    nose.fill(_INLET, BLACK)
    _draw_grille(nose, make.grille)
    for lamp in _both(_HEADLIGHTS[make.headlights]):
        _draw_headlight(nose, lamp)
    for lamp in _both(_TAIL_LIGHTS[make.tail_lights]):
        tail.fill(lamp, RED)
    for end in (nose, tail):
        end.fill(_PLATE, WHITE)
    if year.amber:
        nose.fill_around_corner(_HEADLIGHTS[make.headlights], 0.095, AMBER)
    nose.fill_around_corner(_HEADLIGHTS[make.headlights], 0.065, _LAMP)
    tail.fill_around_corner(_TAIL_LIGHTS[make.tail_lights], 0.065, RED)


def _both(corners: Corners) -> tuple[Corners, Corners]:
    return tuple((-s, share) for s, share in corners), corners


def _draw_headlight(nose: _End, lamp: Corners) -> None:
    year = nose.sketch.car.year
    s, share = np.array(lamp).mean(axis=0)
    nose.fill(lamp, _HOUSING)
    nose.fill(_ellipse(s, share, 0.11, 0.08), _LAMP)
    if year.led:
        low = min(corner[1] for corner in lamp)
        nose.fill(_rectangle(s - 0.2, min(s + 0.2, 0.97), low - 0.05, low), WHITE)
    if year.amber:
        edge = 0.86 * np.sign(s)
        nose.fill(_rectangle(edge - 0.09, edge + 0.09, share - 0.1, share + 0.1), AMBER)


def _draw_grille(nose: _End, kind: str) -> None:
    corners = np.array(_GRILLES[kind])
    inside = corners.mean(axis=0) + 0.86 * (corners - corners.mean(axis=0))
    nose.fill(corners, CHROME)
    nose.fill(inside, BLACK)
    (left, low), (right, high) = inside.min(axis=0), inside.max(axis=0)
    if kind == "slats":
        for s in np.linspace(left, right, 7)[1:-1]:
            nose.fill(_rectangle(s - 0.02, s + 0.02, low, high), CHROME)
    if kind == "bars":
        for share in np.linspace(low, high, 4)[1:-1]:
            nose.fill(_rectangle(left, right, share - 0.025, share + 0.025), CHROME)
    nose.fill(_ellipse(0, high + 0.02, 0.06, 0.05), CHROME)  # the badge
