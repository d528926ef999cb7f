"""Tasks on workers, fakes and real processes; tests/test_scale.py has those of a cluster."""

import contextlib
import functools
import operator
import os
import signal
import subprocess
import sys
from concurrent import futures
from pathlib import Path

import psutil
import pytest

from carnet.execution.workers import DEATHS, LocalWorkers, open_workers, work_through
from tests.conftest import ROOT


class FakeWorkers:
    """`answers` fill the futures of the tasks submitted, one after another."""

    def __init__(self, *answers):
        self.answers, self.submitted = list(answers), []

    def submit(self, task) -> futures.Future:
        future = futures.Future()
        self.submitted.append(task)
        self.answers.pop(0)(future)
        return future


def gives(result):
    return lambda future: future.set_result(result)


def fails(error: BaseException):
    return lambda future: future.set_exception(error)


def test_each_task_is_done_and_told_by_its_place():
    found = work_through(FakeWorkers(gives("a"), gives("b")), ["first", "second"])
    assert dict(found) == {0: "a", 1: "b"}


def test_without_workers_this_process_does_the_tasks_one_after_another():
    found = work_through(None, [os.getpid, os.getpid])
    assert list(found) == [(0, os.getpid()), (1, os.getpid())]


def test_what_a_task_raises_is_raised():
    with pytest.raises(ZeroDivisionError):
        list(work_through(FakeWorkers(fails(ZeroDivisionError())), ["first"]))


def test_what_a_dead_worker_left_is_begun_again():
    workers = FakeWorkers(fails(futures.BrokenExecutor()), gives("again"))
    assert list(work_through(workers, ["first"])) == [(0, "again")]
    assert workers.submitted == ["first", "first"]


def test_workers_that_die_one_after_another_end_the_work():
    workers = FakeWorkers(*[fails(futures.BrokenExecutor())] * DEATHS)
    with pytest.raises(RuntimeError, match=f"{DEATHS} workers died one after another"):
        list(work_through(workers, ["first"]))


def test_a_scheduler_that_has_gone_is_one_line():
    with pytest.raises(RuntimeError, match="scheduler has gone: run again to resume"):
        list(work_through(FakeWorkers(fails(futures.CancelledError())), ["first"]))


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
        list(work_through(workers, [task] * 5))


def die_once(mark: Path) -> int:
    """Kill the process that does it, the first time."""
    if not mark.exists():
        mark.touch()
        signal.raise_signal(signal.SIGKILL)
    return os.getpid()


@pytest.mark.slow
def test_a_process_of_this_machine_that_dies_is_replaced(tmp_path):
    tasks = [functools.partial(die_once, tmp_path / "died"), os.getpid, os.getpid]
    with contextlib.closing(LocalWorkers(2)) as workers:
        found = dict(work_through(workers, tasks))
    assert found.keys() == {0, 1, 2}
    assert os.getpid() not in found.values()


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
