"""A journal of four notebooks whose execution is a fake."""

import pytest

from carnet.execution import order
from carnet.execution.order import Listener, run_all
from carnet.execution.plan import explain
from carnet.project.files import write_json
from carnet.sources import packages
from carnet.sources.notebooks import Notebook
from carnet.sources.requests import Request
from carnet.store.runs import Store
from tests.carnet.conftest import code, write_notebook

NEEDS = {"amont": (), "aval": ("amont",), "fin": ("aval",), "seul": ()}


class RecordingListener(Listener):
    """Keeps a line per call."""

    def __init__(self):
        self.lines = []

    def fresh(self, name):
        self.lines.append(f"{name} fresh")

    def started(self, name, progress):
        self.lines.append(f"{name} started")

    def waiting_for(self, name):
        self.lines.append(f"{name} waiting")

    def finished(self, name, seconds):
        self.lines.append(f"{name} finished")

    def damaged(self, name, files):
        self.lines.append(f"{name} damaged: {', '.join(files)}")

    def failed(self, name, error):
        self.lines.append(f"{name} failed: {error}")


class Journal:
    """Four notebooks, each of which computes what `effects` says; one result by default."""

    def __init__(self, root):
        self.root, self.store, self.effects = root, Store(root / "runs"), {}
        self.endings = {}
        self.parameters = {name: {"x": 1} for name in NEEDS}
        for number, (name, needs) in enumerate(NEEDS.items(), 1):
            write_notebook(root / f"{number:02}_{name}.ipynb", [code("c", name)], needs)

    def path(self, name):
        return next(self.root.glob(f"*_{name}.ipynb"))

    def request(self):
        notebooks = {name: Notebook.read(self.path(name)) for name in NEEDS}
        return Request(notebooks, self.parameters, list(NEEDS))

    def execute(self, execution, at_exit):
        at_exit.callback(self.endings.get(execution.notebook.name, lambda: None))
        write_json(execution.folder / "results.json", {"constant": 1})
        write_notebook(execution.folder / "notebook.ipynb", [])
        if effect := self.effects.get(execution.notebook.name):
            effect(execution)

    def run(self, *names, **options):
        listener = options.pop("listener", None) or RecordingListener()
        outcome = run_all(
            self.request(),
            self.store,
            self.root,
            names=list(names or NEEDS),
            listener=listener,
            **options,
        )
        return outcome, listener.lines

    def ran(self, **options):
        """Run everything; return the notebooks that were executed, in order."""
        outcome, lines = self.run(**options)
        assert outcome.failed == {}
        return [line.split()[0] for line in lines if line.endswith("finished")]

    def explain(self):
        return explain(self.request(), self.store, self.root)


@pytest.fixture
def journal(tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "runs"))
    monkeypatch.setattr(packages, "environment", lambda: packages.Environment({}, {}, {}))
    journal = Journal(tmp_path)
    monkeypatch.setattr(order, "execute", journal.execute)
    return journal
