"""What to choose and to see of the attributions of notebook 04: an image, a model, a method."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from torch import Tensor, nn

from carnet import fr_percent
from lib.explanation.methods import Prediction
from lib.figures.explainability import Column, attribution_grid
from lib.figures.explore import Menus

SIZE = (6.4, 4.6)  # inches


@dataclass(frozen=True)
class Attributions:
    """The explanations of a sample: those at hand and what computes the others.

    Models, images (N, 3, H, W) and predictions go by the name of the model, as do
    `maps` (model, method) -> (N, H, W). `methods` are functions of a model, images and targets.
    """

    models: Mapping[str, nn.Module]
    images: Mapping[str, Tensor]
    predictions: Mapping[str, Prediction]
    methods: Mapping[str, Callable[..., np.ndarray]]
    maps: Mapping[tuple[str, str], np.ndarray]

    def map(self, place: int, model: str, method: str) -> np.ndarray:
        """Return the map (1, H, W) of one image, computed if it is not at hand."""
        one = slice(place, place + 1)
        if (model, method) in self.maps:
            return self.maps[model, method][one]
        targets = self.predictions[model].classes[one]
        return self.methods[method](self.models[model], self.images[model][one], targets)


def images_models_methods(
    attributions: Attributions, sample: pd.DataFrame, *, first: int, model: str
) -> Menus:
    """Return the menus: an image of the sample, by its number and class; a model; a method.

    The first options are the image `first` and the model `model`.
    """
    places = [first, *(place for place in range(len(sample)) if place != first)]
    models = [model, *(name for name in attributions.models if name != model)]
    return {
        "Image": {f"{place + 1}. {sample.class_name.iloc[place]}": place for place in places},
        "Modèle": {name: name for name in models},
        "Méthode": {name: name for name in attributions.methods},
    }


def show_attribution(
    attributions: Attributions,
    sample: pd.DataFrame,
    classes: tuple[str, ...],
    place: int,
    model: str,
    method: str,
) -> tuple[Figure, str]:
    """Draw one image of the sample with its box, and beside it what one method says of one model.

    `sample` has a row an image, with label and box; `classes` are the names of the labels.
    """
    prediction = attributions.predictions[model]
    predicted, sure = prediction.classes[place], prediction.confidences[place]
    column = Column(
        f"{method}, {model}",
        attributions.map(place, model, method),
        np.array([predicted]),
        np.array([sure]),
    )
    row, images = sample.iloc[[place]], attributions.images[model][place : place + 1]
    drawn = attribution_grid(images, row.label.to_numpy(), row, [column], classes)
    drawn.set_size_inches(SIZE)
    return drawn, (
        f"À gauche, une image de test, {row.class_name.iloc[0]}, et la boîte de la voiture ; "
        f"à droite, la carte de {method} du modèle {model}, qui prédit {classes[predicted]} "
        f"avec une probabilité de {fr_percent(sure)}."
    )
