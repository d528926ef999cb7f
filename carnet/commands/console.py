"""What the operator sees while notebooks run: one live line each in a terminal, lines in a log."""

import contextlib
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from carnet.execution.order import Listener
from carnet.project.errors import JournalError

REFRESH_SECONDS = 0.2
LOG_SECONDS = 60  # between two lines about a notebook in a log


def notify(line: str) -> None:
    """Say something beside what a command gives."""
    print(line, file=sys.stderr, flush=True)


@dataclass
class Running:
    """A notebook that runs: where it reports its progress, since when, its line in a terminal."""

    progress: Path
    begun: float
    logged: float
    bar: object = None

    def step(self) -> str:
        """Return what the notebook says that it does: `epoch 4/10 · val 72%`."""
        with contextlib.suppress(OSError, ValueError, LookupError, TypeError):  # not reported yet
            report = json.loads(self.progress.read_text("utf-8"))
            what, *more = report["label"].split(" · ")
            total = f"/{report['total']}" if report["total"] else ""
            return " · ".join([f"{what} {report['done']}{total}".strip(), *more])
        return "running"


class Console(Listener):
    """Writes to standard error what happens to each notebook, and how long it may still take.

    Args:
        labels: name -> NN_name of the notebooks of this build, in order.
        last_seconds: how long a notebook took the last time, None where it is not known.
    """

    def __init__(
        self,
        labels: Mapping[str, str],
        last_seconds: Callable[[str], float | None] = lambda name: None,
    ):
        self.labels, self.last_seconds = labels, last_seconds
        self.numbers = {name: f"[{i}/{len(labels)}]" for i, name in enumerate(labels, 1)}
        self.expected: dict[str, float | None] = {}
        self.left = set(labels)  # those that have not ended
        self.running: dict[str, Running] = {}
        self.lock = threading.Lock()
        self.closed = threading.Event()
        self.thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> "Console":
        self.thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self.closed.set()
        self.thread.join()
        for name in list(self.running):
            self._end(name)

    @staticmethod
    def waiting() -> None:
        """Another build holds the store."""
        notify("another build is running: waiting for it to end")

    @staticmethod
    def data(line: str) -> None:
        """What the data are."""
        notify(line)

    def fresh(self, name: str) -> None:
        self._end(name, "up to date")

    def waiting_for(self, name: str) -> None:
        self._line(name, "waiting: another journal is making the same run")

    def started(self, name: str, progress: Path) -> None:
        for other in self.left - self.expected.keys():
            self.expected[other] = self.last_seconds(other)
        running = Running(progress, begun=time.monotonic(), logged=time.monotonic())
        if sys.stderr.isatty():
            from tqdm import tqdm

            shown = {"leave": False, "dynamic_ncols": True, "file": sys.stderr}
            running.bar = tqdm(bar_format="{desc}", **shown)
        else:
            usual = self.expected[name]
            self._line(name, "running" + (f" · {_duration(usual)} the last time" if usual else ""))
        with self.lock:
            self.running[name] = running

    def finished(self, name: str, seconds: float) -> None:
        self._end(name, f"done in {seconds:.0f} s")

    def failed(self, name: str, error: JournalError) -> None:
        self._end(name, "failed")

    def damaged(self, name: str, files: list[str]) -> None:
        self._line(name, f"damaged in the store: {', '.join(files)}")

    def no_worker(self) -> None:
        self._write("the cluster has no worker yet: notebooks wait for `dask worker`")

    def status(self, name: str) -> str:
        """Return what a running notebook does, how long it and the whole build may still take."""
        left = self._seconds_left(name)
        parts = [f"{self.numbers[name]} {self.labels[name]}", self.running[name].step()]
        parts.append(f"{_duration(left)} left" if left else "")
        others = [self._seconds_left(other) for other in tuple(self.left)]
        if len(others) > 1 and None not in others:
            parts.append(f"about {_minutes(sum(others))} in all")
        return " · ".join(filter(None, parts))

    def _seconds_left(self, name: str) -> float | None:
        """What remains of the time that a notebook took the last time; it never climbs."""
        expected = self.expected.get(name)
        if expected is None or name not in self.running:
            return expected
        return max(expected - (time.monotonic() - self.running[name].begun), 0)

    def _end(self, name: str, state: str | None = None) -> None:
        """Take the live line of a notebook away, and say what became of it."""
        with self.lock:
            self.left.discard(name)
            running = self.running.pop(name, None)
            if running and running.bar is not None:
                running.bar.close()
        if state:
            self._line(name, state)

    def _line(self, name: str, state: str) -> None:
        self._write(f"{self.numbers[name]} {self.labels[name]}  {state}")

    def _write(self, text: str) -> None:
        with self.lock:
            if any(running.bar is not None for running in self.running.values()):
                from tqdm import tqdm

                tqdm.write(text, file=sys.stderr)
            else:
                print(text, file=sys.stderr)
            sys.stderr.flush()

    def _follow(self) -> None:
        """Show what the running notebooks report."""
        while not self.closed.wait(REFRESH_SECONDS):
            for name, running in list(self.running.items()):
                with contextlib.suppress(KeyError):  # it has just ended
                    self._refresh(name, running)

    def _refresh(self, name: str, running: Running) -> None:
        status = self.status(name)
        if running.bar is None:
            if time.monotonic() - running.logged > LOG_SECONDS:
                running.logged = time.monotonic()
                self._write(status)
            return
        with self.lock:
            if name in self.running:
                running.bar.set_description_str(status)


def _duration(seconds: float) -> str:
    """Return minutes and seconds: 1:10."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"
