"""The surface of a car body in space, and the camera that looks at it.

Space is in metres: x towards the nose, y towards the viewer, z up, the origin on the ground under
the middle of the car. A point of the surface is given by `u` (0 nose, 1 tail), its height `z` and
`s` (1 on the side of the viewer, -1 on the far side). Nothing here draws.
"""

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from lib.data.synthetic.catalogue import Body

_LOOK_AT = np.array([0.0, 0.0, 0.7])


@dataclass(frozen=True)
class Camera:
    """Where the viewer stands: angles in radians, distance in metres.

    `yaw` is 0 in front of the car's side; it is positive towards the nose, negative to the tail.
    """

    yaw: float
    pitch: float
    distance: float
    mirrored: bool

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 3) in metres -> (..., 2) in metres on the picture, y downwards."""
        seen = (points - _LOOK_AT) @ self._axes
        return seen[..., :2] * (self.distance / (self.distance - seen[..., 2:]))

    def position(self) -> np.ndarray:
        """Where the viewer is, (3,) in metres."""
        return _LOOK_AT + self.distance * self._axes[:, 2]

    def ground_behind(self, metres: float) -> np.ndarray:
        """The point (3,) of the ground so far behind the car."""
        return -metres * np.array([np.sin(self.yaw), np.cos(self.yaw), 0.0])

    def depth(self, points: np.ndarray) -> np.ndarray:
        """How near the points (..., 3) are to the viewer; larger is nearer."""
        return (points - _LOOK_AT) @ self._axes[:, 2]

    @cached_property
    def _axes(self) -> np.ndarray:
        """Columns of unit vectors (3, 3): rightwards, downwards, towards the viewer."""
        sin, cos = np.sin(self.yaw), np.cos(self.yaw)
        sin_pitch, cos_pitch = np.sin(self.pitch), np.cos(self.pitch)
        right = np.array([-cos, sin, 0.0]) * (-1 if self.mirrored else 1)
        down = np.array([sin * sin_pitch, cos * sin_pitch, -cos_pitch])
        return np.stack([right, down, [sin * cos_pitch, cos * cos_pitch, sin_pitch]], axis=1)


class Shape:
    """The surface of one body: the lower bodywork and, standing on it, the cabin."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.lower = smooth(np.array(body.lower), 2)
        self.cabin = smooth(np.array(body.cabin), 2)
        self.roof = self.cabin[:, 1].max()
        self.sill = self.lower[0, 1]
        crest = np.argmax(self.lower[:, 0] > 0.1), np.argmax(self.lower[:, 0] > 0.97)
        self._nose = self.lower[: crest[0]]
        self._tail = self.lower[crest[1] :][::-1]
        self._top = self.lower[np.argmin(self.lower[:, 0]) : np.argmax(self.lower[:, 0]) + 1]
        self._foot = float(self.belt(0.5))  # of the cabin
        self._waist = (self.sill + self._foot) / 2  # height where the car is widest

    def belt(self, u: np.ndarray | float) -> np.ndarray:
        """Height of the lower bodywork's upper edge at `u`."""
        return np.interp(u, self._top[:, 0], self._top[:, 1])

    def end(self, end: float, z: np.ndarray) -> np.ndarray:
        """The `u` of the nose's (1) or the tail's (-1) surface at height `z`."""
        outline = self._nose if end > 0 else self._tail
        return np.interp(z, outline[:, 1], outline[:, 0])

    def edge(self, end: float) -> float:
        """Height of the upper edge of the nose (1) or the tail (-1)."""
        return float((self._nose if end > 0 else self._tail)[-1, 1])

    def side(self, u: np.ndarray | float, share: np.ndarray | float) -> np.ndarray:
        """Points (..., 3) on the near side, `share` of the way from the sill to the belt line."""
        return self.lower_point(u, self.sill + share * (self.belt(u) - self.sill), 1.0)

    def wheel(self, u: float, s: float) -> np.ndarray:
        """The middle (3,) of a wheel's outer face."""
        x = self.body.length * (0.5 - u)
        return np.array([x, s * 0.97 * self._plan(np.array(u)), self.body.wheel_radius])

    def footprint(self, margin: float) -> np.ndarray:
        """The corners (4, 3) of the ground under the car, `margin` metres wider."""
        x, y = self.body.length / 2 - 0.05 + margin, self.body.width / 2 - 0.03 + margin
        return np.array([(x, y, 0.0), (x, -y, 0.0), (-x, -y, 0.0), (-x, y, 0.0)])

    def extent(self) -> np.ndarray:
        """Points (N, 3) that reach as far as the car does."""
        s = np.linspace(-1, 1, 9)
        lower = self.lower_point(self.lower[:, :1], self.lower[:, 1:], s)
        cabin = self.cabin_point(self.cabin[:, :1], self.cabin[:, 1:], s)
        wheels = np.array([self.wheel(u, s) for u in self.body.wheels for s in (-1, 1)])
        ground = wheels * np.array([1.0, 1.0, 0.0])
        return np.concatenate([lower.reshape(-1, 3), cabin.reshape(-1, 3), ground])

    def lower_point(self, u: np.ndarray, z: np.ndarray, s: np.ndarray | float) -> np.ndarray:
        """Points (..., 3) of the lower bodywork."""
        away = (z - self._waist) / self._waist
        return self._place(u, z, s * self._plan(u) * (1 - 0.05 * away * away), s)

    def cabin_point(self, u: np.ndarray, z: np.ndarray, s: np.ndarray | float) -> np.ndarray:
        """Points (..., 3) of the cabin, narrower towards the roof."""
        rise = np.maximum((z - self._foot) / (self.roof - self._foot), 0)
        lean = 0.1 if self.body.bed or not self.body.rear_window else 0.17
        return self._place(u, z, s * self._plan(u) * 0.95 * (1 - lean * rise), s)

    def _plan(self, u: np.ndarray) -> np.ndarray:
        """Half the width at `u`, in metres: a car is narrower at its ends."""
        square = (2 * u - 1) * (2 * u - 1)
        return self.body.width / 2 * (1 - 0.08 * square * square)

    def _place(self, u: np.ndarray, z: np.ndarray, y: np.ndarray, s: np.ndarray) -> np.ndarray:
        """Bend nose and tail back towards the sides, so that they are round from above."""
        front, rear = np.maximum(1 - u / 0.25, 0), np.maximum(u / 0.2 - 4, 0)
        bow = 0.34 * front * front - 0.2 * rear * rear
        points = np.empty((*y.shape, 3))
        points[..., 0] = self.body.length * (0.5 - u) - bow * s * s * np.abs(s)
        points[..., 1] = y
        points[..., 2] = z
        return points


@cache
def shape_of(body: Body) -> Shape:
    """The surface of a body, worked out once."""
    return Shape(body)


def smooth(outline: np.ndarray, rounds: int) -> np.ndarray:
    """Cut the corners of an open outline (N, 2), keeping its ends (Chaikin, 1974)."""
    for _ in range(rounds):
        before, after = outline[:-1], outline[1:]
        cut = np.stack([0.8 * before + 0.2 * after, 0.2 * before + 0.8 * after], axis=1)
        outline = np.concatenate([outline[:1], cut.reshape(-1, 2)[1:-1], outline[-1:]])
    return outline


def subdivide(corners: np.ndarray, steps: int = 5) -> np.ndarray:
    """Points along the edges of a closed polygon (N, 2), so that it can follow a curved surface."""
    after = np.roll(corners, -1, axis=0)
    t = np.arange(steps)[None, :, None] / steps
    return (corners[:, None] * (1 - t) + after[:, None] * t).reshape(-1, 2)
