"""Tasks in other processes, through `concurrent.futures`: on this machine or on a Dask cluster."""

import contextlib
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent import futures

from carnet.execution.cluster import Cluster, Task, open_cluster

DEATHS = 3  # of local pools, one after another with no task done, before giving up
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


def work_through(workers: Workers | None, tasks: Sequence[Task]) -> Iterator[tuple[int, object]]:
    """Have workers do tasks, or this process where there are none; yield each as it ends.

    A worker that dies is replaced and its task restarted, which must resume what was done.

    Yields:
        The index of a task and what it returned.

    Raises:
        RuntimeError: workers die one after another, or the scheduler has gone. And what a task
            raised.
    """
    if workers is None:
        yield from ((index, task()) for index, task in enumerate(tasks))
        return
    left, deaths = dict(enumerate(tasks)), 0
    while left:
        under_way = {workers.submit(task): index for index, task in left.items()}
        try:
            for future in futures.as_completed(under_way):
                result = future.result()
                del left[under_way[future]]
                deaths = 0
                yield under_way[future], result
        except futures.BrokenExecutor:  # a local pool dies whole: all that it had left
            deaths += 1
            if deaths >= DEATHS:
                raise RuntimeError(
                    f"{DEATHS} workers died one after another (out of memory?)"
                ) from None
        except futures.CancelledError:
            raise RuntimeError("the Dask scheduler has gone: run again to resume") from None
