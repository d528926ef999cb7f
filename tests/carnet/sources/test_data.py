"""`carnet.sources.data`: a project that says which files are data is asked, another is not."""

import importlib
import sys

import pytest

from carnet.sources.data import check_data, data_files

SAYS = """
def data_files(folder):
    return sorted(folder.glob("*.csv"))


def check_data(folder):
    return f"{len(data_files(folder))} tables"
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project whose library is imported in place of ours."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "lib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(tmp_path))
    package = tmp_path / "lib" / "data"
    package.mkdir(parents=True)
    for path in (package.parent, package):
        (path / "__init__.py").write_text("")
    importlib.invalidate_caches()
    yield tmp_path
    for name in ("lib.data", "lib"):
        sys.modules.pop(name, None)


def test_a_project_says_what_its_data_are(project):
    (project / "lib/data/__init__.py").write_text(SAYS)
    (project / "a.csv").touch()
    (project / "b.txt").touch()
    assert data_files(project, project) == [project / "a.csv"]
    assert check_data(project, project) == "1 tables"


def test_a_project_that_says_nothing(project):
    assert data_files(project, project) is None
    assert check_data(project, project) is None


def test_the_library_of_another_project_is_not_asked(project, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    for root in (project, other):
        (root / "lib/data").mkdir(parents=True, exist_ok=True)
        (root / "lib/data/__init__.py").write_text(SAYS)
    assert data_files(project, other) is None
