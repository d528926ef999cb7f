"""Draws what lies on the near side: seams, handles, the crease, the trim of make and year."""

import numpy as np

from lib.data.synthetic.pen import BLACK, CHROME, WHITE, mix, tone
from lib.data.synthetic.sketch import Sketch


def draw_trim(sketch: Sketch) -> None:
    """Draw the trim of the near side."""
    front, rear = sketch.body.wheels
    reach = 1.3 * sketch.body.wheel_radius / sketch.body.length
    u = np.linspace(front + reach, rear - reach, 20)  # between the wheels
    signature = sketch.car.make.signature
    if signature == "cladding":
        sketch.band(u, 0.0, 0.27, tone(BLACK, 1.8))
    if signature == "chrome sill":
        sketch.band(u, 0.05, 0.2, CHROME)
    if sketch.car.year.moulding:
        sketch.band(u, 0.38, 0.52, tone(BLACK, 1.4))
    _draw_doors(sketch)
    _draw_crease(sketch)
    if signature == "vent":
        _draw_vent(sketch, float(u[0]))


def _draw_doors(sketch: Sketch) -> None:
    for seam in sketch.body.doors:
        sketch.stroke(np.full(6, seam), np.linspace(0.08, 0.99, 6), 0.45, 0.018)
    for seam in sketch.body.doors[1:]:
        sketch.stroke(np.array([seam - 0.045, seam - 0.015]), 0.82, 0.4, 0.04)


def _draw_crease(sketch: Sketch) -> None:
    front, rear = sketch.body.wheels
    u = np.linspace(front - 0.08, rear + 0.14, 30)
    share = np.interp(u, (u[0], u[-1]), sketch.car.make.crease)
    sketch.stroke(u, share, 0.6, 0.025)
    light = mix(tone(sketch.paint, 1.25), WHITE, 0.15)
    sketch.pen.line(sketch.shape.side(u, share + 0.035), light, 0.02)


def _draw_vent(sketch: Sketch, start: float) -> None:
    u = start + np.array([0.0, 0.08, 0.11, 0.02])
    sketch.pen.polygon(sketch.shape.side(u, np.array([0.3, 0.3, 0.74, 0.74])), BLACK)
    blade = sketch.shape.side(start + np.array([0.02, 0.13]), 0.54)
    sketch.pen.line(blade, CHROME, 0.05)


def draw_mirror(sketch: Sketch, side: float) -> None:
    """Draw a wing mirror, on the near (1) or the far (-1) side."""
    u = sketch.body.glass[0] + 0.035
    z = sketch.shape.belt(sketch.body.glass[0]) + 0.09
    foot = sketch.shape.cabin_point(u, z, side) + np.array([0.0, 0.1 * side, 0.0])
    shell = np.zeros((5, 3))
    shell[:, 0], shell[:, 2] = (-0.1, 0.09, 0.11, 0.04, -0.1), (-0.06, -0.05, 0.03, 0.08, 0.07)
    sketch.pen.polygon(foot + shell, tone(sketch.paint, 0.85))
