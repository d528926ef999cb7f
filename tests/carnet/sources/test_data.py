"""`carnet.sources.data`: a project that says which files are data is asked, another is not."""

import pytest

from carnet.project.errors import RequestError
from carnet.sources.data import check_data, data_files

SAYS = """
def data_files(folder):
    return sorted(folder.glob("*.csv"))


def check_data(folder):
    return f"{len(data_files(folder))} tables"
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "journal.yml").write_text("data: tables_of_a_test")
    (tmp_path / "tables_of_a_test.py").write_text(SAYS)
    return tmp_path


def test_a_project_says_what_its_data_are(project):
    (project / "a.csv").touch()
    (project / "b.txt").touch()
    assert data_files(project, project) == [project / "a.csv"]
    assert check_data(project, project) == "1 tables"


def test_a_project_that_says_nothing(tmp_path):
    assert data_files(tmp_path, tmp_path) is None
    assert check_data(tmp_path, tmp_path) is None


def test_a_module_that_is_not_there(tmp_path):
    (tmp_path / "journal.yml").write_text("data: no_such_module")
    with pytest.raises(RequestError, match=r"^journal.yml: data: no_such_module: No module named"):
        data_files(tmp_path, tmp_path)
