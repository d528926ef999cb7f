"""What the operator sees while notebooks run: bars in a terminal, plain lines in a log."""

import contextlib
import json
import sys
import threading
from pathlib import Path

from carnet.execution.order import Listener
from carnet.project.errors import JournalError

REFRESH_SECONDS = 0.2


class Console(Listener):
    """Writes to standard error: lines about each notebook, and a bar for each one that runs."""

    def __init__(self, labels: dict[str, str]):
        self.labels = labels
        self.running: dict[str, tuple] = {}  # name -> progress file, bar; in a terminal
        self.lock = threading.Lock()
        self.closed = threading.Event()
        self.thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> "Console":
        if sys.stderr.isatty():
            self.thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self.closed.set()
        if self.thread.is_alive():
            self.thread.join()
        for name in list(self.running):
            self._close_bar(name)

    @staticmethod
    def waiting() -> None:
        """Another build holds the store."""
        print("another build is running: waiting for it to end", file=sys.stderr, flush=True)

    @staticmethod
    def data(line: str) -> None:
        """What the data are."""
        print(line, file=sys.stderr, flush=True)

    def fresh(self, name: str) -> None:
        self._line(f"{self.labels[name]}  up to date")

    def started(self, name: str, progress: Path) -> None:
        if not sys.stderr.isatty():
            self._line(f"{self.labels[name]}  running")
            return
        from tqdm import tqdm

        with self.lock:
            bar = tqdm(desc=self.labels[name], leave=False, file=sys.stderr)
            self.running[name] = progress, bar

    def finished(self, name: str, seconds: float) -> None:
        self._close_bar(name)
        self._line(f"{self.labels[name]}  done in {seconds:.0f} s")

    def failed(self, name: str, error: JournalError) -> None:
        self._close_bar(name)
        self._line(f"{self.labels[name]}  failed")

    def no_worker(self) -> None:
        self._line("the cluster has no worker yet: notebooks wait for `dask worker`")

    def _close_bar(self, name: str) -> None:
        with self.lock:
            if name in self.running:
                self.running.pop(name)[1].close()

    def _line(self, text: str) -> None:
        with self.lock:
            if self.running:
                from tqdm import tqdm

                tqdm.write(text, file=sys.stderr)
            else:
                print(text, file=sys.stderr)
            sys.stderr.flush()

    def _follow(self) -> None:
        """Show the progress that the running notebooks report."""
        while not self.closed.wait(REFRESH_SECONDS):
            with self.lock:
                for name, (path, bar) in self.running.items():
                    _update(bar, self.labels[name], path)


def _update(bar, name: str, path: Path) -> None:
    with contextlib.suppress(OSError, ValueError):  # nothing reported yet
        progress = json.loads(path.read_text("utf-8"))
        text = f"{name}  {progress['label']}".rstrip()
        if bar.desc != text or bar.total != progress["total"]:
            bar.reset()
            bar.total = progress["total"]
            bar.set_description_str(text, refresh=False)
        bar.n = progress["done"]
    bar.refresh()
