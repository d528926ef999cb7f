"""What a build does around its notebooks: one at a time, every mistake at once."""

import subprocess
import sys
import threading

import pytest

from carnet.commands.build import Journal, build_lock, succeeded
from carnet.execution.order import Outcome
from carnet.project.errors import InputError, JournalError, NotebookError, RequestError
from carnet.project.paths import Project
from carnet.publication import rendering
from carnet.publication.documents import DOCUMENTS
from carnet.store.runs import Store
from tests.conftest import ROOT

PATIENCE = 60  # seconds; ends a test that hangs


def never():
    pytest.fail("waited for a build that is not there")


def test_a_second_build_waits_reports_it_once_and_continues(tmp_path):
    waits, entered, reported = threading.Event(), threading.Event(), []

    def waiting():
        reported.append("waiting")
        waits.set()

    def second():
        with build_lock(Store(tmp_path), waiting):
            entered.set()

    thread = threading.Thread(target=second)
    with build_lock(Store(tmp_path), never):
        thread.start()
        assert waits.wait(PATIENCE)
        assert not entered.wait(0.1)
    assert entered.wait(PATIENCE)
    thread.join()
    assert reported == ["waiting"]


def test_a_build_that_fails_lets_the_next_one_in(tmp_path):
    with pytest.raises(KeyboardInterrupt), build_lock(Store(tmp_path), never):
        raise KeyboardInterrupt
    with build_lock(Store(tmp_path), never):
        pass


def test_a_build_begins_by_sweeping_what_a_killed_one_left(tmp_path):
    left = Store(tmp_path / "runs").stage("essai")
    with build_lock(Store(tmp_path / "runs"), never):
        assert not left.exists()


def test_a_sweep_waits_for_the_build_whose_work_it_would_remove(tmp_path):
    def waiting():
        assert staged.exists()
        raise InterruptedError

    with build_lock(Store(tmp_path), never):
        staged = Store(tmp_path).stage("essai")
        with pytest.raises(InterruptedError), build_lock(Store(tmp_path), waiting):
            pass
        assert staged.exists()


def prepare(project, **options) -> Journal:
    return Journal.prepare(Project.at(project.root), "synthetique", **options)


def test_what_is_asked_comes_with_what_it_needs_in_order(project):
    journal = prepare(project)
    assert journal.names() == ["mesure", "double"]
    assert prepare(project, only=["mesure"]).names() == ["mesure"]
    assert prepare(project, only=["double", "mesure", "double"]).names() == ["mesure", "double"]


def test_an_error_of_several_notebooks_is_one_line_and_says_where_the_rest_is(tmp_path):
    (tmp_path / "notebook.ipynb").write_text("{}")
    failed = NotebookError("un: 1 / 0", kept=tmp_path / "notebook.ipynb")
    refused = NotebookError("deux: no folder", bad_input=True, kept=tmp_path)
    outcome = Outcome({}, {"un": failed, "deux": refused, "trois": refused})
    with pytest.raises(JournalError) as caught:
        succeeded(outcome)
    assert not isinstance(caught.value, RequestError)
    assert str(caught.value).splitlines() == [
        "un: 1 / 0",
        f"  the partly executed notebook is {tmp_path / 'notebook.ipynb'}",
        "deux: no folder",
    ]


def test_a_partly_executed_notebook_is_named_only_where_it_is(tmp_path):
    failed = NotebookError("un: no kernel 'r' is installed", kept=tmp_path / "notebook.ipynb")
    with pytest.raises(JournalError) as caught:
        succeeded(Outcome({}, {"un": failed}))
    assert str(caught.value) == "un: no kernel 'r' is installed"


def test_input_refused_by_all_that_failed_is_the_fault_of_the_request():
    with pytest.raises(RequestError):
        succeeded(Outcome({}, {"un": InputError("a"), "deux": NotebookError("b", bad_input=True)}))


def test_without_failures_the_runs_are_given():
    assert succeeded(Outcome({"un": "run"}, {})) == {"un": "run"}


def test_mistakes_of_request_notebooks_and_pages_are_listed_together(project):
    (project.root / "notebooks" / "03_casse.ipynb").write_text("{")
    (project.root / "journal" / "jour-2.md").write_text("Sans titre.\n")
    project.edit("journal/jour-1.md", "mesure#Longueur", "mesure#Longeur")
    with pytest.raises(RequestError) as caught:
        prepare(project, only=["9"])
    files = [line.split(":")[0] for line in caught.value.mistakes]
    assert files == [
        "--only",
        "notebooks/03_casse.ipynb",
        "journal/jour-2.md",
        "journal/jour-1.md, line 9",
    ]


def test_two_pages_of_one_day_are_refused_before_anything_runs(project):
    (project.root / "journal" / "jour-01.md").write_text("---\ntitle: Jour 1\n---\n")
    with pytest.raises(RequestError, match="two pages are day 1, expected one"):
        prepare(project)


def test_nothing_is_rendered_where_nothing_changed(project, monkeypatch):
    journal = prepare(project)
    rendered = []

    def render(pages, notebooks, runs, project, formats):
        rendered.append(formats)
        return {"journal/JOURNAL.md": str(formats).encode()}

    monkeypatch.setattr(rendering, "render", render)
    assert journal.publish({}, {"markdown"}) == ["journal/JOURNAL.md"]
    assert journal.publish({}, {"markdown"}) == []
    assert rendered == [{"markdown"}]
    (project.root / "journal" / "JOURNAL.md").write_text("edited by hand")
    assert journal.publish({}, {"markdown"}) == ["journal/JOURNAL.md"]
    project.edit("journal/jour-1.md", "Le double vaut", "Deux fois plus donne")
    assert prepare(project).publish({}, {"markdown"}) == []
    assert len(rendered) == 3


def test_a_format_is_not_rendered_again_for_another(project, monkeypatch):
    journal, rendered = prepare(project), []

    def render(pages, notebooks, runs, project, formats):
        rendered.append(formats)
        return {DOCUMENTS[name]: name.encode() for name in formats}

    monkeypatch.setattr(rendering, "render", render)
    for formats in ({"markdown"}, {"pdf"}, {"markdown"}, {"pdf"}, {"pdf", "markdown"}):
        journal.publish({}, formats)
    assert rendered == [{"markdown"}, {"pdf"}]
    assert journal.pdf_is_published({})
    (project.root / DOCUMENTS["pdf"]).write_text("edited")
    assert not journal.pdf_is_published({})


IMPORTED = """
import sys, threading
from pathlib import Path
from carnet.commands.build import READY, _warm_up
from carnet.project.paths import TEMPLATES

slow = {"papermill", "nbclient", "nbconvert"}
thread = threading.Thread(target=_warm_up, args=[TEMPLATES], daemon=True)
thread.start()
thread.join(0.5)
print(sorted(slow & sys.modules.keys()))
READY.set()
thread.join()
print("nbconvert" in sys.modules)
"""


@pytest.mark.slow
def test_nothing_slow_is_imported_beside_what_a_first_kernel_needs():
    printed = subprocess.check_output([sys.executable, "-c", IMPORTED], text=True, cwd=ROOT)
    assert printed.splitlines() == ["[]", "True"]
