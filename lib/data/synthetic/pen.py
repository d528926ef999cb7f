"""Draws polygons that lie in space onto a picture, as a camera sees them."""

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageDraw

from lib.data.synthetic.shape import Camera

Colour = tuple[float, float, float]

BLACK: Colour = (22, 22, 24)
RUBBER: Colour = (30, 30, 33)
GLASS: Colour = (46, 58, 70)
CHROME: Colour = (208, 212, 216)
WHITE: Colour = (246, 246, 242)
AMBER: Colour = (240, 150, 40)
RED: Colour = (190, 24, 30)


def tone(colour: Colour, factor: float) -> Colour:
    """The colour, lighter (above 1) or darker."""
    return tuple(min(255.0, channel * factor) for channel in colour)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """The first colour with a share (0 to 1) of the second."""
    return tuple(a * (1 - share) + b * share for a, b in zip(first, second))


@dataclass(frozen=True)
class Pen:
    """A drawing, the camera, and where metres fall on it: pixel = offset + scale * metres."""

    draw: ImageDraw.ImageDraw
    camera: Camera
    scale: float
    offset: np.ndarray  # (2,)
    light: np.ndarray  # unit vector (3,) towards the light

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 3) in metres -> (..., 2) in pixels."""
        return self.offset + self.scale * self.camera.project(points)

    def on(self, picture: Image.Image, factor: float) -> "Pen":
        """The same view on another picture, `factor` times as large."""
        draw = ImageDraw.Draw(picture)
        return replace(self, draw=draw, scale=factor * self.scale, offset=factor * self.offset)

    def polygon(self, points: np.ndarray, colour: Colour) -> None:
        """Fill the polygon of points (N, 3)."""
        self.draw.polygon(self.pixels(points).ravel().tolist(), fill=solid(colour))

    def patches(self, corners: np.ndarray, colours: np.ndarray) -> None:
        """Fill many polygons: corners (N, K, 3), colours (N, 3), in this order."""
        pixels = self.pixels(corners).reshape(len(corners), 2 * corners.shape[1]).tolist()
        for points, colour in zip(pixels, colours.astype(int).tolist()):
            self.draw.polygon(points, fill=(*colour, 255))

    def line(self, points: np.ndarray, colour: Colour, width: float) -> None:
        """Draw a line through points (N, 3), `width` in metres."""
        thickness = max(1, round(width * self.scale))
        pixels = self.pixels(points).ravel().tolist()
        self.draw.line(pixels, fill=solid(colour), width=thickness, joint="curve")

    def faces_viewer(self, points: np.ndarray, outward: np.ndarray) -> np.ndarray:
        """Whether surfaces at points (..., 3) with these outward normals (..., 3) are seen."""
        return ((self.camera.position() - points) * outward).sum(-1) > 0

    def brightness(self, outward: np.ndarray) -> np.ndarray:
        """How light surfaces with these unit normals (..., 3) look: about 0.6 to 1.25."""
        return (
            0.62
            + 0.45 * np.clip(outward @ self.light, 0, 1)
            + 0.18 * np.clip(outward[..., 2], 0, 1)
        )


def solid(colour: Colour) -> tuple[int, int, int, int]:
    """The colour as Pillow takes it, opaque."""
    red, green, blue = (int(channel) for channel in colour)
    return red, green, blue, 255
