"""Options that contradict each other, and options given on as they were typed."""

import pytest

from carnet.commands.cli import command
from carnet.commands.options import as_typed
from carnet.project.errors import RequestError


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from-scratch"], "--from-scratch: only with --check"),
        (["--force", "--explain"], "--force and --explain: cannot be used together"),
        (["--check", "--force"], "--force and --check: cannot be used together"),
        (["--check", "--explain"], "--explain and --check: cannot be used together"),
        (["--to", "pdf", "--explain"], "--to and --explain: cannot be used together"),
        (["--only", "1", "--to", "html"], "--to and --only: cannot be used together"),
        (["--only", "1", "--output", "x"], "--output and --only: cannot be used together"),
        (
            ["--check", "--from-scratch", "--only", "1"],
            "--only and --from-scratch: cannot be used together",
        ),
        (["--jobs", "1", "compare", "1"], "--jobs: applies to a build, not to `compare`"),
        (["-p", "x=1", "prune"], "--parameter: applies to a build, not to `prune`"),
        (["--output", "x", "new", "jour"], "--output: applies to a build, not to `new`"),
        (
            ["--only", "1", "watch"],
            "--only: not for `watch`, which builds the whole site at each save",
        ),
        (["--to", "markdown", "watch"], "--to: `watch` serves the site: add --to html"),
    ],
)
def test_options_that_would_be_ignored_are_one_line(arguments, message):
    with pytest.raises(RequestError) as caught:
        command.main(arguments, standalone_mode=False)
    assert caught.value.mistakes == [message]


def test_every_contradiction_is_a_line_of_its_own():
    with pytest.raises(RequestError) as caught:
        command.main(["--explain", "--check", "--force", "--from-scratch"], standalone_mode=False)
    assert len(caught.value.mistakes) == 3


def test_options_are_given_on_as_they_were_typed_but_for_secrets():
    arguments = [
        "--data",
        "d",
        "-p",
        "a=1",
        "-p",
        "b=x y",
        "--force",
        "--to",
        "html",
        "--jobs",
        "3",
    ]
    context = command.make_context("build", [*arguments, "--storage", "postgresql://u:secret@h/b"])
    words = ["--profile", "synthetique", "--data", "d", "-p", "a=1", "-p", "b=x y"]
    assert as_typed(context) == [*words, "--to", "html", "--jobs", "3", "--force"]
