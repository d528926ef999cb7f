"""The benchmarks of the engine, of training loops and of the data side. No second is asserted."""

import json
import re
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import click
import engine
import loader
import loops
import pytest
import search
import torch
from engine import Row, comparison_table, growth_lines, overhead
from loop_peers import Job
from sample import Sample
from table import CannotRun, Times
from tools import JOURNAL, KERNELS, TOOLS, Build, Tool, ToolError

from benchmarks.__main__ import measure
from lib.data.cars import load_cars
from lib.training.intervals import PairedDifference

APPEND = "import os; open(os.environ['BENCHMARK_EXECUTIONS'], 'a').write('executed\\n')"


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return Sample(tmp_path / "sample", count=3, seconds=0).make()


def test_a_sample_has_one_page_a_notebook(sample):
    pages = sorted(path.name for path in (sample.root / "journal").glob("jour-*.md"))
    assert pages == ["jour-1.md", "jour-2.md", "jour-3.md"]
    assert all(path.is_file() for path in sample.notebooks)


def test_prose_changes_a_markdown_cell_of_one_notebook_only(sample):
    before = [json.loads(path.read_text())["cells"] for path in sample.notebooks]
    sample.write_prose("Another word.")
    after = [json.loads(path.read_text())["cells"] for path in sample.notebooks]
    assert [old == new for old, new in zip(before, after)] == [True, False, True]
    changed = [new["cell_type"] for old, new in zip(before[1], after[1]) if old != new]
    assert changed == ["markdown"]


def test_no_two_notebooks_have_the_same_code(sample):
    """jupyter-cache takes those for one, and would execute fewer than the others."""
    codes = [
        tuple(
            c["source"] for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "code"
        )
        for path in sample.notebooks
    ]
    assert all(codes.count(code) == 1 for code in codes)


def tool(*command: str) -> Tool:
    return Tool("tool", "A tool", lambda sample: [list(command)], peer=False)


def test_a_build_counts_the_notebooks_it_executed(sample):
    append = tool(sys.executable, "-c", APPEND)
    assert [append.build(sample, Path("none")).executed for _ in range(2)] == [1, 1]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["no-such-program"], "no-such-program is not installed"),
        ([sys.executable, "-c", "print('first'); raise SystemExit('last')"], "exited 1: last"),
    ],
)
def test_a_tool_that_cannot_build_says_why_in_one_line(sample, command, reason):
    with pytest.raises(ToolError, match=reason):
        tool(*command).build(sample, Path("none"))


@pytest.mark.parametrize("name", TOOLS)
def test_a_peer_writes_its_files_inside_the_project(sample, name):
    before = {path: path.read_bytes() for path in sample.root.rglob("*") if path.is_file()}
    TOOLS[name].set_up(sample)
    assert {path: path.read_bytes() for path in before} == before
    assert TOOLS[name].commands(sample)


def row(tool: Tool, cold: float, executed: int) -> Row:
    builds = {measure: [Build(cold, executed, "")] for measure in ("cold", "no-op", "prose")}
    return Row(tool, builds | {name: [Build(cold, executed, "")] for name in engine.CHANGES})


def test_the_table_gives_seconds_ratios_and_counts():
    rows = [row(JOURNAL, 2, 5), row(TOOLS["dvc"], 5, 1)]
    _, ours, aims, peer = comparison_table(rows, 5)
    assert " ".join(ours.split()) == "this engine 2.00 s 2.00 s 2.00 s (5) 5 of 5 5 of 5 5 of 5"
    assert "kernels +5 %" in aims
    assert "5.00 s ×2.5" in peer
    assert peer.count("1 of 5") == 3


def test_the_table_takes_the_median_of_the_repeats():
    builds = [Build(seconds, 0, "") for seconds in (1, 2, 9)]
    assert Row(JOURNAL, {"no-op": builds}).seconds("no-op") == 2


def test_a_tool_that_cannot_build_does_not_spoil_the_table():
    broken = Row(TOOLS["sphinx"], problem="sphinx-build is not installed")
    *lines, last = comparison_table([row(JOURNAL, 2, 5), broken, row(TOOLS["dvc"], 5, 1)], 5)
    assert last == f"{broken.tool.title}: not here: sphinx-build is not installed"
    assert any(line.startswith("DVC") for line in lines)


def test_the_overhead_is_told_over_the_kernels_own_time():
    (line,) = overhead(row(JOURNAL, 21, 5), row(KERNELS, 20, 5))
    assert "+5.0% over the kernels" in line
    assert overhead(row(JOURNAL, 21, 5), Row(KERNELS, problem="no kernel")) == []


def test_growth_is_told_by_added_notebook():
    _, small, large = growth_lines([(100, 0.3), (500, 0.7)])
    assert small.endswith("100 notebooks and pages: 0.30 s")
    assert large.endswith("0.70 s, 1.00 ms for each more than 100")


def test_an_unknown_peer_is_refused_with_the_choices():
    with pytest.raises(click.BadParameter, match=r"nikola: expected some of papermill, sphinx"):
        engine._chosen("papermill,nikola")


@pytest.mark.slow
def test_the_benchmark_runs(monkeypatch, capsys, tmp_path):
    """Beside a peer that only says that it executed a notebook; a real one is tested below."""
    peer = Tool("light", "A light peer", lambda sample: [[sys.executable, "-c", APPEND]])
    monkeypatch.setattr(engine, "TOOLS", {"light": peer})
    options = ["--notebooks", "1", "--work", "0", "--repeats", "1", "--growth", "2"]
    options += ["--peers", "light", "--peers-venv", str(tmp_path / "none")]
    engine.main(options, standalone_mode=False)
    printed = capsys.readouterr().out
    lines = {line.split("  ")[0]: line for line in printed.splitlines()}
    assert "(0)" in lines["this engine"]
    assert lines["this engine"].count("1 of 1") == 3
    assert "(1)" in lines["A light peer"]
    assert "pip install -r benchmarks/peers.txt" in printed
    assert "2 notebooks and pages: " in printed


@pytest.mark.slow
def test_papermill_executes_a_sample(tmp_path):
    sample = Sample(tmp_path / "sample", count=1, seconds=0).make()
    TOOLS["papermill"].set_up(sample)
    assert TOOLS["papermill"].build(sample, tmp_path / "none").executed == 1


@pytest.fixture
def timm_loop(tmp_path) -> loops.Loop:
    return loops.Loop("timm", Job(None, 32, 8, tmp_path))


def test_a_peer_is_timed_with_its_best_number_of_workers(timm_loop, monkeypatch):
    seconds = {0: 4.0, 1: 3.0, 2: 5.0, loops.MEMORY: 1.0}
    called = []
    monkeypatch.setattr(timm_loop, "call", lambda *args: called.append(args) or seconds[args[-1]])
    timm_loop.prepare()
    for way in timm_loop.ways().values():
        way()
    assert [args[-1] for args in called] == [loops.MEMORY, 0, 1, 2, 1, loops.MEMORY]


def test_the_speed_of_a_peer_is_told_beside_ours(timm_loop):
    timm_loop.first = {0: 4.0, 1: 3.0}
    seconds = {"ours": 1, "ours in memory": 0.5, "timm": 3, "timm in memory": 0.4}
    times = Times({way: [time] for way, time in seconds.items()})
    measured = loops.Measured(first=3, times=times, images=30)
    epoch, training, arithmetic = measured.rows(timm_loop)
    assert (epoch.ratio, epoch.met) == (3, True)
    assert "ours 30, timm 10; our first epoch 3 s; timm's by workers 0: 4 s, 1: 3 s" in epoch.raw
    assert training.ratio == 30 / (3 + 9)
    assert (arithmetic.ratio, arithmetic.met) == (0.8, False)


def test_a_peer_that_is_not_installed_says_so_in_its_rows(timm_loop, monkeypatch):
    def missing(*arguments):
        raise ModuleNotFoundError("No module named 'timm'")

    monkeypatch.setattr(timm_loop, "call", missing)
    timm_loop.prepare()
    rows = list(loops.Measured(1, Times({}), 8).rows(timm_loop))
    assert [row.ratio for row in rows] == [None] * 3
    assert all(row.problem.startswith("No module named 'timm'; install") for row in rows)


def test_few_images_are_whole_batches_the_same_each_time(tiny_cars_root):
    cars = load_cars(str(tiny_cars_root))
    few = loops.some(cars, loops.QUICK)
    counts = few.frame["split"].value_counts()
    assert counts["train"] == loops.QUICK.images
    assert counts["validation"] >= 1
    assert few.frame.equals(loops.some(cars, loops.QUICK).frame)
    with pytest.raises(CannotRun, match="training images, expected 64 or more"):
        loops.some(cars, loops.Sizes())


def test_the_two_data_sides_give_the_same_images(tiny_cars_root, tmp_path, monkeypatch):
    """Shapes, type, range and number; in their draws and decoders they differ."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path))
    cars = loops.some(load_cars(str(tiny_cars_root)), loops.QUICK)
    job = Job(cars, 32, 8, tmp_path)
    for batches in (loader.our_batches(job), loader.usual_batches(job, workers=0)):
        images = torch.cat(list(batches()))
        assert images.shape == (16, 3, 32, 32)
        assert images.dtype == torch.float32
        assert 0 <= images.min() < 0.2 < 0.8 < images.max() <= 1


def is_installed(loop: str) -> bool:
    paths = [*sys.path, str(loops.PEERS)]
    return loop == "ours" or PathFinder.find_spec(loop, paths) is not None


@pytest.mark.slow
def test_the_loops_and_the_data_sides_are_compared(tiny_cars_root, monkeypatch):
    """Each loop that is installed; what the others say is tested above, without their process."""
    here = {name: loop for name, loop in loops.LOOPS.items() if is_installed(name)}
    assert len(here) >= 2
    monkeypatch.setattr(loops, "LOOPS", here)
    rows = list(loops.rows(str(tiny_cars_root), quick=True))
    assert len(rows) == 3 * len(here) - 3
    assert all(row.ratio > 0 and not row.problem for row in rows)
    (data,) = loader.rows(str(tiny_cars_root), quick=True)
    assert data.ratio > 0


def found(seed: int, low: float, high: float, best_whole: float) -> search.Found:
    paired = PairedDifference((low + high) / 2, low, high, 9, 5, 0.4, 0.01)
    return search.Found(seed, 0.8, 0.7, paired, 0.75, best_whole, epochs=40, epochs_whole=66)


def test_seeds_are_counted_and_averaged():
    seeds = [found(1, 0.01, 0.09, 0.75), found(2, -0.02, 0.04, 0.77), found(3, -0.09, -0.01, 0.78)]
    gain, epochs, regret = search.rows_of(seeds)
    assert gain.ratio == pytest.approx(1 / 3)
    assert "Better: 1, equal: 1, worse: 1" in gain.read
    assert "seed 2: final 80.0%, v2 70.0%, +1.0 points (-2.0 to +4.0; McNemar" in gain.raw
    assert epochs.ratio == pytest.approx(40 / 66)
    assert regret.ratio == pytest.approx((0 + 2 + 3) / 3)


@pytest.mark.slow
def test_a_search_and_its_final_model_are_measured():
    gain, epochs, regret = measure("search", quick=True)
    assert not gain.problem
    assert gain.raw.count("seed") == 1
    assert 0.5 <= epochs.ratio < 1
    assert regret.ratio >= 0


@pytest.mark.slow
def test_the_data_side_of_an_epoch_and_the_memory_of_a_training_are_measured(tiny_cars_root):
    """The memory is that of the training alone, not what this process holds."""
    held = 2_000  # MB
    memory = bytearray(held * 1_000_000)
    epoch, peaks = measure("pipeline", data=str(tiny_cars_root), quick=True)
    del memory
    assert epoch.ratio > 0 and not epoch.problem
    few, many = map(int, re.findall(r": (\d+) MB", peaks.raw))
    assert peaks.ratio == pytest.approx(many / few, rel=0.02)
    assert 100 < few < held and 100 < many < held
