from pathlib import Path

import pytest

from carnet.project.errors import InputError
from carnet.project.paths import Project, find_root, store_folder
from tests.conftest import ROOT


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """An empty journal, which is the working folder."""
    for variable in ("JOURNAL_ROOT", "JOURNAL_STORE"):
        monkeypatch.delenv(variable, raising=False)
    for name in ("journal", "notebooks"):
        (tmp_path / "mine" / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "mine")
    return tmp_path / "mine"


def test_documents_go_under_the_project_by_default(tmp_path):
    assert Project.at(tmp_path).output == tmp_path
    assert Project.at(tmp_path, tmp_path / "out").output == tmp_path / "out"


def test_paths_are_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project = Project.at(Path("here"), Path("out"))
    assert (project.root, project.output) == (tmp_path / "here", tmp_path / "out")


def test_the_root_is_the_working_folder_or_one_above_it(root, monkeypatch):
    assert find_root() == Project.at().root == root
    monkeypatch.chdir(root / "notebooks")  # as kernels of JupyterLab do
    assert find_root() == root


def test_the_environment_names_the_root(root, monkeypatch):
    monkeypatch.chdir("/")
    monkeypatch.setenv("JOURNAL_ROOT", str(root))
    assert find_root() == root
    assert store_folder() == root / "runs"


def test_a_folder_without_a_journal_is_one_line(root, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=rf"^{tmp_path}: no journal here or above, .*--root DIR"):
        find_root()
    monkeypatch.setenv("JOURNAL_ROOT", str(root / "journal"))
    with pytest.raises(InputError, match=r"^--root .*/journal: expected a folder that holds jour"):
        find_root()


def test_the_environment_names_the_store(root, tmp_path, monkeypatch):
    assert Project.at(tmp_path).store == tmp_path / "runs"
    assert store_folder() == root / "runs"
    monkeypatch.setenv("JOURNAL_STORE", "")
    assert store_folder(tmp_path) == tmp_path / "runs"
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "elsewhere"))
    assert Project.at(tmp_path).store == store_folder() == tmp_path / "elsewhere"
    monkeypatch.chdir(tmp_path)  # kernels work elsewhere
    monkeypatch.setenv("JOURNAL_STORE", "here")
    assert store_folder() == tmp_path / "here"


def test_the_root_holds_the_journal_and_nothing_is_created(tmp_path):
    project = Project.at(ROOT)
    folders = (project.pages, project.profiles, project.notebooks)
    assert all(folder.is_dir() for folder in folders)
    Project.at(tmp_path).store  # noqa: B018
    assert list(tmp_path.iterdir()) == []


def test_a_store_elsewhere_has_a_folder_for_each_journal(root, tmp_path, monkeypatch):
    assert Project.at(root).own == root / "runs"
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "shared"))
    owns = {Project.at(each).own for each in (root, tmp_path / "other")}
    assert {own.parent for own in owns} == {tmp_path / "shared" / "journals"}
    assert len(owns) == 2
