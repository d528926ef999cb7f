"""Training beside the loops of torchvision, timm and fastai: equal work, one machine, one run.

    python benchmarks loops [--data DIR]

Every loop trains a ResNet-18 on the same images and measures the validation images after each
epoch (see loop_peers.py), in a process of its own: what one sets in its process disturbs no other.
The peers read and decode the files at each epoch, with the best of 0, 1 and 2 workers, as their
first epochs show; we do it once, in an epoch told apart. They are an extra, installed apart:

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

from loop_peers import LOOPS, Job
from table import CannotRun, Row, Times, take_turns

from lib.data.cars import Cars, load_cars
from lib.data.synthetic import SYNTHETIC

ROOT = Path(__file__).parents[1]
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
        self.first: dict[int, float] = {}  # seconds of the first epoch, by number of workers
        arguments = (str(job.folder), get_start_method())
        self.pool = ProcessPoolExecutor(1, get_context("spawn"), _start, arguments)

    def call(self, function: Callable, *arguments):
        """Call a function in the process."""
        return self.pool.submit(function, *arguments).result()

    def prepare(self) -> None:
        """Make the epochs and run each once, or find out why they cannot run here."""
        try:
            if self.name == "ours":
                self._make(0)
                self._make(MEMORY)
            else:  # memory first: their first epochs show the best number of workers
                for kind in (MEMORY, *WORKERS):
                    self._make(kind)
        except ImportError as error:
            self.problem = f"{error}; install with pip as benchmarks/loops.py says"
        except Exception as error:  # a peer that breaks here does not keep the others away
            self.problem = f"{type(error).__name__}: {error}"

    def _make(self, kind: int | str) -> None:
        if kind == MEMORY:
            self.call(_make, self.name, replace(self.job, in_memory=True), 0, MEMORY)
        else:
            self.first[kind] = self.call(_make, self.name, self.job, kind, kind)

    def ways(self) -> dict[str, Callable[[], None]]:
        """Return the epochs to time, by name: from the files and in memory."""
        best = min(self.first, key=self.first.get)
        kinds = {self.name: best, f"{self.name} {MEMORY}": MEMORY}
        return {name: partial(self.call, _run, kind) for name, kind in kinds.items()}


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


def rows(data: str = SYNTHETIC, quick: bool = False) -> Iterator[Row]:
    """Yield our speed over that of each peer: an epoch, a short training, arithmetic alone.

    Raises:
        CannotRun: the data has not even one batch.
    """
    sizes = QUICK if quick else Sizes()
    cars = some(load_cars(data), sizes)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name, contextlib.ExitStack() as stack:
        job = Job(cars, sizes.size, sizes.batch, Path(name))
        loops = {name: Loop(name, job) for name in LOOPS}
        for loop in loops.values():
            stack.callback(loop.pool.shutdown)
            loop.prepare()
        ours, *peers = loops.values()
        if ours.problem:
            raise CannotRun(ours.problem)
        here = [loop for loop in loops.values() if not loop.problem]
        ways = {name: way for loop in here for name, way in loop.ways().items()}
        times = take_turns(ways, rounds=sizes.rounds)
    measured = Measured(ours.first[0], times, len(job.rows("train")))
    for peer in peers:
        yield from measured.rows(peer)


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

    def rows(self, peer: Loop) -> Iterator[Row]:
        """Yield the rows that compare us with a peer, or say why it cannot run here."""
        for title, measure, read in (
            ("an epoch", self._epoch, EPOCH),
            (f"{EPOCHS} epochs, decoding included", self._training, TRAINING),
            ("arithmetic alone", self._arithmetic, ARITHMETIC),
        ):
            row = Row(f"training, {title}: {peer.name}'s loop / ours", at_least=1, read=read)
            if peer.problem:
                yield replace(row, problem=peer.problem)
            else:
                ratio, raw = measure(peer)
                yield replace(row, ratio=ratio, raw=raw)

    def _epoch(self, peer: Loop) -> tuple[float, str]:
        tried = ", ".join(f"{count}: {time:.3g} s" for count, time in peer.first.items())
        raw = f"{self._speeds('ours', peer.name)}; our first epoch {self.first:.3g} s; "
        return self.times.ratio(peer.name, "ours"), f"{raw}{peer.name}'s by workers {tried}"

    def _training(self, peer: Loop) -> tuple[float, str]:
        later = self.times.median("ours")
        ours, theirs = self.first + (EPOCHS - 1) * later, EPOCHS * self.times.median(peer.name)
        raw = f"ours {self.first:.3g} + {EPOCHS - 1} × {later:.3g} = {ours:.3g} s"
        return theirs / ours, f"{raw}; {peer.name} {theirs:.3g} s"

    def _arithmetic(self, peer: Loop) -> tuple[float, str]:
        ours, theirs = f"ours {MEMORY}", f"{peer.name} {MEMORY}"
        return self.times.ratio(theirs, ours), self._speeds(ours, theirs)

    def _speeds(self, *ways: str) -> str:
        speeds = ", ".join(f"{way} {self.images / self.times.median(way):.0f}" for way in ways)
        return f"images of training a second: {speeds}"


EPOCH = "how many times our speed is theirs, in an epoch after the first, validation included"
TRAINING = f"the same over {EPOCHS} epochs, our first one decoding: first + {EPOCHS - 1} × later"
ARITHMETIC = "the same steps on batches that are in memory: what is left without the data side"
