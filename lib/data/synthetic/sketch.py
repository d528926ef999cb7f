"""One car being drawn: what it is, its surface, the scene, and the pen. Handed to every drawer."""

from dataclasses import dataclass

import numpy as np

from lib.data.synthetic.catalogue import Body, CarClass
from lib.data.synthetic.pen import BLACK, Colour, Pen, tone
from lib.data.synthetic.scene import Scene
from lib.data.synthetic.shape import Shape, shape_of


@dataclass(frozen=True)
class Sketch:
    """A car of class `car` in a scene, drawn with `pen`."""

    pen: Pen
    car: CarClass
    scene: Scene

    @property
    def shape(self) -> Shape:
        return shape_of(self.car.body)

    @property
    def body(self) -> Body:
        return self.car.body

    @property
    def paint(self) -> Colour:
        return self.scene.paint

    @property
    def roof(self) -> Colour:
        """The colour of roof and pillars."""
        return BLACK if self.car.make.signature == "black roof" else self.paint

    @property
    def side_light(self) -> float:
        """How bright the near side is."""
        return float(self.pen.brightness(np.array([0.0, 1.0, 0.0]))) + 0.12

    def band(self, u: np.ndarray, low: float, high: float, colour: Colour) -> None:
        """Fill a band of the near side along `u`, between two shares of its height."""
        side = self.shape.side
        self.pen.polygon(np.concatenate([side(u, low), side(u[::-1], high)]), colour)

    def stroke(self, u: np.ndarray, share: np.ndarray | float, darkness: float, width: float):
        """Draw a line on the near side in a shade of the paint, `width` in metres."""
        self.pen.line(self.shape.side(u, share), tone(self.paint, darkness), width)
