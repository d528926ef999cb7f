"""Draws one car: skin, windows, what lies on nose, tail and side, and wheels; far parts first."""

from dataclasses import dataclass

import numpy as np
from PIL import ImageDraw

from lib.data.synthetic.catalogue import CarClass, rectangle
from lib.data.synthetic.colours import BLACK, CHROME, GLASS, RED, SKY, Colour, mix, solid, tone
from lib.data.synthetic.scene import Scene
from lib.data.synthetic.surface import WHEELS, Camera, Surface

_NEAR, _FAR = 1, -1
_FRONT, _REAR = 1, -1
_STRIPS = 7  # flat pieces of the skin from the far side to the near one
_BANDS = 6  # of the near side, lighter towards the top
_PLATE = rectangle(-0.2, 0.24, 0.2, 0.38)
_OPENING = np.array([0.3, 0.9, 0.9, 0.3])  # how far the corners are from the hub, in rim radii


@dataclass(frozen=True)
class Sketch:
    """A car being drawn on a layer, as the camera sees it."""

    draw: ImageDraw.ImageDraw
    camera: Camera
    car: CarClass
    surface: Surface
    scene: Scene

    def fill(self, points: np.ndarray, colour: Colour) -> None:
        """Fill the polygon of points (N, 3)."""
        self.draw.polygon(self.camera.pixels(points).ravel().tolist(), fill=solid(colour))

    def on_side(self, corners: np.ndarray, colour: Colour) -> None:
        """Fill a polygon (N, 2) that lies on the near side, in (u, share of height)."""
        self.fill(self.surface.side(subdivide(corners)), colour)

    def on_end(self, direction: int, corners: np.ndarray, colour: Colour) -> None:
        """Fill a polygon (N, 2) on nose (direction 1) or tail (-1), in (s, share), where seen."""
        flat = corners.clip((-1, 0), 1)
        middle = flat.mean(axis=0, keepdims=True)
        outward = (direction, 1.1 * middle[0, 0] * abs(middle[0, 0]), 0.0)
        if self.camera.towards(self.surface.end(direction, middle))[0] @ outward > 0:
            self.fill(self.surface.end(direction, subdivide(flat)), colour)
        if corners[:, 0].max() > 1:
            self.fill(self.surface.end(direction, subdivide(corners.clip((1, 0)))), colour)

    def brightness(self, outward: np.ndarray) -> np.ndarray:
        """How light surfaces with these unit normals (..., 3) look: about 0.6 to 1.25."""
        direct = np.clip(outward @ np.array(self.scene.light), 0, 1)
        return 0.62 + 0.45 * direct + 0.18 * np.clip(outward[..., 2], 0, 1)

    @property
    def side_light(self) -> float:
        """How bright the near side is."""
        return float(self.brightness(np.array([0.0, 1.0, 0.0]))) + 0.12


def draw_car(sketch: Sketch) -> None:
    """Draw the whole car."""
    wheel = sketch.surface.wheel
    for u in WHEELS:
        _draw_tyre(sketch, wheel(u, _FAR))
    _draw_body(sketch)
    _draw_windows(sketch)
    _draw_ends(sketch)
    _draw_trim(sketch)
    for u in WHEELS:
        _draw_arch(sketch, wheel(u, _NEAR))
        _draw_tyre(sketch, wheel(u, _NEAR))
        _draw_rim(sketch, wheel(u, _NEAR))


def _draw_body(sketch: Sketch) -> None:
    """The bodywork below the windows, then the cabin with its windscreen and rear window."""
    surface, cabin, paint = sketch.surface, sketch.surface.cabin, sketch.scene.paint
    roof = sketch.car.body.roof or paint
    front, rear = sketch.car.body.cabin[1][0], sketch.car.body.cabin[-2][0]
    glass = (cabin[1:, :1] <= front) | (cabin[:-1, :1] >= rear)
    _draw_skin(sketch, surface.lower, np.tile(paint, (len(surface.lower) - 1, 1)))
    _draw_skin(sketch, cabin, np.where(glass, GLASS, roof))
    sketch.fill(surface.point(*cabin.T, 1.0), tone(roof, sketch.side_light))
    for low in np.linspace(0, 1, _BANDS, endpoint=False):
        band = rectangle(0.005, low, 0.99, low + 1 / _BANDS)
        sketch.on_side(band, tone(paint, (0.72 + 0.5 * low) * sketch.side_light))


def _draw_skin(sketch: Sketch, outline: np.ndarray, colours: np.ndarray) -> None:
    """Draw the surface that an outline (N + 1, 2) sweeps from the far side to the near one.

    `colours` (N, 3) are those along the outline.
    """
    points = sketch.surface.point(outline[:, :1], outline[:, 1:], np.linspace(-1, 1, _STRIPS + 1))
    along, across = np.diff(points, axis=0)[:, :-1], np.diff(points, axis=1)[:-1]
    outward = np.cross(across, along)
    outward /= np.linalg.norm(outward, axis=-1, keepdims=True) + 1e-9
    corners = np.stack([points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]], axis=2)
    sky = 0.22 * np.clip(outward[..., 2:], 0, 1)
    lit = np.minimum(colours[:, None] * sketch.brightness(outward)[..., None], 255)
    painted = lit * (1 - sky) + np.array(SKY) * sky
    to_viewer = sketch.camera.towards(corners.mean(axis=2))
    seen = (to_viewer * outward).sum(-1) > 0
    order = np.argsort(-np.linalg.norm(to_viewer[seen], axis=-1), kind="stable")
    pixels = sketch.camera.pixels(corners[seen][order]).reshape(-1, 8).tolist()
    for patch, colour in zip(pixels, painted[seen][order]):
        sketch.draw.polygon(patch, fill=solid(colour))


def _draw_windows(sketch: Sketch) -> None:
    """The near side windows: a surround, the glass with a reflection, pillars at the doors."""
    begin, end = sketch.car.body.cabin[0][0] + 0.04, sketch.car.body.cabin[-1][0] - 0.04
    glass = tone(GLASS, sketch.side_light)
    surround = CHROME if sketch.car.year.chrome_windows else BLACK
    sketch.fill(_pane(sketch, begin - 0.015, end + 0.015, margin=0.02), surround)
    sketch.fill(_pane(sketch, begin, end, margin=0.05), glass)
    middle, width = (begin + end) / 2, 0.2 * (end - begin)
    reflection = _pane(sketch, middle - width, middle - width / 3, margin=0.05, lean=0.05)
    sketch.fill(reflection, mix(glass, SKY, 0.2))
    for u in sketch.car.body.doors[1:]:
        sketch.fill(_pane(sketch, u - 0.008, u + 0.008, margin=0.04), BLACK)


def _pane(sketch: Sketch, begin: float, end: float, margin: float, lean: float = 0.0) -> np.ndarray:
    """The outline (N, 3) of a pane from `begin` to `end`, `margin` metres inside the cabin side."""
    surface, u = sketch.surface, np.linspace(begin, end, 24)
    low = surface.belt(u) + margin
    high = np.maximum(np.interp(u, *surface.cabin.T) - margin - 0.02, low)
    return surface.point(np.append(u - lean, u[::-1]), np.append(high, low[::-1]), 1.0)


def _draw_ends(sketch: Sketch) -> None:
    """Grille, lamps and number plates."""
    make, middle = sketch.car.make, sketch.car.make.grille.mean(axis=0)
    sketch.on_end(_FRONT, make.grille, CHROME)
    sketch.on_end(_FRONT, middle + 0.84 * (make.grille - middle), BLACK)
    for end, lamp, colour in ((_FRONT, make.headlights, SKY), (_REAR, make.tail_lights, RED)):
        sketch.on_end(end, lamp * (-1, 1), colour)
        sketch.on_end(end, lamp, colour)
        sketch.on_end(end, _PLATE, SKY)


def _draw_trim(sketch: Sketch) -> None:
    """What lies on the near side: moulding, seams, handles, crease, the make's signature."""
    body, paint = sketch.car.body, sketch.scene.paint
    reach = 1.3 * body.wheel_radius / body.length
    front, rear = WHEELS[0] + reach, WHEELS[1] - reach
    for u in body.doors:
        sketch.on_side(rectangle(u - 0.001, 0.08, u + 0.001, 0.99), tone(paint, 0.45))
        sketch.on_side(rectangle(u - 0.045, 0.8, u - 0.015, 0.84), tone(paint, 0.4))
    sketch.on_side(rectangle(front - 0.2, 0.66, rear + 0.2, 0.68), tone(paint, 0.6))
    if sketch.car.year.moulding:
        sketch.on_side(rectangle(front, 0.4, rear, 0.5), tone(BLACK, 2.5))
    for colour, corners in sketch.car.make.signature:
        sketch.on_side(corners * (rear - front, 1) + (front, 0), colour)


def _draw_arch(sketch: Sketch, wheel: np.ndarray) -> None:
    """The dark opening around a near wheel."""
    body, angles = sketch.car.body, np.linspace(-0.35, np.pi + 0.35, 24)
    x, _, z = _around(wheel, angles, 1.14 * body.wheel_radius).T
    z = np.maximum(z, body.sill - 0.02)
    sketch.fill(sketch.surface.point(0.5 - x / body.length, z, 1.0), tone(BLACK, 0.5))


def _draw_tyre(sketch: Sketch, wheel: np.ndarray) -> None:
    for inside in (0.24, 0.12, 0.0):
        centre = wheel - (0, np.sign(wheel[1]) * inside, 0)
        sketch.fill(_disc(centre, sketch.car.body.wheel_radius), tone(BLACK, 1.3))


def _draw_rim(sketch: Sketch, wheel: np.ndarray) -> None:
    """A bright disc with openings between the spokes."""
    year, spokes = sketch.car.year, sketch.car.make.spokes
    radius = 0.66 * sketch.car.body.wheel_radius * year.rim
    sketch.fill(_disc(wheel, radius), tone(CHROME, 0.85))
    half = year.openings * np.pi / spokes * np.array([-0.6, -1, 1, 0.6])
    for turn in sketch.scene.wheel_angle + 2 * np.pi * np.arange(spokes) / spokes:
        sketch.fill(_around(wheel, turn + half, radius * _OPENING), BLACK)


def _disc(centre: np.ndarray, radius: float) -> np.ndarray:
    """The corners (26, 3) of an upright disc."""
    return _around(centre, np.linspace(0, 2 * np.pi, 26, endpoint=False), radius)


def _around(centre: np.ndarray, angles: np.ndarray, radius: np.ndarray | float) -> np.ndarray:
    """Points (N, 3) around a centre (3,), upright along the car."""
    x, z = radius * np.cos(angles), radius * np.sin(angles)
    return centre + np.stack([x, np.zeros_like(x), z], axis=1)


def subdivide(corners: np.ndarray, steps: int = 20) -> np.ndarray:
    """Points along the edges of a polygon (N, 2), so that it can follow a curved surface."""
    after = np.roll(corners, -1, axis=0)
    t = np.arange(steps)[None, :, None] / steps
    return (corners[:, None] * (1 - t) + after[:, None] * t).reshape(-1, 2)
