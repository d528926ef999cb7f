"""The table of the benchmarks: what a row says, how times are taken, what cannot run here."""

import math
import sys
import types

import pytest
from table import CannotRun, Row, Times, format_table, take_turns

from benchmarks.__main__ import MODULES, measure

# The first draws and fits all the embedded data: a minute. The others: test_benchmarks.py.
TESTED_APART = {"synthetic_accuracy", "engine", "loops", "loader", "pipeline", "search"}


@pytest.mark.parametrize(
    ("row", "aim", "met"),
    [
        (Row("a", 8.0, at_least=8), "≥ 8", True),
        (Row("a", 7.9, at_least=8), "≥ 8", False),
        (Row("a", 1.1, at_most=1.1), "≤ 1.1", True),
        (Row("a", 1.2, at_least=0.9, at_most=1.1), "≥ 0.9 ≤ 1.1", False),
        (Row("a", 3.0), "", None),
        (Row("a", at_least=8, problem="no GPU"), "≥ 8", None),
    ],
)
def test_an_aim_is_met_or_not_or_unknown(row, aim, met):
    assert (row.aim, row.met) == (aim, met)


def test_ratios_are_those_of_a_round_so_that_drift_cancels():
    """The machine slows down four times, the ratio of the two stays."""
    times = Times({"ours": [1, 2, 4], "other": [3, 6, 12]})
    assert times.ratio("other", "ours") == 3
    assert times.median("ours") == 2


def test_ways_take_turns():
    called = []
    times = take_turns({"a": lambda: called.append("a"), "b": lambda: called.append("b")}, rounds=2)
    assert called == ["a", "b", "a", "b"]
    assert all(len(seconds) == 2 for seconds in times.seconds.values())


def test_the_table_shows_ratio_aim_verdict_then_how_to_read_it():
    told = format_table(
        [
            Row("quick", 9.04, at_least=8, read="higher is better", raw="ours 1 s\nother 9 s"),
            Row("slow", 2.0, at_most=1.1),
            Row("elsewhere", problem="no GPU"),
        ]
    )
    head, _, quick, slow, elsewhere, _, *notes = told.splitlines()
    assert head.split() == ["ratio", "aim", "met"]
    assert quick.split() == ["quick", "9.04", "≥", "8", "yes"]
    assert slow.split() == ["slow", "2", "≤", "1.1", "NO"]
    assert elsewhere.split() == ["elsewhere", "not", "here"]
    assert [line.strip() for line in notes] == [
        *("quick", "higher is better", "ours 1 s", "other 9 s"),
        *("elsewhere", "cannot run here: no GPU"),
    ]


def module(monkeypatch, rows) -> str:
    """Make an importable benchmark of these rows; return its name."""
    made = types.ModuleType("made_benchmark")
    made.rows = rows
    monkeypatch.setitem(sys.modules, made.__name__, made)
    return made.__name__


def test_a_benchmark_is_given_the_options_it_takes(monkeypatch):
    name = module(monkeypatch, lambda data: [Row(data)])
    assert list(measure(name, data="folder", quick=True)) == [Row("folder")]


def test_a_benchmark_that_cannot_run_keeps_the_rows_it_has(monkeypatch):
    def rows():
        yield Row("first", 2.0)
        raise CannotRun("timm is not installed")

    assert list(measure(module(monkeypatch, rows))) == [
        Row("first", 2.0),
        Row("made_benchmark", problem="timm is not installed"),
    ]


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (ImportError("No module named 'timm'"), "No module named 'timm'"),
        (ValueError("odd"), "ValueError: odd"),
    ],
)
def test_a_benchmark_that_breaks_says_so_in_its_row(monkeypatch, error, problem):
    def rows():
        raise error

    (row,) = measure(module(monkeypatch, rows))
    assert row.problem == problem


def test_a_benchmark_that_is_not_there_says_so():
    (row,) = measure("no_such_benchmark")
    assert row.problem == "No module named 'no_such_benchmark'"


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(MODULES) - TESTED_APART))
def test_each_benchmark_gives_its_rows_at_a_tiny_size(name, tiny_cars_root):
    rows = list(measure(name, data=str(tiny_cars_root), quick=True))
    assert rows
    for row in rows:
        assert math.isfinite(row.ratio) and not row.problem
        assert format_table([row])
