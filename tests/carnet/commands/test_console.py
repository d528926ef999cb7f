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
        "[1/3] 01_un  up to date",
        "[2/3] 02_deux  running",
        "[2/3] 02_deux  done in 62 s",
        "[3/3] 03_trois  running",
        "[3/3] 03_trois  failed",
    ]


def test_a_log_says_how_long_a_notebook_took_the_last_time(log, tmp_path):
    with Console(LABELS, {"un": 70.4}.get) as shown:
        shown.started("un", tmp_path / "p")
    assert log.getvalue() == "[1/3] 01_un  running · 1:10 the last time\n"


def test_a_log_has_a_line_per_minute_and_no_bar(log, tmp_path, monkeypatch):
    monkeypatch.setattr(console, "REFRESH_SECONDS", 0.01)
    say(tmp_path / "p", "epoch", 4, 10)
    with Console(LABELS) as shown:
        shown.started("un", tmp_path / "p")
        shown.running["un"].logged -= 59
        time.sleep(0.05)
        assert "epoch" not in log.getvalue()
        shown.running["un"].logged -= 2
        wait_until(lambda: "epoch" in log.getvalue())
        time.sleep(0.05)
    assert log.getvalue().splitlines()[1:] == ["[1/3] 01_un · epoch 4/10"]


def test_what_is_left_follows_from_the_last_durations_and_never_climbs(tmp_path, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(console.time, "monotonic", lambda: now)
    shown = Console(LABELS, {"un": 60.0, "deux": 100.0, "trois": 200.0}.get)
    install(monkeypatch, io.StringIO())
    shown.fresh("un")
    shown.started("deux", tmp_path / "p")
    say(tmp_path / "p", "epoch · val 72%", 4, 10)
    now += 30
    line = "[2/3] 02_deux · epoch 4/10 · val 72% · 1:10 left · about 4 min in all"
    assert shown.status("deux") == line
    now += 80  # longer than the last time
    assert shown.status("deux") == "[2/3] 02_deux · epoch 4/10 · val 72% · about 3 min in all"


def test_nothing_is_foretold_of_what_never_ran(tmp_path, log):
    shown = Console(LABELS, {"un": 60.0}.get)
    shown.started("deux", tmp_path / "p")
    assert shown.status("deux") == "[2/3] 02_deux · running"


def test_a_terminal_shows_how_far_a_notebook_says_it_is(terminal, tmp_path):
    path = tmp_path / "p"
    with Console(LABELS) as shown:
        shown.started("un", path)
        wait_until(lambda: "[1/3] 01_un · running" in terminal.getvalue())
        say(path, "époque", 1, 4)
        wait_until(lambda: "01_un · époque 1/4" in terminal.getvalue())
        say(path, "lignes", 7, None)
        wait_until(lambda: "01_un · lignes 7" in terminal.getvalue())
        shown.finished("un", 2)
        assert shown.running == {}
    assert "01_un  running" not in terminal.getvalue()
    assert "\r[1/3] 01_un  done in 2 s\n" in terminal.getvalue()


@pytest.mark.parametrize("report", ["{", "", "[]", "{}"])
def test_a_report_that_is_damaged_does_not_stop_the_lines(terminal, tmp_path, report):
    path = tmp_path / "p"
    path.write_text(report)
    with Console(LABELS) as shown:
        shown.started("un", path)
        wait_until(lambda: "01_un · running" in terminal.getvalue())
        say(path, "époque", 1, 2)
        wait_until(lambda: "époque 1/2" in terminal.getvalue())


def test_notebooks_that_run_together_have_each_its_line(terminal, tmp_path):
    with Console(LABELS) as shown:
        for name in ("un", "deux"):
            shown.started(name, tmp_path / "p")
        wait_until(lambda: len(shown.running) == 2)
        shown.finished("un", 1)
        shown.started("trois", tmp_path / "p")
        wait_until(lambda: set(shown.running) == {"deux", "trois"})
        assert sorted(abs(each.bar.pos) for each in shown.running.values()) == [0, 1]


def test_an_interruption_leaves_no_line_and_no_thread(terminal, tmp_path):
    say(tmp_path / "p", "époque", 1, 2)
    with pytest.raises(KeyboardInterrupt), Console(LABELS) as shown:
        shown.started("un", tmp_path / "p")
        wait_until(lambda: "époque" in terminal.getvalue())
        raise KeyboardInterrupt
    assert not shown.thread.is_alive()
    assert shown.running == {}
    last = terminal.getvalue().rsplit("\r", 1)[1]
    assert last.strip() == ""


def test_a_wait_for_another_journal_is_told(capsys):
    with Console(LABELS) as shown:
        shown.waiting_for("un")
        shown.fresh("un")
    assert capsys.readouterr().err.splitlines() == [
        f"[1/{len(LABELS)}] 01_un  waiting: another journal is making the same run",
        f"[1/{len(LABELS)}] 01_un  up to date",
    ]
