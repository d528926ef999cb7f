"""How hard the embedded cars are: test accuracy of pixels and of the network of notebook 03.

    python benchmarks/synthetic_accuracy.py [--seeds 1] [--image-size 64]

A logistic regression on pixels must stay below 50 %, the network should reach 80 %. The network's
trainings are kept in the store, so a second run only evaluates.
"""

import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from table import Row

from lib.data.cars import Cars, load_cars, load_images
from lib.data.synthetic import SYNTHETIC
from lib.training.evaluation import evaluate
from lib.training.training import TrainingConfig, train

PIXELS = 32  # a side, for the logistic regression
PENALTIES = (0.01, 0.1, 1.0)  # inverse strengths; the best one on validation is tested
PIXELS_LIMIT, NETWORK_GOAL = 0.5, 0.8


@click.command(help=__doc__)
@click.option("--seeds", default=1, show_default=True, help="Trainings of the network.")
@click.option("--image-size", default=64, show_default=True, help="Side in pixels, network.")
def main(seeds: int, image_size: int) -> None:
    with _timed("data set"):
        cars = load_cars(SYNTHETIC)
    click.echo(f"{len(cars.frame)} images, {len(cars.classes)} classes")
    with _timed("logistic regression"):
        accuracy = pixels_accuracy(cars)
    _tell(accuracy, f"below {PIXELS_LIMIT:.0%}", accuracy < PIXELS_LIMIT)
    for seed in range(seeds):
        with _timed(f"ResNet-18, {image_size} px, seed {seed}"):
            accuracy = network_accuracy(seed, image_size)
        _tell(accuracy, f"at least {NETWORK_GOAL:.0%}", accuracy >= NETWORK_GOAL)


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Yield the two scores over their aims; `quick` fits less, and less well."""
    score = pixels_accuracy(load_cars(SYNTHETIC), PENALTIES[:1] if quick else PENALTIES)
    yield Row(
        "embedded cars: pixels' accuracy / limit",
        score / PIXELS_LIMIT,
        at_most=1,
        read="A logistic regression on pixels must not be enough.",
        raw=f"test accuracy {score:.1%}, limit {PIXELS_LIMIT:.0%}",
    )
    score = network_accuracy(0, 16, epochs=1) if quick else network_accuracy(0, 64)
    yield Row(
        "embedded cars: network's accuracy / goal",
        score / NETWORK_GOAL,
        at_least=1,
        read="The network of notebook 03 must learn them.",
        raw=f"test accuracy {score:.1%}, goal {NETWORK_GOAL:.0%}",
    )


@contextmanager
def _timed(what: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    click.echo(f"{what}: {time.perf_counter() - started:.1f} s")


def _tell(accuracy: float, expected: str, met: bool) -> None:
    click.echo(f"    test accuracy {accuracy:.1%}, expected {expected}: {'yes' if met else 'NO'}")


def pixels_accuracy(cars: Cars, penalties: Sequence[float] = PENALTIES) -> float:
    """Test accuracy of a logistic regression on pixels, its penalty chosen on validation."""
    splits = {name: _pixels(cars, name) for name in ("train", "validation", "test")}
    fitted = [_fit(penalty, *splits["train"]) for penalty in penalties]
    best = max(fitted, key=lambda model: model.score(*splits["validation"]))
    return best.score(*splits["test"])


def _pixels(cars: Cars, split: str):
    frame = cars.frame[cars.frame["split"] == split]
    images = load_images(cars, frame, PIXELS)
    return images.flatten(1).float().div(255).numpy(), frame["label"].to_numpy()


def _fit(penalty: float, images, labels) -> LogisticRegression:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough for a comparison
        return LogisticRegression(C=penalty, max_iter=100).fit(images, labels)


def network_accuracy(seed: int, image_size: int, *, epochs: int = 10) -> float:
    """Test accuracy of ResNet-18 as notebook 03 trains it."""
    cars = load_cars(SYNTHETIC, seed=seed)
    config = TrainingConfig(
        image_size=image_size,
        epochs=epochs,
        batch_size=32,
        scheduler="ReduceLROnPlateau",
        augmentation=("HorizontalFlip", "RandomRotation"),
        seed=seed,
    )
    training = train(cars, config, label=f"ResNet-18, graine {seed}")
    return evaluate(training.model(), cars, "test", image_size).accuracy


if __name__ == "__main__":
    main()
