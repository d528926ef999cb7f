"""Draws the places where the cars stand: a picture without a car.

Each place draws from its own random stream, which says nothing about the car.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from lib.data.synthetic.pen import Colour, mix, tone
from lib.data.synthetic.scene import Scene

_COARSE = 2  # places are drawn this much smaller, then enlarged, as if out of focus
_CLOUD: Colour = (240, 242, 244)


@dataclass(frozen=True)
class Stage:
    """A picture to paint: its drawing, its size, where the ground ends, and random numbers."""

    picture: Image.Image
    draw: ImageDraw.ImageDraw
    width: int
    height: int
    horizon: float  # where backdrop and ground meet, pixels from the top
    rng: np.random.Generator

    def gradient(self, top: float, bottom: float, first: Colour, last: Colour) -> None:
        """Fill the rows from `top` to `bottom`, from the first colour to the last."""
        rows = np.arange(max(0, int(top)), min(self.height, int(np.ceil(bottom))))
        if len(rows):
            share = ((rows - top) / max(1.0, bottom - top)).clip(0, 1)[:, None, None]
            column = (np.array(first) * (1 - share) + np.array(last) * share).clip(0, 255)
            strip = Image.fromarray(column.astype(np.uint8)).resize((self.width, len(rows)))
            self.picture.paste(strip, (0, int(rows[0])))

    def block(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """Fill a rectangle, in pixels."""
        self.draw.rectangle((left, top, max(left, right), max(top, bottom)), fill=_rgb(colour))

    def oval(self, x: float, y: float, half_width: float, half_height: float, c: Colour) -> None:
        """Fill an ellipse, in pixels."""
        box = (x - half_width, y - half_height, x + half_width, y + half_height)
        self.draw.ellipse(box, fill=_rgb(c))

    def grey(self, low: float, high: float) -> Colour:
        """A random grey with a random hint of colour."""
        return tuple((self.rng.uniform(low, high) + self.rng.normal(0, 5, 3)).tolist())


def draw_place(scene: Scene, horizon: float) -> Image.Image:
    """The scene's place, a little out of focus; the ground begins so many pixels from the top."""
    width, height = -(-scene.width // _COARSE), -(-scene.height // _COARSE)
    horizon = float(np.clip(horizon / _COARSE, 0.08 * height, 0.7 * height))
    picture = Image.new("RGB", (width, height))
    rng = np.random.default_rng(scene.place_seed)
    stage = Stage(picture, ImageDraw.Draw(picture), width, height, horizon, rng)
    _PLACES[scene.place](stage)
    return picture.resize((scene.width, scene.height), Image.Resampling.BILINEAR)


def _rgb(colour: Colour) -> tuple[int, int, int]:
    red, green, blue = (max(0, min(255, int(channel))) for channel in colour)
    return red, green, blue


def _draw_sky(stage: Stage) -> None:
    tint = stage.rng.random()
    top = mix((86, 134, 196), (150, 160, 172), tint)
    stage.gradient(0, stage.horizon, top, mix((206, 222, 236), (222, 206, 186), stage.rng.random()))
    for _ in range(stage.rng.integers(0, 4)):
        x, y = stage.rng.uniform(0, stage.width), stage.rng.uniform(0, stage.horizon)
        size = stage.rng.uniform(0.05, 0.15) * stage.width
        stage.oval(x, y, size, 0.22 * size, mix(top, _CLOUD, 0.7))
        stage.oval(x + 0.5 * size, y - 0.12 * size, 0.6 * size, 0.2 * size, mix(top, _CLOUD, 0.8))


def _draw_buildings(stage: Stage) -> None:
    x = -stage.rng.uniform(0, 0.2) * stage.width
    while x < stage.width:
        width = stage.rng.uniform(0.15, 0.4) * stage.width
        top = stage.horizon - stage.rng.uniform(0.3, 1.2) * stage.height
        wall = mix(stage.grey(110, 200), (170, 110, 84), stage.rng.uniform(0, 0.6))
        stage.block(x, top, x + width, stage.horizon + 1, wall)
        step = stage.rng.uniform(0.05, 0.08) * stage.width
        window = tone(wall, stage.rng.choice([0.5, 1.25]))
        for column in np.arange(x + 0.4 * step, x + width - 0.6 * step, step):
            for row in np.arange(max(top, 0) + 0.4 * step, stage.horizon - step, 1.3 * step):
                stage.block(column, row, column + 0.5 * step, row + 0.75 * step, window)
        x += width


def _draw_trees(stage: Stage, count: int) -> None:
    for _ in range(count):
        x = stage.rng.uniform(0, stage.width)
        size = stage.rng.uniform(0.04, 0.13) * stage.width
        green = mix((40, 84, 40), (120, 130, 50), stage.rng.random())
        stage.block(
            x - 0.08 * size, stage.horizon - size, x + 0.08 * size, stage.horizon, (70, 56, 44)
        )
        stage.oval(x, stage.horizon - 1.3 * size, 0.7 * size, 0.9 * size, green)
        stage.oval(
            x - 0.3 * size, stage.horizon - 1.1 * size, 0.5 * size, 0.6 * size, tone(green, 1.1)
        )


def _draw_hills(stage: Stage, colour: Colour) -> None:
    x = np.linspace(0, stage.width, 30)
    for depth in (1.0, 0.5):
        waves = stage.rng.uniform(1, 4, 2) * 2 * np.pi / stage.width
        turns = stage.rng.uniform(0, 2 * np.pi, 2)
        rise = 0.5 + 0.25 * (np.sin(waves[0] * x + turns[0]) + np.sin(waves[1] * x + turns[1]))
        y = stage.horizon - depth * rise * 0.3 * stage.height
        outline = [(0, stage.horizon + 1), *zip(x.tolist(), y.tolist())]
        outline.append((stage.width, stage.horizon + 1))
        stage.draw.polygon(outline, fill=_rgb(mix(colour, (170, 190, 206), 0.6 * depth)))


def _draw_street(stage: Stage) -> None:
    _draw_sky(stage)
    _draw_buildings(stage)
    _draw_trees(stage, stage.rng.integers(0, 3))
    asphalt, ground = stage.grey(70, 125), stage.height - stage.horizon
    stage.gradient(stage.horizon, stage.height, tone(asphalt, 1.15), tone(asphalt, 0.9))
    pavement = stage.horizon + stage.rng.uniform(0.08, 0.3) * ground
    stage.block(0, stage.horizon, stage.width, pavement, stage.grey(140, 180))
    stage.block(0, pavement, stage.width, pavement + 0.02 * ground, (96, 96, 96))
    y, dash = stage.height - 0.06 * ground, stage.rng.uniform(0.1, 0.3) * stage.width
    for x in np.arange(-stage.rng.uniform(0, dash), stage.width, 1.8 * dash):
        stage.block(x, y, x + dash, y + 0.025 * ground, (214, 214, 206))


def _draw_field(stage: Stage) -> None:
    _draw_sky(stage)
    grass = mix((82, 122, 54), (176, 160, 92), stage.rng.random())
    _draw_hills(stage, tone(grass, 0.8))
    _draw_trees(stage, stage.rng.integers(1, 6))
    stage.gradient(stage.horizon, stage.height, tone(grass, 1.1), tone(grass, 0.8))
    for x, share in stage.rng.random((60, 2)):
        y = stage.horizon + share * (stage.height - stage.horizon)
        size = (0.005 + 0.02 * share) * stage.width
        stage.block(x * stage.width, y, x * stage.width + size, y + 0.3 * size, tone(grass, 0.85))


def _draw_showroom(stage: Stage) -> None:
    wall, floor = stage.grey(150, 235), stage.grey(120, 215)
    stage.gradient(0, stage.horizon, wall, tone(wall, 0.86))
    for x in np.arange(0, stage.width, stage.rng.uniform(0.12, 0.3) * stage.width):
        stage.block(x, 0, x + 1, stage.horizon, tone(wall, 0.75))
    banner = tuple(stage.rng.uniform(40, 220, 3).tolist())
    left, width = stage.rng.uniform(0, 0.8) * stage.width, stage.rng.uniform(0.1, 0.3) * stage.width
    stage.block(left, 0.1 * stage.horizon, left + width, 0.6 * stage.horizon, banner)
    stage.gradient(stage.horizon, stage.height, tone(floor, 0.85), floor)
    for x in stage.rng.uniform(0, stage.width, 4):
        stage.oval(
            x, 0.04 * stage.height, 0.03 * stage.width, 0.015 * stage.height, (252, 252, 246)
        )
        y = stage.rng.uniform(stage.horizon, stage.height)
        stage.oval(x, y, 0.1 * stage.width, 0.015 * stage.height, tone(floor, 1.12))


def _draw_car_park(stage: Stage) -> None:
    _draw_sky(stage)
    _draw_trees(stage, stage.rng.integers(2, 7))
    ground = stage.height - stage.horizon
    hedge = mix((58, 84, 48), (130, 126, 120), stage.rng.random())
    stage.block(0, stage.horizon - 0.08 * stage.height, stage.width, stage.horizon + 1, hedge)
    asphalt = stage.grey(80, 140)
    stage.gradient(stage.horizon, stage.height, tone(asphalt, 1.1), tone(asphalt, 0.92))
    _draw_parked_cars(stage)
    for x in np.arange(-0.5, 1.6, stage.rng.uniform(0.3, 0.5)):
        near, far = x * stage.width, (0.5 + 0.6 * (x - 0.5)) * stage.width
        low, high = stage.height, stage.horizon + 0.25 * ground
        stripe = [(near, low), (near + 0.03 * stage.width, low), (far + 2, high), (far, high)]
        stage.draw.polygon(stripe, fill=(206, 206, 200))


def _draw_parked_cars(stage: Stage) -> None:
    """Plain car shapes far behind, all of one outline."""
    size = stage.rng.uniform(0.12, 0.2) * stage.width
    for x in np.arange(stage.rng.uniform(-0.1, 0.2) * stage.width, stage.width, 1.6 * size):
        if stage.rng.random() < 0.5:
            continue
        paint, y = stage.grey(40, 220), stage.horizon + 0.1 * size
        stage.oval(x + 0.5 * size, y - 0.25 * size, 0.32 * size, 0.2 * size, (50, 56, 64))
        stage.block(x, y - 0.26 * size, x + size, y - 0.04 * size, paint)
        for wheel in (0.2, 0.8):
            stage.oval(x + wheel * size, y - 0.04 * size, 0.09 * size, 0.09 * size, (24, 24, 26))


def _draw_coast(stage: Stage) -> None:
    _draw_sky(stage)
    sea = mix((38, 92, 130), (110, 150, 160), stage.rng.random())
    _draw_hills(stage, mix(sea, (120, 120, 110), 0.6))
    ground = stage.height - stage.horizon
    shore = stage.horizon + stage.rng.uniform(0.1, 0.35) * ground
    stage.gradient(stage.horizon, shore, tone(sea, 1.2), sea)
    sand = mix((206, 186, 146), (140, 140, 138), stage.rng.random())
    stage.gradient(shore, stage.height, sand, tone(sand, 0.85))
    rail = shore - 0.12 * ground
    stage.block(0, rail, stage.width, rail + 0.02 * ground, (220, 220, 216))
    for x in np.arange(0, stage.width, 0.13 * stage.width):
        stage.block(x, rail, x + 0.008 * stage.width, shore, (220, 220, 216))


def _draw_hall(stage: Stage) -> None:
    wall, floor = mix(stage.grey(90, 190), (150, 84, 66), stage.rng.random()), stage.grey(90, 160)
    stage.gradient(0, stage.horizon, tone(wall, 0.8), wall)
    step = max(3.0, stage.rng.uniform(0.02, 0.05) * stage.width)
    for row, y in enumerate(np.arange(0, stage.horizon, step)):
        stage.block(0, y, stage.width, y, tone(wall, 0.7))
        for x in np.arange((row % 2) * step, stage.width, 2 * step):
            stage.block(x, y, x, y + step, tone(wall, 0.7))
    door, left = stage.grey(60, 200), stage.rng.uniform(-0.1, 0.7) * stage.width
    stage.block(left, 0, left + 0.4 * stage.width, stage.horizon, door)
    for y in np.arange(0, stage.horizon, 1.7 * step):
        stage.block(left, y, left + 0.4 * stage.width, y, tone(door, 0.8))
    stage.gradient(stage.horizon, stage.height, tone(floor, 0.9), floor)


_PLACES: dict[str, Callable[[Stage], None]] = {
    "street": _draw_street,
    "field": _draw_field,
    "showroom": _draw_showroom,
    "car park": _draw_car_park,
    "coast": _draw_coast,
    "hall": _draw_hall,
}
