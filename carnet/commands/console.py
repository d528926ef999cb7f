"""What the operator sees while notebooks run: bars in a terminal, plain lines in a log."""

import json
import sys
import threading
from pathlib import Path

from carnet.execution.order import Listener
from carnet.project.errors import JournalError

REFRESH_SECONDS = 0.2


class Console(Listener):
    """Writes to standard error: one line a notebook, and a bar for each one that runs."""

    def __init__(self, labels: dict[str, str]):
        self.labels = labels
        self.running: dict[str, Path] = {}
        self.lock = threading.Lock()
        self.closed = threading.Event()
        self.bars: dict[str, object] = {}
        self.thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> "Console":
        if sys.stderr.isatty():
            self.thread.start()
        return self

    def __exit__(self, *exception) -> None:
        self.closed.set()
        if self.thread.is_alive():
            self.thread.join()
        for name in list(self.bars):
            self._stop(name)

    @staticmethod
    def waiting() -> None:
        """Another build holds the store."""
        print("another build is running: waiting for it to end", file=sys.stderr, flush=True)

    def fresh(self, name: str) -> None:
        self._line(f"{self.labels[name]}  up to date")

    def started(self, name: str, progress: Path) -> None:
        with self.lock:
            self.running[name] = progress
        if not sys.stderr.isatty():
            self._line(f"{self.labels[name]}  running")

    def finished(self, name: str, seconds: float) -> None:
        self._stop(name)
        self._line(f"{self.labels[name]}  done in {seconds:.0f} s")

    def failed(self, name: str, error: JournalError) -> None:
        self._stop(name)
        self._line(f"{self.labels[name]}  failed")

    def no_worker(self) -> None:
        self._line("the cluster has no worker yet: notebooks wait for `dask worker`")

    def _stop(self, name: str) -> None:
        with self.lock:
            self.running.pop(name, None)
            bar = self.bars.pop(name, None)
            if bar is not None:  # a bar without a total has no truth value
                bar.close()

    def _line(self, text: str) -> None:
        with self.lock:
            if self.bars:
                from tqdm import tqdm

                tqdm.write(text, file=sys.stderr)
            else:
                print(text, file=sys.stderr)
            sys.stderr.flush()

    def _follow(self) -> None:
        """Show how far the running notebooks say they are."""
        while not self.closed.wait(REFRESH_SECONDS):
            with self.lock:
                for name, path in self.running.items():
                    self._show(name, path)

    def _show(self, name: str, path: Path) -> None:
        from tqdm import tqdm

        try:
            said = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            said = {"label": "", "done": 0, "total": None}
        bar = self.bars.get(name)
        if bar is None:
            bar = self.bars[name] = tqdm(leave=False, file=sys.stderr)
        text = f"{self.labels[name]}  {said['label']}".rstrip()
        if bar.desc != text or bar.total != said["total"]:
            bar.reset()
            bar.total = said["total"]
            bar.set_description_str(text, refresh=False)
        bar.n = said["done"]
        bar.refresh()
