"""The French names of what the code names in English: splits, hyperparameters, their values."""

import math
from numbers import Real

from carnet import fr

SPLITS = {"train": "Apprentissage", "validation": "Validation", "test": "Test"}

HYPERPARAMETERS = {  # the fields of `TrainingConfig` that a table shows, in its order
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
    """Write the value of a hyperparameter: 0.001 -> "0,001", "none" -> "sans", () -> "sans"."""
    if isinstance(value, Real):
        digits = 0 if float(value).is_integer() else max(2, -math.floor(math.log10(abs(value))))
        return str(fr(value, digits))
    if isinstance(value, tuple):
        return ", ".join(map(french_value, value)) or VALUES["none"]
    return VALUES.get(value, str(value))
