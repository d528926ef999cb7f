"""The command line: declares the commands, calls, prints, sets the exit code."""

import datetime
import gc
import os
import signal
import sys
from pathlib import Path

import click

import carnet
from carnet.commands import check as checking
from carnet.commands.build import Journal, Options, build
from carnet.commands.compare import compare as compare_runs
from carnet.commands.console import Console, notify
from carnet.commands.export import export
from carnet.commands.grammar import EPILOG, HELP, Grammar
from carnet.commands.init import init
from carnet.commands.lab import open_lab
from carnet.commands.new import WORDS, new_day, new_notebook
from carnet.commands.options import REQUEST, RUNNING, as_typed, check_options, takes
from carnet.commands.prune import prune as prune_store
from carnet.execution import addresses
from carnet.project.errors import JournalError, RequestError, describe_os_error
from carnet.project.paths import ROOT_VARIABLE, Project
from carnet.project.settings import LANGUAGES, read_settings
from carnet.publication.browser import check_printable
from carnet.publication.documents import DOCUMENT, PDF_DOCUMENT, SITE_FOLDER
from carnet.publication.transaction import check_writable, published_formats
from carnet.store.runs import Run

DEFAULT_FORMATS = {"markdown", "html"}
# What one opens to read a format.
OPENED = {"html": f"{SITE_FOLDER}/index.html", "pdf": PDF_DOCUMENT, "markdown": DOCUMENT}
FAILED, INTERRUPTED = 1, 130
LISTED = 5  # documents that changed


@click.group(cls=Grammar, context_settings=HELP, epilog=EPILOG)
@click.version_option(carnet.__version__, prog_name="carnet", message="%(prog)s %(version)s")
def command():
    """Build a research journal from notebooks and pages.

    Without a command, `build`. `carnet COMMAND --help` lists the options of a command, which may
    also stand before it.
    """


@command.command("build")
@takes(*REQUEST, "only", *RUNNING)
@click.option("--force", is_flag=True, help="Run the notebooks even if they are up to date.")
@click.pass_context
def build_command(context, formats, output, jobs, cluster, storage, force, **asked):
    """Run what is not up to date, and publish the journal.

    Gives journal/JOURNAL.md, journal/site/ and images/. Where a notebook fails, nothing is
    published: the journal stays the last good one.

    \b
    carnet build
    carnet build --data DIR -p epochs=20
    carnet build --only 03 -p epochs=20       run that one and its needs, publish nothing
    """
    check_options(context)
    addresses.give_to_kernels(cluster, storage)
    journal = Journal.prepare(Project.at(output=output), **asked)
    formats = set() if asked["only"] else set(formats) or DEFAULT_FORMATS
    if "pdf" in formats:
        check_printable(journal.pages)
    if formats:
        check_writable(journal.project.output)
    options = Options(formats, jobs, force)
    runs, changed = build(journal, options, _console(journal))
    if formats:
        _print_published(journal.project.output, changed, formats)
    else:
        _print_results(journal, runs)


def _console(journal: Journal) -> Console:
    return Console(journal.labels(), journal.last_seconds)


def _print_published(output: Path, changed: list[str], formats: set[str]) -> None:
    """Say what changed, pages before images, and what to open."""
    first = sorted(changed, key=lambda name: (name.endswith(".png"), name))
    more = f" and {len(first) - LISTED} more" if len(first) > LISTED else ""
    listed = f": {', '.join(first[:LISTED])}{more}" if first else ""
    notify(f"{len(changed)} documents changed under {output}{listed}")
    notify(f"open {output / next(OPENED[name] for name in OPENED if name in formats)}")


def _print_results(journal: Journal, runs: dict[str, Run]) -> None:
    for name in journal.request.asked:
        click.echo(f"{journal.labels()[name]}  {runs[name].folder}")
        for result, value in runs[name].results.items():
            if isinstance(value, int | float | str):
                click.echo(f"  {result} = {f'{value:.4g}' if isinstance(value, float) else value}")


@command.command()
@takes(*REQUEST, "only")
def explain(**asked):
    """Show what a build would run, and why; run nothing."""
    click.echo("\n".join(checking.explain(Journal.prepare(Project.at(), **asked))))


@command.command()
@takes(*REQUEST, "only", *RUNNING)
@click.option("--from-scratch", is_flag=True, help="Build again in a temporary store, and compare.")
@click.pass_context
def check(context, formats, output, jobs, cluster, storage, from_scratch, **asked):
    """Tell whether the published journal is up to date.

    Exits with 0, or with 1 where it is not what the current inputs give. Lists recorded values that
    differ, then documents. Runs nothing, but with --from-scratch.

    \b
    carnet check --from-scratch --only 01     of one notebook and its needs: values and figures
    """
    check_options(context)
    addresses.give_to_kernels(cluster, storage)
    project = Project.at(output=output)
    journal = Journal.prepare(project, **asked)
    formats = set(formats) or published_formats(project.output, project.own) or DEFAULT_FORMATS
    if asked["only"]:
        formats = set()
    if from_scratch:
        if "pdf" in formats:
            check_printable(journal.pages)
        options = Options(formats, jobs)
        lines = checking.check_from_scratch(journal, options, _console(journal))
    else:
        lines = list(checking.check(journal, formats))
    click.echo("\n".join([*(lines or ["up to date"]), *checking.made_elsewhere(journal)]))
    sys.exit(FAILED if lines else 0)


@command.command()
@takes(*REQUEST, *RUNNING)
@click.option(
    "--port",
    default=8000,
    type=click.IntRange(0, 65535),
    metavar="N",
    help="The port of 127.0.0.1 that serves the site; 0 for any free one.",
)
@click.pass_context
def watch(context, formats, output, port, cluster, storage, **_):
    """Build at each save, and show it in the browser.

    The site is served to this machine only; its open pages reload when a build has ended. The
    error of a failed build is shown over the last good page. Ctrl-C ends it.
    """
    from carnet.commands.watch import follow_edits

    check_options(context)
    if formats and "html" not in formats:
        raise RequestError(["--to: `watch` serves the site: add --to html"])
    addresses.give_to_kernels(cluster, storage)
    project = Project.at(output=output)
    script = project.root / "build_journal.py"
    front_door = [str(script)] if script.is_file() else ["-m", "carnet"]
    words = as_typed(context, leave_out=["port"])
    follow_edits(project, [sys.executable, *front_door, "build", *words], port)
    notify("stopped")


@command.command(context_settings={"ignore_unknown_options": True})
@takes("root")
@click.argument("options", metavar="[OPTIONS OF JUPYTERLAB]...", nargs=-1, type=click.UNPROCESSED)
def lab(options):
    """Open JupyterLab on a page that lists the notebooks.

    \b
    carnet lab --no-browser --port 8889
    """
    open_lab(Project.at(), options)


@command.command()
@takes("root")
@click.argument("notebook")
@click.argument("runs", nargs=-1)
def compare(notebook, runs):
    """List the runs of a notebook, or compare two of them.

    NOTEBOOK is a number or a name. Without RUNS, lists its runs, newest first; with two, by the
    beginnings of their keys, shows what differs.

    \b
    carnet compare 03
    carnet compare 03 1f2e 9ab0
    """
    if len(runs) not in (0, 2):
        raise click.UsageError("compare takes a notebook, or a notebook and two runs")
    click.echo("\n".join(compare_runs(Project.at(), notebook, runs)))


@command.command()
@takes("root")
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
    prune_store(Project.at(), yes=yes, unfinished=unfinished)


@command.command("export")
@takes(*REQUEST)
@click.argument("file", metavar="FILE.zip", type=click.Path(path_type=Path))
def export_command(file, **asked):
    """Write the whole journal to one file, for an archive.

    FILE.zip is an RO-Crate (Provenance Run Crate): pages, executed notebooks, results, figures, the
    code they came from, and what is known of each run. The journal must be up to date.
    """
    count = export(Journal.prepare(Project.at(), **asked), file)
    click.echo(f"{file}: {count} files")


@command.command("init")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--lang", type=click.Choice(LANGUAGES), default="fr", help="Of what readers see.")
def init_command(folder, lang):
    """Create a journal that builds at once.

    DIR is a new or an empty folder. It then holds a notebook, a page, journal.yml, tests, a
    Makefile, the environment and a workflow for GitHub.

    \b
    carnet init mine && cd mine && carnet build
    """
    os.environ[ROOT_VARIABLE] = str(folder.resolve())  # from here on, the journal's folder
    for path in init(folder, lang, datetime.date.today()):
        click.echo(folder / path)
    notify(f"build it: cd {folder} && carnet build")
    wheel = f"carnet-{carnet.__version__}-py3-none-any.whl"
    notify(f"for `make` and the workflow, put {wheel} in {folder / 'wheels'}")


@command.group()
@takes("root")
def new():
    """Create the next page or notebook.

    Both build as they are.
    """


@new.command("jour")
@takes("root")
@click.option("--title", metavar="TEXT", help="The title, after the number of the day.")
@click.option("--date", metavar="YYYY-MM-DD", help="The day it is about, instead of today.")
def jour(title, date):
    """Create the page of the next day.

    It is journal/jour-N.md (day-N.md in English), N following the last day.
    """
    click.echo(new_day(Project.at(), _date(date), title))
    notify("write it while `carnet watch` shows it")


def _date(text: str | None) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text) if text else datetime.date.today()
    except ValueError:
        raise RequestError([f"--date {text}: expected YYYY-MM-DD, such as 2026-11-23"]) from None


new.add_command(jour, "day")


@new.command("notebook")
@takes("root")
@click.argument("name", metavar="NAME")
@click.option("--needs", multiple=True, metavar="NAME", help="A notebook whose results it reads.")
def notebook(name, needs):
    """Create notebooks/NN_NAME.ipynb.

    It holds parameters, results and a figure to replace.
    """
    project = Project.at()
    click.echo(new_notebook(project, name, needs))
    notify(f"run it: carnet build --only {name}")
    section = WORDS[read_settings(project.root).language].result
    notify(f"show it in a page: {{embed}} {name}#{section}, {{eval}} {name}.mean")


def main(run: click.Command = command, *, root: Path | None = None) -> None:
    """Run a command; an expected error is a line without a traceback, and an exit code.

    Args:
        root: of the journal, where it is not to be found from the working folder.
    """
    if root is not None:
        os.environ[ROOT_VARIABLE] = str(root.resolve())
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
