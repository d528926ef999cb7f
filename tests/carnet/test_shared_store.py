"""A class that shares a store: each reads its own numbers, none loses a run, same runs are one."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from carnet import results
from carnet.commands import prune as pruning
from carnet.commands.build import build_lock
from carnet.project.paths import Project
from carnet.store.runs import Store
from tests.carnet.conftest import SmallProject, keep_run

STUDENTS = 30


@pytest.fixture
def students(tmp_path, monkeypatch) -> list[Project]:
    """Journals whose store is one folder; each shows a run of its own and one that all share."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "shared"))
    projects = []
    for number in range(STUDENTS):
        root = tmp_path / f"student-{number:02}"
        for name in ("journal", "notebooks"):
            (root / name).mkdir(parents=True)
        projects.append(Project.at(root))
    common = keep_run(Store.of(projects[0]), "commun", "same", results={"score": 0.5})
    for number, project in enumerate(projects):
        own = keep_run(Store.of(project), "essai", f"{number:02}", results={"score": number})
        tried = keep_run(Store.of(project), "essai", f"tried-{number:02}")
        Store.of(project).set_current({"essai": own, "commun": common})
        Store.of(project).set_used([own.folder, tried.folder, common.folder])
    return projects


def test_each_reads_its_own_numbers(students, monkeypatch):
    monkeypatch.delenv("JOURNAL_NEEDS", raising=False)
    for number, project in enumerate(students):
        monkeypatch.chdir(project.notebooks)  # as kernels of JupyterLab do
        assert results("essai").score == number
        assert results("commun").score == 0.5


def test_none_loses_a_run_that_another_prunes(students):
    first = students[0]
    pruning.prune(first, yes=True, unfinished=True)
    left = {run.key for run in Store.of(first).runs("essai")}
    numbers = [f"{number:02}" for number in range(STUDENTS)]
    assert left == {*numbers, *(f"tried-{number}" for number in numbers[1:])}
    for project in students:
        pruning.prune(project, yes=True, unfinished=True)
    assert {run.key for run in Store.of(first).runs("essai")} == set(numbers)
    assert {run.key for run in Store.of(first).runs("commun")} == {"same"}


def test_unfinished_work_may_be_anothers_and_is_kept(students, capsys):
    work = students[0].store / "trainings" / "t"
    work.mkdir(parents=True)
    (work / "inputs.json").write_text("{}")
    pruning.prune(students[1], yes=True, unfinished=True)
    assert work.is_dir()
    assert "other journals share this store" in capsys.readouterr().err


def test_a_build_waits_for_no_other_journals_and_sweeps_no_other_journals_runs(students):
    def never():
        pytest.fail("it waited")

    one, two = (Store.of(project) for project in students[:2])
    with build_lock(one, never):
        staged = one.stage("essai")
        with build_lock(two, never):
            assert staged.is_dir()


@pytest.mark.slow
def test_real_builds_share_what_is_the_same(built, tmp_path):
    """Three copies of a journal build at once in an empty store, one of them with a value."""
    shared, ran = tmp_path / "shared", []

    def build(name: str) -> Path:
        root = tmp_path / name
        ignored = shutil.ignore_patterns("runs")
        shutil.copytree(built.root, root, ignore=ignored)
        words = ["-p", "bonus=2"] if name == "other" else []
        done = SmallProject(root).build(*words, JOURNAL_STORE=str(shared))
        ran.extend(line for line in done.stderr.splitlines() if "done in" in line)
        return root

    with ThreadPoolExecutor() as pool:
        one, same, other = pool.map(build, ["one", "same", "other"])
    pages = [root / "journal" / "site" / "jour-1.html" for root in (one, same, other)]
    assert pages[0].read_text() == pages[1].read_text() != pages[2].read_text()
    assert len(list((shared / "notebooks" / "mesure").iterdir())) == 2
    assert len(ran) == 4  # two notebooks, with two values
    assert len(list((shared / "journals").iterdir())) == 3
