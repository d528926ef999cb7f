"""Running the notebooks that are not up to date, each after those that it needs."""

import concurrent.futures
import datetime
import functools
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path

from carnet.execution.cluster import Cluster, open_cluster
from carnet.execution.notebook import Execution, execute
from carnet.execution.plan import NotebookState, look_up
from carnet.execution.signals import READY, STOPPING, stop
from carnet.project.errors import JournalError, NotebookError, describe_os_error
from carnet.project.files import alone
from carnet.sources.kernels import find_kernel
from carnet.sources.notebooks import Notebook
from carnet.sources.requests import Request
from carnet.store.keys import differences, known_files, known_folders, run_inputs
from carnet.store.observed import observe
from carnet.store.provenance import cpu_kind, provenance
from carnet.store.runs import Run, Store
from carnet.store.work import damage_notes

MakeRun = Callable[[ExitStack], Run]  # its kernel ends when the stack is closed


@dataclass
class Outcome:
    """The runs to show and the errors, by notebook."""

    runs: dict[str, Run] = field(default_factory=dict)
    failed: dict[str, JournalError] = field(default_factory=dict)


class Listener:
    """Called as notebooks run; the command line shows what it hears."""

    def fresh(self, name: str) -> None: ...
    def waiting_for(self, name: str) -> None: ...
    def started(self, name: str, progress: Path) -> None: ...
    def finished(self, name: str, seconds: float) -> None: ...
    def failed(self, name: str, error: JournalError) -> None: ...
    def damaged(self, name: str, files: list[str]) -> None: ...
    def no_worker(self) -> None: ...


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
    """Run what is not up to date among `names`, up to `jobs` notebooks at a time.

    With a cluster, they run on its workers, as many at a time as there are workers.
    A notebook that fails does not stop those that do not need it. Once the first is under way,
    `meanwhile` is called, in a thread.

    Args:
        names: the notebooks and all that they need; of several that are ready, the first runs.
    """
    STOPPING.clear()
    outcome = Outcome()
    pool = concurrent.futures.ThreadPoolExecutor(len(names) + 1)
    with pool, open_cluster() as cluster:
        if cluster:
            READY.set()  # no kernel starts in this process
            if not cluster.count():
                listener.no_worker()
        runner = _Runner(request, store, root, outcome, force, listener, cluster)
        try:
            _run_in_order(names, jobs, runner, pool, meanwhile)
        except KeyboardInterrupt:
            stop()  # the kernels, so that the threads that wait for them end too
            raise
    return outcome


def _run_in_order(
    names: list[str], jobs: int, runner: "_Runner", pool: Executor, meanwhile: Callable[[], None]
) -> None:
    """Run the notebooks that are ready, until none is; then wait for their kernels to end."""
    sorter = TopologicalSorter({name: runner.request.notebooks[name].needs for name in names})
    sorter.prepare()
    ready, running, ends = [], {}, []
    while True:
        ready = sorted([*ready, *sorter.get_ready()], key=names.index)
        if ready and len(running) < runner.limit(jobs):
            name = ready.pop(0)
            if make_run := runner.find_run(name):
                future, end = _begin(pool, make_run)
                running[future] = name
                ends.append(end)
                if len(ends) == 1:
                    pool.submit(meanwhile)
                continue
            ended = [name]
        elif running:
            done, _ = concurrent.futures.wait(running, return_when="FIRST_COMPLETED")
            ended = [runner.collect(running.pop(future), future) for future in done]
        else:
            break
        sorter.done(*(name for name in ended if name in runner.outcome.runs))
    for end in ends:
        end.result()


def _begin(pool: Executor, make_run: MakeRun) -> tuple[Future, Future]:
    """Return two futures: the run, once it is kept and others can begin; the end of its kernel."""
    future = Future()

    def perform() -> None:
        with ExitStack() as at_exit:
            at_exit.callback(READY.set)  # in case its kernel did not start
            try:
                future.set_result(make_run(at_exit))
            except BaseException as error:
                future.set_exception(error)

    return future, pool.submit(perform)


@dataclass(frozen=True)
class _Runner:
    """Finds or makes the run of a notebook whose needs have all been run."""

    request: Request
    store: Store
    root: Path
    outcome: Outcome
    force: bool
    listener: Listener
    cluster: Cluster | None

    def limit(self, jobs: int) -> int:
        """How many notebooks may run at a time now."""
        return max(self.cluster.count(), 1) if self.cluster else jobs

    def find_run(self, name: str) -> MakeRun | None:
        """Look for an up-to-date run; return what makes one where there is none."""
        try:
            state = look_up(name, self.request, self.outcome.runs, self.store, self.root)
        except JournalError as error:
            self._fail(name, error)
            return None
        if state.damaged:
            self.listener.damaged(name, state.damaged)
        if state.run and not self.force:
            self.outcome.runs[name] = state.run
            self.listener.fresh(name)
            return None
        return functools.partial(self._make_run, name, state)

    def collect(self, name: str, future: Future) -> str:
        """Keep the run of a notebook that ended, or its error; return its name."""
        try:
            self.outcome.runs[name] = future.result()
        except JournalError as error:
            self._fail(name, error)
        except OSError as error:
            where = f"notebooks/{self.request.notebooks[name].path.name}"
            self._fail(name, NotebookError(f"{where}: {describe_os_error(error)}"))
        return name

    def _fail(self, name: str, error: JournalError) -> None:
        self.outcome.failed[name] = error
        self.listener.failed(name, error)

    def _make_run(self, name: str, state: NotebookState, at_exit: ExitStack) -> Run:
        """Run a notebook; where another journal is making the same run, wait for it and take it."""
        waiting = functools.partial(self.listener.waiting_for, name)
        with alone(self.store.lock(state.key), waiting, STOPPING.is_set):
            state = look_up(name, self.request, self.outcome.runs, self.store, self.root)
            if state.run and not self.force:
                self.listener.fresh(name)
                return state.run
            return self._run(name, state, at_exit)

    def _run(self, name: str, state: NotebookState, at_exit: ExitStack) -> Run:
        staged = self.store.stage(name)
        notebook, parameters = self.request.notebooks[name], self.request.parameters[name]
        needs = {need: self.outcome.runs[need].folder for need in notebook.needs}
        execution = Execution(notebook, parameters, needs, staged, self.root, self.store.folder)
        self.listener.started(name, execution.progress)
        begun, start = datetime.datetime.now(datetime.UTC), time.monotonic()
        try:
            cpu = self._execute_somewhere(execution, at_exit)
            self._check_unchanged(execution, state.inputs)
        except NotebookError as error:
            error.kept = self.store.keep_failed(staged, name) / "notebook.ipynb"
            raise
        finally:
            if (notes := damage_notes(staged)).exists():
                self.listener.damaged(name, notes.read_text("utf-8").splitlines())
        seconds = time.monotonic() - start
        observed = self._observe(execution, state.inputs)
        record = provenance(self.root, state.inputs, observed, parameters, begun, seconds, cpu)
        run = self.store.keep(staged, name, state.key, record)
        self.listener.finished(name, seconds)
        return run

    def _execute_somewhere(self, execution: Execution, at_exit: ExitStack) -> str:
        """Execute a notebook here, or on a worker of the cluster; return the kind of CPU."""
        if self.cluster is None:
            execute(execution, at_exit)
            return cpu_kind()
        task = functools.partial(execute_on_worker, execution)
        try:
            return self.cluster.submit(task, stop=stop).result()
        except JournalError:
            raise
        except Exception as error:  # the workers died one after another, the scheduler has gone
            message = f"{execution.where}: {type(error).__name__}: {error}"
            raise NotebookError(message) from None

    def _observe(self, execution: Execution, inputs: dict) -> dict:
        """Return what a run read that is not among the inputs of its key."""
        notebook, parameters = execution.notebook, execution.parameters
        known = [*known_files(notebook, parameters, inputs, self.root), self.store.folder]
        listed, installed = known_folders(notebook, parameters), find_kernel(notebook.kernel)
        return observe(execution.reads, self.root, known, listed, installed.environment)

    def _check_unchanged(self, execution: Execution, before: dict) -> None:
        """Refuse a run whose inputs were edited while it ran: its key would be wrong."""
        needs = {name: self.outcome.runs[name].results_digest for name in execution.needs}
        try:
            now = Notebook.read(execution.notebook.path)
            changed = differences(before, run_inputs(now, execution.parameters, needs, self.root))
        except ValueError as error:  # not a notebook any more
            changed = [str(error)]
        if changed:
            message = f"{execution.where}: edited while it ran ({'; '.join(changed)}): build again"
            raise NotebookError(message)


def execute_on_worker(execution: Execution) -> str:
    """Execute a notebook on a worker, where an earlier build may have been stopped.

    Returns the kind of its CPU.
    """
    STOPPING.clear()
    with ExitStack() as at_exit:
        execute(execution, at_exit)
    return cpu_kind()
