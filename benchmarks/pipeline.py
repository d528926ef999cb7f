"""What the data side adds to a training, and its memory as the images grow in number.

    python benchmarks pipeline [--data DIR]

An epoch as notebook 03 trains it: images read from the cache, flipped and turned. Beside it, the
same steps on tensors that are in memory, where nothing is read or augmented.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from loops import ROOT, some
from PIL import Image
from table import CannotRun, Row, take_turns

from carnet.project.paths import store_at
from lib.data.cars import Cars, load_cars
from lib.data.synthetic import SYNTHETIC
from lib.training.loop import TrainingLoop
from lib.training.processes import join_processes
from lib.training.training import TrainingConfig

AUGMENTATION = ("HorizontalFlip", "RandomRotation")


@dataclass(frozen=True)
class Sizes:
    """Images of an epoch, their side in pixels, the batch, times measured; images of memory.

    Memory is measured once `seen` images have gone by, however few there are: it takes torch a
    hundred steps to have all the buffers that it will want.
    """

    images: int = 320
    size: int = 64
    batch: int = 32
    rounds: int = 5
    few: int = 1_000
    many: int = 16_000
    seen: int = 4_000


QUICK = Sizes(images=16, size=32, batch=8, rounds=1, few=16, many=32, seen=32)


def rows(data: str = SYNTHETIC, quick: bool = False) -> Iterator[Row]:
    """Yield the cost of the data side in an epoch, and the memory of many images over few."""
    sizes = QUICK if quick else Sizes()
    yield epoch_row(some(load_cars(data), sizes), sizes)
    yield memory_row(sizes)


def epoch_row(cars: Cars, sizes: Sizes) -> Row:
    """Compare epochs that read and augment with epochs on tensors that are there already."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, store_at(name):
        ours, memory = (
            TrainingLoop(cars, _config(sizes, names), Path(name), join_processes())
            for names in (AUGMENTATION, ())
        )
        memory.images = memory.images[:]
        memory.validation = (memory.validation[0][:], memory.validation[1])
        ways = {"ours": ours, "in memory": memory}
        epochs = {way: lambda run=run: run.train_one_epoch(1) for way, run in ways.items()}
        take_turns(epochs, rounds=1)  # what the first epoch alone costs
        times = take_turns(epochs, rounds=sizes.rounds)
    return Row(
        "an epoch of notebook 03 / the same steps in memory",
        times.ratio("ours", "in memory"),
        at_most=1.05,
        read="1 if reading and augmenting images cost nothing beside the arithmetic.",
        raw=f"{sizes.images} images of {sizes.size} px: {times}",
    )


def _config(sizes: Sizes, augmentation: tuple[str, ...]) -> TrainingConfig:
    return TrainingConfig(image_size=sizes.size, batch_size=sizes.batch, augmentation=augmentation)


def memory_row(sizes: Sizes) -> Row:
    """Compare the peak memory of processes that decode and train on few and on many images."""
    peaks = [_peak(count, sizes) for count in (sizes.few, sizes.many)]
    return Row(
        f"memory of a training, {sizes.many} images / {sizes.few}",
        peaks[1] / peaks[0],
        at_most=1.05,
        read="1 if memory does not grow with the images: peak of the process, decoding included.",
        raw=f"{sizes.few} images: {peaks[0]:.0f} MB, {sizes.many}: {peaks[1]:.0f} MB; decoded, "
        f"these are {sizes.many * 3 * sizes.size**2 / 1e6:.0f} MB",
    )


# Not `ru_maxrss`, which counts what the parent had before this process became another program.
CHILD = """
import re, sys
from pathlib import Path
import pipeline
pipeline.train(Path(sys.argv[1]), *map(int, sys.argv[2:]))
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def _peak(count: int, sizes: Sizes) -> float:
    """Return the peak memory, in MB, of a process that trains on `count` images.

    Raises:
        CannotRun: not on Linux.
    """
    if not Path("/proc/self/status").exists():
        raise CannotRun("the peak memory of a process is read as Linux tells it")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        epochs = max(1, sizes.seen // count)
        asked = [name, *map(str, (count, sizes.size, sizes.batch, epochs))]
        places = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
        environment = os.environ | {"JOURNAL_STORE": f"{name}/runs", "PYTHONPATH": places}
        done = subprocess.run(
            [sys.executable, "-c", CHILD, *asked],
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
        )
    return int(done.stdout.split()[-1]) * 1024 / 1e6


def train(root: Path, count: int, size: int, batch: int, epochs: int) -> None:
    """Decode `count` images, then train on them."""
    cars = noise_cars(root, count)
    config = TrainingConfig(image_size=size, batch_size=batch, augmentation=AUGMENTATION)
    run = TrainingLoop(cars, config, root, join_processes())
    for epoch in range(1, epochs + 1):
        run.train_one_epoch(epoch)


def noise_cars(root: Path, count: int, classes: int = 20) -> Cars:
    """Write `count` small photographs of noise for training, and as many as classes to validate."""
    folder, generator = root / "cars_train", np.random.default_rng(0)
    folder.mkdir(parents=True)
    files = [f"{number:05}.jpg" for number in range(count + classes)]
    for file in files:
        pixels = generator.integers(0, 256, (60, 80, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / file)
    frame = pd.DataFrame(
        {
            "split": ["train"] * count + ["validation"] * classes,
            "file": [f"cars_train/{file}" for file in files],
            "label": [number % classes for number in range(len(files))],
        }
    )
    names = tuple(f"Marque {number} 2012" for number in range(classes))
    return Cars(
        root, root, names, frame, "noise", "noise", has_boxes=False, own_test=False, synthetic=True
    )
