"""The command line: parses arguments, calls the build, prints, sets the exit code."""

import gc
import shutil
import signal
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource

from carnet.commands import history
from carnet.commands.build import Journal, build_lock
from carnet.commands.check import stale, unlike_published, unlike_results
from carnet.commands.console import Console
from carnet.commands.writing import new, watch
from carnet.execution import addresses
from carnet.execution.order import Outcome
from carnet.project.errors import (
    InputError,
    JournalError,
    NotebookError,
    RequestError,
    describe_os_error,
)
from carnet.project.paths import Project, store_at
from carnet.publication.pdf import check_printable
from carnet.publication.transaction import recover
from carnet.sources.notebooks import read_notebooks
from carnet.sources.requests import Request, find_notebook, make_request
from carnet.store.runs import Run, Store

FORMATS = ("markdown", "html", "pdf")
DEFAULT_FORMATS = {"markdown", "html"}
# What an option would make the build ignore.
APART = {
    "explain": ("force", "formats", "output", "jobs", "cluster", "storage"),
    "check": ("explain", "force"),
    "only": ("formats", "output"),
    "from_scratch": ("only",),
    "cluster": ("jobs",),
}
FAILED, BAD_REQUEST, INTERRUPTED = 1, 2, 130


@dataclass(frozen=True)
class Options:
    """What the options before any subcommand ask for."""

    journal: Journal
    formats: set[str]
    jobs: int
    force: bool


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--profile",
    default="synthetique",
    show_default=True,
    metavar="NAME",
    help="A file of journal/profils: the data, and the parameters for it.",
)
@click.option("--data", metavar="DIR", help="The folder of the data set, instead of the profile's.")
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
    help="What to publish, or to check: Markdown and HTML, or what is published, by default.",
)
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Publish under this folder instead of the project's.",
)
@click.option(
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    metavar="N",
    help="Run up to N notebooks at the same time.",
)
@click.option(
    "--cluster",
    envvar=addresses.CLUSTER,
    metavar=addresses.CLUSTER_FORM,
    help="Run trials and independent notebooks on the workers of this Dask cluster.",
)
@click.option(
    "--storage",
    envvar=addresses.STORAGE,
    metavar=addresses.STORAGE_FORM,
    help="Keep the studies of searches in this database instead of files of the store.",
)
@click.option("--force", is_flag=True, help="Run the notebooks even if they are up to date.")
@click.option("--explain", is_flag=True, help="Say what would run, and why; run nothing.")
@click.option(
    "--check",
    is_flag=True,
    help="Say whether the published journal is up to date; exit 0 or 1.",
)
@click.option(
    "--from-scratch",
    is_flag=True,
    help="With --check: build again in a temporary store, and compare.",
)
@click.pass_context
def command(
    context,
    profile,
    data,
    assignments,
    only,
    formats,
    output,
    jobs,
    cluster,
    storage,
    force,
    explain,
    check,
    from_scratch,
):
    """Build the research journal: journal/JOURNAL.md, journal/site/ and images/."""
    _check_options(context)
    addresses.give_to_kernels(cluster, storage)
    if context.invoked_subcommand:
        return
    asked = {"data": data_folder(data), "assignments": assignments, "only": only}
    journal = Journal.prepare(Project.at(output=output), profile, **asked)
    published = journal.published_formats() if check else set()
    options = Options(journal, set(formats) or published or DEFAULT_FORMATS, jobs, force)
    if "pdf" in options.formats and (from_scratch or not check):
        check_printable(journal.pages)
    if explain:
        _explain(journal)
    elif check:
        _check(options, from_scratch)
    else:
        _build(options, publish=not only)


@command.command()
@click.argument("notebook")
@click.argument("runs", nargs=-1)
def compare(notebook, runs):
    """List the runs of NOTEBOOK, newest first; or tell what differs between two RUNS."""
    if len(runs) not in (0, 2):
        raise click.UsageError("compare takes a notebook, or a notebook and two runs")
    project = Project.at()
    store, name = Store(project.store), find_notebook(project, notebook)
    if runs:
        before, after = (history.find_run(store, name, key) for key in runs)
        lines = list(history.changes(before, after)) or ["no difference"]
    else:
        lines = list(history.tell_history(store, name)) or [f"no run of '{name}' in the store"]
    click.echo("\n".join(lines))


@command.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--unfinished",
    is_flag=True,
    help="Also remove the work of killed builds and of JupyterLab, which would go on from it.",
)
def prune(yes, unfinished):
    """Remove the runs and the work that neither the published journal nor a profile uses."""
    project = Project.at()
    with build_lock(project.store, _waiting):
        found = history.unused(Store(project.store), _used_by_profiles(project))
        folders = found.folders + (found.unfinished if unfinished else [])
        for folder in folders:
            click.echo(folder.relative_to(project.store))
        if found.unfinished and not unfinished:
            size = _megabytes(found.unfinished)
            click.echo(f"unfinished work, left ({size}; --unfinished removes it):", err=True)
            for folder in found.unfinished:
                click.echo(f"  {folder.relative_to(project.store)}", err=True)
        if not folders:
            click.echo("nothing to remove")
        elif yes or _confirmed(f"Remove these {len(folders)} folders ({_megabytes(folders)})?"):
            history.remove(folders)


def _megabytes(folders: list[Path]) -> str:
    return f"{sum(map(history.size, folders)) / 1e6:.0f} MB"


def _confirmed(question: str) -> bool:
    try:
        return click.confirm(question)
    except click.Abort:
        if sys.stdin.isatty():  # Ctrl-C
            raise
        click.echo()  # after the question
        raise RequestError(["prune: there is no terminal to answer in: use --yes"]) from None


command.add_command(new)
command.add_command(watch)


def main(run: click.Command = command) -> None:
    """Run a command; every foreseen error is lines without a traceback."""
    # jsonschema would import these optional format checkers, which serve nothing here: one
    # compiles a grammar for over a second.
    for checker in ("rfc3987_syntax", "rfc3986_validator", "isoduration"):
        sys.modules.setdefault(checker, None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.set_threshold(100_000)  # imports and templates make many objects and little garbage
    try:
        run(standalone_mode=False)
    except (RequestError, InputError) as error:
        _stop(str(error), BAD_REQUEST)
    except JournalError as error:
        _stop(str(error), FAILED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except OSError as error:
        _stop(describe_os_error(error), FAILED)
    except (KeyboardInterrupt, click.Abort):
        message = "stopped; what was finished is kept: the same command goes on from there"
        _stop(message, INTERRUPTED)


def _stop(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


def data_folder(data: str | None) -> str | None:
    """A folder that exists is known by its whole path; other names are the notebooks' own."""
    if data is None or ("/" not in data and not Path(data).is_dir()):
        return data
    return str(Path(data).expanduser().resolve())


def _check_options(context: click.Context) -> None:
    """Refuse the options that would be ignored, each in a line.

    Raises:
        RequestError: there are some.
    """
    given = {
        param.name: param.opts[-1]
        for param in context.command.params
        if context.get_parameter_source(param.name) is ParameterSource.COMMANDLINE
    }
    command = context.invoked_subcommand
    if command == "watch":
        return  # it tells itself which of them a build that follows edits can be asked
    if command:
        mistakes = [
            f"{option}: not for `{command}`: it is for a build" for option in given.values()
        ]
    else:
        pairs = [(a, b) for b in APART for a in APART[b] if given.keys() >= {a, b}]
        mistakes = [f"{given[a]} and {given[b]}: expected one of them" for a, b in pairs]
        if "from_scratch" in given and "check" not in given:
            mistakes.append("--from-scratch: expected with --check")
    if mistakes:
        raise RequestError(mistakes)


def _explain(journal: Journal) -> None:
    reasons, _ = journal.explain()
    for name, lines in reasons.items():
        label = journal.request.notebooks[name].path.stem
        click.echo(f"{label}  {'; '.join(lines) if lines else 'up to date'}")


def _build(options: Options, publish: bool) -> None:
    journal = options.journal
    with build_lock(journal.project.store, _waiting):
        recover(journal.project.output)
        outcome = _run(options)
        if outcome.failed:
            _fail(outcome)
        if publish:
            changed = journal.publish(outcome.runs, options.formats)
            click.echo(f"{len(changed)} documents changed under {journal.project.output}", err=True)
        else:
            _say_where(journal, outcome)


def _waiting() -> None:
    click.echo("another build is under way here: waiting for it to end", err=True)


def _run(options: Options) -> Outcome:
    """Run what is asked and not fresh."""
    addresses.check_storage()
    journal = options.journal
    names = journal.with_needs(journal.request.asked)
    labels = {name: journal.request.notebooks[name].path.stem for name in names}
    with Console(labels) as console:
        return journal.run(names, jobs=options.jobs, force=options.force, listener=console)


def _fail(outcome: Outcome) -> None:
    """Tell each error once, and stop: bad input is the request's fault, the rest a failure."""
    lines = []
    for error in outcome.failed.values():
        lines.append(str(error))
        if isinstance(error, NotebookError) and error.kept and not error.bad_input:
            lines.append(f"  the partly executed notebook is {error.kept}")
    refused = all(getattr(error, "bad_input", True) for error in outcome.failed.values())
    _stop("\n".join(dict.fromkeys(lines)), BAD_REQUEST if refused else FAILED)


def _say_where(journal: Journal, outcome: Outcome) -> None:
    for name in journal.request.asked:
        run = outcome.runs[name]
        click.echo(f"{journal.request.notebooks[name].path.stem}  {run.folder}")
        for result, value in run.results.items():
            if isinstance(value, int | float | str):
                click.echo(f"  {result} = {value}")


def _check(options: Options, from_scratch: bool) -> None:
    lines = list(_again(options) if from_scratch else stale(options.journal, options.formats))
    click.echo("\n".join(lines) or "up to date")
    sys.exit(FAILED if lines else 0)


def _again(options: Options) -> list[str]:
    """Build in a temporary store, and tell what differs from what is published."""
    before = options.journal.store.current()
    with tempfile.TemporaryDirectory() as folder, store_at(folder):
        journal = options.journal.with_store(Path(folder))
        outcome = _run(Options(journal, options.formats, options.jobs, force=False))
        if outcome.failed:
            _keep_failed(outcome, options.journal.store)
            _fail(outcome)
        runs = outcome.runs
        documents = list(unlike_published(journal, runs, options.formats))
        return documents and documents + list(unlike_results(before, runs))


def _keep_failed(outcome: Outcome, store: Store) -> None:
    """Keep what failed in a temporary store, whose end is near."""
    for name, error in outcome.failed.items():
        if getattr(error, "kept", None):
            staged = store.stage(name)
            shutil.copytree(error.kept.parent, staged, dirs_exist_ok=True)
            kept = store.keep_failed(staged, name)
            outcome.failed[name] = error.kept_at(kept / error.kept.name)


def _used_by_profiles(project: Project) -> list[Run]:
    """The runs that a build with one of the profiles can use.

    Raises:
        RequestError: a notebook or a profile is wrong, so that this cannot be known.
    """
    notebooks, mistakes = read_notebooks(project.notebooks)
    if mistakes:
        raise RequestError(mistakes)
    runs = []
    for path in sorted(project.profiles.glob("*.yml")):
        request, unknown = _request(project, path.stem, notebooks)
        runs += history.usable(request, Store(project.store), project.root, unknown=unknown)
    return runs


def _request(project: Project, profile: str, notebooks: dict) -> tuple[Request, list[str]]:
    """The request of a profile, and the inputs it leaves open: where it names no data, these."""
    try:
        return make_request(project, profile, notebooks), []
    except RequestError:
        request = make_request(project, profile, notebooks, data="any")
        click.echo(f"profile '{profile}' names no data: its runs on any data are kept", err=True)
        return request, ["parameter data"]
