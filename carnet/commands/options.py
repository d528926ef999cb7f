"""Which options of a build go together, and how a command line gives them."""

import click
from click.core import ParameterSource

from carnet.project.errors import RequestError

# What an option would make the build ignore.
APART = {
    "explain": ("force", "formats", "output", "jobs", "cluster", "storage"),
    "check": ("explain", "force"),
    "only": ("formats", "output"),
    "from_scratch": ("only",),
    "cluster": ("jobs",),
}
# What a build that follows edits cannot be asked: it publishes the site, over and over.
NOT_WATCHED = ("only", "force", "explain", "check", "from_scratch")


def check_options(context: click.Context) -> None:
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
        mistakes = _not_watched(given, context.params["formats"])
    elif command:
        mistakes = [
            f"{option}: applies to a build, not to `{command}`" for option in given.values()
        ]
    else:
        mistakes = _apart(given)
    if mistakes:
        raise RequestError(mistakes)


def _not_watched(given: dict[str, str], formats: tuple[str, ...]) -> list[str]:
    mistakes = [
        f"{option}: not for `watch`, which builds the whole site at each save"
        for name, option in given.items()
        if name in NOT_WATCHED
    ]
    if formats and "html" not in formats:
        mistakes.append("--to: `watch` serves the site: add --to html")
    return mistakes


def _apart(given: dict[str, str]) -> list[str]:
    pairs = [(a, b) for b in APART for a in APART[b] if given.keys() >= {a, b}]
    mistakes = [f"{given[a]} and {given[b]}: cannot be used together" for a, b in pairs]
    if "from_scratch" in given and "check" not in given:
        mistakes.append("--from-scratch: only with --check")
    return mistakes


def as_typed(context: click.Context) -> list[str]:
    """Return the options of a command as its command line gives them.

    The environment holds those that have a name there: one may be a secret.
    """
    words = []
    for option in context.command.params:
        if option.envvar:
            continue
        given = context.params[option.name]
        for value in given if option.multiple else [given]:
            if value is True:
                words.append(option.opts[0])
            elif value not in (None, False):
                words += [option.opts[0], str(value)]
    return words
