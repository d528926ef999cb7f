"""The command line: parses arguments, calls the build, prints, sets the exit code."""

import signal
import sys
from pathlib import Path

import click

from lib.journal.build import Journal, build_lock
from lib.journal.console import Console
from lib.journal.errors import InputError, JournalError, NotebookError, RequestError
from lib.journal.paths import Project
from lib.journal.running import Outcome

FORMATS = ("markdown", "html")
FAILED, BAD_REQUEST = 1, 2


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
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
    help="What to publish; all by default.",
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
@click.option("--force", is_flag=True, help="Run the notebooks even if they are up to date.")
@click.option("--explain", is_flag=True, help="Say what would run, and why; run nothing.")
def command(profile, data, assignments, only, formats, output, jobs, force, explain):
    """Build the research journal: journal/JOURNAL.md, journal/site/ and images/."""
    project = Project.at(output=output)
    journal = Journal.prepare(
        project, profile, data=_folder(data), assignments=assignments, only=only
    )
    if explain:
        _explain(journal)
        return
    with build_lock(project.store):
        names = journal.with_needs(journal.request.asked)
        labels = {name: journal.request.notebooks[name].path.stem for name in names}
        with Console(labels) as console:
            outcome = journal.run(names, jobs=jobs, force=force, listener=console)
        if outcome.failed:
            _fail(journal, outcome)
        if only:
            _say_where(journal, outcome)
            return
        changed = journal.publish(outcome.runs, set(formats or FORMATS))
    click.echo(f"{len(changed)} documents changed under {project.output}", err=True)


def main() -> None:
    """Run the command; every foreseen error is lines without a traceback."""
    # jsonschema would import this optional format checker, which compiles a grammar for over a
    # second and serves nothing here.
    sys.modules.setdefault("rfc3987_syntax", None)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        command(standalone_mode=False)
    except (RequestError, InputError) as error:
        _stop(str(error), BAD_REQUEST)
    except JournalError as error:
        _stop(str(error), FAILED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        _stop("stopped; what was finished is kept: the same command goes on from there", 130)


def _stop(message: str, code: int) -> None:
    click.echo(message, err=True)
    sys.exit(code)


def _folder(data: str | None) -> str | None:
    """A folder that exists is known by its whole path; other names are the notebooks' own."""
    if data is None or ("/" not in data and not Path(data).is_dir()):
        return data
    return str(Path(data).expanduser().resolve())


def _explain(journal: Journal) -> None:
    for name, reasons in journal.explain().items():
        label = journal.request.notebooks[name].path.stem
        click.echo(f"{label}  {'; '.join(reasons) if reasons else 'up to date'}")


def _fail(journal: Journal, outcome: Outcome) -> None:
    """Tell each error once, and stop: bad input is the request's fault, the rest a failure."""
    lines = []
    for error in outcome.failed.values():
        lines.append(str(error))
        if isinstance(error, NotebookError) and error.kept and not error.bad_input:
            lines.append(f"  the partly executed notebook is {error.kept}")
    click.echo("\n".join(dict.fromkeys(lines)), err=True)
    refused = all(getattr(error, "bad_input", True) for error in outcome.failed.values())
    sys.exit(BAD_REQUEST if refused else FAILED)


def _say_where(journal: Journal, outcome: Outcome) -> None:
    for name in journal.request.asked:
        run = outcome.runs[name]
        click.echo(f"{journal.request.notebooks[name].path.stem}  {run.folder}")
        for result, value in run.results.items():
            if isinstance(value, int | float | str):
                click.echo(f"  {result} = {value}")
