"""Builds killed at random moments end as those that nobody killed."""

import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import kills
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


class IdleJournal(SmallJournal):
    """Builds nothing, and takes the time to be killed."""

    @classmethod
    def make(cls, root: Path, data: Path) -> "IdleJournal":
        return cls(root)

    def start(self) -> subprocess.Popen:
        command = [sys.executable, "-c", "import time; time.sleep(600)"]
        return subprocess.Popen(command, stderr=subprocess.PIPE)

    def build(self) -> None:
        for name in ("images/a.png", "runs/a.json", self.log.name):
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text("")


def test_kills_are_repeated_and_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(kills, "SmallJournal", IdleJournal)
    monkeypatch.setattr(kills, "TARGETS", ("build", "both"))
    found = kills.measure(tmp_path, times=2, draw=random.Random(0))
    assert (
        conclusion(found) == "really killed 2 of 2; bytes equal 2 of 2; epochs repeated: 0 at most"
    )
    assert capsys.readouterr().out.count("same bytes, 0 epochs trained twice") == 2


@pytest.mark.slow
def test_a_killed_build_goes_on_where_it_was():
    command = [sys.executable, "-m", "benchmarks.kills", "--times", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"bytes equal (\d+) of \1;", done.stdout)
