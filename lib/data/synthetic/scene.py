"""Everything in a picture that says nothing about the class: view, frame, paint, light, place.

`sample_scene` takes a random stream and nothing else, so a scene cannot depend on the class of the
car that is drawn into it.
"""

import math
from dataclasses import dataclass

import numpy as np

from lib.data.synthetic.pen import Colour
from lib.data.synthetic.shape import Camera

PLACES = ("street", "field", "showroom", "car park", "coast", "hall")
OCCLUDERS = ("post", "tree", "person", "sign", "bollards", "bush")
_PAINTS: tuple[Colour, ...] = (
    (236, 236, 234),  # white
    (176, 180, 186),  # silver
    (112, 116, 122),  # grey
    (60, 61, 66),  # black
    (166, 28, 32),  # red
    (38, 72, 148),  # blue
    (96, 148, 190),  # light blue
    (44, 106, 72),  # green
    (196, 176, 138),  # sand
    (214, 158, 32),  # yellow
    (124, 74, 48),  # brown
    (196, 88, 30),  # orange
)


@dataclass(frozen=True)
class Occluder:
    """Something before the car; `x` is the place along the car's width, `size` relative to it."""

    kind: str
    x: float
    size: float
    colour: Colour


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
    exposure: float
    warmth: float  # above 0 reddish, below 0 bluish
    contrast: float
    glass: float  # brightness of the windows
    wheel_angle: float
    place: str
    place_seed: int
    depth: float  # metres from the car to the backdrop
    occluders: tuple[Occluder, ...]
    blur: float  # pixels; half of the pictures are sharp
    noise: float  # standard deviation, grey levels
    jpeg_quality: int


def sample_scene(rng: np.random.Generator) -> Scene:
    """A scene from the random stream."""
    width = int(190 * 2.6 ** rng.random())
    return Scene(
        camera=_sample_camera(rng),
        width=width,
        height=int(width / rng.uniform(1.5, 2.2)),
        fill=rng.uniform(0.79, 0.97),
        position=(rng.random(), rng.uniform(0.25, 0.9)),
        paint=_sample_paint(rng),
        light=_sample_light(rng),
        exposure=rng.uniform(0.82, 1.15),
        warmth=rng.normal(0, 0.05),
        contrast=rng.uniform(0.88, 1.1),
        glass=rng.uniform(0.75, 1.3),
        wheel_angle=rng.uniform(0, 2 * np.pi),
        place=PLACES[rng.integers(len(PLACES))],
        place_seed=int(rng.integers(2**31)),
        depth=rng.uniform(3, 15),
        occluders=_sample_occluders(rng),
        blur=max(0.0, rng.uniform(-0.8, 0.8)),
        noise=rng.uniform(0, 3.5),
        jpeg_quality=int(rng.integers(78, 94)),
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
    base = np.array(_PAINTS[rng.integers(len(_PAINTS))])
    return tuple(np.clip(base * rng.uniform(0.85, 1.12) + rng.normal(0, 6, 3), 12, 248).tolist())


def _sample_light(rng: np.random.Generator) -> tuple[float, float, float]:
    azimuth, height = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(25, 75))
    x, y = np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height)
    return float(x), float(y), float(np.sin(height))


def _sample_occluders(rng: np.random.Generator) -> tuple[Occluder, ...]:
    count = int(rng.choice(3, p=(0.65, 0.28, 0.07)))
    return tuple(
        Occluder(
            kind=OCCLUDERS[rng.integers(len(OCCLUDERS))],
            x=rng.uniform(-0.03, 1.03),
            size=rng.uniform(0.8, 1.2),
            colour=tuple(rng.uniform(40, 200, 3).tolist()),
        )
        for _ in range(count)
    )
