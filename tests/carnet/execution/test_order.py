"""Which notebooks run, in what order and what becomes of them; `execute` is a fake."""

import signal
import threading
import time

import pytest

from carnet.execution import order
from carnet.project.errors import InputError, NotebookError
from carnet.project.files import write_json
from carnet.store import keys
from tests.carnet.conftest import code, write_notebook
from tests.carnet.execution.conftest import NEEDS, RecordingListener


def fail(message, **options):
    def effect(execution):
        raise NotebookError(message, **options)

    return effect


def test_needs_run_first_and_nothing_twice(journal):
    assert journal.ran() == ["amont", "aval", "fin", "seul"]
    outcome, lines = journal.run()
    assert lines == ["amont fresh", "aval fresh", "fin fresh", "seul fresh"]
    assert {name: run.name for name, run in outcome.runs.items()} == {name: name for name in NEEDS}


def test_what_is_ready_runs_in_the_order_of_the_request(journal):
    """Once `amont` has run, `aval` comes before `seul`, which was ready from the start."""
    journal.run("amont", "aval", "fin")
    journal.parameters["aval"] = journal.parameters["seul"] = {"x": 2}
    assert journal.ran() == ["aval", "seul"]


def test_only_what_is_named_runs(journal):
    assert journal.run("seul")[1] == ["seul started", "seul finished"]


def test_a_run_whose_results_stay_the_same_runs_nothing_after_it(journal):
    journal.ran()
    journal.parameters["amont"] = {"x": 2}
    assert journal.ran() == ["amont"]


def test_a_run_whose_results_change_runs_what_reads_them_directly(journal):
    journal.ran()
    journal.parameters["amont"] = {"x": 2}
    journal.effects["amont"] = lambda execution: write_json(
        execution.folder / "results.json", {"constant": 2}
    )
    assert journal.ran() == ["amont", "aval"]


def test_force_runs_everything_again(journal):
    journal.ran()
    assert journal.ran(force=True) == ["amont", "aval", "fin", "seul"]


def test_a_run_receives_the_folders_of_what_it_needs(journal):
    given = {}
    for name in NEEDS:
        journal.effects[name] = lambda execution: given.update(
            {execution.notebook.name: {n: path.parent.name for n, path in execution.needs.items()}}
        )
    journal.ran()
    assert given == {"amont": {}, "aval": {"amont": "amont"}, "fin": {"aval": "aval"}, "seul": {}}


def test_a_failure_stops_only_what_needs_it(journal):
    journal.effects["amont"] = fail("cell 3: ZeroDivisionError", bad_input=True)
    outcome, lines = journal.run()
    assert list(outcome.runs) == ["seul"]
    assert lines[:2] == ["amont started", "amont failed: cell 3: ZeroDivisionError"]
    (error,) = outcome.failed.values()
    assert error.bad_input
    assert error.kept == journal.store.folder / "failed" / "amont" / "notebook.ipynb"
    assert error.kept.is_file()
    journal.effects.clear()
    assert journal.ran() == ["amont", "aval", "fin"]


def test_a_disk_that_is_full_is_one_line(journal):
    def effect(execution):
        raise OSError(28, "No space left on device", "/runs/x")

    journal.effects["seul"] = effect
    outcome, _ = journal.run("seul")
    message = "notebooks/04_seul.ipynb: /runs/x: No space left on device"
    assert str(outcome.failed["seul"]) == message


def test_input_that_cannot_be_read_is_reported_before_the_run(journal, monkeypatch):
    def refuse(path, files=None):
        raise InputError(f"{path}: cannot be read")

    monkeypatch.setattr(keys, "fingerprint", refuse)
    journal.parameters["amont"] = {"x": str(journal.root)}
    outcome, lines = journal.run()
    assert isinstance(outcome.failed["amont"], InputError)
    assert "amont started" not in lines
    assert list(outcome.runs) == ["seul"]


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda p: write_notebook(p, [code("c", "2")]), r"\(code cell or expression 1 changed\)"),
        (lambda p: p.write_text("{"), r"not a notebook \("),
    ],
)
def test_a_notebook_edited_while_it_runs_is_refused(journal, edit, message):
    journal.effects["seul"] = lambda execution: edit(execution.notebook.path)
    outcome, _ = journal.run("seul")
    assert outcome.runs == {}
    assert outcome.failed["seul"].kept.is_file()
    message_start = r"notebooks/04_seul\.ipynb: edited while it ran .*: build again"
    with pytest.raises(NotebookError, match=message_start):
        raise outcome.failed["seul"]
    with pytest.raises(NotebookError, match=message):
        raise outcome.failed["seul"]


def test_independent_notebooks_run_at_the_same_time(journal):
    together = threading.Barrier(2, timeout=5)
    journal.effects["amont"] = journal.effects["seul"] = lambda execution: together.wait()
    assert set(journal.ran(jobs=2)) == set(NEEDS)


def test_one_job_runs_one_notebook_at_a_time(journal):
    _, lines = journal.run(jobs=1)
    assert lines == [f"{name} {what}" for name in NEEDS for what in ("started", "finished")]


def test_the_next_notebook_begins_while_a_kernel_ends(journal):
    begun, ended = threading.Event(), []
    journal.endings["amont"] = lambda: ended.append(begun.wait(timeout=5))
    journal.effects["aval"] = lambda execution: begun.set()
    journal.ran(jobs=1)
    assert ended == [True]


def test_a_build_waits_for_its_kernels_to_end(journal):
    ended = []
    for name in NEEDS:
        journal.endings[name] = lambda name=name: (time.sleep(0.05), ended.append(name))
    journal.effects["seul"] = fail("cell 3: ZeroDivisionError", bad_input=True)
    journal.run()
    assert sorted(ended) == sorted(NEEDS)


def test_a_kernel_that_does_not_end_is_reported(journal):
    def end():
        raise RuntimeError("of zmq")

    journal.endings["seul"] = end
    with pytest.raises(RuntimeError, match="of zmq"):
        journal.run("seul")
    assert journal.run("seul")[1] == ["seul fresh"]


def test_an_interruption_while_the_last_kernel_ends_stops_it(journal, monkeypatch):
    stopped, asked = [], threading.Event()
    monkeypatch.setattr(order, "stop", lambda: (stopped.append(True), asked.set()))

    def end():
        signal.raise_signal(signal.SIGINT)
        assert asked.wait(5)

    journal.endings["seul"] = end
    with pytest.raises(KeyboardInterrupt):
        journal.run("seul")
    assert stopped == [True]


def test_an_interruption_stops_the_kernels(journal, monkeypatch):
    stopped = []
    monkeypatch.setattr(order, "stop", lambda: stopped.append(True))

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(order.concurrent.futures, "wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        journal.run("seul")
    assert stopped == [True]


def test_the_record_says_what_the_run_depended_on(journal):
    run = journal.run("seul")[0].runs["seul"]
    assert run.inputs("parameter") == {"x": 1}
    assert run.record["parameters"] == {"x": 1}
    assert sorted(run.record["files"]) == ["notebook.ipynb", "results.json"]


def test_a_damaged_run_is_told_and_runs_again(journal):
    run = journal.run("seul")[0].runs["seul"]
    results = run.folder / "results.json"
    results.write_text(results.read_text().replace("1", "9"))
    assert journal.explain()[0]["seul"] == ["damaged in the store: results.json"]
    outcome, lines = journal.run("seul")
    assert lines == ["seul damaged: results.json", "seul started", "seul finished"]
    assert outcome.runs["seul"].results == {"constant": 1}


def test_a_run_that_another_journal_is_making_is_waited_for(journal):
    """The first is in the middle of its run when the second, with the same store, begins."""
    begun, told = threading.Event(), threading.Event()

    class Waiting(RecordingListener):
        def waiting_for(self, name):
            super().waiting_for(name)
            told.set()

    def slow(execution):
        begun.set()
        assert told.wait(60)

    journal.effects["seul"] = slow
    first = threading.Thread(target=journal.run, args=["seul"])
    first.start()
    assert begun.wait(60)
    second = Waiting()
    journal.run("seul", listener=second)
    first.join()
    assert second.lines == ["seul waiting", "seul fresh"]
    assert len(journal.store.runs("seul")) == 1
