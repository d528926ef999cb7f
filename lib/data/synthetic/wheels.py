"""Draws wheels and the arches around them."""

import numpy as np

from lib.data.synthetic.pen import BLACK, CHROME, RUBBER, tone
from lib.data.synthetic.sketch import Sketch

_CLADDING = tone(BLACK, 1.8)
_METAL = tone(CHROME, 0.9)


def draw_wheel(sketch: Sketch, u: float, side: float) -> None:
    """Draw a wheel of the near (1) or of the far (-1) side."""
    centre, radius = sketch.shape.wheel(u, side), sketch.body.wheel_radius
    for inside in (0.24, 0.12, 0.0):
        sketch.pen.polygon(_disc(centre - (0, side * inside, 0), radius), RUBBER)
    if side > 0:
        _draw_rim(sketch, centre, 0.66 * radius * sketch.car.year.wheel_scale)


def _draw_rim(sketch: Sketch, centre: np.ndarray, radius: float) -> None:
    pen, kind, spokes = sketch.pen, sketch.car.year.wheels, sketch.car.make.spokes
    turns = sketch.scene.wheel_angle + 2 * np.pi * np.arange(spokes)[:, None] / spokes
    if kind == "hubcap":
        pen.polygon(_disc(centre, radius), tone(CHROME, 0.78))
        holes = _around(centre, turns[:, 0], 0.68 * radius)
        pen.patches(_disc(holes, 0.13 * radius, 8), np.tile(BLACK, (spokes, 1)))
    else:
        rim = _disc(centre, radius)
        pen.polygon(rim, BLACK)
        half = np.pi / spokes * (0.62 if kind == "wide spokes" else 0.32)
        angles = turns + half * np.array([-2, 2, 1, -1])
        reach = radius * np.array([0.2, 0.2, 1.0, 1.0])
        pen.patches(_around(centre, angles, reach), np.tile(_METAL, (spokes, 1)))
        pen.line(np.concatenate([rim, rim[:1]]), _METAL, 0.03)
    pen.polygon(_disc(centre, 0.22 * radius, 12), _METAL)


def draw_wheel_arch(sketch: Sketch, u: float) -> None:
    """Draw the dark opening around a near wheel, and its black edge on a car with cladding."""
    if sketch.car.make.signature == "cladding":
        sketch.pen.polygon(_arch(sketch, u, 1.36), _CLADDING)
    sketch.pen.polygon(_arch(sketch, u, 1.14), tone(BLACK, 0.5))


def _arch(sketch: Sketch, u: float, size: float) -> np.ndarray:
    shape, radius = sketch.shape, size * sketch.body.wheel_radius
    angles = np.linspace(-0.35, np.pi + 0.35, 24)
    points = _around(shape.wheel(u, 1.0), angles, radius)
    z = np.maximum(points[:, 2], shape.sill - 0.02)
    return shape.lower_point(0.5 - points[:, 0] / sketch.body.length, z, 1.0)


def _disc(centre: np.ndarray, radius: float, corners: int = 26) -> np.ndarray:
    """The corners (..., corners, 3) of an upright disc around each centre (..., 3)."""
    angles = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return _around(centre[..., None, :], angles, radius)


def _around(centre: np.ndarray, angles: np.ndarray, radius: np.ndarray | float) -> np.ndarray:
    turned = np.zeros((*angles.shape, 3))
    turned[..., 0], turned[..., 2] = radius * np.cos(angles), radius * np.sin(angles)
    return centre + turned
