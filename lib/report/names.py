"""The French names of what the code names in English: splits, hyperparameters, their values."""

from numbers import Real

from carnet import fr

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
