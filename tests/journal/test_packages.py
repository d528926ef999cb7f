import importlib.metadata

import pytest

from lib.journal import packages


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


def test_the_environment_is_remembered_until_something_is_installed(environment, monkeypatch):
    packages.environment.cache_clear()
    monkeypatch.setattr(packages, "_read", lambda: pytest.fail("read again"))
    assert packages.environment().versions == environment.versions
