import json
import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from carnet.execution.notebook import Execution, clean, execute, own_cells
from carnet.execution.signals import STOPPING
from carnet.project.errors import NotebookError
from carnet.sources.notebooks import Notebook
from tests.carnet.conftest import code, markdown, parameters, write_notebook


@pytest.fixture
def execution(tmp_path) -> Execution:
    """An execution of a notebook with two parameters and two sections."""
    STOPPING.clear()
    path, folder = tmp_path / "01_un.ipynb", tmp_path / "run"
    folder.mkdir()
    write_notebook(path, [parameters("x = 1\ny = 2"), markdown("s", "## Calcul"), code("c", "x")])
    values = {"x": 1, "y": 3}
    return Execution(Notebook.read(path), values, {"b": folder}, folder, tmp_path, tmp_path)


def test_only_parameters_that_differ_from_the_notebook_are_injected(execution):
    assert execution.changed_parameters() == {"y": 3}


@pytest.mark.parametrize(
    ("default", "value"), [("[1, 'a']", [True, "a"]), ("{'a': 1, 'b': 2}", {"b": 2, "a": 1})]
)
def test_parameters_that_python_finds_equal_are_injected_as_they_are(execution, default, value):
    write_notebook(execution.notebook.path, [parameters(f"x = {default}")])
    notebook = Notebook.read(execution.notebook.path)
    changed = replace(execution, notebook=notebook, parameters={"x": value}).changed_parameters()
    assert repr(changed) == repr({"x": value})


def test_parameters_are_set_as_python_writes_them_after_their_own_cell(execution):
    """papermill would write a tuple as text, and the keys of a dictionary too."""
    values = {"x": {1: (True, 1.0)}, "y": 2}
    cells = replace(execution, parameters=values).source()["cells"]
    assert [cell["id"] for cell in cells] == ["parametres", "injected-parameters", "s", "c"]
    assert cells[1]["source"] == "# Parameters\nx = {1: (True, 1.0)}"
    assert [cell["id"] for cell in execution.notebook.cells] == ["parametres", "s", "c"]


def test_the_environment_says_where_to_write_and_what_to_import(execution, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("PYTHONSTARTUP", "own.py")
    monkeypatch.setenv("IPYTHONDIR", "own")
    environment = execution.environment()
    assert environment["JOURNAL_RUN"] == str(execution.folder)
    assert environment["JOURNAL_NEEDS"] == f'{{"b": "{execution.folder}"}}'
    assert environment["PYTHONPATH"].split(os.pathsep)[1:] == [str(execution.root), "elsewhere"]
    assert "PYTHONSTARTUP" not in environment
    assert Path(environment["IPYTHONDIR"]).is_relative_to(execution.store)
    assert Path(environment["MATPLOTLIBRC"]).is_file()


def test_once_stopping_nothing_is_executed(execution):
    STOPPING.set()
    with pytest.raises(NotebookError, match=r"^notebooks/01_un\.ipynb: stopped$"):
        execute(execution, ExitStack())
    STOPPING.clear()


def test_a_kernel_that_is_not_installed_is_one_line(execution):
    content = execution.notebook.content
    content["metadata"]["kernelspec"]["name"] = "absent"
    execution = replace(execution, notebook=replace(execution.notebook, content=content))
    message = "no kernel 'absent' is installed"
    with ExitStack() as at_exit, pytest.raises(NotebookError, match=message):
        execute(execution, at_exit)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([code("d", "1 / 0")], "cell 3 « Calcul »: ZeroDivisionError: division by zero"),
        ([markdown("d", "{eval}`absent`")], "cell 3 « Calcul »: NameError: {eval}`absent`: "),
        ([code("d", "import os; os._exit(1)")], "cell 3 « Calcul »: its kernel died"),
        ([code("d", "import os; os.kill(os.getpid(), 9)"), code("e", "1")], "cell 3 « Calcul »: "),
        ([code("d", "exit()")], "cell 3 « Calcul »: exit() ends the notebook before its end"),
        ([code("d", "quit(keep_kernel=True)"), code("e", "1")], "cell 3 « Calcul »: exit() ends"),
        ([code("d", "raise KeyboardInterrupt")], "cell 3 « Calcul »: KeyboardInterrupt"),
        ([code("d", "import sys; sys.exit()"), code("e", "1")], "cell 3 « Calcul »: SystemExit"),
        ([code("d", "raise SystemExit(0)")], "cell 3 « Calcul »: SystemExit: 0"),
        ([code("d", "%absent")], "cell 3 « Calcul »: UsageError: Line magic function `%absent`"),
        ([code("d", "%%absent\nx")], "cell 3 « Calcul »: UsageError: Cell magic `%%absent` not"),
        ([code("d", "%timeit -n deux 1")], "cell 3 « Calcul »: "),
    ],
)
def test_an_error_names_the_cell_as_the_author_counts(execution, cells, message):
    path = execution.notebook.path
    write_notebook(path, [parameters("y = 2"), markdown("s", "## Calcul"), *cells])
    changed = replace(execution, notebook=Notebook.read(path), parameters={"y": 3})
    with ExitStack() as at_exit, pytest.raises(NotebookError) as caught:
        execute(changed, at_exit)
    assert str(caught.value).startswith("notebooks/01_un.ipynb")
    assert message in str(caught.value)


MARK = "papermill-error-cell-tag"


@pytest.fixture
def executed(tmp_path):
    """A notebook in which papermill injected parameters."""
    path = tmp_path / "notebook.ipynb"
    cells = [
        markdown("a", "# Titre"),
        code("random-1", "x = 2", tags=["injected-parameters"]),
        markdown("m", "An Exception was encountered") | {"metadata": {"tags": [MARK]}},
        code("b", "1 / 0", papermill={"duration": 1}, execution={}),
    ]
    write_notebook(path, cells)
    return path


def test_cells_of_papermill_are_left_out(executed):
    cells = own_cells(json.loads(executed.read_text()))
    assert [cell["id"] for cell in cells] == ["a", "b"]


def test_times_and_marks_of_papermill_are_removed(executed):
    clean(executed)
    cells = json.loads(executed.read_text())["cells"]
    assert [cell["id"] for cell in cells] == ["a", "random-1", "b"]
    assert cells[2]["metadata"] == {}


@pytest.mark.slow
def test_an_error_that_a_cell_is_tagged_for_is_kept_and_the_next_cells_run(execution):
    path = execution.notebook.path
    cells = [
        parameters("x = 1\ny = 2"),
        code("e", "1 / 0", tags=["raises-exception"]),
        code("c", "y"),
    ]
    write_notebook(path, cells)
    with ExitStack() as at_exit:
        execute(replace(execution, notebook=Notebook.read(path)), at_exit)
    executed = json.loads((execution.folder / "notebook.ipynb").read_text())["cells"]
    assert [cell["id"] for cell in executed] == ["parametres", "injected-parameters", "e", "c"]
    assert executed[2]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert executed[3]["outputs"][0]["data"] == {"text/plain": ["3"]}
