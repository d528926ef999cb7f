"""Everything in a picture that says nothing about the class: view, frame, paint, light, place.

`sample_scene` takes a random stream and nothing else, so a scene cannot depend on the class of the
car that is drawn into it.
"""

import colorsys
import math
from dataclasses import dataclass

import numpy as np

from lib.data.synthetic.colours import Colour
from lib.data.synthetic.surface import Camera

PLACES = ("street", "field", "showroom")


@dataclass(frozen=True)
class Scene:
    """One view, drawn at random."""

    camera: Camera
    width: int  # of the picture, in pixels
    height: int
    fill: float  # share of the picture's width that the car takes
    position: tuple[float, float]  # of the car in the room left around it, 0 to 1 each way
    paint: Colour
    light: tuple[float, float, float]  # towards the light, unit vector
    gain: tuple[float, float, float]  # exposure and tint, by channel
    wheel_angle: float
    place: str
    seed: int  # of the details of the place and of the noise
    depth: float  # metres from the car to the backdrop
    posts: tuple[float, ...]  # that hide a part of the car: shares of its width
    blur: float  # radius in pixels; half of the pictures are sharp
    noise: float  # standard deviation, grey levels


def sample_scene(rng: np.random.Generator) -> Scene:
    """A scene from the random stream."""
    width = int(190 * 2.6 ** rng.random())
    exposure, warmth = rng.uniform(0.82, 1.15), rng.normal(0, 0.05)
    return Scene(
        camera=_sample_camera(rng),
        width=width,
        height=int(width / rng.uniform(1.5, 2.2)),
        fill=rng.uniform(0.79, 0.97),
        position=(rng.random(), rng.uniform(0.25, 0.9)),
        paint=_sample_paint(rng),
        light=_sample_light(rng),
        gain=(exposure * (1 + warmth), exposure, exposure * (1 - warmth)),
        wheel_angle=rng.uniform(0, 2 * np.pi),
        place=str(rng.choice(PLACES)),
        seed=int(rng.integers(2**31)),
        depth=rng.uniform(3, 15),
        posts=tuple(rng.uniform(-0.03, 1.03, rng.choice(3, p=(0.65, 0.28, 0.07)))),
        blur=max(0.0, rng.uniform(-0.8, 0.8)),
        noise=rng.uniform(0, 3.5),
    )


def _sample_camera(rng: np.random.Generator) -> Camera:
    """Mostly from the side and from the front quarter, sometimes from the rear quarter."""
    return Camera(
        yaw=math.radians(rng.triangular(-28, 12, 42)),
        pitch=math.radians(rng.uniform(2, 9)),
        distance=rng.uniform(9, 18),
        mirrored=bool(rng.random() < 0.5),
    )


def _sample_paint(rng: np.random.Generator) -> Colour:
    """Half of the cars are between black and white, the others of any hue."""
    saturation, value = rng.choice((0.05, 0.7)), rng.uniform(0.25, 0.95)
    return tuple(255 * channel for channel in colorsys.hsv_to_rgb(rng.random(), saturation, value))


def _sample_light(rng: np.random.Generator) -> tuple[float, float, float]:
    azimuth, height = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(25, 75))
    x, y = np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height)
    return float(x), float(y), float(np.sin(height))
