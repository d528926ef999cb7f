"""Which options of a build can be used together, and how a command line gives them."""

from collections.abc import Iterator

import click
from click.core import ParameterSource

from carnet.project.errors import RequestError

# option -> those that it would make the build ignore.
IGNORED_BY = {
    "explain": ("force", "formats", "output", "jobs", "cluster", "storage"),
    "check": ("explain", "force"),
    "only": ("formats", "output"),
    "from_scratch": ("only",),
    "cluster": ("jobs",),
}
# `watch` publishes the whole site at each save.
NOT_WATCHED = ("only", "force", "explain", "check", "from_scratch")


def check_options(context: click.Context) -> None:
    """Refuse the options that would be ignored.

    Raises:
        RequestError: there are some; one line for each.
    """
    given = {
        option.name: option.opts[-1]
        for option in context.command.params
        if context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    }
    if mistakes := list(_mistakes(given, context.invoked_subcommand, context.params["formats"])):
        raise RequestError(mistakes)


def _mistakes(given: dict[str, str], command: str | None, formats: tuple) -> Iterator[str]:
    if command == "watch":
        for name in filter(given.get, NOT_WATCHED):
            yield f"{given[name]}: not for `watch`, which builds the whole site at each save"
        if formats and "html" not in formats:
            yield "--to: `watch` serves the site: add --to html"
    elif command:
        for option in given.values():
            yield f"{option}: applies to a build, not to `{command}`"
    else:
        for name in filter(given.get, IGNORED_BY):
            for ignored in filter(given.get, IGNORED_BY[name]):
                yield f"{given[ignored]} and {given[name]}: cannot be used together"
        if "from_scratch" in given and "check" not in given:
            yield "--from-scratch: only with --check"


def as_typed(context: click.Context) -> list[str]:
    """Return the options of a command as words of a command line.

    Those with an environment variable are left to it: one may hold a password.
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
