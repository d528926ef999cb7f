import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from carnet.project.files import read_json
from carnet.sources import packages
from carnet.store.work import Work, damage_notes, kept, works
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """A library of two modules, one of which imports the other, and a store."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "runs"))
    monkeypatch.delenv("JOURNAL_RUN", raising=False)
    monkeypatch.setenv("JOURNAL_ROOT", str(tmp_path))
    for name in ("journal", "notebooks", "lib"):
        (tmp_path / name).mkdir()
    (tmp_path / "lib" / "un.py").write_text("from lib import deux\n")
    (tmp_path / "lib" / "deux.py").write_text("from sklearn import metrics\n\nA = 1\n")
    return tmp_path


def folder(inputs=None, of=("lib.un",), kind="essais", **options):
    return kept(kind, inputs or {}, of=of, **options).folder


def test_work_is_done_once(root):
    done = []
    for inputs in ({"x": 1, "y": 2}, {"y": 2, "x": 1}):
        with kept("essais", inputs, of=["lib.un"]) as work:
            if not work.finished:
                done.append(work.folder)
                work.finish(loss=0.5)
        assert work.result == {"loss": 0.5}
    assert done == [work.folder]
    assert work.folder.parent == root / "runs" / "essais"


def test_interrupted_work_is_found_again_with_its_files():
    with pytest.raises(KeyboardInterrupt), kept("essais", {}, of=["lib.un"]) as work:
        work.write("half.json", [1, 2])
        raise KeyboardInterrupt
    with kept("essais", {}, of=["lib.un"]) as again:
        assert not again.finished
        assert again.read("half.json") == [1, 2]
        assert again.read("other.json", 7) == 7


@pytest.mark.parametrize("mark", ["", "{", "null"])
def test_a_damaged_mark_does_not_count(mark):
    work = kept("essais", {}, of=["lib.un"])
    (work.folder / "finished.json").write_text(mark)
    assert not work.finished


def flip(path):
    data = path.read_bytes()
    path.write_bytes(bytes([data[0] ^ 1]) + data[1:])


@pytest.mark.parametrize("damaged", ["weights.bin", "finished.json"])
def test_finished_work_that_is_damaged_is_told_and_made_again_from_nothing(capfd, damaged):
    with kept("essais", {}, of=["lib.un"]) as work:
        work.write("half.json", 7)
        (work.folder / "weights.bin").write_bytes(b"weights")
        work.finish("half.json", loss=0.5)
    assert not (work.folder / "half.json").exists()
    assert Work(work.folder).result == {"loss": 0.5}
    flip(work.folder / damaged)
    with kept("essais", {}, of=["lib.un"]) as again:
        assert not again.finished
        assert [path.name for path in again.folder.iterdir()] in FRESH
    assert capfd.readouterr().err == f"damaged in the store, made again: {work.folder}\n"


def test_in_a_notebook_damage_is_noted_for_the_build_and_not_printed(root, capfd, monkeypatch):
    monkeypatch.setenv("JOURNAL_RUN", str(root / "run"))
    with kept("essais", {}, of=["lib.un"]) as work:
        work.finish()
    flip(work.folder / "finished.json")
    with kept("essais", {}, of=["lib.un"]):
        assert damage_notes(root / "run").read_text() == f"essais/{work.folder.name}\n"
    assert capfd.readouterr() == ("", "")


FRESH = (["inputs.json", "lock"], ["lock", "inputs.json"])


def test_two_threads_do_not_work_at_once():
    done = []

    def ask(_):
        with kept("essais", {}, of=["lib.un"]) as work:
            if not work.finished:
                done.append(work)
                work.finish()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    assert len(done) == 1


def test_the_lock_ends_with_its_process(root):
    """Nothing is left to remove by hand after a kill."""
    work = kept("essais", {}, of=["lib.un"])
    code = (
        "import os, signal; from pathlib import Path; from carnet import Work\n"
        f"Work(Path({str(work.folder)!r})).__enter__()\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode < 0
    assert (work.folder / "lock").exists()
    with work:
        work.finish()


def test_inputs_kind_and_modules_count():
    folders = {
        folder({"x": 1}),
        folder({"x": 2}),
        folder({"x": 1}, kind="autres"),
        folder({"x": 1}, of=["lib.deux"]),
    }
    assert len(folders) == 4


def test_a_function_stands_for_its_module(root):
    def compute(): ...

    compute.__module__ = "lib.un"
    assert folder(of=[compute]) == folder(of=["lib.un"])


@pytest.mark.parametrize("upgraded", ["scikit-learn", "scipy"])
def test_a_package_that_a_module_imports_counts(monkeypatch, upgraded):
    """lib.un imports lib.deux, which imports scikit-learn, which requires scipy."""
    before, other, installed = folder(), folder(of=[]), packages.environment()
    newer = replace(installed, versions=installed.versions | {upgraded: "99"})
    monkeypatch.setattr(packages, "environment", lambda: newer)
    assert folder() != before
    assert folder(of=[]) == other


def test_the_version_of_python_counts(monkeypatch):
    before = folder()
    monkeypatch.setattr(packages, "python_version", lambda: "CPython 4.0.0")
    assert folder() != before


def test_a_module_imported_by_another_counts_but_its_comments_do_not(root):
    before, code = folder(), root / "lib" / "deux.py"
    code.write_text('"""Why."""\n\nfrom sklearn import metrics\n\nA = 1  # one\n')
    assert folder() == before
    code.write_text("from sklearn import metrics\n\nA = 20\n")
    assert folder() != before


def test_a_module_left_out_does_not_count(root):
    before = folder(without=["lib.deux"])
    (root / "lib" / "deux.py").write_text("A = 333\n")
    assert folder(without=["lib.deux"]) == before


def test_what_the_work_depends_on_stands_beside_it():
    told = json.loads((folder({"x": 1}, of=[]) / "inputs.json").read_text())
    python = packages.python_version()
    assert told == {
        "inputs": {"x": 1},
        "modules": {},
        "packages": {},
        "variables": {},
        "python": python,
    }


def test_works_lists_those_of_a_kind():
    one, two = folder({"x": 1}), folder({"x": 2})
    Work(two).finish()
    found = works("essais")
    assert {name: work.finished for name, work in found.items()} == {
        one.name: False,
        two.name: True,
    }
    assert works("autres") == {}


def test_a_run_notes_each_folder_that_it_works_in_once(root, monkeypatch):
    run = root / "run"
    folder({"x": 0})
    monkeypatch.setenv("JOURNAL_RUN", str(run))
    used = [folder({"x": x}) for x in (1, 2, 1)]
    noted = read_json(run / "folders.json")
    assert noted == sorted({path.relative_to(root / "runs").as_posix() for path in used})
    assert len(noted) == 2
