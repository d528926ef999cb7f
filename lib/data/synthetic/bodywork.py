"""Draws a car's body: panels and windows, and has the details drawn in order, far parts first."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from lib.data.synthetic.ends import draw_ends
from lib.data.synthetic.pen import BLACK, CHROME, GLASS, Colour, mix, tone
from lib.data.synthetic.sketch import Sketch
from lib.data.synthetic.trim import draw_mirror, draw_trim
from lib.data.synthetic.wheels import draw_wheel, draw_wheel_arch

_SKY: Colour = (214, 226, 238)
_FABRIC: Colour = (164, 142, 112)
_LEATHER: Colour = (186, 148, 110)
_NEAR, _FAR = 1.0, -1.0
_STRIPS = 7  # flat pieces from the far side to the near one
# The near side from the sill up: the share of its height where a band begins, its brightness.
_BANDS = ((0.0, 0.72), (0.16, 0.86), (0.36, 0.94), (0.56, 1.02), (0.74, 1.1), (0.9, 1.2), (1.0, 0))
_SEAT = np.array([(0.56, 0.7), (0.585, 1.0), (0.59, 1.12), (0.615, 1.12), (0.62, 1.0), (0.63, 0.7)])
_FOLDED_TOP = np.array([(0.66, 0.88), (0.68, 0.99), (0.76, 1.0), (0.82, 0.92)])


def draw_car(sketch: Sketch) -> None:
    """Draw the whole car."""
    for u in sketch.body.wheels:
        draw_wheel(sketch, u, _FAR)
    _draw_lower_skin(sketch)
    if sketch.body.bed:
        _draw_bed(sketch)
    draw_mirror(sketch, _FAR)
    if sketch.body.open_top:
        _draw_interior(sketch)
        _draw_windscreen(sketch)
    else:
        _draw_cabin(sketch)
    _draw_side(sketch)
    _draw_windows(sketch)
    draw_ends(sketch)
    for u in sketch.body.wheels:
        draw_wheel_arch(sketch, u)
    draw_trim(sketch)
    for u in sketch.body.wheels:
        draw_wheel(sketch, u, _NEAR)
    draw_mirror(sketch, _NEAR)


def _draw_lower_skin(sketch: Sketch) -> None:
    shape = sketch.shape
    _, z = _middles(shape.lower)
    bumper = shape.sill + 0.42 * (shape.edge(1) - shape.sill)
    black = (z < bumper) & sketch.car.year.black_bumpers
    _draw_skin(sketch, shape.lower, shape.lower_point, np.where(black, BLACK, sketch.paint))


def _draw_cabin(sketch: Sketch) -> None:
    """Windscreen, roof, rear window, and the near side of the cabin without its windows."""
    shape, cabin = sketch.shape, sketch.body.cabin
    front, rear = cabin[1][0], cabin[-2][0]
    u, z = _middles(shape.cabin)
    behind = (u > rear) & (z > shape.belt(u) + 0.06) & sketch.body.rear_window
    glass = tone(GLASS, sketch.scene.glass)
    colours = np.where((u < front) | behind, glass, sketch.roof)
    _draw_skin(sketch, shape.cabin, shape.cabin_point, colours, rim=sketch.roof)
    side = shape.cabin_point(*shape.cabin.T, 1.0)
    sketch.pen.polygon(side, tone(sketch.roof, sketch.side_light))
    if sketch.body.roof_rails:
        u = np.linspace(front + 0.05, cabin[-3][0] - 0.02, 12)
        rail = shape.cabin_point(u, np.interp(u, *shape.cabin.T) + 0.04, 0.97)
        sketch.pen.line(rail, mix(CHROME, BLACK, 0.5), 0.045)


def _middles(outline: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The middles of an outline's pieces: u (N, 1) and z (N, 1)."""
    middles = (outline[1:] + outline[:-1]) / 2
    return middles[:, :1], middles[:, 1:]


def _draw_skin(
    sketch: Sketch,
    outline: np.ndarray,
    place: Callable[..., np.ndarray],
    colours: np.ndarray,
    rim: Colour | None = None,
) -> None:
    """Draw the surface that an outline (N + 1, 2) sweeps from the far side to the near one.

    `colours` (N, 3) are those along the outline; `rim` is that near both sides.
    """
    pen = sketch.pen
    points = place(outline[:, :1], outline[:, 1:], np.linspace(-1, 1, _STRIPS + 1))
    along, across = np.diff(points, axis=0)[:, :-1], np.diff(points, axis=1)[:-1]
    outward = np.cross(across, along)
    outward /= np.linalg.norm(outward, axis=-1, keepdims=True) + 1e-9
    corners = np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], axis=2)
    middle = corners.mean(axis=2)
    painted = np.repeat(colours[:, None], _STRIPS, axis=1)
    if rim:
        painted[:, [0, -1]] = rim
    painted = np.minimum(painted * pen.brightness(outward)[..., None], 255)
    sky = 0.22 * np.clip(outward[..., 2:], 0, 1)
    painted = painted * (1 - sky) + np.array(_SKY) * sky
    seen = pen.faces_viewer(middle, outward)
    order = np.argsort(pen.camera.depth(middle[seen]), kind="stable")
    pen.patches(corners[seen][order], painted[seen][order])


def _draw_side(sketch: Sketch) -> None:
    """The near side below the windows, lighter towards the top."""
    outline = sketch.shape.lower_point(*sketch.shape.lower.T, 1.0)
    sketch.pen.polygon(outline, tone(sketch.paint, 0.8 * sketch.side_light))
    u = np.linspace(0.02, 0.98, 40)
    for (low, brightness), (high, _) in pairwise(_BANDS):
        sketch.band(u, low, high, tone(sketch.paint, brightness * sketch.side_light))


def _draw_windows(sketch: Sketch) -> None:
    """The near side windows: a dark surround, panes with a reflection, pillars between them."""
    pen, (begin, end) = sketch.pen, sketch.body.glass
    glass = tone(GLASS, sketch.scene.glass * sketch.side_light)
    surround = _pane(sketch, begin - 0.012, end + 0.012, margin=0.03)
    pen.polygon(surround, BLACK)
    if sketch.car.year.chrome_windows:
        pen.line(np.concatenate([surround, surround[:1]]), CHROME, 0.03)
    pen.polygon(_pane(sketch, begin, end, margin=0.06), glass)
    middle, width = (begin + end) / 2, 0.22 * (end - begin)
    reflection = _pane(sketch, middle - width, middle - width / 3, margin=0.06, lean=0.05)
    pen.polygon(reflection, mix(glass, _SKY, 0.2))
    for u in sketch.body.pillars:
        pen.polygon(_pane(sketch, u - 0.008, u + 0.008, margin=0.05), BLACK)


def _pane(sketch: Sketch, begin: float, end: float, margin: float, lean: float = 0.0) -> np.ndarray:
    """The outline (N, 3) of a pane from `begin` to `end`, `margin` metres inside the cabin side."""
    shape, u = sketch.shape, np.linspace(begin, end, 24)
    bottom = shape.belt(u) + margin
    top = np.maximum(np.interp(u, *shape.cabin.T) - margin - 0.02, bottom)
    upper = shape.cabin_point(u - lean, top, 1.0)
    return np.concatenate([upper, shape.cabin_point(u[::-1], bottom[::-1], 1.0)])


def _draw_windscreen(sketch: Sketch) -> None:
    """The windscreen that stands alone on a convertible, seen from either side."""
    s = np.linspace(-1, 1, 9)
    outline = sketch.shape.cabin
    foot, top = (sketch.shape.cabin_point(u, z, s) for u, z in (outline[0], outline[-1]))
    pane = np.concatenate([foot, top[::-1], foot[:1]])
    sketch.pen.polygon(pane, mix(tone(GLASS, sketch.scene.glass), _SKY, 0.25))
    sketch.pen.line(pane, tone(sketch.paint, 0.8), 0.06)


def _draw_bed(sketch: Sketch) -> None:
    """The open bed of a pick-up, seen from a little above."""
    _draw_opening(sketch, *sketch.body.bed, BLACK)


def _draw_opening(sketch: Sketch, begin: float, end: float, colour: Colour) -> None:
    """Fill the top of the lower bodywork from `begin` to `end`, rims left out."""
    u, s = np.array([begin, end, end, begin]), np.array([-0.86, -0.86, 0.9, 0.9])
    sketch.pen.polygon(sketch.shape.lower_point(u, sketch.shape.belt(u), s), colour)


def _draw_interior(sketch: Sketch) -> None:
    """The open cabin of a convertible: its floor, the seats, the folded top."""
    place = sketch.shape.lower_point
    _draw_opening(sketch, sketch.body.cabin[0][0] + 0.02, 0.8, tone(_LEATHER, 0.7))
    for side in (-0.45, 0.45):
        sketch.pen.polygon(place(*_SEAT.T, side), _LEATHER)
    _draw_skin(sketch, _FOLDED_TOP, place, np.tile(_FABRIC, (len(_FOLDED_TOP) - 1, 1)))
    sketch.pen.polygon(place(*_FOLDED_TOP.T, 1.0), _FABRIC)
