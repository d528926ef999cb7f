"""The order of words of the command line, and what its help says beside the options."""

from collections.abc import Collection, Sequence

import click

from carnet.project.errors import nearest

HELP = {
    "help_option_names": ["-h", "--help"],
    "show_default": True,
    "max_content_width": 100,
}
EPILOG = """\b
Examples:
  carnet                                   build the journal
  carnet build --only 03 -p epochs=20      one notebook and what it needs
  carnet check                             exit 0 if the published journal is up to date
  carnet new notebook ma_mesure            a notebook that runs as it is
  carnet compare 03                        the runs of a notebook, with their scores

\b
Exit codes:
  0    done
  1    a notebook failed, or `check` found the journal out of date
  2    the request or its data were wrong; nothing ran
  130  interrupted; run it again to resume
"""
# Flags of a build that stand for commands.
FLAGS = {"--explain": "explain", "--check": "check"}


class Grammar(click.Group):
    """`build` where no command is named; options stand before a command or after it."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(self.commands)  # as they are declared: the most used first

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        known = {name for option in self.params for name in option.opts}
        if not arguments or arguments[0] not in {*known, *context.help_option_names}:
            options = [o for each in self.commands.values() for o in each.params]
            valued = {name for o in options if not getattr(o, "is_flag", True) for name in o.opts}
            arguments = command_first(arguments, self.commands, valued)
        return super().parse_args(context, arguments)


def command_first(words: Sequence[str], commands: Collection[str], valued: set[str]) -> list[str]:
    """Return the words of a command line with the command first: `build` where none is named.

    Options may stand before the command; `--explain` and `--check` stand for theirs.

    Args:
        valued: the options that take a value.

    Raises:
        click.UsageError: a word that is neither an option nor a command.
    """
    count = 0
    while count < len(words) and words[count].startswith("-"):
        count += 1 + (words[count] in valued)
    before, after = list(words[:count]), list(words[count:])
    if after and after[0] not in commands:
        raise click.UsageError(f"no command '{after[0]}': {nearest(after[0], commands)}")
    command = after.pop(0) if after else "build"
    options = [*before, *after]
    flags = [word for word in options if word in FLAGS and command == "build"]
    if flags:
        options.remove(flags[0])
    return [FLAGS[flags[0]] if flags else command, *options]
