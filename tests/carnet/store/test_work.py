import importlib.metadata
import json

import pytest

from carnet.project.files import read_json
from carnet.store import work as working
from carnet.store.work import working_folder


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    """A library of two modules, one of which imports the other, and a store."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "runs"))
    monkeypatch.delenv("JOURNAL_RUN", raising=False)
    monkeypatch.setattr(working, "ROOT", tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "un.py").write_text("from lib import deux\n")
    (tmp_path / "lib" / "deux.py").write_text("A = 1\n")
    return tmp_path


def test_the_same_work_is_found_again_with_its_files(root):
    folder = working_folder("essais", {"x": 1, "y": 2}, modules=["lib.un"])
    assert folder.parent == root / "runs" / "essais"
    (folder / "fait").write_text("")
    again = working_folder("essais", {"y": 2, "x": 1}, modules=["lib.un"])
    assert again == folder
    assert (again / "fait").exists()


def test_inputs_kind_modules_and_packages_count(root, monkeypatch):
    def folders() -> set:
        return {
            working_folder("essais", {"x": 1}),
            working_folder("essais", {"x": 2}),
            working_folder("autres", {"x": 1}),
            working_folder("essais", {"x": 1}, modules=["lib.un"]),
            working_folder("essais", {"x": 1}, packages=["numpy"]),
        }

    before = folders()
    assert len(before) == 5
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "0")
    assert len(folders() - before) == 1


def test_the_order_of_packages_does_not_count():
    both = ["numpy", "pandas"]
    assert working_folder("essais", {}, packages=both) == working_folder(
        "essais", {}, packages=reversed(both)
    )


def test_a_module_imported_by_another_counts_but_its_comments_do_not(root):
    before = working_folder("essais", {}, modules=["lib.un"])
    (root / "lib" / "deux.py").write_text('"""Why."""\n\nA = 1  # one\n')
    assert working_folder("essais", {}, modules=["lib.un"]) == before
    (root / "lib" / "deux.py").write_text("A = 20\n")
    assert working_folder("essais", {}, modules=["lib.un"]) != before


def test_a_module_left_out_does_not_count(root):
    before = working_folder("essais", {}, modules=["lib.un"], without=["lib.deux"])
    (root / "lib" / "deux.py").write_text("A = 333\n")
    assert working_folder("essais", {}, modules=["lib.un"], without=["lib.deux"]) == before


def test_what_the_work_depends_on_stands_beside_it():
    told = json.loads((working_folder("essais", {"x": 1}) / "inputs.json").read_text())
    assert told == {"inputs": {"x": 1}, "modules": {}, "packages": {}}


def test_a_run_notes_each_folder_that_it_works_in_once(root, monkeypatch):
    run = root / "run"
    working_folder("essais", {"x": 0})
    monkeypatch.setenv("JOURNAL_RUN", str(run))
    used = [working_folder("essais", {"x": x}) for x in (1, 2, 1)]
    noted = read_json(run / "folders.json")
    assert noted == sorted({folder.relative_to(root / "runs").as_posix() for folder in used})
    assert len(noted) == 2
