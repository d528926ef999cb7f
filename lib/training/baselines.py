"""What a model must beat to have learnt something: answers that need no network."""

import numpy as np
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from lib.data.cars import Cars, open_images

SIDE = 16  # pixels of the images that the regression sees
PENALTY = 0.01  # scikit-learn's C, the inverse of the penalty on the squared weights
ITERATIONS = 1000


def baselines(cars: Cars, split: str) -> dict[str, float]:
    """Return the accuracies on a split of two models that see the training images.

    majority: always the most frequent class of the training images. pixels: a logistic regression
    on the colours of SIDE × SIDE pixels, each brought to mean 0 and standard deviation 1.
    """
    seen, asked = (_pixels(cars, part) for part in ("train", split))
    pixels = LogisticRegression(C=PENALTY, max_iter=ITERATIONS)
    models = {
        "majority": DummyClassifier(strategy="most_frequent"),
        "pixels": make_pipeline(StandardScaler(), pixels),
    }
    with threadpool_limits(1):  # sums in the same order, whatever the cores
        return {name: float(model.fit(*seen).score(*asked)) for name, model in models.items()}


def _pixels(cars: Cars, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels of the images of a split, float (N, 3 × SIDE × SIDE), and their labels."""
    frame = cars.of(split)
    images = open_images(cars, frame, SIDE)[:]
    return images.flatten(1).numpy() / 255, frame["label"].to_numpy()
