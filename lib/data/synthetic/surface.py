"""The surface of a car body in space, and the camera that looks at it.

Space is in metres: x towards the nose, y towards the viewer, z up, the origin on the ground under
the middle of the car. A point of the surface is given by `u` (0 nose, 1 tail), its height `z` and
`s` (1 on the side of the viewer, -1 on the far side). Nothing here draws.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lib.data.synthetic.catalogue import Body

_LOOK_AT = np.array([0.0, 0.0, 0.7])
_HALF_WIDTH = 0.92
WHEELS = (0.185, 0.795)  # u of the axles
# Ends of the lower bodywork: (u, share of the height from the sill up).
_NOSE = np.array([(0.035, 0.0), (0.004, 0.17), (0.0, 0.5), (0.006, 0.8), (0.035, 1.0)])
_TAIL = np.array([(0.85, 1), (0.985, 1), (0.998, 0.85), (1, 0.5), (0.995, 0.15), (0.965, 0)])


@dataclass(frozen=True)
class Camera:
    """Where the viewer stands (angles in radians, distance in metres) and what fills the picture.

    `yaw` is 0 in front of the car's side; it is positive towards the nose, negative to the tail.
    """

    yaw: float
    pitch: float
    distance: float
    mirrored: bool
    scale: float = 1.0  # pixels a metre
    offset: tuple[float, float] = (0.0, 0.0)  # pixels

    def pixels(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 3) in metres -> (..., 2) in pixels, y downwards."""
        seen = (points - _LOOK_AT) @ self._axes
        flat = seen[..., :2] * (self.distance / (self.distance - seen[..., 2:]))
        return self.offset + self.scale * flat

    def framing(
        self, points: np.ndarray, size: tuple[int, int], fill: float, position: tuple[float, float]
    ) -> "Camera":
        """The camera that has the points fill a share of the picture's width.

        `position` shares out the room that is left: left or above 0, right or below 1.
        """
        seen, size = self.pixels(points), np.array(size)
        low, extent = seen.min(axis=0), np.ptp(seen, axis=0)
        scale = float(min(size * (fill, 0.95) / extent))
        offset = (size - scale * extent) * position - scale * low
        return replace(self, scale=scale, offset=tuple(offset.tolist()))

    def towards(self, points: np.ndarray) -> np.ndarray:
        """Vectors (..., 3) from points to the viewer, in metres."""
        return _LOOK_AT + self.distance * self._axes[:, 2] - points

    @cached_property
    def _axes(self) -> np.ndarray:
        """Columns of unit vectors (3, 3): rightwards, downwards, towards the viewer."""
        sin, cos = np.sin(self.yaw), np.cos(self.yaw)
        sin_pitch, cos_pitch = np.sin(self.pitch), np.cos(self.pitch)
        right = np.array([-cos, sin, 0.0]) * (-1 if self.mirrored else 1)
        down = np.array([sin * sin_pitch, cos * sin_pitch, -cos_pitch])
        return np.stack([right, down, [sin * cos_pitch, cos * cos_pitch, sin_pitch]], axis=1)


class Surface:
    """The surface of one body: the lower bodywork and, standing on it, the cabin."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.deck = body.cabin[-1][1]
        foot = np.array(body.cabin[0])  # of the windscreen
        nose = _NOSE * (1, body.nose - body.sill) + (0, body.sill)
        tail = _TAIL * (1, self.deck - body.sill) + (0, body.sill)
        bonnet = nose[-1] + (foot - nose[-1]) * (0.5, 0.65)
        self.lower = smooth(np.array([*nose, bonnet, foot + 0.01, *tail]))
        self.cabin = smooth(np.array(body.cabin))
        self._heights = (body.sill, (body.sill + self.deck) / 2, self.deck, self.cabin[:, 1].max())

    def point(self, u: np.ndarray, z: np.ndarray, s: np.ndarray | float) -> np.ndarray:
        """Points (..., 3): widest at mid-height, narrower to the roof and to nose and tail."""
        half_width = _HALF_WIDTH * np.interp(z, self._heights, (0.95, 1.0, 0.95, 0.8))
        front, rear = np.maximum(1 - u / 0.25, 0), np.maximum(u / 0.2 - 4, 0)
        bow = (0.34 * front**2 - 0.2 * rear**2) * np.abs(s) ** 3  # nose and tail are round
        x = self.body.length * (0.5 - u) - bow
        y = s * half_width * (1 - 0.08 * (2 * u - 1) ** 4)
        return np.stack(np.broadcast_arrays(x, y, z), axis=-1)

    def belt(self, u: np.ndarray) -> np.ndarray:
        """Height of the lower bodywork's upper edge at `u`."""
        first, last = np.argmin(self.lower[:, 0]), np.argmax(self.lower[:, 0]) + 1
        return np.interp(u, *self.lower[first:last].T)

    def side(self, places: np.ndarray) -> np.ndarray:
        """Points (N, 3) of the near side below the windows, from (N, 2): u, share of height."""
        u, share = places.T
        return self.point(u, self.body.sill + share * (self.belt(u) - self.body.sill), 1.0)

    def end(self, direction: int, places: np.ndarray) -> np.ndarray:
        """Points (N, 3) of nose (1) or tail (-1), from (N, 2): s, share of height.

        Beyond s = 1 they are around the corner, on the near side.
        """
        outline, top = (_NOSE, self.body.nose) if direction > 0 else (_TAIL[:0:-1], self.deck)
        s, share = places.T
        u = np.interp(share, outline[:, 1], outline[:, 0]) + 0.2 * direction * np.maximum(s - 1, 0)
        return self.point(u, self.body.sill + share * (top - self.body.sill), np.clip(s, -1, 1))

    def wheel(self, u: float, side: float) -> np.ndarray:
        """The middle (3,) of the wheel at `u`, on the near (1) or on the far (-1) side."""
        y = side * (_HALF_WIDTH - 0.03)
        return np.array([self.body.length * (0.5 - u), y, self.body.wheel_radius])

    def extent(self) -> np.ndarray:
        """Points (N, 3) that reach as far as the car does."""
        outlines = np.concatenate([self.lower, self.cabin])
        skin = self.point(outlines[:, :1], outlines[:, 1:], np.linspace(-1, 1, 9))
        feet = [self.wheel(u, side) * (1, 1, 0) for u in WHEELS for side in (-1, 1)]
        return np.concatenate([skin.reshape(-1, 3), feet])

    def footprint(self) -> np.ndarray:
        """The corners (4, 3) of the ground under the car."""
        x, y = self.body.length / 2, _HALF_WIDTH
        return np.array([(x, y, 0.0), (x, -y, 0.0), (-x, -y, 0.0), (-x, y, 0.0)])


def smooth(outline: np.ndarray, rounds: int = 2) -> np.ndarray:
    """Cut the corners of an open outline (N, 2); its ends stay where they are (Chaikin, 1974)."""
    for _ in range(rounds):
        before, after = outline[:-1], outline[1:]
        cut = np.stack([0.8 * before + 0.2 * after, 0.2 * before + 0.8 * after], axis=1)
        outline = np.concatenate([outline[:1], cut.reshape(-1, 2)[1:-1], outline[-1:]])
    return outline
