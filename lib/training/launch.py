"""Several processes, GPUs or machines train what a stopped build has left unfinished:

    torchrun --nproc-per-node 2 -m lib.training.launch [runs/trainings/HASH]...

Each training goes on from its last epoch, those given or else all of the store, and is kept where
the next build finds it finished. What it is, and on what, stands in its `job.json`.
"""

import os
import sys
from pathlib import Path

import click
from accelerate.utils import broadcast_object_list

from carnet import InputError, Work, nearest, works
from lib.data import load_cars
from lib.training.configuration import TrainingConfig
from lib.training.loop import Diverged
from lib.training.processes import join_processes
from lib.training.training import JOB, train, training_work


@click.command(help=__doc__.partition(":")[0] + ".")
@click.argument("folders", nargs=-1, metavar="[FOLDER]...", type=click.Path(path_type=Path))
def command(folders: tuple[Path, ...]) -> None:
    if int(os.environ.get("LOCAL_RANK", 0)):
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - one process shows progress
    try:
        finish_trainings(folders)
    except InputError as error:
        click.echo(error, err=True)
        sys.exit(2)


def finish_trainings(folders: tuple[Path, ...]) -> None:
    """Train what is left of the trainings in `folders`, or of all that are unfinished.

    Raises:
        InputError: one has nothing to resume, or what it depends on has changed.
    """
    accelerator = join_processes()
    # Processes that look at different moments may see different trainings.
    (left,) = broadcast_object_list([folders or tuple(unfinished_trainings().values())])
    for folder in left:
        accelerator.print(f"training {folder.name}")
        try:
            resume(Work(folder.absolute()))
        except Diverged as diverged:
            accelerator.print(diverged)
    accelerator.print(f"trainings finished: {len(left)}" if left else "no training is unfinished")


def unfinished_trainings() -> dict[str, Path]:
    """Return the folders of the trainings of the store that were interrupted, by their names."""
    found = works("trainings").items()
    return {name: work.folder for name, work in found if work.read(JOB) and not work.finished}


def resume(work: Work) -> None:
    """Train what is left of one training.

    Raises:
        InputError: there is nothing to resume, or what the training depends on has changed.
        Diverged: a loss is infinite or not a number.
    """
    job, name = work.read(JOB), work.folder.name
    if job is None:
        hint = nearest(name, unfinished_trainings())
        raise InputError(f"{work.folder}: expected the folder of an unfinished training; {hint}")
    cars, config = load_cars(**job["data"]), TrainingConfig(**job["config"])
    if training_work(cars, config).folder != work.folder:
        raise InputError(
            f"{work.folder}: the data, the code or the packages have changed since it began; "
            "build its notebook again"
        )
    train(cars, config, label=name)


if __name__ == "__main__":
    command()
