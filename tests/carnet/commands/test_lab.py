"""What JupyterLab opens on, and with; `tests/test_lab.py` opens it."""

import importlib.util
import sys

import pytest

from carnet.commands import lab
from carnet.project.errors import RequestError
from carnet.project.paths import Project
from carnet.store.runs import Store
from tests.carnet.conftest import keep_run, markdown, write_notebook


@pytest.fixture
def project(tmp_path) -> Project:
    for name in ("journal", "notebooks"):
        (tmp_path / name).mkdir()
    first = "# Mesure\n\nCombien cela\nmesure-t-il ? On compte. Puis on divise."
    write_notebook(tmp_path / "notebooks" / "01_mesure.ipynb", [markdown("titre", first)])
    second = [markdown("titre", "# Double | triple")]
    write_notebook(tmp_path / "notebooks" / "02_double.ipynb", second, needs=["mesure"])
    return Project.at(tmp_path)


def test_the_start_page_lists_the_notebooks_by_itself(project):
    keep_run(Store.of(project), "mesure", "k")
    assert lab.start_page(project).splitlines()[4:] == [
        "| Carnet | Sujet | Il lui faut | Durée |",
        "| --- | --- | --- | --- |",
        "| [01 Mesure](01_mesure.ipynb) | Combien cela mesure-t-il ? |  | 61\u00a0s |",
        "| [02 Double \\| triple](02_double.ipynb) |  | mesure |  |",
    ]


def test_it_leads_to_the_built_journal_and_speaks_its_language(project):
    (project.root / "journal.yml").write_text("title: Lab\nlanguage: en\n")
    (project.root / "journal" / "JOURNAL.md").write_text("")
    page = lab.start_page(project)
    assert page.startswith("# Lab: the notebooks\n")
    assert page.splitlines()[-1] == (
        "[The built journal](../journal/JOURNAL.md), which is read in a browser too: "
        "`journal/site/index.html`."
    )


@pytest.fixture
def started(monkeypatch) -> list[str]:
    """What the process becomes; nothing is started."""
    words: list[str] = []
    monkeypatch.setattr("os.execv", lambda path, command: words.extend(command))
    monkeypatch.setenv("PYTHONPATH", "kept")
    return words


def test_options_are_passed_on(project, started, monkeypatch, capsys):
    monkeypatch.setattr("os.getuid", lambda: 1000)
    lab.open_lab(project, ["--no-browser", "--port", "8889"])
    assert started[:3] == [sys.executable, "-m", "jupyterlab"]
    assert started[-3:] == ["--no-browser", "--port", "8889"]
    assert "--allow-root" not in started
    assert capsys.readouterr().err == ""
    assert (project.notebooks / "start.md").read_text("utf-8") == lab.start_page(project)


def test_root_is_warned_and_let_in(project, started, monkeypatch, capsys):
    monkeypatch.setattr("os.getuid", lambda: 0)
    lab.open_lab(project, [])
    assert started[-1] == "--allow-root"
    assert capsys.readouterr().err.startswith("warning: JupyterLab runs as root")


def test_without_jupyterlab_one_line_says_what_to_install(project, started, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RequestError, match="pip install jupyterlab"):
        lab.open_lab(project, [])
    assert started == []
