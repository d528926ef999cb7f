"""A pool of workers that are fakes; tests/test_scale.py has real ones."""

from concurrent import futures

import pytest

from carnet.execution import workers as module
from carnet.execution.workers import DEATHS, LocalWorkers, WorkerPool, open_workers


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
