import importlib.metadata
import json

import pytest

from carnet.project.errors import InputError
from carnet.sources import packages


@pytest.fixture
def environment(tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path))
    packages.environment.cache_clear()
    yield packages.environment()
    packages.environment.cache_clear()


def test_versions_are_those_installed(environment):
    found = environment.versions_of(["yaml"])
    assert found == {"pyyaml": importlib.metadata.version("pyyaml")}


def test_requirements_are_followed(environment):
    assert {"pandas", "numpy", "python-dateutil"} <= set(environment.versions_of(["pandas"]))


def test_extras_are_not_requirements():
    lines = ["numpy>=2; python_version > '3'", "pytest; extra == 'test'", "A_b.c"]
    assert packages._requirements(lines) == {"numpy", "a-b-c"}


def test_every_form_of_a_requirement_is_read():
    lines = ["a[x,y] (>=1,<2)", "b @ https://example.org/b.whl", "C; os_name == 'posix'", "d >=1.*"]
    assert packages._requirements(lines) == {"a", "b", "c"}


def test_the_environment_is_remembered_until_something_is_installed(environment, monkeypatch):
    packages.environment.cache_clear()
    monkeypatch.setattr(packages, "_about", lambda found: pytest.fail("read again"))
    assert packages.environment().versions == environment.versions


def install(folder, about: dict, record: str) -> str:
    """Install one package in a folder, as pip does; return the version that counts."""
    small = folder / "small-1.0.dist-info"
    small.mkdir(exist_ok=True)
    files = {"METADATA": "Metadata-Version: 2.1\nName: small\nVersion: 1.0\n", "RECORD": record}
    for name, text in {**files, "direct_url.json": json.dumps(about)}.items():
        (small / name).write_text(text)
    return packages._about(importlib.metadata.Distribution.at(small))["version"]


def test_a_package_from_a_local_folder_counts_by_its_files(tmp_path):
    local, editable = {"url": "file:///x"}, {"url": "file:///x", "dir_info": {"editable": True}}
    first, same, other = (install(tmp_path, local, record) for record in "aab")
    assert first == same != other
    assert install(tmp_path, editable, "a") == install(tmp_path, {"url": "https://x"}, "b") == "1.0"


def test_another_python_is_asked_for_its_version_and_packages(tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "runs"))
    (tmp_path / "site-packages").mkdir()
    install(tmp_path / "site-packages", {}, "")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho \'["CPython 9.9", ["{tmp_path}/site-packages"]]\'\n')
    python.chmod(0o755)
    assert packages.python_version(str(python)) == "CPython 9.9"
    assert packages.environment(str(python)).versions == {"small": "1.0"}


def test_a_python_that_does_not_answer_is_named():
    with pytest.raises(InputError, match=r"^/bin/false: this Python of a kernel does not answer"):
        packages.python_version("/bin/false")


class Installed:
    """A distribution as importlib.metadata gives it."""

    def __init__(self, files: str, top_level: str | None = None):
        self.files = [importlib.metadata.PackagePath(name) for name in files.split()]
        self.top_level = top_level

    def read_text(self, name):
        return {"top_level.txt": self.top_level}[name]


@pytest.mark.parametrize(
    ("distribution", "names"),
    [
        (Installed("pkg/__init__.py one.py Pkg-1.0.dist-info/RECORD ../bin/pkg"), {"pkg", "one"}),
        (Installed("_native.cpython-311-x86_64-linux-gnu.so"), {"_native"}),
        (Installed("pkg/__init__.py hidden.py", top_level="pkg\n"), {"pkg"}),
        (Installed(""), set()),
    ],
    ids=["files", "compiled", "declared", "none"],
)
def test_import_names_are_those_declared_or_of_the_files(distribution, names):
    assert packages._import_names(distribution) == names
