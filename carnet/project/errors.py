"""The errors that an operator sees as one line.

JournalError
├── InputError        bad input: data, a parameter's value, a file (exit code 2)
├── RequestError      a request that cannot be carried out, all its mistakes at once (exit code 2)
└── NotebookError     a notebook failed while it ran (exit code 1)
"""

import contextlib
import difflib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

LONGEST = 500  # characters of a line about a mistake; a longer one is cut in the middle
CHOICES = 60  # named in a line; of more, only one that is very close


class JournalError(Exception):
    """Base of the errors that are shown without a traceback."""

    exit_code = 1


class InputError(JournalError):
    """Bad input: one line that names it, what was expected and the nearest valid choice."""

    exit_code = 2


class RequestError(JournalError):
    """A request that cannot be carried out; `mistakes` holds one line for each reason."""

    exit_code = 2

    def __init__(self, mistakes: Sequence[str]):
        super().__init__("\n".join(mistakes))
        self.mistakes = list(mistakes)


class NotebookError(JournalError):
    """A notebook failed while it ran; nothing of it is published.

    `bad_input` is true where the notebook itself refused its input; `kept` is the path of the
    partly executed notebook.
    """

    def __init__(self, message: str, *, bad_input: bool = False, kept: Path | None = None):
        super().__init__(message)
        self.bad_input = bad_input
        self.kept = kept


@contextlib.contextmanager
def collecting(mistakes: list[str], where: str = "") -> Iterator[None]:
    """Add a ValueError of the block to `mistakes`, as one line that begins with `where`."""
    try:
        yield
    except ValueError as error:
        line = f"{where}: {error}" if where else str(error)
        mistakes.append(line if len(line) < LONGEST else f"{line[:280]} … {line[-100:]}")


def describe_os_error(error: OSError) -> str:
    """Return an error of the operating system as one line: the file, and what is wrong."""
    return f"{error.filename}: {error.strerror}" if error.filename else " ".join(str(error).split())


def nearest(value: str, choices: Iterable[str]) -> str:
    """Return a hint for an unknown `value`: the closest of `choices`, or all where they are few."""
    choices = sorted(set(map(str, choices)))
    if not choices:
        return "there is none"
    few = len(choices) <= CHOICES
    close = difflib.get_close_matches(str(value), choices, n=1, cutoff=0.51 if few else 0.65)
    if close:
        return f"did you mean '{close[0]}'?"
    return f"choose among: {', '.join(choices)}" if few else f"none of {len(choices)} is close"
