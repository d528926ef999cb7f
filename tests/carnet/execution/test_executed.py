import json

import pytest

from carnet.execution.executed import clean, own_cells
from tests.carnet.conftest import code, markdown, write_notebook

ERROR = {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []}


@pytest.fixture
def executed(tmp_path):
    """A notebook in which papermill injected parameters, and whose last cell failed."""
    path = tmp_path / "notebook.ipynb"
    cells = [
        markdown("a", "# Titre"),
        code("random-1", "x = 2", tags=["injected-parameters"]),
        code("b", "1 / 0", papermill={"duration": 1}, execution={}) | {"outputs": [ERROR]},
    ]
    write_notebook(path, cells)
    return path


def test_cells_of_papermill_are_left_out(executed):
    cells = own_cells(json.loads(executed.read_text()))
    assert [cell["id"] for cell in cells] == ["a", "b"]


def test_times_and_random_ids_are_removed(executed):
    clean(executed)
    cells = json.loads(executed.read_text())["cells"]
    assert cells[1]["id"] == "injected-parameters"
    assert cells[2]["metadata"] == {}
