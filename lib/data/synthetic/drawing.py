"""Draws one car into one scene: the picture and the car's exact bounding box."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lib.data.synthetic.backdrop import draw_backdrop, draw_posts
from lib.data.synthetic.car import Sketch, draw_car
from lib.data.synthetic.catalogue import CarClass
from lib.data.synthetic.colours import BLACK
from lib.data.synthetic.scene import Scene
from lib.data.synthetic.surface import Surface

_FINE = 2  # the car is drawn this much larger, then reduced, for smooth edges
Box = tuple[int, int, int, int]


def render(car: CarClass, scene: Scene) -> tuple[Image.Image, Box]:
    """The picture, and the car's box in pixels as Stanford Cars counts them (1-based, inclusive).

    The box holds the car as it would be seen without posts, its shadow left out.
    """
    layer = Image.new("RGBA", (scene.width * _FINE, scene.height * _FINE))
    surface = Surface(car.body)
    camera = scene.camera.framing(surface.extent(), layer.size, scene.fill, scene.position)
    draw_car(Sketch(ImageDraw.Draw(layer), camera, car, surface, scene))
    layer = layer.reduce(_FINE)
    left, top, right, bottom = layer.getbbox()
    behind = -scene.depth * np.array([np.sin(camera.yaw), np.cos(camera.yaw), 0.0])
    picture = draw_backdrop(scene, horizon=camera.pixels(behind)[1] / _FINE)
    away = -0.4 * np.array(scene.light) * (1, 1, 0)  # from the light
    _draw_shadow(picture, camera.pixels(surface.footprint() + away) / _FINE)
    picture.paste(layer, mask=layer)
    draw_posts(picture, (left, top, right, bottom), scene)
    return _develop(picture, scene), (left + 1, top + 1, right, bottom)


def _draw_shadow(picture: Image.Image, ground: np.ndarray) -> None:
    """Darken the ground (N, 2), in pixels."""
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).polygon(ground.ravel().tolist(), fill=170)
    picture.paste(BLACK, mask=mask.filter(ImageFilter.BoxBlur(3)))


def _develop(picture: Image.Image, scene: Scene) -> Image.Image:
    """What camera and light do to the whole picture: blur, exposure, tint, noise."""
    pixels = np.asarray(picture.filter(ImageFilter.BoxBlur(scene.blur))) * np.array(scene.gain)
    grain = np.random.default_rng(scene.seed).normal(0, scene.noise, pixels.shape[:2])
    return Image.fromarray((pixels + grain[..., None]).clip(0, 255).astype(np.uint8))
