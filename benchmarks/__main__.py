"""Run the benchmarks and print one table of ratios, each beside its aim.

    python benchmarks [--data DIR] [--quick] [NAME ...]

Ratios are taken within this run, on this machine. What cannot run here says so in its row.
"""

import importlib
import inspect
import os
import platform
from collections.abc import Iterator

import click
import torch
from table import CannotRun, Row, format_table

from lib.data.synthetic import SYNTHETIC

MODULES = (
    "budget",
    "synthetic_accuracy",
    "engine",
    "loader",
    "pipeline",
    "loops",
    "explainability",
    "checks",
    "batch_statistics",
    "robustness",
    "search",  # last: it is long, and what else the machine does changes no number of it
)


@click.command(help=__doc__)
@click.argument("names", nargs=-1, type=click.Choice(MODULES), metavar="[NAME]...")
@click.option("--data", default=SYNTHETIC, help="Folder of stanford_cars/: real photographs.")
@click.option("--quick", is_flag=True, help="Smallest sizes: do they run? Ratios mean little.")
def main(names: tuple[str, ...], data: str, quick: bool) -> None:
    rows = []
    for name in names or MODULES:
        click.echo(f"{name} ...", err=True)
        rows += measure(name, data=data, quick=quick)
    click.echo(f"{machine()}; data: {data}{'; quick sizes' if quick else ''}\n")
    click.echo(format_table(rows))


def measure(name: str, **options) -> Iterator[Row]:
    """Yield the rows of a benchmark module, given those of `options` that it takes.

    A module that cannot run here, or breaks, gives a row that says why: the others are measured.
    """
    try:
        rows = importlib.import_module(name).rows
        known = inspect.signature(rows).parameters
        yield from rows(**{key: value for key, value in options.items() if key in known})
    except (CannotRun, ImportError) as error:
        yield Row(name, problem=str(error))
    except Exception as error:
        yield Row(name, problem=f"{type(error).__name__}: {error}")


def machine() -> str:
    """Say what computes."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU"
    versions = f"Python {platform.python_version()}, torch {torch.__version__}"
    return f"{os.cpu_count()} processors ({platform.machine()}), {gpu}; {versions}"


if __name__ == "__main__":
    main()
