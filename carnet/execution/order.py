"""Deciding which notebooks are fresh and running those that are not, needs first."""

import concurrent.futures
import contextlib
import datetime
import functools
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from carnet.execution.execute import READY, STOPPING, Execution, execute, stop
from carnet.execution.workers import Cluster, open_cluster
from carnet.project.errors import JournalError, NotebookError, describe_os_error
from carnet.sources.notebooks import Notebook
from carnet.sources.requests import Request
from carnet.store.keys import differences, run_inputs, run_key
from carnet.store.provenance import provenance
from carnet.store.runs import Run, Store

Task = Callable[[ExitStack], Run]  # makes a run; what is to end after it goes on the stack


@dataclass(frozen=True)
class State:
    """Whether one notebook is fresh: `run` is the run to show, None where it must run."""

    inputs: dict
    key: str
    run: Run | None


@dataclass
class Outcome:
    """What became of the notebooks: runs to show, errors by name."""

    runs: dict[str, Run] = field(default_factory=dict)
    failed: dict[str, JournalError] = field(default_factory=dict)


class Listener:
    """Told what happens while notebooks run; the command line shows it."""

    def fresh(self, name: str) -> None: ...
    def started(self, name: str, progress: Path) -> None: ...
    def finished(self, name: str, seconds: float) -> None: ...
    def failed(self, name: str, error: JournalError) -> None: ...
    def no_worker(self) -> None: ...


def look_up(name: str, request: Request, runs: dict[str, Run], store: Store, root: Path) -> State:
    """Compute the key of a notebook whose needs have all been run, and look for its run."""
    notebook = request.notebooks[name]
    needs = {need: runs[need].results_digest for need in notebook.needs}
    inputs = run_inputs(notebook, request.parameters[name], needs, root)
    key = run_key(inputs)
    return State(inputs, key, store.find(name, key))


def explain(
    request: Request, store: Store, root: Path
) -> tuple[dict[str, list[str]], dict[str, Run]]:
    """Return for each notebook why it would run, nothing where it is fresh; and the fresh runs.

    Runs nothing.
    """
    runs, reasons = {}, {}
    for name, notebook in request.notebooks.items():
        waiting = [need for need in notebook.needs if need not in runs]
        if waiting:
            reasons[name] = [f"will run if the results of {', '.join(waiting)} change"]
            continue
        state = look_up(name, request, runs, store, root)
        reasons[name] = [] if state.run else _reasons(name, state.inputs, store)
        if state.run:
            runs[name] = state.run
    return reasons, runs


def _reasons(name: str, inputs: dict, store: Store) -> list[str]:
    """Tell what differs from the published run, or from the newest where none is published."""
    before = store.current().get(name) or next(iter(store.runs(name)), None)
    return differences(before.record["inputs"], inputs) if before else ["never run"]


def run_all(
    request: Request,
    store: Store,
    root: Path,
    *,
    names: list[str],
    jobs: int = 1,
    force: bool = False,
    listener: Listener,
    meanwhile: Callable[[], None] = lambda: None,
) -> Outcome:
    """Run what is not fresh among `names`, up to `jobs` notebooks at the same time.

    With a cluster, they run on its workers, as many at the same time as there are.
    A notebook that fails does not stop those that do not need it. Once the first is under way,
    `meanwhile` is called, in a thread.
    """
    STOPPING.clear()
    outcome = Outcome()
    waiting, running, ends, aside = list(names), {}, [], None
    pool = concurrent.futures.ThreadPoolExecutor(len(names) + 1)
    with pool, open_cluster() as cluster, _stopping_kernels():
        start = _Start(request, store, root, outcome, force, listener, cluster)
        if cluster:
            READY.set()  # no kernel starts in this process
            if not cluster.count():
                listener.no_worker()
        while True:
            most = max(cluster.count(), 1) if cluster else jobs
            ready = _ready(waiting, request, outcome) if len(running) < most else None
            if ready:
                waiting.remove(ready)
                if task := start(ready):
                    kept, end = _begin(pool, task)
                    running[kept] = ready
                    ends.append(end)
                    aside = aside or pool.submit(meanwhile)
            elif running:
                done, _ = concurrent.futures.wait(running, return_when="FIRST_COMPLETED")
                for future in done:
                    _collect(running.pop(future), future, outcome, listener)
            else:
                break
        for end in ends:
            end.result()
    return outcome


def _begin(pool: concurrent.futures.Executor, task: Task) -> tuple[Future, Future]:
    """Return what is done once the run is kept, when others can begin, and once its kernel ended.

    The first holds the run or why there is none.
    """
    kept = Future()

    def perform() -> None:
        with ExitStack() as ending:
            ending.callback(READY.set)  # in case its kernel did not start
            try:
                kept.set_result(task(ending))
            except BaseException as error:
                kept.set_exception(error)

    return kept, pool.submit(perform)


@contextlib.contextmanager
def _stopping_kernels() -> Iterator[None]:
    """An interruption ends the kernels, so that the threads that wait for them end too."""
    try:
        yield
    except KeyboardInterrupt:
        stop()
        raise


def _ready(waiting: list[str], request: Request, outcome: Outcome) -> str | None:
    """Return the first that waits for nothing; None where there is none."""
    for name in waiting:
        if all(need in outcome.runs for need in request.notebooks[name].needs):
            return name
    return None


@dataclass
class _Start:
    """Finds a fresh run, or returns the task that makes one."""

    request: Request
    store: Store
    root: Path
    outcome: Outcome
    force: bool
    listener: Listener
    cluster: Cluster | None

    def __call__(self, name: str) -> Task | None:
        try:
            state = look_up(name, self.request, self.outcome.runs, self.store, self.root)
        except JournalError as error:
            self.outcome.failed[name] = error
            self.listener.failed(name, error)
            return None
        if state.run and not self.force:
            self.outcome.runs[name] = state.run
            self.listener.fresh(name)
            return None
        needs = {n: self.outcome.runs[n].folder for n in self.request.notebooks[name].needs}
        return functools.partial(self._run, name, state, needs)

    def _run(self, name: str, state: State, needs: dict[str, Path], ending: ExitStack) -> Run:
        try:
            return self._execute(name, state, needs, ending)
        except OSError as error:
            place = f"notebooks/{self.request.notebooks[name].path.name}"
            raise NotebookError(f"{place}: {describe_os_error(error)}") from None

    def _execute(self, name: str, state: State, needs: dict[str, Path], ending: ExitStack) -> Run:
        staged = self.store.stage(name)
        notebook, parameters = self.request.notebooks[name], self.request.parameters[name]
        execution = Execution(notebook, parameters, needs, staged, self.root, self.store.folder)
        self.listener.started(name, execution.progress)
        begun, start = datetime.datetime.now(datetime.UTC), time.monotonic()
        try:
            self._execute_somewhere(execution, ending)
            self._check_unchanged(notebook, parameters, state.inputs)
        except NotebookError as error:
            kept = self.store.keep_failed(staged, name)
            raise error.kept_at(kept / "notebook.ipynb") from None
        seconds = time.monotonic() - start
        record = provenance(self.root, state.inputs, parameters, begun, seconds)
        run = self.store.keep(staged, name, state.key, record)
        self.listener.finished(name, seconds)
        return run

    def _execute_somewhere(self, execution: Execution, ending: ExitStack) -> None:
        """Execute a notebook here, or on a worker of the cluster, which tells here how it went."""
        if self.cluster is None:
            execute(execution, ending)
            return
        task = functools.partial(execute_on_worker, execution)
        try:
            self.cluster.submit(task, stop=stop).result()
        except JournalError:
            raise
        except Exception as error:  # the workers died one after another, the scheduler has gone
            place = f"notebooks/{execution.notebook.path.name}"
            raise NotebookError(f"{place}: {type(error).__name__}: {error}") from None

    def _check_unchanged(self, notebook: Notebook, parameters: dict, before: dict) -> None:
        """Refuse a run whose inputs were edited under it: its key would lie."""
        needs = {name: self.outcome.runs[name].results_digest for name in notebook.needs}
        try:
            now = Notebook.read(notebook.path)
            changed = differences(before, run_inputs(now, parameters, needs, self.root))
        except ValueError as error:  # no notebook any more
            changed = [str(error)]
        if changed:
            place = f"notebooks/{notebook.path.name}: edited while it ran"
            raise NotebookError(f"{place} ({'; '.join(changed)}): build again")


def execute_on_worker(execution: Execution) -> None:
    """Execute a notebook on a worker, which an earlier build may have left stopping."""
    STOPPING.clear()
    with ExitStack() as ending:
        execute(execution, ending)


def _collect(name: str, future, outcome: Outcome, listener: Listener) -> None:
    try:
        outcome.runs[name] = future.result()
    except JournalError as error:
        outcome.failed[name] = error
        listener.failed(name, error)
