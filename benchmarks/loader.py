"""The data side alone: shuffled, augmented batches of floats, without a network.

    python benchmarks loader [--data DIR]

The usual pipeline is StanfordCars, torchvision's transforms on each image and DataLoader, with the
best of 0, 1 and 2 workers; it decodes at each epoch. Ours is timed once its cache is there.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from loop_peers import AUGMENTATION, Job, reference_transform
from loops import QUICK, WORKERS, Sizes, some
from table import Row, take_turns
from torch import Tensor
from torch.utils.data import DataLoader, Subset
from torchvision.datasets import StanfordCars

from carnet.project.paths import store_at
from lib.data.cars import load_cars, open_images
from lib.data.synthetic import SYNTHETIC
from lib.training.augmentation import Augmentation

Batches = Callable[[], Iterator[Tensor]]


def our_batches(job: Job) -> Batches:
    """Return what yields our batches, float (B, 3, size, size) in [0, 1], once all are decoded."""
    images = open_images(job.cars, job.cars.of("train"), job.size)
    augmentation = Augmentation(AUGMENTATION)

    def batches() -> Iterator[Tensor]:
        for rows in torch.randperm(len(images)).split(job.batch):
            draws = augmentation.draw(len(rows), job.size)
            yield augmentation.apply(images[rows], draws).float().div_(255)

    return batches


def usual_batches(job: Job, workers: int) -> Batches:
    """Return what yields the same through the usual pipeline."""
    transform = reference_transform(job.size, trains=True, normalise=False)
    photographs = StanfordCars(job.cars.root, split="train", transform=transform)
    loader = DataLoader(
        Subset(photographs, job.rows("train")),
        batch_size=job.batch,
        shuffle=True,
        num_workers=workers,
        persistent_workers=workers > 0,
    )
    return lambda: (images for images, _ in loader)


def rows(data: str = SYNTHETIC, quick: bool = False) -> Iterator[Row]:
    """Yield how many times our data side is as fast as the usual one.

    Raises:
        CannotRun: the data has not even one batch.
    """
    sizes = QUICK if quick else Sizes(size=224)
    cars = some(load_cars(data), sizes)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, store_at(name):
        job = Job(cars, sizes.size, sizes.batch, Path(name))
        started = time.perf_counter()
        ours = our_batches(job)
        decoding = time.perf_counter() - started
        usual = {f"usual, {count} workers": usual_batches(job, count) for count in WORKERS}
        ways = {way: partial(_go_through, each) for way, each in {"ours": ours, **usual}.items()}
        take_turns(ways, rounds=1)  # starts the workers
        times = take_turns(ways, rounds=sizes.rounds)
    best = min(usual, key=times.median)
    count = len(job.rows("train"))
    speeds = "; ".join(f"{way} {count / times.median(way):.0f}" for way in ways)
    yield Row(
        f"data side at {sizes.size} px: usual pipeline / ours",
        ratio=times.ratio(best, "ours"),
        at_least=2,
        read=READ,
        raw=f"images a second: {speeds}; our decoding, once: {decoding:.3g} s for {count} images",
    )


READ = (
    "How many times the augmented batches come as fast as by DataLoader, decoding once apart. The "
    "aim is for photographs (--data DIR): the embedded drawings are small, so quickly decoded."
)


def _go_through(batches: Batches) -> None:
    for _ in batches():
        pass
