"""What nothing uses any more: runs, work, and what a command line says of them."""

import re
import shutil

import pytest

from carnet.commands.prune import size, unused
from carnet.project.files import write_json
from carnet.store.runs import Store
from tests.carnet.conftest import keep_run


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


def work(store, name: str):
    """A folder where something has worked, as `kept` makes it."""
    write_json(store.folder / name / "inputs.json", {})
    return store.folder / name


def test_runs_and_work_that_nothing_uses(store):
    shown = keep_run(store, "essai", "shown")
    asked = keep_run(store, "essai", "asked")
    old = keep_run(store, "essai", "old")
    write_json(asked.folder / "folders.json", ["trainings/t1"])
    write_json(old.folder / "folders.json", ["trainings/t2", "searches/s1"])
    work(store, "trainings/t1")
    useless = [work(store, "searches/s1"), work(store, "trainings/t2"), old.folder]
    store.set_current({"essai": shown})
    store.keep_failed(store.stage("autre"), "autre")
    write_json(store.folder / "fingerprints" / "a.json", {})
    assert unused(store, [asked]) == (useless, [])
    for folder in useless:
        shutil.rmtree(folder)
    assert unused(store, [asked]) == ([], [])
    assert store.find("essai", "shown")
    assert store.find("essai", "asked")


def test_work_that_no_run_has_used_is_unfinished(store):
    """That of a killed build, whose staged run is swept, or of JupyterLab."""
    run = keep_run(store, "essai", "a")
    write_json(run.folder / "folders.json", ["trainings/t1"])
    done, begun = work(store, "trainings/t1"), work(store, "trainings/t2")
    assert unused(store, [run]) == ([], [begun])
    assert unused(store, []) == ([done, run.folder], [begun])


def test_work_that_is_gone_is_not_looked_for(store):
    run = keep_run(store, "essai", "a")
    write_json(run.folder / "folders.json", ["trainings/t1"])
    assert unused(store, [run]) == ([], [])


def test_a_store_that_is_not_there(store):
    assert unused(store, []) == ([], [])


def test_what_a_file_manager_leaves_in_the_store_is_not_a_run(store):
    run = keep_run(store, "essai", "a")
    (run.folder.parent / ".DS_Store").write_text("")
    assert unused(store, [run]) == ([], [])


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "x").write_bytes(bytes(10))
    (tmp_path / "a" / "b" / "y").write_bytes(bytes(5))
    assert size(tmp_path / "a") == 15


@pytest.mark.slow
def test_prune_removes_what_nothing_uses(built):
    built.build("-p", "bonus=2")
    built.build()
    done = built.ask("prune", "--yes")
    assert len(done.stdout.splitlines()) == 2
    assert built.executed() == set()
    assert built.ask("prune").stdout == "nothing to remove\n"


def pruned(built, *arguments: str) -> list[str]:
    """Prune, and return what was removed, without its size."""
    lines = built.ask("prune", "--yes", *arguments).stdout.splitlines()
    assert all(re.match(r" *\d+\.\d MB  ", line) for line in lines)
    return [line.split()[-1] for line in lines]


@pytest.mark.slow
def test_a_mistake_in_a_page_makes_nothing_useless(built):
    (built.root / "runs" / "current.json").unlink()
    built.edit("journal/jour-1.md", "mesure#Longueur", "mesure#Longeur")
    assert built.ask("prune", "--yes").stdout == "nothing to remove\n"


@pytest.mark.slow
def test_a_mistake_in_a_profile_is_one_line_and_removes_nothing(built):
    (built.root / "runs" / "current.json").unlink()
    (built.root / "journal" / "profils" / "casse.yml").write_text("daat: x\n")
    done = built.ask("prune", "--yes")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        "journal/profils/casse.yml: unknown key 'daat': did you mean 'data'?"
    )
    assert len(list((built.root / "runs" / "notebooks").glob("*/*/"))) == 2


@pytest.mark.slow
def test_the_runs_of_a_profile_without_data_are_kept_on_any_data(built):
    profile = "parameters:\n  mesure:\n    bonus: 7\n"
    (built.root / "journal" / "profils" / "sans.yml").write_text(profile)
    (built.root / "autres").mkdir()
    (built.root / "autres" / "b.txt").write_text("abcdefgh")
    built.build("--profile", "sans", "--data", "./autres")
    built.build("--profile", "sans", "--data", "./autres", "-p", "bonus=8")
    built.build()
    removed = pruned(built)
    assert [line.rpartition("/")[0] for line in removed] == ["notebooks/mesure"]
    assert built.executed("--profile", "sans", "--data", "./autres") == set()
    assert built.executed() == set()


@pytest.mark.slow
def test_what_waits_for_others_is_kept(built):
    (built.root / "runs" / "current.json").unlink()
    built.edit("lib/measure.py", "return sum", "return 0 + sum")
    assert [line.rpartition("/")[0] for line in pruned(built)] == ["notebooks/mesure"]
    assert built.executed() == {"01_mesure"}


@pytest.mark.slow
def test_unfinished_work_is_listed_apart_and_left_unless_asked(built):
    work = built.root / "runs" / "trainings" / "t1"
    work.mkdir(parents=True)
    (work / "inputs.json").write_text("{}")
    done = built.ask("prune", "--yes")
    assert done.stdout == "nothing to remove\n"
    assert done.stderr == (
        "unfinished work, kept (0.0 MB; --unfinished removes it):\n    0.0 MB  trainings/t1\n"
    )
    assert pruned(built, "--unfinished") == ["trainings/t1"]
    assert not work.exists()


@pytest.mark.slow
def test_prune_without_a_terminal_says_how(built):
    built.build("-p", "bonus=2")
    built.build()
    done = built.build("prune", check=False)
    assert done.returncode == 2
    assert done.stderr.endswith("prune: no terminal to confirm in: use --yes\n")
