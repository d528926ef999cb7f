"""Builds that are killed and started again end as those that nobody killed."""

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import kills
from benchmarks.kills import TRAINING_EPOCHS, Kill, SmallJournal, are_good, conclusion
from tests.servers import wait_for


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


def test_kills_are_repeated_and_reported(monkeypatch, capsys):
    monkeypatch.setattr(kills, "SmallJournal", IdleJournal)
    monkeypatch.setattr(kills, "TARGETS", ("build", "both"))
    monkeypatch.setattr(sys, "argv", ["kills.py", "--times", "2"])
    with pytest.raises(SystemExit) as ended:
        kills.main()
    assert ended.value.code == 0
    *_, first, second, last = capsys.readouterr().out.splitlines()
    assert all("same bytes, 0 epochs trained twice" in line for line in (first, second))
    assert last == "really killed 2 of 2; bytes equal 2 of 2; epochs repeated: 0 at most"


def kill_after(epochs: int, journal: SmallJournal, target: str) -> None:
    """Start a build and kill it once all builds together have trained so many epochs."""
    build = journal.start()
    wait_for(lambda: build.poll() is not None or journal.epochs() >= epochs)
    assert build.poll() is None, build.communicate()
    kills.strike(build, target)


@pytest.mark.slow
def test_a_build_killed_in_a_training_and_in_a_search_resumes_both(tmp_path, tiny_cars_root):
    """Each kill repeats the epoch under way at most, and the documents have the same bytes."""
    journal = SmallJournal.make(tmp_path, tiny_cars_root)
    journal.build()
    documents, epochs = journal.documents(), journal.epochs()
    assert any(name.startswith("images/") for name in documents)
    journal.forget()
    kill_after(1, journal, "build")
    kill_after(TRAINING_EPOCHS + 2, journal, "kernel")
    journal.build()
    assert journal.documents() == documents
    assert 0 <= journal.epochs() - epochs <= 2
