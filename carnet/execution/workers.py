"""Tasks in other processes, through `concurrent.futures`: on this machine or on a Dask cluster."""

import contextlib
import multiprocessing
import os
import threading
import time
from collections.abc import Iterator
from concurrent import futures

from carnet.execution.cluster import Cluster, Task, open_cluster

DEATHS = 3  # of local pools, one after another with no task done, before giving up
TICK_SECONDS = 0.5  # between two looks at how many workers there are
# They say where a kernel records its run; its workers record nothing.
RUN_ONLY = ("JOURNAL_RUN", "JOURNAL_NEEDS", "JOURNAL_PROGRESS")


class LocalWorkers:
    """Processes of this machine. They end with this one, however it ends."""

    def __init__(self, processes: int):
        self.processes = processes
        self._start()

    def _start(self) -> None:
        # Spawned: a fork of a process whose threads compute may hang.
        context = multiprocessing.get_context("spawn")
        reader, self.lifeline = context.Pipe(duplex=False)
        self.executor = futures.ProcessPoolExecutor(
            self.processes, context, initializer=_follow, initargs=(reader,)
        )

    def count(self) -> int:
        return self.processes

    def submit(self, task: Task) -> futures.Future:
        """Have a worker run a picklable task; a pool that lost a process is replaced."""
        try:
            return self.executor.submit(task)
        except futures.BrokenExecutor:
            self.close()
            self._start()
            return self.executor.submit(task)

    def close(self) -> None:
        """End the processes at once, even in the middle of a task."""
        self.lifeline.close()
        self.executor.shutdown(cancel_futures=True)


def _follow(lifeline) -> None:
    """Prepare a process of `LocalWorkers` to end when the other end of `lifeline` closes."""

    def wait() -> None:
        with contextlib.suppress(EOFError, OSError):
            lifeline.recv()
        os._exit(1)

    for name in RUN_ONLY:
        os.environ.pop(name, None)
    threading.Thread(target=wait, daemon=True).start()


Workers = LocalWorkers | Cluster


@contextlib.contextmanager
def open_workers(processes: int) -> Iterator[Workers]:
    """Yield the workers of the cluster that JOURNAL_CLUSTER names, else `processes` local ones."""
    with open_cluster() as cluster:
        if cluster:
            yield cluster
        else:
            with contextlib.closing(LocalWorkers(processes)) as workers:
                yield workers


class WorkerPool:
    """Has workers run one task again and again; each time, it does a part of the work.

    The task returns whether there was anything to do. A worker that dies is replaced; the next
    task must find again what it left undone.
    """

    def __init__(self, workers: Workers, task: Task):
        self.workers, self.task = workers, task
        self.under_way: set[futures.Future] = set()
        self.deaths = 0

    def keep_busy(self, limit: int) -> None:
        """Give every worker a task, up to `limit` tasks in all, and wait a moment.

        There is one more task than workers, ready for a worker that joins.

        Raises:
            RuntimeError: workers die one after another, or the scheduler has gone. And what a
                task raised.
        """
        while len(self.under_way) < min(self.workers.count() + 1, limit):
            self.under_way.add(self.workers.submit(self.task))
        done, self.under_way = futures.wait(
            self.under_way, TICK_SECONDS, return_when=futures.FIRST_COMPLETED
        )
        try:
            results = [future.result() for future in done]
        except futures.BrokenExecutor:
            self._count_death()
        except futures.CancelledError:
            raise RuntimeError("the Dask scheduler has gone: run again to resume") from None
        else:
            if any(results):
                self.deaths = 0
            else:
                time.sleep(TICK_SECONDS)  # nothing to do for now

    def _count_death(self) -> None:
        """A local pool dies whole: what its other processes did must be done again too."""
        self.under_way = set()
        self.deaths += 1
        if self.deaths >= DEATHS:
            raise RuntimeError(f"{DEATHS} workers died one after another (out of memory?)")
