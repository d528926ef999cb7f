"""What the fictional cars look like: body types, makes, model years, and the classes they form.

Only data. As in Stanford Cars a class name is "Make Model Type Year": first word make, last word
year, in alphabetical order. Classes that share a type, make or year exist on purpose, so that
confusions mean something.
"""

from dataclasses import dataclass

Outline = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Body:
    """Proportions of a body type: `u` runs from 0 (nose) to 1 (tail), heights are in metres."""

    length: float
    width: float
    lower: Outline  # bodywork below the windows: from under the nose, over it, to under the tail
    cabin: Outline  # from the foot of the windscreen, over the roof, to the foot of the rear window
    wheels: tuple[float, float]
    wheel_radius: float
    glass: tuple[float, float]  # where the side windows begin and end
    pillars: tuple[float, ...]  # between the side windows
    doors: tuple[float, ...]  # seams
    rear_window: bool = True
    open_top: bool = False
    bed: tuple[float, float] | None = None
    roof_rails: bool = False


@dataclass(frozen=True)
class Make:
    """What all cars of a make share."""

    grille: str  # "slats" | "bars" | "oval" | "shield"
    headlights: str  # "slanted" | "square" | "round" | "slim"
    tail_lights: str  # "wide" | "tall" | "round" | "corner"
    spokes: int
    crease: tuple[
        float, float
    ]  # height of the line along the side, front and rear (0 sill, 1 belt)
    signature: str  # "chrome sill" | "cladding" | "vent" | "black roof"


@dataclass(frozen=True)
class Year:
    """What all cars of a model year share."""

    wheels: str  # "hubcap" | "wide spokes" | "thin spokes"
    wheel_scale: float
    black_bumpers: bool = False
    moulding: bool = False  # rubbing strip along the doors
    chrome_windows: bool = False
    amber: bool = False  # indicators beside the headlights
    led: bool = False  # line of light under the headlights


@dataclass(frozen=True)
class CarClass:
    """One class: its name and what to draw."""

    model: str
    make_name: str
    type_name: str
    year_number: int

    @property
    def name(self) -> str:
        """The class name, as in `cars_meta.mat`."""
        return f"{self.make_name} {self.model} {self.type_name} {self.year_number}"

    @property
    def body(self) -> Body:
        return BODIES[self.type_name]

    @property
    def make(self) -> Make:
        return MAKES[self.make_name]

    @property
    def year(self) -> Year:
        return YEARS[self.year_number]


_LOW_NOSE = ((0.03, 0.24), (0.004, 0.32), (0.0, 0.5), (0.006, 0.62), (0.035, 0.73))

BODIES = {
    "Sedan": Body(
        length=4.7,
        width=1.82,
        lower=(
            *_LOW_NOSE,
            *((0.16, 0.87), (0.27, 0.94), (0.5, 0.95), (0.84, 1.0), (0.975, 1.0)),
            *((0.992, 0.9), (1.0, 0.6), (0.995, 0.38), (0.96, 0.26)),
        ),
        cabin=((0.26, 0.93), (0.415, 1.38), (0.52, 1.46), (0.66, 1.42), (0.85, 0.99)),
        wheels=(0.185, 0.785),
        wheel_radius=0.325,
        glass=(0.3, 0.81),
        pillars=(0.5, 0.69),
        doors=(0.3, 0.505, 0.69),
    ),
    "Wagon": Body(
        length=4.75,
        width=1.82,
        lower=(
            *_LOW_NOSE,
            *((0.16, 0.87), (0.27, 0.94), (0.5, 0.95), (0.84, 0.99), (0.985, 1.01)),
            *((0.998, 0.85), (1.0, 0.6), (0.995, 0.38), (0.97, 0.26)),
        ),
        cabin=((0.26, 0.93), (0.41, 1.38), (0.52, 1.47), (0.88, 1.45), (0.94, 1.38), (0.988, 1.0)),
        wheels=(0.185, 0.775),
        wheel_radius=0.325,
        glass=(0.3, 0.955),
        pillars=(0.5, 0.68, 0.83),
        doors=(0.3, 0.505, 0.685),
        roof_rails=True,
    ),
    "Hatchback": Body(
        length=3.75,
        width=1.72,
        lower=(
            *((0.035, 0.24), (0.005, 0.32), (0.0, 0.5), (0.012, 0.66), (0.05, 0.8)),
            *((0.14, 0.93), (0.21, 0.99), (0.5, 1.0), (0.8, 1.06), (0.98, 1.06)),
            *((0.998, 0.85), (1.0, 0.6), (0.995, 0.38), (0.97, 0.26)),
        ),
        cabin=((0.2, 0.98), (0.37, 1.44), (0.5, 1.53), (0.82, 1.49), (0.91, 1.42), (0.985, 1.05)),
        wheels=(0.185, 0.835),
        wheel_radius=0.315,
        glass=(0.25, 0.9),
        pillars=(0.55, 0.78),
        doors=(0.265, 0.6),
    ),
    "Coupe": Body(
        length=4.45,
        width=1.84,
        lower=(
            *((0.03, 0.2), (0.004, 0.27), (0.0, 0.42), (0.008, 0.53), (0.04, 0.63)),
            *((0.2, 0.8), (0.33, 0.86), (0.55, 0.87), (0.85, 0.95), (0.97, 0.94)),
            *((0.99, 0.84), (1.0, 0.58), (0.995, 0.36), (0.965, 0.23)),
        ),
        cabin=((0.33, 0.85), (0.475, 1.19), (0.57, 1.26), (0.68, 1.22), (0.93, 0.95)),
        wheels=(0.19, 0.785),
        wheel_radius=0.335,
        glass=(0.37, 0.83),
        pillars=(0.65,),
        doors=(0.36, 0.63),
    ),
    "Convertible": Body(
        length=4.45,
        width=1.84,
        lower=(
            *((0.03, 0.2), (0.004, 0.27), (0.0, 0.42), (0.008, 0.53), (0.04, 0.63)),
            *((0.2, 0.8), (0.33, 0.86), (0.55, 0.87), (0.85, 0.92), (0.97, 0.91)),
            *((0.99, 0.82), (1.0, 0.58), (0.995, 0.36), (0.965, 0.23)),
        ),
        cabin=((0.33, 0.85), (0.465, 1.2)),
        wheels=(0.19, 0.785),
        wheel_radius=0.335,
        glass=(0.37, 0.48),
        pillars=(),
        doors=(0.36, 0.63),
        open_top=True,
    ),
    "SUV": Body(
        length=4.6,
        width=1.88,
        lower=(
            *((0.04, 0.34), (0.008, 0.42), (0.0, 0.6), (0.006, 0.82), (0.03, 0.98)),
            *((0.14, 1.08), (0.235, 1.13), (0.5, 1.14), (0.8, 1.18), (0.985, 1.2)),
            *((0.998, 1.0), (1.0, 0.7), (0.995, 0.48), (0.965, 0.37)),
        ),
        cabin=(
            (0.23, 1.12),
            (0.345, 1.64),
            (0.42, 1.74),
            (0.9, 1.73),
            (0.955, 1.66),
            (0.985, 1.19),
        ),
        wheels=(0.19, 0.79),
        wheel_radius=0.385,
        glass=(0.265, 0.95),
        pillars=(0.5, 0.7, 0.745),
        doors=(0.27, 0.505, 0.71),
        roof_rails=True,
    ),
    "Van": Body(
        length=4.9,
        width=1.92,
        lower=(
            *((0.035, 0.28), (0.006, 0.34), (0.0, 0.5), (0.008, 0.78), (0.03, 0.92)),
            *((0.1, 1.04), (0.15, 1.1), (0.5, 1.1), (0.9, 1.1), (0.99, 1.1)),
            *((0.998, 0.9), (1.0, 0.6), (0.998, 0.4), (0.985, 0.3)),
        ),
        cabin=((0.14, 1.09), (0.27, 1.78), (0.34, 1.98), (0.95, 2.0), (0.985, 1.92), (0.992, 1.09)),
        wheels=(0.16, 0.77),
        wheel_radius=0.325,
        glass=(0.19, 0.43),
        pillars=(0.235,),
        doors=(0.21, 0.45, 0.7),
        rear_window=False,
    ),
    "Crew Cab": Body(
        length=5.6,
        width=1.92,
        lower=(
            *((0.03, 0.4), (0.006, 0.46), (0.0, 0.62), (0.004, 0.9), (0.02, 1.03)),
            *((0.13, 1.09), (0.235, 1.13), (0.45, 1.14), (0.64, 1.15), (0.985, 1.15)),
            *((0.997, 1.1), (1.0, 0.75), (0.995, 0.55), (0.975, 0.48)),
        ),
        cabin=(
            (0.23, 1.12),
            (0.325, 1.65),
            (0.39, 1.77),
            (0.57, 1.76),
            (0.615, 1.68),
            (0.64, 1.14),
        ),
        wheels=(0.165, 0.785),
        wheel_radius=0.395,
        glass=(0.255, 0.62),
        pillars=(0.44,),
        doors=(0.26, 0.445, 0.62),
        bed=(0.665, 0.975),
    ),
}

MAKES = {
    "Aurelle": Make("slats", "slanted", "wide", 5, (0.55, 0.85), "chrome sill"),
    "Borean": Make("bars", "square", "tall", 6, (0.62, 0.62), "cladding"),
    "Corvane": Make("oval", "round", "round", 10, (0.8, 0.62), "vent"),
    "Dalmora": Make("shield", "slim", "corner", 7, (0.7, 0.7), "black roof"),
}

YEARS = {
    1998: Year("hubcap", 0.9, black_bumpers=True, moulding=True, amber=True),
    2007: Year("hubcap", 0.93, moulding=True, amber=True),
    2009: Year("wide spokes", 0.97, black_bumpers=True),
    2010: Year("wide spokes", 0.98, chrome_windows=True),
    2011: Year("hubcap", 0.97),
    2012: Year("thin spokes", 1.06, chrome_windows=True, led=True),
}

CLASSES = (
    CarClass("Lisse", "Aurelle", "Sedan", 2007),
    CarClass("Lisse", "Aurelle", "Sedan", 2012),
    CarClass("Lisse", "Aurelle", "Wagon", 2012),
    CarClass("Pico", "Aurelle", "Hatchback", 2012),
    CarClass("Massif", "Borean", "SUV", 2009),
    CarClass("Portage", "Borean", "Van", 2011),
    CarClass("Sentier", "Borean", "Crew Cab", 2010),
    CarClass("Sillage", "Corvane", "Convertible", 2012),
    CarClass("Sillage", "Corvane", "Coupe", 1998),
    CarClass("Sillage", "Corvane", "Coupe", 2012),
    CarClass("Opale", "Dalmora", "Sedan", 2012),
    CarClass("Zenith", "Dalmora", "SUV", 2012),
)
