"""Draws what is around the car: its shadow on the ground, and what stands between it and us."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lib.data.synthetic.pen import WHITE, Colour, Pen, solid, tone
from lib.data.synthetic.scene import Occluder, Scene
from lib.data.synthetic.shape import Shape

_COARSE = 4  # the shadow is drawn this much smaller, then enlarged, for soft edges
_FINE = 2  # occluders are drawn this much larger, then reduced, for smooth edges
_SKIN: Colour = (188, 140, 112)
_BARK: Colour = (84, 66, 50)
_LEAVES: Colour = (58, 92, 46)


def draw_shadow(picture: Image.Image, pen: Pen, shape: Shape, scene: Scene) -> None:
    """Darken the ground under the car, away from the light."""
    mask = Image.new("L", (picture.width // _COARSE + 1, picture.height // _COARSE + 1))
    draw = ImageDraw.Draw(mask)
    away = -0.5 * np.array([scene.light[0], scene.light[1], 0.0])
    for margin, shift, darkness in ((0.12, away, 110), (0.0, 0.0 * away, 190)):
        ground = shape.footprint(margin) + shift
        draw.polygon((pen.pixels(ground) / _COARSE).ravel().tolist(), fill=darkness)
    mask = mask.filter(ImageFilter.BoxBlur(1))
    mask = mask.resize((mask.width * _COARSE, mask.height * _COARSE), Image.Resampling.BILINEAR)
    picture.paste((14, 14, 18), mask=mask.crop((0, 0, *picture.size)))


def draw_occluders(picture: Image.Image, car: tuple[int, int, int, int], scene: Scene) -> None:
    """Draw the scene's occluders before the car, whose box is given in pixels."""
    if not scene.occluders:
        return
    layer = Image.new("RGBA", (picture.width * _FINE, picture.height * _FINE))
    draw = ImageDraw.Draw(layer)
    left, _, right, bottom = (edge * _FINE for edge in car)
    for occluder in scene.occluders:
        metre = (right - left) / 4.6 * occluder.size
        foot = (left + occluder.x * (right - left), min(bottom + 0.1 * metre, layer.height + 1))
        _OCCLUDERS[occluder.kind](draw, foot, metre, occluder)
    layer = layer.reduce(_FINE)
    picture.paste(layer, mask=layer)


Foot = tuple[float, float]


def _block(
    draw: ImageDraw.ImageDraw, foot: Foot, metre: float, box: tuple[float, ...], colour: Colour
) -> None:
    """Fill a box (left, low, right, high), in metres from the foot."""
    x, y = foot
    left, low, right, high = (edge * metre for edge in box)
    draw.rectangle((x + left, y - high, x + right, y - low), fill=solid(colour))


def _oval(
    draw: ImageDraw.ImageDraw, foot: Foot, metre: float, box: tuple[float, ...], colour: Colour
) -> None:
    """Fill the ellipse in a box (left, low, right, high), in metres from the foot."""
    x, y = foot
    left, low, right, high = (edge * metre for edge in box)
    draw.ellipse((x + left, y - high, x + right, y - low), fill=solid(colour))


def _draw_post(draw: ImageDraw.ImageDraw, foot: Foot, metre: float, post: Occluder) -> None:
    _block(draw, foot, metre, (-0.07, 0.0, 0.07, 6.0), tone(post.colour, 0.6))
    _block(draw, foot, metre, (-0.07, 0.0, -0.03, 6.0), tone(post.colour, 0.9))
    _block(draw, foot, metre, (-0.12, 0.0, 0.12, 0.35), tone(post.colour, 0.5))


def _draw_tree(draw: ImageDraw.ImageDraw, foot: Foot, metre: float, tree: Occluder) -> None:
    _block(draw, foot, metre, (-0.14, 0.0, 0.14, 6.0), _BARK)
    _block(draw, foot, metre, (-0.14, 0.0, -0.04, 6.0), tone(_BARK, 1.3))
    for x, z in ((-0.8, 2.3), (0.1, 2.1), (0.7, 2.5)):
        _oval(draw, foot, metre, (x - 0.8, z - 0.3, x + 0.8, z + 1.4), tone(_LEAVES, 1 + x / 4))


def _draw_person(draw: ImageDraw.ImageDraw, foot: Foot, metre: float, person: Occluder) -> None:
    trousers = tone(person.colour, 0.45)
    _block(draw, foot, metre, (-0.16, 0.0, -0.02, 0.85), trousers)
    _block(draw, foot, metre, (0.02, 0.0, 0.16, 0.85), tone(trousers, 0.8))
    _oval(draw, foot, metre, (-0.24, 0.7, 0.24, 1.5), person.colour)
    _block(draw, foot, metre, (-0.2, 0.8, 0.2, 1.3), person.colour)
    _oval(draw, foot, metre, (-0.12, 1.45, 0.12, 1.75), _SKIN)
    _oval(draw, foot, metre, (-0.13, 1.58, 0.13, 1.78), tone(_BARK, 0.6))


def _draw_sign(draw: ImageDraw.ImageDraw, foot: Foot, metre: float, sign: Occluder) -> None:
    _block(draw, foot, metre, (-0.035, 0.0, 0.035, 1.9), (150, 152, 156))
    _oval(draw, foot, metre, (-0.3, 1.5, 0.3, 2.1), sign.colour)
    _oval(draw, foot, metre, (-0.22, 1.58, 0.22, 2.02), WHITE)


def _draw_bollards(draw: ImageDraw.ImageDraw, foot: Foot, metre: float, posts: Occluder) -> None:
    for x in (-1.2, 0.0, 1.2):
        _block(draw, foot, metre, (x - 0.07, 0.0, x + 0.07, 0.7), tone(posts.colour, 0.5))
        _block(draw, foot, metre, (x - 0.07, 0.52, x + 0.07, 0.62), WHITE)


def _draw_bush(draw: ImageDraw.ImageDraw, foot: Foot, metre: float, bush: Occluder) -> None:
    green = tone(_LEAVES, 0.7 + bush.size / 3)
    for x, height, shade in ((-0.5, 0.3, 0.9), (0.4, 0.35, 1.1), (0.0, 0.45, 1.0)):
        _oval(draw, foot, metre, (x - 0.45, -0.3, x + 0.45, height), tone(green, shade))


_OCCLUDERS: dict[str, Callable[[ImageDraw.ImageDraw, Foot, float, Occluder], None]] = {
    "post": _draw_post,
    "tree": _draw_tree,
    "person": _draw_person,
    "sign": _draw_sign,
    "bollards": _draw_bollards,
    "bush": _draw_bush,
}
