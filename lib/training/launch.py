"""Training a notebook's models with several processes, GPUs or machines:

    torchrun --nproc-per-node 2 -m lib.training.launch 03 --profile stanford-cars --data DIR

Every process executes the code of the notebook as far as the last cell that calls `train`, with
the parameters of a build; `train` shares each training among them and keeps it in the store, where
the notebook finds it when the journal is built. What the notebook records, shows and draws here is
thrown away.
"""

import os
import sys
import tempfile

import click
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from carnet.commands.build import Journal
from carnet.commands.cli import data_folder, main
from carnet.project.errors import InputError, NotebookError
from carnet.project.paths import Project
from carnet.sources.notebooks import Notebook, calls


@click.command(help=__doc__.split(":")[0] + ".")
@click.argument("notebook")
@click.option("--profile", default="synthetique", show_default=True, metavar="NAME")
@click.option("--data", metavar="DIR", help="The folder of the data set.")
@click.option("-p", "--parameter", "assignments", multiple=True, metavar="NAME=VALUE")
def command(notebook, profile, data, assignments):
    options = {"data": data_folder(data), "assignments": assignments, "only": (notebook,)}
    journal = Journal.prepare(Project.at(), profile, **options)
    (name,) = journal.request.asked
    if int(os.environ.get("LOCAL_RANK", 0)):
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - one process tells how far it is
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(JOURNAL_RUN=folder, MPLBACKEND="Agg")
        os.chdir(journal.project.notebooks)
        run_code(journal.request.notebooks[name], journal.request.parameters[name])


def run_code(notebook: Notebook, parameters: dict) -> None:
    """Execute the code cells of a notebook in this process, up to the last that trains.

    Raises:
        InputError: no cell trains, or one refused what it was given.
        NotebookError: a cell failed; the message names it.
    """
    shell = InteractiveShell.instance()
    for number, cell in code_to_train(notebook):
        with capture_output(stderr=False):
            error = shell.run_cell(cell["source"]).error_in_exec
        if isinstance(error, InputError):
            raise error
        if error:
            place = f"notebooks/{notebook.path.name}, cell {number}"
            raise NotebookError(f"{place}: {type(error).__name__}: {error}")
        shell.push(parameters)  # over the values of the parameters cell


def code_to_train(notebook: Notebook) -> list[tuple[int, dict]]:
    """Return the code cells up to the last that calls `train`, each with its number from 1."""
    cells = [(n, c) for n, c in enumerate(notebook.cells, 1) if c["cell_type"] == "code"]
    training = [
        place for place, (_, cell) in enumerate(cells) if any(calls(cell["source"], "train"))
    ]
    if not training:
        raise InputError(f"notebooks/{notebook.path.name}: no cell calls `train`")
    return cells[: training[-1] + 1]


if __name__ == "__main__":
    main(command)
