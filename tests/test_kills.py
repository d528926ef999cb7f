"""Builds killed at random moments end as those that nobody killed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.kills import Kill, SmallJournal, are_good, conclusion

ROOT = Path(__file__).parents[1]


def kill(killed=True, repeated=0, equal=True) -> Kill:
    return Kill(1.0, "build", killed, repeated, equal)


@pytest.mark.parametrize(
    ("kills", "good"),
    [
        ([kill(), kill(repeated=1), kill(killed=False)], True),
        ([kill(), kill(killed=False)], False),  # half of the builds had ended
        ([kill(), kill(equal=False)], False),
        ([kill(), kill(repeated=2)], False),
    ],
)
def test_a_measure_is_good_if_most_kills_killed_and_changed_nothing(kills, good):
    assert are_good(kills) is good
    assert conclusion([kill(), kill(killed=False)]).startswith("really killed 1 of 2; ")


def test_images_are_among_the_documents(tmp_path):
    for name in ("journal/site/a.html", "images/a.png", "runs/a.json"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"")
    assert set(SmallJournal(tmp_path).documents()) == {"journal/site/a.html", "images/a.png"}


@pytest.mark.slow
def test_a_killed_build_goes_on_where_it_was():
    command = [sys.executable, "-m", "benchmarks.kills", "--times", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"bytes equal (\d+) of \1;", done.stdout)
