"""The workers of a Dask cluster.

They share the project's folder and the store at the same paths, have the same packages, and run
one task at a time; each task checks this.
"""

import contextlib
import functools
import os
import pickle
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

from carnet.execution.addresses import CLUSTER, STORAGE, check_cluster, cluster_address
from carnet.project.errors import InputError
from carnet.project.files import digest
from carnet.project.paths import ROOT_VARIABLE, STORE_VARIABLE, find_root, store_folder
from carnet.sources.notebooks import code_folders

CANCEL_CHECK_SECONDS = 0.5

Task = Callable[[], object]


class Cluster:
    """The workers of a Dask cluster; those that come later are used at once.

    Raises:
        InputError: no scheduler answers, or a worker cannot run this project's tasks.
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
        # A file that every worker must see: it shows that they share the store.
        self.witness = tempfile.NamedTemporaryFile(  # noqa: SIM115
            dir=store_folder(), prefix=".cluster-"
        )
        try:
            self.check()
        except BaseException:
            self.close()
            raise

    def check(self) -> None:
        """Check the workers that are there; those that come later are checked by their tasks."""
        try:
            self.client.run(self._remote(pickle.dumps((bool, None))))
        except OSError as error:
            raise InputError(str(error)) from None

    def count(self) -> int:
        """Return how many workers there are now."""
        return len(self.client.nthreads())

    def submit(self, task: Task, *, stop: Task | None = None) -> Future:
        """Have a worker run a picklable task; if it dies meanwhile, another one does.

        Args:
            stop: ends the task, from another thread, once it is cancelled. A task that has it
                leaves its worker free for other tasks, so that it may wait for these.
        """
        return self.executor.submit(self._remote(pickle.dumps((task, stop))))

    def close(self) -> None:
        """Cancel the tasks that have not ended."""
        self.executor.shutdown(wait=False)
        self.client.close()
        self.witness.close()

    def _remote(self, work: bytes) -> Task:
        """Return a pickled task in a form that a worker without this project on its path can run.

        A nested function is pickled by value, and Dask writes what it holds in no log.
        """
        root, here, witness = str(find_root()), surroundings(), self.witness.name
        reloaded = {folder.name for folder in code_folders(find_root())}
        environment = {name: os.environ.get(name) for name in (CLUSTER, STORAGE)}
        environment[STORE_VARIABLE] = str(store_folder())

        def remote(dask_worker=None):  # what Dask gives to a check, which is no task
            os.environ[ROOT_VARIABLE] = root
            if not Path(root, "notebooks").is_dir():
                raise OSError(f"--cluster: a worker does not see {root}: share it at this path")
            known = sys.modules.get("carnet.execution.cluster")
            if known is None or known.surroundings()["code"] != here["code"]:  # edited since
                for name in [n for n in sys.modules if n.partition(".")[0] in reloaded]:
                    del sys.modules[name]
                sys.path.insert(0, root)
            from carnet.execution.cluster import check_threads, perform

            check_threads(dask_worker)
            return perform(work, here, environment, witness)

        return remote


def check_threads(worker) -> None:
    """Refuse a Dask worker, by default that of this task, if it runs several tasks at a time.

    Raises:
        InputError: it does.
    """
    from distributed import get_worker

    worker = worker or get_worker()
    if worker.state.nthreads != 1:  # torch's settings hold for a whole process
        raise InputError(
            f"--cluster: worker {worker.address} runs {worker.state.nthreads} tasks at a time, "
            "expected 1: start it with `dask worker --nthreads 1`"
        )


def perform(work: bytes, expected: dict, environment: dict, witness: str) -> object:
    """Run a pickled task in this process, a worker of a cluster.

    Raises:
        InputError: the worker differs from the process that asks.
    """
    from carnet.store.keys import differences

    worker = f"--cluster: the worker of process {os.getpid()} on {socket.gethostname()}"
    if not Path(witness).exists():
        folder = Path(witness).parent
        raise InputError(f"{worker} does not see {folder}: share the store at this path")
    if changed := differences(expected, surroundings()):
        raise InputError(f"{worker} differs from this process ({changed[0]}): restart it")
    for name, value in environment.items():
        os.environ.pop(name, None)
        if value:
            os.environ[name] = value
    task, stop = pickle.loads(work)
    with _seceded(stop) if stop else contextlib.nullcontext():
        return task()


@contextlib.contextmanager
def _seceded(stop: Task) -> Iterator[None]:
    """Leave the worker free for other tasks; call `stop` once this one is cancelled."""
    from distributed import get_worker, secede

    worker, ended = get_worker(), threading.Event()
    key = worker.get_current_task()

    def watch() -> None:
        while not ended.wait(CANCEL_CHECK_SECONDS):
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

    root = find_root()
    paths = sorted(path for folder in code_folders(root) for path in folder.rglob("*.py"))
    names = [".".join(path.relative_to(root).with_suffix("").parts) for path in paths]
    used = packages.environment().versions_of(dependencies(names, root).packages)
    return {
        "python": packages.python_version(),
        "code": digest([path.read_text("utf-8") for path in paths]),
        **{f"package {name}": version for name, version in used.items()},
    }


@contextlib.contextmanager
def open_cluster() -> Iterator[Cluster | None]:
    """Yield the cluster that JOURNAL_CLUSTER names, None where it names none."""
    address = cluster_address()
    with contextlib.closing(Cluster(address)) if address else contextlib.nullcontext() as cluster:
        yield cluster
