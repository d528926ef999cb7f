"""Draws one car into one scene: the picture and the car's exact bounding box."""

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lib.data.synthetic.bodywork import draw_car
from lib.data.synthetic.catalogue import CarClass
from lib.data.synthetic.pen import Pen
from lib.data.synthetic.places import draw_place
from lib.data.synthetic.scene import Scene
from lib.data.synthetic.shape import Shape, shape_of
from lib.data.synthetic.sketch import Sketch
from lib.data.synthetic.surroundings import draw_occluders, draw_shadow

_FINE = 2  # the car is drawn this much larger, then reduced, for smooth edges
Box = tuple[int, int, int, int]


def render(car: CarClass, scene: Scene) -> tuple[Image.Image, Box]:
    """The picture, and the car's box in pixels as Stanford Cars counts them (1-based, inclusive).

    The box holds the car as it would be seen without occluders, its shadow left out.
    """
    shape = shape_of(car.body)
    layer = Image.new("RGBA", (scene.width * _FINE, scene.height * _FINE))
    pen = _place_car(layer, shape, scene)
    draw_car(Sketch(pen, car, scene))
    box = _coarse(layer.getbbox())
    drawn = layer.crop([_FINE * edge for edge in box]).reduce(_FINE)

    backdrop = pen.pixels(scene.camera.ground_behind(scene.depth))
    picture = draw_place(scene, backdrop[1] / _FINE)
    draw_shadow(picture, pen.on(picture, 1 / _FINE), shape, scene)
    picture.paste(drawn, box[:2], mask=drawn)
    draw_occluders(picture, box, scene)
    return _develop(picture, scene), (box[0] + 1, box[1] + 1, *box[2:])


def _coarse(box: Box) -> Box:
    """The box (0-based, its right and bottom edges excluded) in pixels of the final picture."""
    left, top, right, bottom = box
    return left // _FINE, top // _FINE, -(-right // _FINE), -(-bottom // _FINE)


def _place_car(layer: Image.Image, shape: Shape, scene: Scene) -> Pen:
    """A pen that draws the car at the scene's size and position on the layer."""
    seen = scene.camera.project(shape.extent())
    low, high = seen.min(axis=0), seen.max(axis=0)
    size = np.array(layer.size)
    scale = min(scene.fill * size[0] / (high - low)[0], 0.95 * size[1] / (high - low)[1])
    offset = (size - scale * (high - low)) * scene.position - scale * low
    light = np.array(scene.light)
    return Pen(ImageDraw.Draw(layer), scene.camera, float(scale), offset, light)


def _develop(picture: Image.Image, scene: Scene) -> Image.Image:
    """What camera and light do to the whole picture: exposure, tint, blur, noise."""
    levels = 128 + (np.arange(256) * scene.exposure - 128) * scene.contrast
    tints = (1 + scene.warmth, 1.0, 1 - scene.warmth)
    table = np.clip(np.concatenate([levels * tint for tint in tints]), 0, 255)
    picture = picture.point(table.astype(int).tolist())
    if scene.blur:
        picture = picture.filter(ImageFilter.BoxBlur(scene.blur))
    grain = (_grain()[: scene.height, : scene.width] * scene.noise).astype(np.int16)
    noisy = np.roll(grain, scene.place_seed, axis=(0, 1))[:, :, None] + np.asarray(picture)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


@cache
def _grain() -> np.ndarray:
    """Sensor noise of standard deviation 1, drawn once."""
    return np.random.default_rng(0).standard_normal((512, 512), dtype=np.float32)
