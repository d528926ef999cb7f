from pathlib import Path

from carnet.project.paths import ROOT, Project, store_folder


def test_documents_go_under_the_project_by_default(tmp_path):
    assert Project.at(tmp_path).output == tmp_path
    assert Project.at(tmp_path, tmp_path / "out").output == tmp_path / "out"


def test_paths_are_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    project = Project.at(Path("here"), Path("out"))
    assert (project.root, project.output) == (tmp_path / "here", tmp_path / "out")


def test_the_environment_names_the_store(tmp_path, monkeypatch):
    monkeypatch.delenv("JOURNAL_STORE", raising=False)
    assert Project.at(tmp_path).store == tmp_path / "runs"
    assert store_folder() == ROOT / "runs"
    monkeypatch.setenv("JOURNAL_STORE", "")
    assert store_folder(tmp_path) == tmp_path / "runs"
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "elsewhere"))
    assert Project.at(tmp_path).store == store_folder() == tmp_path / "elsewhere"
    monkeypatch.chdir(tmp_path)  # kernels work elsewhere
    monkeypatch.setenv("JOURNAL_STORE", "here")
    assert store_folder() == tmp_path / "here"


def test_the_root_holds_the_journal_and_nothing_is_created(tmp_path):
    project = Project.at(ROOT)
    folders = (project.pages, project.profiles, project.templates, project.notebooks)
    assert all(folder.is_dir() for folder in folders)
    Project.at(tmp_path).store  # noqa: B018
    assert list(tmp_path.iterdir()) == []
