"""What a build costs beside the tools that do the same, in one run, as ratios.

    python benchmarks/engine.py [--work 3] [--peers papermill,sphinx] [--growth 10,100,500]

Notebooks that each sleep for `--work` seconds, one page each; all import one module of the
project, read one data file and use one installed package. Every tool has a copy of its own, is
driven through its own command line with its defaults, and takes turns with the others. Then the
growth: how long this engine takes to find that nothing has changed in larger journals, whose
notebooks but the first are not executed (see seeding.py).
"""

import shutil
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import table
from sample import NOTE, ROOT, Sample
from tools import JOURNAL, KERNELS, PEERS, PYTHON, TOOLS, Build, Tool, ToolError

CHANGES: dict[str, Callable[[Sample], None]] = {
    "module": lambda sample: sample.write_module(factor=3),
    "data": lambda sample: sample.write_data("abcd"),
    "package": lambda sample: sample.write_package(2),
}
SECONDS = ("cold", "no-op", "prose")
AIMS = {"cold": "kernels +5 %", "no-op": "< 0.3 s", "prose": "< 1 s (0)"}
HOW_TO_READ = """
cold        everything from nothing; no-op: again, nothing changed; prose: again after a word of a
            Markdown cell changed, and in brackets how many notebooks that executed
module …    how many notebooks were executed after a change of the module that all import, of the
            data file that all read, of the version of the package that all use: fewer than all
            means results shown that the present inputs do not give
×           how many times what this engine took, in this run; medians of the repeats
kernels     the start, cells and end of each kernel, one after the other and without any tool; a
            build that starts one while another ends may take less
"""


@dataclass
class Row:
    """What was measured of one tool: builds by measure, or why it cannot build here."""

    tool: Tool
    builds: dict[str, list[Build]] = field(default_factory=dict)
    problem: str = ""

    def seconds(self, measure: str) -> float | None:
        builds = self.builds.get(measure)
        return statistics.median(build.seconds for build in builds) if builds else None

    def executed(self, measure: str) -> int:
        """The most notebooks that a build of this measure executed."""
        return max(build.executed for build in self.builds[measure])


@click.command(help=__doc__)
@click.option("--work", default=3.0, show_default=True, help="Seconds of work of a notebook.")
@click.option("--notebooks", default=5, show_default=True, help="In the project compared.")
@click.option("--colds", default=1, show_default=True, help="Repeats of the cold build.")
@click.option("--repeats", default=3, show_default=True, help="Of no-op builds and prose.")
@click.option("--peers", "names", default=",".join(TOOLS), show_default=True, metavar="A,B")
@click.option("--peers-venv", default=PEERS, show_default=True, type=click.Path(path_type=Path))
@click.option("--growth", default="10,100,500", show_default=True, metavar="N,N", help="Sizes.")
def main(notebooks, work, colds, repeats, names, peers_venv, growth) -> None:
    chosen, sizes = _chosen(names), [int(size) for size in growth.split(",") if size]
    if not peers_venv.is_dir():
        click.echo(_how_to_install(peers_venv))
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder, peers = Path(name), peers_venv.absolute()
        comparison = Comparison(folder, notebooks, work, colds, repeats, peers)
        rows = comparison.measure([JOURNAL, KERNELS, *chosen])
        click.echo("\n".join([*comparison_table(rows, notebooks), *overhead(rows[0], rows[1])]))
        click.echo(HOW_TO_READ)
        times = [(size, no_op(folder / f"growth-{size}", size, repeats)) for size in sizes]
        click.echo("\n".join(growth_lines(times)))


def rows(*, quick: bool = False) -> Iterator[table.Row]:
    """Yield the ratios of the table that have an aim, those of the peers, and the growth."""
    count, work, sizes = (1, 0.0, (2, 3)) if quick else (5, 3.0, (10, 100))
    peers = [TOOLS["papermill"]] if quick else list(TOOLS.values())
    repeats = 1 if quick else 3
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        comparison = Comparison(folder, count, work, 1, repeats, PEERS.absolute())
        ours, kernels, *others = comparison.measure([JOURNAL, KERNELS, *peers])
        yield _ratio_row(ours, kernels, "cold", at_most=1.05)
        for other in others:
            for measure in SECONDS[:1] if other.problem else SECONDS:
                yield _ratio_row(other, ours, measure, at_least=1)
        seconds = [no_op(folder / f"growth-{size}", size, repeats) for size in sizes]
    yield _growth_row(sizes, seconds)


def _ratio_row(measured: Row, reference: Row, measure: str, **aim: float) -> table.Row:
    names = f"{measure} build: {measured.tool.title} / {reference.tool.title}"
    if problem := measured.problem or reference.problem:
        return table.Row(names, problem=problem, **aim)
    one, other = measured.seconds(measure), reference.seconds(measure)
    return table.Row(names, one / other, raw=f"{one:.2f} s, {other:.2f} s", **aim)


def _growth_row(sizes: Sequence[int], seconds: Sequence[float]) -> table.Row:
    added = 1000 * (seconds[-1] - seconds[0]) / (sizes[-1] - sizes[0])
    return table.Row(
        "no-op build: ms a notebook / 2 ms",
        added / 2,
        at_most=1,
        read=f"What each notebook from {sizes[0]} to {sizes[-1]} adds to a build that runs none.",
        raw=f"{', '.join(f'{n} notebooks {s:.2f} s' for n, s in zip(sizes, seconds))}",
    )


def _chosen(names: str) -> list[Tool]:
    wanted = [name for name in names.split(",") if name]
    if unknown := [name for name in wanted if name not in TOOLS]:
        raise click.BadParameter(f"--peers {unknown[0]}: expected some of {', '.join(TOOLS)}")
    return [TOOLS[name] for name in wanted]


def _how_to_install(venv: Path) -> str:
    return (
        f"The peers are not installed in {venv}. To compare with them:\n"
        f"  python3 -m venv {venv} && {venv}/bin/pip install -r benchmarks/peers.txt\n"
    )


@dataclass(frozen=True)
class Comparison:
    """Builds one small project with several tools, which take turns."""

    folder: Path
    notebooks: int
    work: float
    colds: int
    repeats: int
    peers: Path

    def measure(self, tools: list[Tool]) -> list[Row]:
        rows = [Row(tool) for tool in tools]
        for measure, change in self._steps():
            for row in rows:
                if row.problem or (row.tool is KERNELS and measure != "cold"):
                    continue
                click.echo(f"{measure}: {row.tool.title}", err=True)
                sample = Sample(self.folder / row.tool.name, self.notebooks, self.work)
                if measure == "cold":
                    shutil.rmtree(sample.root, ignore_errors=True)
                    row.tool.set_up(sample.make())
                change(sample)
                self._build(row, measure, sample)
        return rows

    def _steps(self) -> Iterator[tuple[str, Callable[[Sample], None]]]:
        """Yield (measure, change made before it)."""
        for _ in range(self.colds):
            yield "cold", lambda sample: None
        for _ in range(self.repeats):
            yield "no-op", lambda sample: None
        for index in range(self.repeats):
            yield "prose", lambda sample, i=index: sample.write_prose(f"{NOTE} Again: {i}.")
        yield from CHANGES.items()

    def _build(self, row: Row, measure: str, sample: Sample) -> None:
        try:
            build = row.tool.build(sample, self.peers)
        except ToolError as error:
            row.problem = str(error)
            return
        if row.tool is KERNELS:
            build = Build(float(build.output.split()[-1]), build.executed, "")
        row.builds.setdefault(measure, []).append(build)


def comparison_table(rows: list[Row], count: int) -> list[str]:
    """Return the lines of the table; the first row is that of this engine."""
    heads = ["", *SECONDS, *CHANGES]
    aims = ["  aim", *AIMS.values(), *(f"{count} of {count}" for _ in CHANGES)]
    cells = [heads, _cells(rows[0], rows[0], count), aims]
    cells += [_cells(row, rows[0], count) for row in rows[1:] if not row.problem]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(line, widths)).rstrip() for line in cells]
    return lines + [f"{row.tool.title}: not here: {row.problem}" for row in rows if row.problem]


def overhead(ours: Row, kernels: Row) -> list[str]:
    """Tell by how much a cold build exceeds the kernels' own time."""
    if ours.problem or kernels.problem:
        return []
    share = ours.seconds("cold") / kernels.seconds("cold") - 1
    return [f"A cold build takes {share:+.1%} over the kernels' own time (aim: +5 % at most)."]


def _cells(row: Row, ours: Row, count: int) -> list[str]:
    times = [_time_cell(row, ours, measure) for measure in SECONDS]
    counts = [f"{row.executed(m)} of {count}" if m in row.builds else "" for m in CHANGES]
    return [row.tool.title, *times, *counts]


def _time_cell(row: Row, ours: Row, measure: str) -> str:
    seconds, reference = row.seconds(measure), ours.seconds(measure)
    if seconds is None:
        return ""
    executed = f" ({row.executed(measure)})" if measure == "prose" else ""
    ratio = f" ×{seconds / reference:.2g}" if reference and row is not ours else ""
    return f"{seconds:.2f} s{executed}{ratio}"


def no_op(folder: Path, count: int, repeats: int) -> float:
    """Return the median seconds of a build that finds nothing to do among `count` notebooks.

    The first is executed; the others are given its run, under their own keys (see seeding.py).
    """
    sample = Sample(folder, count, seconds=0).make()
    seed = [str(PYTHON), str(ROOT / "benchmarks" / "seeding.py")]
    only = [str(PYTHON), "build_journal.py", "--only", "1"]
    Tool("seed", "seed", lambda _: [only, seed], peer=False).build(sample, PEERS)
    first, *again = [JOURNAL.build(sample, PEERS) for _ in range(repeats + 1)]
    if any(build.executed for build in [first, *again]):
        raise AssertionError("the runs given are not those that the engine looks for")
    return statistics.median(build.seconds for build in again)


def growth_lines(times: list[tuple[int, float]]) -> list[str]:
    """Tell the seconds of a no-op build by size, and what each notebook adds between two sizes."""
    lines = ["no-op build of this engine as the journal grows (aim: linear, 2 ms a notebook)"]
    for index, (size, seconds) in enumerate(times):
        line = f"  {size:4} notebooks and pages: {seconds:.2f} s"
        if index:
            size_before, before = times[index - 1]
            added = 1000 * (seconds - before) / (size - size_before)
            line += f", {added:.2f} ms for each more than {size_before}"
        lines.append(line)
    return lines


if __name__ == "__main__":
    main()
