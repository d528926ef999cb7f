"""The French names of what the code names in English, and the forms that sentences share.

Intervals are all at 95 %, in square brackets; the introduction of the journal says so.
"""

from numbers import Real

from carnet import fr, fr_percent, fr_points
from lib.data.cars import Cars
from lib.tolerance import below

SPLITS = {"train": "Entraînement", "validation": "Validation", "test": "Test"}

SUBSETS = SPLITS | {"train": "Entraînement et validation"}  # the official ones

HYPERPARAMETERS = {  # fields of `TrainingConfig`, in the order of tables
    "batch_size": "Taille de lot",
    "learning_rate": "Taux d’apprentissage",
    "optimizer": "Optimiseur",
    "scheduler": "Planificateur",
    "class_weights": "Poids des classes",
    "normalisation": "Normalisation",
    "augmentation": "Augmentation",
    "image_size": "Taille d’image",
    "loss": "Fonction de perte",
    "weights": "Poids de départ",
    "epochs": "Époques",
}
VALUES = {"none": "sans", "balanced": "équilibrés"}
NBSP = "\N{NO-BREAK SPACE}"
LEAST_P = 0.001  # below it, a p value is written no more precisely


def subject(cars: Cars) -> str:
    """Say what is to be recognised: a car where the data are of cars."""
    return "la voiture" if cars.synthetic or cars.has_makes else "le sujet"


def french_value(value) -> str:
    """Write the value of a hyperparameter: 0.001 -> "0,001", "none" -> "sans"."""
    return fr(value, digits=None) if isinstance(value, Real) else VALUES.get(value, value)


def span(bounds: tuple[float, float], digits: int = 0) -> str:
    """Write an interval of shares in hundredths: (0.712, 0.78) -> "[71 ; 78]"."""
    low, high = (fr(100 * bound, digits) for bound in bounds)
    return f"[{low}{NBSP};{NBSP}{high}]"


def share(value: float, bounds: tuple[float, float], digits: int = 0) -> str:
    """Write a share with its interval: "76 % [70 ; 82]"."""
    return f"{fr_percent(value, digits)} {span(bounds, digits)}"


def points(difference: float, bounds: tuple[float, float], digits: int = 0) -> str:
    """Write a difference of shares with its interval: "13,3 points [9,4 ; 17,2]"."""
    return f"{fr_points(difference, digits)} {span(bounds, digits)}"


def p_value(value: float) -> str:
    """Write a p value: "0,48", "0,031", "< 0,001", a dash for NaN."""
    if below(value, LEAST_P):
        return f"<{NBSP}{fr(LEAST_P, 3)}"
    return fr(value, 3 if below(value, 0.1) else 2)


def p_is(value: float) -> str:
    """Write a p value within a sentence: "p = 0,48", "p < 0,001"."""
    written = p_value(value)
    return f"p{NBSP}{written}" if written.startswith("<") else f"p{NBSP}={NBSP}{written}"


class Markdown(str):
    """Markdown as the value of an expression, so that its references are followed."""

    __slots__ = ()

    def _repr_markdown_(self) -> str:
        return str(self)


def see(shown: bool, sentence: str) -> str:
    """Return a sentence that refers to a figure or a table, where the data have it shown."""
    return Markdown(sentence) if shown else fr("")


def whole(value: float) -> float:
    """Return a whole number as an integer, which is shown without decimals."""
    return int(value) if float(value).is_integer() else float(value)
