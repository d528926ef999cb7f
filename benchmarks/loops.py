"""Training beside the loops of torchvision, timm and fastai: equal work, one machine, one run.

    python benchmarks/loops.py [--data DIR] [--images 256] [--image-size 64] [--batch-size 64]

Every loop trains a ResNet-18 on the same images and measures the validation images after each
epoch (see loop_peers.py), in a process of its own: what one sets in its process disturbs no other.
The peers read and decode the files at each epoch, with the best of 0, 1 and 2 workers, measured
here too; we do it once, and the first epoch is told apart. They are an extra, installed apart:

    .venv/bin/pip install --no-deps --target .peers -r benchmarks/loops-peers.txt
"""

import contextlib
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context, get_start_method, set_start_method
from pathlib import Path

import click
from loop_peers import LOOPS, Job
from table import CannotRun, Row, Times, format_table, take_turns

from lib.data import Cars, load_cars
from lib.journal.paths import ROOT
from lib.synthetic import SYNTHETIC

PEERS = ROOT / ".peers"
WORKERS = (0, 1, 2)
EPOCHS = 10  # of a short training: what decoding once is divided by
VALIDATION = 4  # images of training for one of validation
MEMORY = "in memory"


@dataclass(frozen=True)
class Sizes:
    """How much is measured: images of training, their side, the batch, times each is measured."""

    images: int = 256
    size: int = 64
    batch: int = 64
    rounds: int = 3


QUICK = Sizes(images=16, size=32, batch=8, rounds=1)


class Loop:
    """A loop in a process of its own, which makes epochs and runs them when asked."""

    def __init__(self, name: str, job: Job):
        self.name, self.job, self.problem = name, job, ""
        arguments = (str(job.folder), get_start_method())
        self.pool = ProcessPoolExecutor(1, get_context("spawn"), _start, arguments)

    def call(self, function: Callable, *arguments):
        """Call a function in the process."""
        return self.pool.submit(function, *arguments).result()

    def prepare(self) -> float | None:
        """Make the epochs, and run each once; return the seconds until the first one ended."""
        try:
            seconds = self._first_epochs()
        except ImportError as error:
            self.problem = f"{error}; install with pip as benchmarks/loops.py says"
        except Exception as error:  # a peer that breaks here does not keep the others away
            self.problem = f"{type(error).__name__}: {error}"
        else:
            return seconds
        return None

    def _first_epochs(self) -> float:
        workers = [0] if self.name == "ours" else WORKERS
        first, *_ = [self.call(_make, self.name, self.job, count, count) for count in workers]
        self.call(_make, self.name, replace(self.job, in_memory=True), 0, MEMORY)
        return first

    def ways(self) -> dict[str, Callable[[], None]]:
        """Return the epochs to time, by name."""
        kinds = [MEMORY, 0] if self.name == "ours" else [MEMORY, *WORKERS]
        return {_way(self.name, kind): partial(self.call, _run, kind) for kind in kinds}


def _way(name: str, kind: int | str) -> str:
    return f"{name}, {kind}" if kind == MEMORY else f"{name}, {kind} workers"


_epochs: dict[int | str, Callable] = {}  # in the process of a loop


def _start(store: str, start_method: str) -> None:
    os.environ["JOURNAL_STORE"] = store
    sys.path.append(str(PEERS))
    # Otherwise workers would start as this process did, anew: seconds at each epoch of the peers.
    set_start_method(start_method, force=True)
    warnings.simplefilter("ignore")  # fastai uses much that is deprecated


def _make(name: str, job: Job, workers: int, key: int | str) -> float:
    started = time.perf_counter()
    _epochs[key] = LOOPS[name](job, workers)
    _epochs[key]()
    return time.perf_counter() - started


def _run(key: int | str) -> None:
    _epochs[key]()


def rows(data: str = SYNTHETIC, quick: bool = False, sizes: Sizes | None = None) -> Iterator[Row]:
    """Yield our speed over that of each peer: an epoch, a short training, arithmetic alone.

    Raises:
        CannotRun: the data has not even one batch.
    """
    sizes = sizes or (QUICK if quick else Sizes())
    cars = some(load_cars(data), sizes)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, contextlib.ExitStack() as stack:
        job = Job(cars, sizes.size, sizes.batch, Path(name))
        loops = {name: Loop(name, job) for name in LOOPS}
        for loop in loops.values():
            stack.callback(loop.pool.shutdown)
        first = {name: loop.prepare() for name, loop in loops.items()}["ours"]
        if first is None:
            raise CannotRun(loops["ours"].problem)
        here = [loop for loop in loops.values() if not loop.problem]
        ways = {name: way for loop in here for name, way in loop.ways().items()}
        measured = Measured(first, take_turns(ways, rounds=sizes.rounds), len(job.rows("train")))
    for name in LOOPS:
        if name != "ours":
            yield from measured.rows(name, loops[name].problem)


def some(cars: Cars, sizes: Sizes) -> Cars:
    """Return the data set with few images, the same each time, in whole batches of training.

    Whole, because timm and fastai leave the rest of an epoch out.

    Raises:
        CannotRun: the data has not even one batch.
    """
    train, validation = (cars.frame[cars.frame["split"] == n] for n in ("train", "validation"))
    count = min(len(train), sizes.images) // sizes.batch * sizes.batch
    if not count:
        raise CannotRun(f"{len(train)} training images, expected {sizes.batch} or more")
    held_out = min(len(validation), max(count // VALIDATION, 1))
    chosen = [train.sample(count, random_state=0), validation.sample(held_out, random_state=0)]
    frame = cars.frame.loc[sorted(index for part in chosen for index in part.index)]
    return replace(cars, frame=frame)


@dataclass(frozen=True)
class Measured:
    """The seconds of our first epoch, decoding included, and of all ways to train one more.

    An epoch goes through `images` images of training.
    """

    first: float
    times: Times
    images: int

    def rows(self, peer: str, problem: str) -> Iterator[Row]:
        """Yield the rows that compare us with a peer; `problem` is why it cannot run here."""
        for title, measure, read in (
            ("an epoch", self._epoch, EPOCH),
            (f"{EPOCHS} epochs, decoding included", self._training, TRAINING),
            ("arithmetic alone", self._arithmetic, ARITHMETIC),
        ):
            row = Row(f"training, {title}: {peer}'s loop / ours", at_least=1, read=read)
            if problem:
                yield replace(row, problem=problem)
            else:
                ratio, raw = measure(peer)
                yield replace(row, ratio=ratio, raw=raw)

    def _epoch(self, peer: str) -> tuple[float, str]:
        ours, theirs = _way("ours", 0), self._best(peer)
        raw = f"images of training a second: {self._speed(ours)}; {self._speed(theirs)}"
        return self.times.ratio(theirs, ours), f"{raw}; our first epoch {self.first:.3g} s"

    def _training(self, peer: str) -> tuple[float, str]:
        later, theirs = self.times.median(_way("ours", 0)), self.times.median(self._best(peer))
        ours, theirs = self.first + (EPOCHS - 1) * later, EPOCHS * theirs
        raw = f"ours {self.first:.3g} + {EPOCHS - 1} × {later:.3g} = {ours:.3g} s"
        return theirs / ours, f"{raw}; {peer} {theirs:.3g} s"

    def _arithmetic(self, peer: str) -> tuple[float, str]:
        ours, theirs = _way("ours", MEMORY), _way(peer, MEMORY)
        raw = f"images of training a second: {self._speed(ours)}; {self._speed(theirs)}"
        return self.times.ratio(theirs, ours), raw

    def _best(self, peer: str) -> str:
        return min((_way(peer, count) for count in WORKERS), key=self.times.median)

    def _speed(self, way: str) -> str:
        return f"{way} {self.images / self.times.median(way):.0f}"


EPOCH = "how many times our speed is theirs, in an epoch after the first, validation included"
TRAINING = f"the same over {EPOCHS} epochs, our first one decoding: first + {EPOCHS - 1} × later"
ARITHMETIC = "the same steps on batches that are in memory: what is left without the data side"


@click.command(help=__doc__)
@click.option("--data", default=SYNTHETIC, help="Folder of stanford_cars/: real photographs.")
@click.option("--images", default=256, show_default=True, help="Images of training.")
@click.option("--image-size", default=64, show_default=True, help="Side in pixels.")
@click.option("--batch-size", default=64, show_default=True)
@click.option("--rounds", default=3, show_default=True, help="Times that each is measured.")
def main(data: str, images: int, image_size: int, batch_size: int, rounds: int) -> None:
    click.echo(format_table(rows(data, sizes=Sizes(images, image_size, batch_size, rounds))))


if __name__ == "__main__":
    main()
