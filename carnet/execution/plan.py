"""What would run, and why: the key of each notebook, its run in the store, what differs."""

from dataclasses import dataclass
from pathlib import Path

from carnet.project.files import digest
from carnet.sources.kernels import find_kernel
from carnet.sources.notebooks import Notebook
from carnet.sources.requests import Request
from carnet.store.keys import differences, run_inputs
from carnet.store.observed import now
from carnet.store.runs import Run, Store


@dataclass(frozen=True)
class NotebookState:
    """Whether a notebook is up to date: `run` is the run to show, None where it must run.

    A run with this key may be damaged, or have read what has changed since: a line for each file.
    """

    inputs: dict
    key: str
    run: Run | None
    damaged: list[str]
    changed: list[str]


def look_up(
    name: str, request: Request, runs: dict[str, Run], store: Store, root: Path
) -> NotebookState:
    """Compute the key of a notebook whose needs are all in `runs`, and look for its run."""
    notebook = request.notebooks[name]
    needs = {need: runs[need].results_digest for need in notebook.needs}
    inputs = run_inputs(notebook, request.parameters[name], needs, root)
    key = digest(inputs)
    run = store.find(name, key)
    damaged = run.damaged if run else []
    changed = _changed_since(run, notebook, root) if run and not damaged else []
    return NotebookState(inputs, key, None if damaged or changed else run, damaged, changed)


def _changed_since(run: Run, notebook: Notebook, root: Path) -> list[str]:
    """List what a run read, beyond its key, that has changed since."""
    installed = find_kernel(notebook.kernel).environment
    before = run.record["observed"]
    return differences(before, {name: now(name, root, installed) for name in before})


def explain(
    request: Request, store: Store, root: Path
) -> tuple[dict[str, list[str]], dict[str, Run]]:
    """Return the reasons why each notebook would run (none if it is up to date), and the runs of
    those that are. Runs nothing.
    """
    runs, reasons = {}, {}
    for name, notebook in request.notebooks.items():
        waiting = [need for need in notebook.needs if need not in runs]
        if waiting:
            reasons[name] = [f"will run if the results of {', '.join(waiting)} change"]
            continue
        state = look_up(name, request, runs, store, root)
        reasons[name] = [] if state.run else _reasons(name, state, store)
        if state.run:
            runs[name] = state.run
    return reasons, runs


def _reasons(name: str, state: NotebookState, store: Store) -> list[str]:
    """Compare with the published run, or with the newest where none is published."""
    if state.damaged:
        return [f"damaged in the store: {file}" for file in state.damaged]
    if state.changed:
        return state.changed
    before = store.current().get(name) or next(iter(store.runs(name)), None)
    return differences(before.record["inputs"], state.inputs) if before else ["never run"]
