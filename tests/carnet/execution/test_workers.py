"""A pool of workers, fakes and real processes; tests/test_scale.py has those of a cluster."""

import contextlib
import functools
import operator
import os
import signal
import subprocess
import sys
from concurrent import futures

import psutil
import pytest

from carnet.execution import workers as module
from carnet.execution.workers import DEATHS, LocalWorkers, WorkerPool, open_workers
from tests.conftest import ROOT


class FakeWorkers:
    """Two workers; `answer` fills the future of each submitted task."""

    def __init__(self, answer):
        self.answer, self.submitted = answer, []

    def count(self) -> int:
        return 2

    def submit(self, task) -> futures.Future:
        future = futures.Future()
        self.submitted.append(future)
        self.answer(future)
        return future


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(module, "TICK_SECONDS", 0)


def pool(answer) -> WorkerPool:
    return WorkerPool(FakeWorkers(answer), lambda: None)


@pytest.mark.parametrize(("limit", "submitted"), [(1, 1), (5, 3)])
def test_a_task_for_each_worker_and_one_more_up_to_the_limit(limit, submitted):
    found = pool(lambda future: None)
    found.keep_busy(limit)
    found.keep_busy(limit)
    assert len(found.workers.submitted) == submitted


def test_what_a_task_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        pool(lambda future: future.set_exception(ZeroDivisionError())).keep_busy(1)


def test_workers_that_die_one_after_another_end_the_work():
    found = pool(lambda future: future.set_exception(futures.BrokenExecutor()))
    for _ in range(DEATHS - 1):
        found.keep_busy(1)
    with pytest.raises(RuntimeError, match=f"{DEATHS} workers died one after another"):
        found.keep_busy(1)


def test_deaths_count_only_when_no_task_is_done_between_them():
    found = pool(lambda future: future.set_exception(futures.BrokenExecutor()))
    found.keep_busy(1)
    found.workers.answer = lambda future: future.set_result(True)
    found.keep_busy(1)
    assert found.deaths == 0


def test_a_scheduler_that_has_gone_is_one_line():
    with pytest.raises(RuntimeError, match="scheduler has gone: run again to resume"):
        pool(lambda future: future.set_exception(futures.CancelledError())).keep_busy(1)


def test_without_a_cluster_workers_are_processes_of_this_machine(monkeypatch):
    monkeypatch.delenv("JOURNAL_CLUSTER", raising=False)
    with open_workers(2) as workers:
        assert isinstance(workers, LocalWorkers)
        assert workers.count() == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("task", "error"),
    [
        (functools.partial(operator.truediv, 1, 0), ZeroDivisionError),
        (functools.partial(signal.raise_signal, signal.SIGKILL), RuntimeError),
    ],
)
def test_processes_of_this_machine_that_fail_or_keep_dying_end_the_work(task, error):
    with contextlib.closing(LocalWorkers(2)) as workers, pytest.raises(error):
        found = WorkerPool(workers, task)
        while True:
            found.keep_busy(5)


SLEEPING = """
import functools, os, time
from carnet.execution.workers import open_workers

if __name__ == "__main__":
    with open_workers(2) as workers:
        workers.submit(os.getpid).result()
        tasks = [workers.submit(functools.partial(time.sleep, 600)) for _ in range(2)]
        print("ready", flush=True)
        tasks[0].result()
"""


@pytest.mark.slow
def test_processes_of_this_machine_end_with_the_one_that_started_them(tmp_path):
    """Killed, it leaves no process behind, even one in the middle of a task."""
    script = tmp_path / "sleeping.py"
    script.write_text(SLEEPING)
    environment = {k: v for k, v in os.environ.items() if k != "JOURNAL_CLUSTER"}
    command = {"args": [sys.executable, script], "env": environment | {"PYTHONPATH": str(ROOT)}}
    with subprocess.Popen(**command, stdout=subprocess.PIPE) as main:
        assert main.stdout.readline() == b"ready\n"
        started = psutil.Process(main.pid).children(recursive=True)
        main.kill()
    assert len(started) >= 2
    assert psutil.wait_procs(started, timeout=300)[1] == []
