"""What all benchmarks share: a ratio with its aim, times taken by turns, one table.

A benchmark module has `rows(...) -> Iterable[Row]`. It may take `data`, the folder that holds
stanford_cars/ or "synthetique", and `quick`, true for the smallest sizes that still go through all
of it. What it needs and does not find here it tells by raising `CannotRun`, or as a row with a
`problem` where its other rows can be measured.
"""

import statistics
import textwrap
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

WIDTH = 100


class CannotRun(Exception):
    """What a benchmark misses here, in one line."""


@dataclass(frozen=True)
class Row:
    """One measure: a ratio taken in one run, the aim for it, and how to read it.

    `at_least` or `at_most` is the aim; neither means that nothing was aimed at. `raw` are the
    numbers that the ratio comes from, in lines. `problem` says why there is no ratio here.
    """

    name: str
    ratio: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    read: str = ""
    raw: str = ""
    problem: str = ""

    @property
    def aim(self) -> str:
        """The aim, written."""
        bounds = {"≥": self.at_least, "≤": self.at_most}
        return " ".join(f"{sign} {bound:g}" for sign, bound in bounds.items() if bound is not None)

    @property
    def met(self) -> bool | None:
        """Whether the aim is reached; None without an aim or a ratio."""
        if self.ratio is None or not self.aim:
            return None
        low, high = self.at_least, self.at_most
        return (low is None or self.ratio >= low) and (high is None or self.ratio <= high)


@dataclass(frozen=True)
class Times:
    """Seconds of each way of doing the same, by name; the n-th of all are of one round."""

    seconds: Mapping[str, list[float]]

    def median(self, name: str) -> float:
        """Return the median seconds of a way."""
        return statistics.median(self.seconds[name])

    def ratio(self, name: str, other: str) -> float:
        """Return how many times `other` the way `name` takes: the median over the rounds."""
        pairs = zip(self.seconds[name], self.seconds[other])
        return statistics.median(one / two for one, two in pairs)

    def __str__(self) -> str:
        rounds = len(next(iter(self.seconds.values())))
        medians = ", ".join(f"{name} {self.median(name):.3g} s" for name in self.seconds)
        return f"{medians} (medians of {rounds})"


def take_turns(ways: Mapping[str, Callable[[], object]], *, rounds: int = 3) -> Times:
    """Time each way once a round, so that the drift of the machine falls on all alike.

    What is kept, loaded or compiled at the first call is the caller's to call before.
    """
    seconds = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            started = time.perf_counter()
            way()
            seconds[name].append(time.perf_counter() - started)
    return Times(seconds)


def format_table(rows: Iterable[Row]) -> str:
    """Return the table of all rows, then how to read each and the numbers it comes from."""
    rows = list(rows)
    cells = [("", "ratio", "aim", "met"), *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in cells) for i in range(4)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)) for line in cells]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = [_note(row) for row in rows]
    return "\n".join([*(line.rstrip() for line in lines), "", *filter(None, notes)])


def _cells(row: Row) -> tuple[str, str, str, str]:
    ratio = "not here" if row.ratio is None else f"{row.ratio:.3g}"
    return row.name, ratio, row.aim, {None: "", True: "yes", False: "NO"}[row.met]


def _note(row: Row) -> str:
    problem = f"cannot run here: {row.problem}" if row.problem else ""
    told = [line for text in (row.read, problem, row.raw) for line in text.splitlines()]
    wrap = textwrap.TextWrapper(WIDTH, initial_indent="    ", subsequent_indent="      ")
    return "\n".join([row.name, *(wrap.fill(line) for line in told)]) if told else ""
