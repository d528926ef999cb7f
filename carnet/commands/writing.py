"""The commands of those who write: a new day, a new notebook, and a site that follows edits."""

import datetime
import sys

import click

from carnet.project.errors import RequestError
from carnet.project.paths import Project

# What a build that follows edits cannot be asked: it publishes the site, over and over.
NOT_WATCHED = ("only", "force", "explain", "check", "from_scratch")


@click.group()
def new():
    """Create the next day's page or the next notebook; both build as they are."""


@new.command("jour")
@click.option("--title", metavar="TEXT", help="The title, after « Jour N : ».")
@click.option("--date", metavar="YYYY-MM-DD", help="The day it tells, instead of today.")
def jour(title, date):
    """Create journal/jour-N.md, N following the last day."""
    from carnet.commands.scaffolds import new_day

    path = new_day(Project.at(), _date(date), title)
    click.echo(path)
    click.echo("write it while `python build_journal.py watch` shows it", err=True)


@new.command("notebook")
@click.argument("name", metavar="NOM")
@click.option("--needs", multiple=True, metavar="NAME", help="A notebook whose results it reads.")
def notebook(name, needs):
    """Create notebooks/NN_NOM.ipynb, with parameters, results and a figure to replace."""
    from carnet.commands.scaffolds import new_notebook

    path = new_notebook(Project.at(), name, needs)
    click.echo(path)
    click.echo(f"run it: python build_journal.py --only {name}", err=True)
    click.echo(f"show it in a page: {{embed}} {name}#Résultat, {{eval}} {name}.mean", err=True)


@click.command()
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Where this machine serves the site; 0 for any free port.",
)
@click.pass_context
def watch(context, port):
    """Build at each save, and serve the site to this machine's browsers, which follow.

    The options of a build go before `watch`: --profile, --data, -p, --to, --output, --jobs.
    """
    from carnet.commands.watch import follow_edits

    options = context.parent
    _check_watched(options.params)
    project = Project.at(output=options.params["output"])
    build = [sys.executable, str(project.root / "build_journal.py"), *_as_typed(options)]
    follow_edits(project, build, port)
    click.echo("stopped", err=True)


def _date(text: str | None) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text) if text else datetime.date.today()
    except ValueError:
        raise RequestError([f"--date {text}: expected YYYY-MM-DD, such as 2026-11-23"]) from None


def _check_watched(options: dict) -> None:
    mistakes = [
        f"--{name.replace('_', '-')}: not for `watch`, which builds the whole site at each save"
        for name in NOT_WATCHED
        if options[name]
    ]
    if options["formats"] and "html" not in options["formats"]:
        mistakes.append("--to: `watch` serves the site: add --to html")
    if mistakes:
        raise RequestError(mistakes)


def _as_typed(context: click.Context) -> list[str]:
    """Return the options of a command as its command line says them.

    The environment holds those that have a name there: one may be a secret.
    """
    words = []
    for option in context.command.params:
        if option.envvar:
            continue
        given = context.params[option.name]
        values = given if option.multiple else [given]
        for value in values:
            if value is True:
                words.append(option.opts[0])
            elif value not in (None, False):
                words += [option.opts[0], str(value)]
    return words
