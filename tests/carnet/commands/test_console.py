"""What the operator sees, in a log and in a terminal; the stream is a fake."""

import io
import json
import time
from types import SimpleNamespace

import pytest

from carnet.commands import console
from carnet.commands.console import Console
from carnet.project.errors import NotebookError

PATIENCE = 60  # seconds; ends a test that hangs
LABELS = {"un": "01_un", "deux": "02_deux", "trois": "03_trois"}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def install(monkeypatch, stream):
    """Make `stream` the standard error of the console; pytest has its own."""
    monkeypatch.setattr(console, "sys", SimpleNamespace(stderr=stream))
    return stream


@pytest.fixture
def log(monkeypatch):
    return install(monkeypatch, io.StringIO())


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setattr(console, "REFRESH_SECONDS", 0.01)
    return install(monkeypatch, Terminal())


def say(path, label, done, total):
    path.write_text(json.dumps({"label": label, "done": done, "total": total}))


def wait_until(condition):
    """Wait for the thread that follows the notebooks."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_log_has_one_line_for_each_thing_that_happens(log, tmp_path):
    with Console(LABELS) as shown:
        shown.fresh("un")
        shown.started("deux", tmp_path / "p")
        shown.finished("deux", 61.6)
        shown.started("trois", tmp_path / "p")
        shown.failed("trois", NotebookError("shown at the end"))
    assert log.getvalue().splitlines() == [
        "01_un  up to date",
        "02_deux  running",
        "02_deux  done in 62 s",
        "03_trois  running",
        "03_trois  failed",
    ]


def test_a_log_has_no_bar(log, tmp_path):
    say(tmp_path / "p", "epoch", 1, 2)
    with Console(LABELS) as shown:
        shown.started("un", tmp_path / "p")
        assert not shown.thread.is_alive()
    assert "epoch" not in log.getvalue()


def test_a_terminal_shows_how_far_a_notebook_says_it_is(terminal, tmp_path):
    path = tmp_path / "p"
    with Console(LABELS) as shown:
        shown.started("un", path)
        wait_until(lambda: "01_un: " in terminal.getvalue())
        say(path, "époque", 1, 4)
        wait_until(lambda: "01_un  époque:  25%" in terminal.getvalue())
        assert "1/4" in terminal.getvalue()
        say(path, "époque", 3, 4)
        wait_until(lambda: "01_un  époque:  75%" in terminal.getvalue())
        say(path, "essai", 0, 2)
        wait_until(lambda: "01_un  essai:   0%" in terminal.getvalue())
        shown.finished("un", 2)
        assert shown.running == {}
    assert "01_un  running" not in terminal.getvalue()
    assert "01_un  done in 2 s\n" in terminal.getvalue()


@pytest.mark.parametrize("report", ["{", ""])
def test_a_report_that_is_damaged_does_not_stop_the_bars(terminal, tmp_path, report):
    path = tmp_path / "p"
    path.write_text(report)
    with Console(LABELS) as shown:
        shown.started("un", path)
        wait_until(lambda: "un" in shown.running)
        say(path, "époque", 1, 2)
        wait_until(lambda: "époque:  50%" in terminal.getvalue())


@pytest.mark.parametrize("total", [None, 0, 5])
def test_a_notebook_that_ends_takes_its_bar_away_whatever_its_total(terminal, tmp_path, total):
    say(tmp_path / "p", "", 0, total)
    with Console(LABELS) as shown:
        shown.started("un", tmp_path / "p")
        wait_until(lambda: "un" in shown.running and shown.running["un"][1].total == total)
        bar = shown.running["un"][1]
        shown.finished("un", 1)
    assert bar.disable  # as tqdm does when it closes one
    assert "\r01_un  done in 1 s\n" in terminal.getvalue()


def test_a_bar_that_has_no_total_any_more_stays(terminal, tmp_path):
    say(tmp_path / "p", "époque", 1, 4)
    with Console(LABELS) as shown:
        shown.started("un", tmp_path / "p")
        wait_until(lambda: "époque:  25%" in terminal.getvalue())
        say(tmp_path / "p", "lignes", 7, None)
        wait_until(lambda: "01_un  lignes: 7it" in terminal.getvalue())


def test_bars_of_notebooks_that_run_together_have_each_its_line(terminal, tmp_path):
    with Console(LABELS) as shown:
        for name in ("un", "deux"):
            shown.started(name, tmp_path / "p")
        wait_until(lambda: len(shown.running) == 2)
        shown.finished("un", 1)
        shown.started("trois", tmp_path / "p")
        wait_until(lambda: set(shown.running) == {"deux", "trois"})
        assert sorted(abs(bar.pos) for _, bar in shown.running.values()) == [0, 1]


def test_an_interruption_leaves_no_bar_and_no_thread(terminal, tmp_path):
    say(tmp_path / "p", "époque", 1, 2)
    with pytest.raises(KeyboardInterrupt), Console(LABELS) as shown:
        shown.started("un", tmp_path / "p")
        wait_until(lambda: "époque" in terminal.getvalue())
        raise KeyboardInterrupt
    assert not shown.thread.is_alive()
    assert shown.running == {}
    last = terminal.getvalue().rsplit("\r", 1)[1]
    assert last.strip() == ""
