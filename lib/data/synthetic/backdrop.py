"""Draws what is around the car: the place behind it, and what stands between it and the viewer.

A place draws from the scene's own seed, which says nothing about the car.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lib.data.synthetic.colours import Colour, mix, solid, tone
from lib.data.synthetic.scene import Scene

_SKY = ((110, 152, 206), (176, 178, 184))
_GRASS = ((82, 122, 54), (176, 160, 92))


@dataclass(frozen=True)
class Backdrop:
    """A place being drawn. Lengths are in picture widths, y from the horizon downwards."""

    draw: ImageDraw.ImageDraw
    width: int  # pixels
    horizon: float  # pixels from the top
    ground: float  # from the horizon to the picture's lower edge
    rng: np.random.Generator

    def fill(self, kind: str, box: tuple[float, float, float, float], colour: Colour) -> None:
        """Fill a "rectangle" or an "ellipse" in a box (left, top, right, bottom)."""
        pixels = self.width * np.array(box) + (0, self.horizon, 0, self.horizon)
        more = (180, 360) if kind == "chord" else ()
        getattr(self.draw, kind)(pixels.tolist(), *more, fill=solid(colour))

    def between(self, first: Colour, second: Colour) -> Colour:
        """A random colour between two."""
        return mix(first, second, self.rng.random())


def draw_backdrop(scene: Scene, horizon: float) -> Image.Image:
    """The scene's place without a car; the ground begins `horizon` pixels from the top."""
    horizon = float(np.clip(horizon, 0.08 * scene.height, 0.7 * scene.height))
    rng = np.random.default_rng(scene.seed)
    above, below, draw_things = _PLACES[scene.place]
    picture = _draw_gradients(scene, horizon, mix(*above, rng.random()), mix(*below, rng.random()))
    ground = (scene.height - horizon) / scene.width
    draw_things(Backdrop(ImageDraw.Draw(picture), scene.width, horizon, ground, rng))
    return picture.filter(ImageFilter.BoxBlur(1.5))  # out of focus


def _draw_gradients(scene: Scene, horizon: float, above: Colour, below: Colour) -> Image.Image:
    """A sky that gets lighter down to the horizon, and a ground that gets darker from it."""
    rows = np.arange(scene.height)[:, None]
    sky = np.array(above) * np.interp(rows, (0, horizon), (0.85, 1.15))
    ground = np.array(below) * np.interp(rows, (horizon, scene.height), (1.12, 0.88))
    column = np.where(rows < horizon, sky, ground).clip(0, 255).astype(np.uint8)
    return Image.fromarray(column[:, None]).resize((scene.width, scene.height))


def _draw_street(place: Backdrop) -> None:
    """Houses with windows, a pavement, a dashed line."""
    x = -0.1
    while x < 1:
        width, height, step = place.rng.uniform((0.15, 0.15, 0.05), (0.4, 0.6, 0.08))
        wall = place.between((180, 176, 170), (150, 96, 74))
        place.fill("rectangle", (x, -height, x + width, 0), wall)
        for left in np.arange(x + 0.4 * step, x + width - 0.6 * step, step):
            for top in np.arange(0.4 * step - height, -step, 1.3 * step):
                window = (left, top, left + 0.5 * step, top + 0.8 * step)
                place.fill("rectangle", window, tone(wall, 0.55))
        x += width
    place.fill("rectangle", (0, 0, 1, 0.2 * place.ground), (160, 160, 158))
    for x in np.arange(place.rng.uniform(-0.3, 0), 1, 0.3):
        y = 0.94 * place.ground
        place.fill("rectangle", (x, y, x + 0.16, y + 0.01), (214, 214, 206))


def _draw_field(place: Backdrop) -> None:
    """Clouds, hills and trees."""
    for x, y, size in place.rng.uniform((0, -0.4, 0.05), (1, -0.05, 0.15), (3, 3)):
        place.fill("ellipse", (x, y, x + 2 * size, y + 0.4 * size), (232, 236, 240))
    for x, size in place.rng.uniform((0, 0.2), (1, 0.5), (3, 2)):
        hill = place.between((96, 124, 112), (150, 170, 176))
        place.fill("chord", (x - size, -0.3 * size, x + size, 0.3 * size), hill)
    for x, size in place.rng.uniform((0, 0.04), (1, 0.13), (place.rng.integers(1, 7), 2)):
        crown = place.between((40, 84, 40), (120, 130, 50))
        place.fill("rectangle", (x - 0.1 * size, -size, x + 0.1 * size, 0), (70, 56, 44))
        place.fill("ellipse", (x - 0.7 * size, -2.2 * size, x + 0.7 * size, -0.4 * size), crown)


def _draw_showroom(place: Backdrop) -> None:
    """Coloured panels on a wall, and their reflections on the floor."""
    x = place.rng.uniform(-0.2, 0)
    while x < 1:
        width, *colour = place.rng.uniform((0.1, 90, 90, 90), (0.3, 200, 200, 200))
        place.fill("rectangle", (x, -0.6, x + width, -0.02), colour)
        place.fill("rectangle", (x, 0.04, x + width, 0.06), tone(colour, 1.2))
        x += 1.3 * width


# The colours above the horizon and below it, each between two, and what stands there.
_PLACES = {
    "street": (_SKY, ((76, 76, 80), (126, 124, 122)), _draw_street),
    "field": (_SKY, _GRASS, _draw_field),
    "showroom": (
        ((150, 150, 156), (226, 222, 214)),
        ((110, 110, 114), (206, 204, 200)),
        _draw_showroom,
    ),
}
# Parts of a post: box (left, top, right, bottom) in metres from its foot, colour.
_POST = (
    ((-0.07, -6.0, 0.07, 0.0), (92, 96, 98)),
    ((-0.12, -0.35, 0.12, 0.0), (70, 74, 76)),
)


def draw_posts(picture: Image.Image, car: tuple[int, int, int, int], scene: Scene) -> None:
    """Draw the scene's posts before the car, whose box is given in pixels."""
    left, _, right, bottom = car
    metre = (right - left) / 4.6
    for share in scene.posts:
        foot = np.array([left + share * (right - left), bottom + 0.1 * metre] * 2)
        for box, colour in _POST:
            ImageDraw.Draw(picture).rectangle((foot + metre * np.array(box)).tolist(), colour)
