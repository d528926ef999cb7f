"""The grammar of the command line, and the options that exclude each other."""

import re

import click
import pytest

from carnet.commands.cli import command
from carnet.commands.grammar import command_first
from carnet.commands.options import as_typed
from carnet.project.errors import RequestError

VALUED = {"--data", "-p", "--port", "--output"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "build"),
        ("-p a=1 --force", "build -p a=1 --force"),
        ("build --force", "build --force"),
        ("--data watch watch --port 0", "watch --data watch --port 0"),
        ("--data=d watch", "watch --data=d"),
        ("compare 03 1f 2e", "compare 03 1f 2e"),
        ("new jour --title x", "new jour --title x"),
        ("--explain", "explain"),
        ("--data d --explain -p a=1", "explain --data d -p a=1"),
        ("build --explain --data d", "explain --data d"),
        ("--check --from-scratch", "check --from-scratch"),
        ("check --from-scratch", "check --from-scratch"),
    ],
)
def test_the_command_may_be_left_out_and_options_stand_on_either_side(words, expected):
    found = command_first(words.split(), command.commands, VALUED)
    assert found == expected.split()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("buidl", "no command 'buidl': did you mean 'build'?"),
        ("--output x complare 3", "no command 'complare': did you mean 'compare'?"),
        ("explain --force", "No such option '--force'"),
        ("--check --explain", "No such option '--explain'"),
        ("--only 1 watch", "No such option '--only'"),
        ("--from-scratch", "No such option '--from-scratch'"),
        ("--jobs 1 compare 1", "No such option '--jobs'"),
        ("--jobs 0", "Invalid value for '--jobs'"),
        ("compare 1 2", "compare takes a notebook, or a notebook and two runs"),
    ],
)
def test_what_a_command_does_not_take_is_refused(words, message):
    with pytest.raises(click.UsageError) as caught:
        command.main(words.split(), standalone_mode=False)
    assert message in caught.value.format_message()


@pytest.mark.parametrize(
    ("words", "messages"),
    [
        ("--only 1 --to html", ["--to and --only: cannot be used together"]),
        (
            "--only 1 --output x --to html",
            [
                "--output and --only: cannot be used together",
                "--to and --only: cannot be used together",
            ],
        ),
        (
            "--cluster tcp://h:1 --jobs 2 --check",
            ["--jobs and --cluster: cannot be used together"],
        ),
        ("watch --to markdown", ["--to: `watch` serves the site: add --to html"]),
    ],
)
def test_options_that_would_be_ignored_are_a_line_each(words, messages):
    with pytest.raises(RequestError) as caught:
        command.main(words.split(), standalone_mode=False)
    assert sorted(caught.value.mistakes) == messages


def test_options_are_given_on_as_they_were_typed_but_for_secrets():
    arguments = ["--data", "d", "-p", "a=1", "-p", "b=x y", "--to", "html", "--jobs", "3", "--port"]
    arguments += ["0"]
    storage = ["--storage", "postgresql://u:secret@h/b"]
    context = command.commands["watch"].make_context("watch", [*arguments, *storage])
    words = ["--data", "d", "-p", "a=1", "-p", "b=x y", "--to", "html", "--jobs", "3"]
    assert as_typed(context, leave_out=["port"]) == words


def test_help_is_whole_in_a_narrow_terminal_with_examples_and_exit_codes():
    context = command.make_context("carnet", ["build"], terminal_width=80, max_content_width=80)
    text = command.get_help(context)
    for name, each in command.commands.items():
        assert re.search(rf"^  {name} +{re.escape(each.get_short_help_str(80))}$", text, re.M)
    assert "Examples:" in text
    assert "  130  interrupted" in text


@pytest.mark.parametrize("name", command.commands)
def test_each_command_takes_the_root_and_explains_every_option(name):
    each = command.commands[name]
    assert ("root" in {option.name for option in each.params}) == (name != "init")
    for option in each.params:
        if isinstance(option, click.Option):
            assert option.help, option.name
