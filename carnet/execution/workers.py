"""Work in other processes, through `concurrent.futures`: this machine's, or a Dask cluster's.

A cluster's workers share the project's folder and the store at the same paths, have the same
packages, and do one thing at a time; this is checked at each task.
"""

import contextlib
import functools
import multiprocessing
import os
import pickle
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path

from carnet.execution.addresses import CLUSTER, STORAGE, check_cluster, cluster_address
from carnet.project.errors import InputError
from carnet.project.files import digest
from carnet.project.paths import CODE, ROOT, store_folder

DEATHS = 3  # of local workers, without any work done in between, before giving up
TICK_SECONDS = 0.5  # between two looks at how many workers there are
# What tells a kernel where its own run is; its workers have none.
RUN_ONLY = ("JOURNAL_RUN", "JOURNAL_NEEDS", "JOURNAL_PROGRESS")

Task = Callable[[], object]


class LocalWorkers:
    """Processes of this machine. They end with this one, however it ends."""

    def __init__(self, processes: int):
        self.processes = processes
        self._start()

    def _start(self) -> None:
        # Spawned, since a fork of a process whose threads compute may hang.
        context = multiprocessing.get_context("spawn")
        reader, self.lifeline = context.Pipe(duplex=False)
        self.executor = futures.ProcessPoolExecutor(
            self.processes, context, initializer=_follow, initargs=(reader,)
        )

    def count(self) -> int:
        return self.processes

    def submit(self, task: Task) -> futures.Future:
        """Have a worker do a picklable task; a pool that lost a process is replaced."""
        try:
            return self.executor.submit(task)
        except futures.BrokenExecutor:
            self.close()
            self._start()
            return self.executor.submit(task)

    def close(self) -> None:
        """End the processes at once, whatever they do."""
        self.lifeline.close()
        self.executor.shutdown(cancel_futures=True)


def _follow(lifeline) -> None:
    """Prepare a process of `LocalWorkers`, to end when the other end of `lifeline` closes."""

    def wait() -> None:
        with contextlib.suppress(EOFError, OSError):
            lifeline.recv()
        os._exit(1)

    for name in RUN_ONLY:
        os.environ.pop(name, None)
    threading.Thread(target=wait, daemon=True).start()


class Cluster:
    """The workers of a Dask cluster; those that come later take part at once.

    Raises:
        InputError: no scheduler answers, or a worker cannot do this project's work.
    """

    def __init__(self, address: str):
        from distributed import Client

        check_cluster()
        try:
            self.client = Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(f"--cluster {address}: no Dask scheduler there ({error})") from None
        self.executor = self.client.get_executor(pure=False)
        store_folder().mkdir(parents=True, exist_ok=True)
        self.witness = tempfile.NamedTemporaryFile(  # noqa: SIM115
            dir=store_folder(), prefix=".cluster-"
        )
        try:
            self.check()
        except BaseException:
            self.close()
            raise

    def check(self) -> None:
        """Check the workers that are there; those who come later are checked by their tasks."""
        self.count()
        try:
            self.client.run(self._remote(pickle.dumps((_nothing, None))))
        except OSError as error:
            raise InputError(str(error)) from None

    def count(self) -> int:
        """Return how many workers there are now.

        Raises:
            InputError: one does several things at a time.
        """
        threads = self.client.nthreads()
        for worker, number in threads.items():
            if number != 1:  # what torch is told holds for a whole process
                raise InputError(
                    f"--cluster: worker {worker} does {number} things at a time, expected 1: "
                    "start it with `dask worker --nthreads 1`"
                )
        return len(threads)

    def submit(self, task: Task, *, stop: Task | None = None) -> futures.Future:
        """Have a worker do a picklable task; one that dies on it is replaced by another.

        Args:
            stop: ends the task from another thread, when nobody waits for it any more. A task that
                has it takes no place on its worker, so that it may wait for other tasks.
        """
        return self.executor.submit(self._remote(pickle.dumps((task, stop))))

    def close(self) -> None:
        """Give up what is not done."""
        self.executor.shutdown(wait=False)
        self.client.close()
        self.witness.close()

    def _remote(self, task: bytes) -> Task:
        """Return `task` as a worker that does not know this project can take it.

        A function inside a function travels whole, and what it holds is in no log of Dask.
        """
        root, here, witness = str(ROOT), surroundings(), self.witness.name
        environment = {name: os.environ.get(name) for name in (CLUSTER, STORAGE)}
        environment["JOURNAL_STORE"] = str(store_folder())

        def remote():
            if not Path(root, "carnet").is_dir():
                raise OSError(f"--cluster: a worker does not see {root}: share it at this path")
            known = sys.modules.get("carnet.execution.workers")
            if known is None or known.surroundings()["code"] != here["code"]:  # edited since
                for name in [n for n in sys.modules if n.partition(".")[0] in ("carnet", "lib")]:
                    del sys.modules[name]
                sys.path.insert(0, root)
            from carnet.execution.workers import perform

            return perform(task, here, environment, witness)

        return remote


def _nothing() -> None: ...


def perform(work: bytes, expected: dict, environment: dict, witness: str) -> object:
    """Do a pickled task in this process, a worker of a cluster.

    Raises:
        InputError: the worker is not like the process that asks.
    """
    from carnet.store.keys import differences

    worker = f"--cluster: the worker of process {os.getpid()} on {socket.gethostname()}"
    if not Path(witness).exists():
        folder = Path(witness).parent
        raise InputError(f"{worker} does not see {folder}: share the store at this path")
    if changed := differences(expected, surroundings()):
        raise InputError(f"{worker} is not like this process ({changed[0]}): start it again")
    for name, value in environment.items():
        os.environ.pop(name, None)
        if value:
            os.environ[name] = value
    task, stop = pickle.loads(work)
    with _aside(stop) if stop else contextlib.nullcontext():
        return task()


@contextlib.contextmanager
def _aside(stop: Task) -> Iterator[None]:
    """Leave the worker's place to other tasks; call `stop` once this one is given up."""
    from distributed import get_worker, secede

    worker, ended = get_worker(), threading.Event()
    key = worker.get_current_task()

    def watch() -> None:
        while not ended.wait(TICK_SECONDS):
            task = worker.state.tasks.get(key)
            if task is None or task.state == "cancelled":
                stop()
                return

    secede()
    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        ended.set()


@functools.cache
def surroundings() -> dict:
    """Return what this process works with: Python, the project's code, the packages it uses."""
    from carnet.sources import packages
    from carnet.sources.code import dependencies

    paths = sorted(path for folder in CODE for path in (ROOT / folder).rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    used = packages.environment().versions_of(dependencies(names, ROOT).packages)
    return {
        "python": packages.python_version(),
        "code": digest([path.read_text("utf-8") for path in paths]),
        **{f"package {name}": version for name, version in used.items()},
    }


Workers = LocalWorkers | Cluster


@contextlib.contextmanager
def open_cluster() -> Iterator[Cluster | None]:
    """Give the cluster that JOURNAL_CLUSTER names, None where it names none."""
    address = cluster_address()
    with contextlib.closing(Cluster(address)) if address else contextlib.nullcontext() as cluster:
        yield cluster


@contextlib.contextmanager
def open_workers(processes: int) -> Iterator[Workers]:
    """Give the workers of the cluster that JOURNAL_CLUSTER names, else as many local processes."""
    address = cluster_address()
    workers = Cluster(address) if address else LocalWorkers(processes)
    with contextlib.closing(workers):
        yield workers


class Crew:
    """Has workers do one task again and again: each time, one of them does a part of the work.

    The task returns whether there was anything to do. A worker that dies is replaced, and what it
    did is to be found undone by the next.
    """

    def __init__(self, workers: Workers, task: Task):
        self.workers, self.task = workers, task
        self.under_way: set[futures.Future] = set()
        self.deaths = 0

    def tend(self, most: int) -> None:
        """Keep every worker busy, with up to `most` tasks in all, and wait a moment.

        There is one more task than workers, so that one who comes finds it waiting.

        Raises:
            RuntimeError: workers die one after another. And what a task raised.
        """
        while len(self.under_way) < min(self.workers.count() + 1, most):
            self.under_way.add(self.workers.submit(self.task))
        done, self.under_way = futures.wait(
            self.under_way, TICK_SECONDS, return_when=futures.FIRST_COMPLETED
        )
        try:
            worked = [future.result() for future in done]
        except futures.BrokenExecutor:
            self._count_death()
        except futures.CancelledError:
            raise RuntimeError("the Dask scheduler has gone: run again to go on") from None
        else:
            self.deaths = 0 if any(worked) else self.deaths
            if not any(worked):
                time.sleep(TICK_SECONDS)  # nothing to do for now

    def _count_death(self) -> None:
        """A pool dies whole: what its other processes did is to be done again too."""
        self.under_way = set()
        self.deaths += 1
        if self.deaths >= DEATHS:
            raise RuntimeError(f"{DEATHS} workers died one after another (out of memory?)")
