"""The command line: declares the options, calls, prints, sets the exit code."""

import datetime
import gc
import os
import shutil
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from carnet.commands import check as checking
from carnet.commands import prune as pruning
from carnet.commands.build import Journal, Options, build, build_lock
from carnet.commands.compare import compare as compare_runs
from carnet.commands.console import Console
from carnet.commands.new import new_day, new_notebook
from carnet.commands.options import as_typed, check_options
from carnet.execution import addresses
from carnet.project.errors import JournalError, RequestError, describe_os_error
from carnet.project.paths import Project
from carnet.publication.pdf import check_printable
from carnet.publication.transaction import published_formats
from carnet.store.runs import Run, Store

FORMATS = ("markdown", "html", "pdf")
DEFAULT_FORMATS = {"markdown", "html"}
FAILED, INTERRUPTED = 1, 130


def data_folder(data: str | None) -> str | None:
    """Return the absolute path of a folder that exists; other names belong to the notebooks."""
    if data is None or ("/" not in data and not Path(data).is_dir()):
        return data
    return str(Path(data).expanduser().resolve())


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.option(
    "--profile",
    default="synthetique",
    metavar="NAME",
    help="A file of journal/profils: the data, and the parameters for it.",
)
@click.option(
    "--data",
    type=data_folder,
    metavar="DIR",
    help="The folder of the data set, instead of the profile's.",
)
@click.option(
    "-p",
    "--parameter",
    "assignments",
    multiple=True,
    metavar="NAME=VALUE",
    help="Set a parameter in every notebook that declares it; NN.NAME=VALUE in one.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NN",
    help="Run this notebook and what it needs; the journal is not published.",
)
@click.option(
    "--to",
    "formats",
    multiple=True,
    type=click.Choice(FORMATS),
    help="What to publish (by default Markdown and HTML) or to check (what is published).",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Publish under this folder instead of the project's.",
)
@click.option(
    "--jobs",
    default=lambda: os.cpu_count() or 1,
    show_default="as many as CPU cores",
    type=click.IntRange(min=1),
    metavar="N",
    help="Run up to N notebooks at the same time, each after those that it needs.",
)
@click.option(
    "--cluster",
    envvar=addresses.CLUSTER,
    metavar=addresses.CLUSTER_FORM,
    help="Run independent notebooks, and trials of a search, on the workers of this Dask cluster.",
)
@click.option(
    "--storage",
    envvar=addresses.STORAGE,
    metavar=addresses.STORAGE_FORM,
    help="Keep the studies of searches in this database, not in files of the store.",
)
@click.option("--force", is_flag=True, help="Run the notebooks even if they are up to date.")
@click.option("--explain", is_flag=True, help="Show what would run, and why; run nothing.")
@click.option(
    "--check", is_flag=True, help="Check that the published journal is up to date; exit 0 or 1."
)
@click.option(
    "--from-scratch", is_flag=True, help="With --check: build again in a temporary store, compare."
)
@click.pass_context
def command(
    context, formats, output, jobs, cluster, storage, force, explain, check, from_scratch, **asked
):
    """Build the research journal: journal/JOURNAL.md, journal/site/ and images/."""
    check_options(context)
    addresses.give_to_kernels(cluster, storage)
    if context.invoked_subcommand:
        return
    project = Project.at(output=output)
    journal = Journal.prepare(project, **asked)
    published = published_formats(project.output, project.store) if check else set()
    formats = set(formats) or published or DEFAULT_FORMATS
    if "pdf" in formats and (from_scratch or not check):
        check_printable(journal.pages)
    options = Options(set() if asked["only"] else formats, jobs, force)
    if explain:
        click.echo("\n".join(checking.explain(journal)))
    elif from_scratch:
        _print_check(checking.check_from_scratch(journal, options, Console(journal.labels())))
    elif check:
        _print_check(list(checking.check(journal, formats)), checking.made_elsewhere(journal))
    else:
        runs, changed = build(journal, options, Console(journal.labels()))
        _print_built(journal, runs, changed, options)


def _print_check(lines: list[str], notes: Iterable[str] = ()) -> None:
    click.echo("\n".join([*(lines or ["up to date"]), *notes]))
    sys.exit(FAILED if lines else 0)


def _print_built(
    journal: Journal, runs: dict[str, Run], changed: list[str], options: Options
) -> None:
    if options.formats:
        click.echo(f"{len(changed)} documents changed under {journal.project.output}", err=True)
        return
    for name in journal.request.asked:
        click.echo(f"{journal.labels()[name]}  {runs[name].folder}")
        for result, value in runs[name].results.items():
            if isinstance(value, int | float | str):
                click.echo(f"  {result} = {value}")


@command.command()
@click.argument("notebook")
@click.argument("runs", nargs=-1)
def compare(notebook, runs):
    """List the runs of a notebook, or compare two of them.

    Without RUNS, lists those of NOTEBOOK, newest first; with two, shows what differs.
    """
    if len(runs) not in (0, 2):
        raise click.UsageError("compare takes a notebook, or a notebook and two runs")
    click.echo("\n".join(compare_runs(Project.at(), notebook, runs)))


@command.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--unfinished",
    is_flag=True,
    help="Also remove the work of killed builds and of JupyterLab, which would resume from it.",
)
def prune(yes, unfinished):
    """Remove the runs that nothing uses.

    These are neither in the published journal nor what a build with one of the profiles can use.
    The trainings and other work that only they have used go with them.
    """
    project = Project.at()
    with build_lock(project.store, Console.waiting):
        used = pruning.used_by_profiles(project, notify=_notify)
        folders, left = pruning.unused(Store(project.store), used)
        if unfinished:
            folders, left = folders + left, []
        for folder in folders:
            click.echo(folder.relative_to(project.store))
        if left:
            _notify(f"unfinished work, kept ({_megabytes(left)}; --unfinished removes it):")
        for folder in left:
            _notify(f"  {folder.relative_to(project.store)}")
        if not folders:
            click.echo("nothing to remove")
        elif yes or _confirmed(f"Remove these {len(folders)} folders ({_megabytes(folders)})?"):
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)


def _notify(line: str) -> None:
    click.echo(line, err=True)


def _megabytes(folders: list[Path]) -> str:
    return f"{sum(map(pruning.size, folders)) / 1e6:.0f} MB"


def _confirmed(question: str) -> bool:
    try:
        return click.confirm(question)
    except click.Abort:
        if sys.stdin.isatty():  # Ctrl-C
            raise
        click.echo()  # after the question
        raise RequestError(["prune: no terminal to confirm in: use --yes"]) from None


@command.group()
def new():
    """Create the next page or notebook. Both build as they are."""


@new.command("jour")
@click.option("--title", metavar="TEXT", help="The title, after « Jour N : ».")
@click.option("--date", metavar="YYYY-MM-DD", help="The day it is about, instead of today.")
def jour(title, date):
    """Create journal/jour-N.md, N following the last day."""
    click.echo(new_day(Project.at(), _date(date), title))
    _notify("write it while `python build_journal.py watch` shows it")


def _date(text: str | None) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text) if text else datetime.date.today()
    except ValueError:
        raise RequestError([f"--date {text}: expected YYYY-MM-DD, such as 2026-11-23"]) from None


@new.command("notebook")
@click.argument("name", metavar="NOM")
@click.option("--needs", multiple=True, metavar="NAME", help="A notebook whose results it reads.")
def notebook(name, needs):
    """Create notebooks/NN_NOM.ipynb. It holds parameters, results and a figure to replace."""
    click.echo(new_notebook(Project.at(), name, needs))
    _notify(f"run it: python build_journal.py --only {name}")
    _notify(f"show it in a page: {{embed}} {name}#Résultat, {{eval}} {name}.mean")


@command.command()
@click.option(
    "--port",
    default=8000,
    type=click.IntRange(0, 65535),
    metavar="N",
    help="The port of 127.0.0.1 that serves the site; 0 for any free one.",
)
@click.pass_context
def watch(context, port):
    """Build at each save, and show it in the browser.

    The site is served to this machine only; its open pages reload when a build has ended.
    The options of a build go before `watch`: --profile, --data, -p, --to, --output, --jobs.
    """
    from carnet.commands.watch import follow_edits

    options = context.parent
    project = Project.at(output=options.params["output"])
    script = str(project.root / "build_journal.py")
    follow_edits(project, [sys.executable, script, *as_typed(options)], port)
    _notify("stopped")


def main(run: click.Command = command) -> None:
    """Run a command; an expected error is a line without a traceback, and an exit code."""
    # jsonschema would import these optional format checkers, which serve nothing here: one
    # compiles a grammar for over a second.
    for checker in ("rfc3987_syntax", "rfc3986_validator", "isoduration"):
        sys.modules.setdefault(checker, None)
    sys.stdout.reconfigure(errors="backslashreplace")  # a Windows console may lack → or …
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.set_threshold(100_000)  # imports and templates make many objects and little garbage
    try:
        run(standalone_mode=False)
    except JournalError as error:
        _stop(str(error), error.exit_code)
    except click.ClickException as error:
        _stop(error.format_message(), error.exit_code)
    except OSError as error:
        _stop(describe_os_error(error), FAILED)
    except (KeyboardInterrupt, click.Abort):
        _stop("stopped; finished work is kept: run it again to resume", INTERRUPTED)


def _stop(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)
