"""The French names of what the code names in English: splits, hyperparameters, their values."""

from numbers import Real

from carnet import fr, fr_percent, fr_points

SPLITS = {"train": "Apprentissage", "validation": "Validation", "test": "Test"}

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


def french_value(value) -> str:
    """Write the value of a hyperparameter: 0.001 -> "0,001", "none" -> "sans"."""
    return fr(value, digits=None) if isinstance(value, Real) else VALUES.get(value, value)


def percent_interval(bounds: tuple[float, float]) -> str:
    """Say a 95 % interval of shares: "intervalle à 95 % : de 71,2 à 78,0 %"."""
    low, high = bounds
    return f"intervalle à 95 % : de {fr(100 * low, 1)} à {fr_percent(high, 1)}"


def points_interval(bounds: tuple[float, float]) -> str:
    """Say a 95 % interval of differences of shares: "intervalle à 95 % : de −1,2 à 3,0 points"."""
    low, high = bounds
    return f"intervalle à 95 % : de {fr(100 * low, 1)} à {fr_points(high)}"


def whole(value: float) -> float:
    """Return a whole number as an integer, which is shown without decimals."""
    return int(value) if float(value).is_integer() else float(value)
