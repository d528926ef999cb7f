"""The options that commands share, and which of them exclude each other."""

import os
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import click
from click.core import ParameterSource

from carnet.execution import addresses
from carnet.project.errors import RequestError
from carnet.project.paths import ROOT_VARIABLE

FORMATS = ("markdown", "html", "pdf")
# option -> those that it would make the command ignore.
IGNORED_BY = {"only": ("formats", "output"), "cluster": ("jobs",)}


def data_folder(data: str | None) -> str | None:
    """Return the absolute path of a folder that exists; other names belong to the notebooks."""
    if data is None or "://" in data or ("/" not in data and not Path(data).is_dir()):
        return data
    return str(Path(data).expanduser().resolve())


def _use_root(_context, _option, root: str | None) -> None:
    if root:
        os.environ[ROOT_VARIABLE] = str(Path(root).expanduser().resolve())


OPTIONS = {
    "root": click.option(
        "--root",
        metavar="DIR",
        expose_value=False,
        callback=_use_root,
        help="The journal's folder, instead of the working folder or one above it.",
    ),
    "profile": click.option(
        "--profile",
        metavar="NAME",
        help="A file of journal/profils: the data, and the parameters for it. By default, the one "
        "that journal.yml names.",
    ),
    "data": click.option(
        "--data",
        type=data_folder,
        metavar="DIR",
        help="The folder of the data set, instead of the profile's.",
    ),
    "parameters": click.option(
        "-p",
        "--parameter",
        "assignments",
        multiple=True,
        metavar="NAME=VALUE",
        help="Set a parameter in every notebook that declares it; NN.NAME=VALUE in one.",
    ),
    "only": click.option(
        "--only",
        multiple=True,
        metavar="NN",
        help="This notebook, by number or name, and what it needs; nothing is published.",
    ),
    "to": click.option(
        "--to",
        "formats",
        multiple=True,
        type=click.Choice(FORMATS),
        help="What to publish (by default Markdown and HTML) or to check (what is published).",
    ),
    "output": click.option(
        "--output",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Where the published documents are, instead of the journal's folder.",
    ),
    "jobs": click.option(
        "--jobs",
        default=lambda: os.cpu_count() or 1,
        show_default="as many as CPU cores",
        type=click.IntRange(min=1),
        metavar="N",
        help="Run up to N notebooks at the same time, each after those that it needs.",
    ),
    "cluster": click.option(
        "--cluster",
        envvar=addresses.CLUSTER,
        metavar=addresses.CLUSTER_FORM,
        help="Run independent notebooks, and trials of a search, on the workers of this cluster.",
    ),
    "storage": click.option(
        "--storage",
        envvar=addresses.STORAGE,
        metavar=addresses.STORAGE_FORM,
        help="Show searches, as they proceed, as Optuna studies in this database.",
    ),
}
REQUEST = ("root", "profile", "data", "parameters")
RUNNING = ("output", "to", "jobs", "cluster", "storage")


def takes(*names: str) -> Callable:
    """Return a decorator that gives a command the options `names`, shown in that order."""

    def decorate(function: Callable) -> Callable:
        for name in reversed(names):
            function = OPTIONS[name](function)
        return function

    return decorate


def check_options(context: click.Context) -> None:
    """Refuse the options that would be ignored.

    Raises:
        RequestError: there are some; one line for each.
    """
    given = {
        option.name: option.opts[0]
        for option in context.command.params
        if context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    }
    if mistakes := list(_mistakes(given)):
        raise RequestError(mistakes)


def _mistakes(given: dict[str, str]) -> Iterator[str]:
    for name in filter(given.get, IGNORED_BY):
        for ignored in filter(given.get, IGNORED_BY[name]):
            yield f"{given[ignored]} and {given[name]}: cannot be used together"


def as_typed(context: click.Context, leave_out: Collection[str] = ()) -> list[str]:
    """Return the options of a command as words of a command line.

    Those with an environment variable are left to it: one may hold a password.
    """
    words = []
    for option in context.command.params:
        if option.envvar or not option.expose_value or option.name in leave_out:
            continue
        given = context.params[option.name]
        for value in given if option.multiple else [given]:
            if value is True:
                words.append(option.opts[0])
            elif value not in (None, False):
                words += [option.opts[0], str(value)]
    return words
