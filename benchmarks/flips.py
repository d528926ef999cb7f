"""Flip one bit at a random place of the store, during builds and between them, and build again.

    python benchmarks/flips.py --times 20

On the small journal of `kills.py`: each time, one bit of one byte of one file of `runs/` changes,
as a disk may do, while a build is under way or when none is; then all notebooks run again, with the
trainings and the search that are kept. The journal must have the bytes of one that nothing
disturbed, or the build say in a line what is damaged.
"""

import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
from kills import SmallJournal

from lib.data.synthetic import generate
from tests.carnet.conftest import flip

DAMAGED = "damaged in the store"


@dataclass(frozen=True)
class Flip:
    """What one flip did."""

    place: str
    during: bool
    equal: bool
    told: bool

    @property
    def is_good(self) -> bool:
        return self.equal or self.told


def try_one(journal: SmallJournal, draw: random.Random, seconds: float, wanted: dict) -> Flip:
    """Flip a bit, during a build or before it; build, and compare with the documents `wanted`."""
    during, told = draw.random() < 0.5, ""
    if during:
        build = journal.start("--force")
        time.sleep(draw.uniform(0.3, seconds))
        place = flip(journal.root / "runs", draw)
        told = build.communicate()[1]
    else:
        place = flip(journal.root / "runs", draw)
    build = journal.start("--force")
    told += build.communicate()[1]
    return Flip(place, during, journal.documents() == wanted, DAMAGED in told)


def measure(journal: SmallJournal, times: int, draw: random.Random) -> list[Flip]:
    begun = time.monotonic()
    journal.build()
    seconds, wanted, flips = time.monotonic() - begun, journal.documents(), []
    for _ in range(times):
        flips.append(try_one(journal, draw, seconds, wanted))
        click.echo(tell(flips[-1]))
    return flips


def tell(flip: Flip) -> str:
    equal = "same bytes" if flip.equal else "OTHER BYTES"
    when = "during a build" if flip.during else "between builds"
    return f"{equal}{', told' if flip.told else ''}; {when}: {flip.place}"


@click.command(help=__doc__)
@click.option("--times", default=20, show_default=True, help="How many bits are flipped.")
@click.option("--seed", default=0, show_default=True, help="Of the places and moments.")
def main(times: int, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        cars = Path(folder) / "cars"
        generate(cars, classes=3, train_per_class=8, test_per_class=4)
        journal = SmallJournal.make(Path(folder) / "project", cars)
        flips = measure(journal, times, random.Random(seed))
    good = sum(flip.is_good for flip in flips)
    click.echo(f"equal or told: {good} of {times}")
    sys.exit(0 if good == times else 1)


if __name__ == "__main__":
    main()
