"""What the operator sees of an error: its line, its exit code, a hint."""

import pytest

from carnet.project.errors import (
    InputError,
    JournalError,
    NotebookError,
    RequestError,
    collecting,
    describe_os_error,
    nearest,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [(InputError("a"), 2), (RequestError(["a"]), 2), (NotebookError("a"), 1), (JournalError(), 1)],
)
def test_bad_input_exits_2_and_what_failed_1(error, code):
    assert isinstance(error, JournalError)
    assert error.exit_code == code


def test_a_request_names_every_mistake():
    error = RequestError(["--only: one", "--data: two"])
    assert error.mistakes == ["--only: one", "--data: two"]
    assert str(error) == "--only: one\n--data: two"


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (FileNotFoundError(2, "No such file or directory", "a.png"), "a.png: No such file or dir"),
        (OSError("several\n  lines"), "several lines"),
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device"),
    ],
)
def test_an_error_of_the_system_is_one_line(error, line):
    assert describe_os_error(error).startswith(line)
    assert "\n" not in describe_os_error(error)


@pytest.mark.parametrize(
    ("value", "choices", "hint"),
    [
        ("doubel", ["mesure", "double"], "did you mean 'double'?"),
        ("xyz", ["b", "a"], "choose among: a, b"),
        ("xyz", [], "there is none"),
        (12, [1, 128], "did you mean '128'?"),
        ("de", ["fr", "en"], "choose among: en, fr"),
        ("zzz", ["python3", "python3"], "choose among: python3"),
    ],
)
def test_the_nearest_valid_choice_or_all_of_them(value, choices, hint):
    assert nearest(value, choices) == hint


def test_a_mistake_of_any_length_is_a_line_that_can_be_read():
    mistakes = []
    with collecting(mistakes, "a"):
        raise ValueError("x" * 9999 + ", expected less")
    assert len(mistakes[0]) < 400
    assert mistakes[0].startswith("a: xxx")
    assert mistakes[0].endswith("xx, expected less")
