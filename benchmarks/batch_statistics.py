"""What measuring the statistics of batch normalisation costs, and whether the sample is enough.

    python benchmarks batch_statistics [--data DIR]

A short training with augmentation; then its statistics are measured on samples of other sizes, and
on augmented images. All is judged on validation.
"""

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import torch
from table import Row, take_turns

from lib.data.cars import load_cars, open_images
from lib.data.synthetic import SYNTHETIC
from lib.training.augmentation import Augmentation
from lib.training.batch_statistics import SAMPLE, measure_statistics
from lib.training.evaluation import evaluate
from lib.training.loop import TrainingLoop
from lib.training.processes import join_processes
from lib.training.training import TrainingConfig

SIZES = (64, 128, 256, 512)  # images, each compared with all
DRAWS = 3  # samples of each size
LARGEST_COST, LARGEST_CHANGE = 0.1, 0.02  # of an epoch; of the accuracy


def rows(data: str = SYNTHETIC, quick: bool = False) -> Iterator[Row]:
    """Yield the cost over an epoch, and how far the accuracy moves with the sample."""
    config = TrainingConfig(
        image_size=32 if quick else 64,
        epochs=1 if quick else 4,
        batch_size=32,
        augmentation=("HorizontalFlip", "RandomRotation"),
        threads=1,
    )
    cars = load_cars(data, validation=0.15)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        run = TrainingLoop(cars, config, Path(folder), join_processes())
        for epoch in range(1, config.epochs + 1):
            run.train_one_epoch(epoch)
    ways = {"epoch": lambda: run.train_one_epoch(9), "measure": run.measure_batch_statistics}
    accuracies = _accuracies(run.model, cars, config, draws=1 if quick else DRAWS)
    times = take_turns(ways, rounds=1 if quick else 3)
    yield Row(
        "batch statistics: time / epoch that measures them",
        times.ratio("measure", "epoch"),
        at_most=LARGEST_COST,
        read=f"{SAMPLE} images, forward only, beside {len(run.labels)} that are trained on.",
        raw=str(times),
    )
    whole = accuracies["all"][0]
    furthest = max(abs(accuracy - whole) for accuracy in accuracies[SAMPLE])
    told = (f"{n}: {', '.join(f'{a:.1%}' for a in found)}" for n, found in accuracies.items())
    yield Row(
        f"batch statistics: furthest validation accuracy of {SAMPLE} images from all, points",
        100 * furthest,
        at_most=100 * LARGEST_CHANGE,
        read="The sample is enough where this is less than the standard error of the accuracy.",
        raw=f"validation accuracy by images, several draws: {'; '.join(told)}",
    )


def _accuracies(model, cars, config: TrainingConfig, *, draws: int) -> dict:
    """Return the validation accuracies of a model by the size of the sample, "all" first.

    And "all, augmented", as they would be seen in training.
    """
    images, found = open_images(cars, cars.of("train"), config.image_size), {}
    plain, augmented = Augmentation(()), Augmentation(config.augmentation)
    samples = {"all": (1, len(images), plain), "all, augmented": (draws, len(images), augmented)}
    samples |= {size: (draws, size, plain) for size in SIZES}
    for name, (repeats, size, augmentation) in samples.items():
        found[name] = []
        for seed in range(repeats):
            torch.manual_seed(seed)
            batches = torch.randperm(len(images))[:size].split(config.batch_size)
            whole = (images[batch] for batch in batches if len(batch) == len(batches[0]))
            draws_of = partial(augmentation.draw, side=config.image_size)
            measure_statistics(model, (augmentation.apply(it, draws_of(len(it))) for it in whole))
            found[name].append(evaluate(model, cars, "validation", config.image_size).accuracy)
    return found
