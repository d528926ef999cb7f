"""What the fictional cars look like: body types, makes, model years, and the classes they form.

Only data. As in Stanford Cars a class name is "Make Model Type Year": first word make, last word
year, in alphabetical order. Classes that share a type, make or year exist on purpose, so that
confusions mean something.
"""

from dataclasses import dataclass

import numpy as np

from lib.data.synthetic.colours import BLACK, CHROME, FABRIC, Colour, tone


@dataclass(frozen=True)
class Body:
    """Proportions of a body type: `u` runs from 0 (nose) to 1 (tail), heights are in metres."""

    length: float
    sill: float  # height of the bodywork's lower edge
    nose: float  # height of the bonnet's front edge
    cabin: tuple[tuple[float, float], ...]
    doors: tuple[float, ...]  # u of the seams
    wheel_radius: float = 0.33
    roof: Colour | None = None  # a colour other than the paint's


@dataclass(frozen=True)
class Make:
    """What all cars of a make share.

    Shapes on nose and tail are given for the side s > 0, in (s, share of the height); beyond s = 1
    they reach around the corner. Those on the side are in (u from wheel to wheel, share).
    """

    grille: np.ndarray
    headlights: np.ndarray
    tail_lights: np.ndarray
    spokes: int
    signature: tuple[tuple[Colour, np.ndarray], ...]  # shapes on the side


@dataclass(frozen=True)
class Year:
    """What all cars of a model year share."""

    rim: float  # size of the rims
    openings: float  # share of the rims between the spokes
    moulding: bool = False  # rubbing strip along the doors
    chrome_windows: bool = False


@dataclass(frozen=True)
class CarClass:
    """One class: its name, as in `cars_meta.mat`, and what to draw."""

    name: str
    body: Body
    make: Make
    year: Year


def rectangle(left: float, low: float, right: float, high: float) -> np.ndarray:
    """The corners (4, 2) of a rectangle."""
    return np.array([(left, low), (right, low), (right, high), (left, high)])


def ellipse(x: float, y: float, half_width: float, half_height: float) -> np.ndarray:
    """Points (24, 2) of an ellipse around (x, y)."""
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.stack([x + half_width * np.cos(angles), y + half_height * np.sin(angles)], axis=1)


# The cabins, from the foot of the windscreen to that of the rear window: (u, height).
_COUPE = ((0.33, 0.85), (0.475, 1.19), (0.57, 1.26), (0.68, 1.22), (0.93, 0.94))
_CONVERTIBLE = ((0.33, 0.85), (0.465, 1.18), (0.58, 1.25), (0.7, 1.18), (0.79, 0.93))
_SEDAN = ((0.26, 0.93), (0.415, 1.38), (0.52, 1.46), (0.66, 1.42), (0.85, 0.99))
_WAGON = ((0.26, 0.93), (0.41, 1.38), (0.52, 1.47), (0.88, 1.45), (0.94, 1.38), (0.985, 1.0))
_HATCHBACK = ((0.2, 0.98), (0.37, 1.44), (0.5, 1.53), (0.82, 1.49), (0.91, 1.42), (0.985, 1.05))
_SUV = ((0.23, 1.12), (0.345, 1.64), (0.42, 1.74), (0.9, 1.73), (0.955, 1.66), (0.985, 1.19))
_CREW = ((0.23, 1.12), (0.325, 1.65), (0.39, 1.77), (0.57, 1.76), (0.615, 1.68), (0.64, 1.14))

BODIES = {  # length, sill, nose, cabin, seams of the doors, and what differs from most
    "Convertible": Body(4.45, 0.22, 0.63, _CONVERTIBLE, (0.36, 0.63), roof=FABRIC),
    "Coupe": Body(4.45, 0.22, 0.63, _COUPE, (0.36, 0.63)),
    "Crew Cab": Body(5.6, 0.42, 1.03, _CREW, (0.26, 0.445, 0.62), wheel_radius=0.395),
    "Hatchback": Body(3.75, 0.25, 0.8, _HATCHBACK, (0.265, 0.6)),
    "SUV": Body(4.6, 0.36, 0.98, _SUV, (0.27, 0.505, 0.72), wheel_radius=0.385),
    "Sedan": Body(4.7, 0.25, 0.73, _SEDAN, (0.3, 0.505, 0.69)),
    "Wagon": Body(4.7, 0.25, 0.73, _WAGON, (0.3, 0.505, 0.69)),
}

MAKES = {
    "Aurelle": Make(
        grille=np.array([(-0.36, 0.5), (0.36, 0.5), (0.44, 0.86), (-0.44, 0.86)]),
        headlights=np.array([(0.5, 0.68), (1.15, 0.74), (1.35, 0.97), (0.75, 0.92)]),
        tail_lights=rectangle(0.25, 0.7, 1.3, 0.84),
        spokes=5,
        signature=((CHROME, rectangle(0.0, 0.05, 1.0, 0.2)),),
    ),
    "Borean": Make(
        grille=rectangle(-0.58, 0.58, 0.58, 0.9),
        headlights=rectangle(0.62, 0.62, 1.2, 0.9),
        tail_lights=rectangle(0.78, 0.5, 1.15, 0.98),
        spokes=6,
        signature=((tone(BLACK, 2.5), rectangle(0.0, 0.0, 1.0, 0.3)),),
    ),
    "Corvane": Make(
        grille=ellipse(0.0, 0.5, 0.42, 0.2),
        headlights=ellipse(0.85, 0.74, 0.3, 0.17),
        tail_lights=ellipse(0.85, 0.72, 0.3, 0.16),
        spokes=10,
        signature=(
            (BLACK, np.array([(0.0, 0.3), (0.16, 0.3), (0.22, 0.74), (0.04, 0.74)])),
            (CHROME, rectangle(0.04, 0.5, 0.28, 0.58)),
        ),
    ),
    "Dalmora": Make(
        grille=np.array([(0, 0.16), (0.26, 0.3), (0.34, 0.95), (-0.34, 0.95), (-0.26, 0.3)]),
        headlights=rectangle(0.48, 0.8, 1.4, 0.92),
        tail_lights=np.array([(0.5, 0.82), (0.5, 0.95), (1.2, 0.95), (1.2, 0.5), (0.9, 0.5)]),
        spokes=7,
        signature=((BLACK, np.array([(0.84, 0.1), (1.0, 0.1), (0.98, 0.96), (0.8, 0.96)])),),
    ),
}

YEARS = {
    1998: Year(rim=0.9, openings=0.2, moulding=True),
    2007: Year(rim=0.93, openings=0.2, moulding=True),
    2009: Year(rim=0.97, openings=0.5, moulding=True),
    2010: Year(rim=0.98, openings=0.5, chrome_windows=True),
    2011: Year(rim=0.97, openings=0.2),
    2012: Year(rim=1.08, openings=0.8, chrome_windows=True),
}


def _car(name: str) -> CarClass:
    make, _, *body, year = name.split()
    return CarClass(name, BODIES[" ".join(body)], MAKES[make], YEARS[int(year)])


CLASSES = (
    _car("Aurelle Lisse Sedan 2007"),
    _car("Aurelle Lisse Sedan 2012"),
    _car("Aurelle Lisse Wagon 2012"),
    _car("Aurelle Pico Hatchback 2012"),
    _car("Borean Massif SUV 2009"),
    _car("Borean Portage Wagon 2011"),
    _car("Borean Sentier Crew Cab 2010"),
    _car("Corvane Sillage Convertible 2012"),
    _car("Corvane Sillage Coupe 1998"),
    _car("Corvane Sillage Coupe 2012"),
    _car("Dalmora Opale Sedan 2012"),
    _car("Dalmora Zenith SUV 2012"),
)
