"""What a worker checks before a task; tests/test_scale.py has a real cluster."""

import operator
import pickle
from functools import partial

import pytest

from carnet.execution import cluster as module
from carnet.execution.cluster import open_cluster, perform, surroundings
from carnet.project.errors import InputError

HERE = {"python": "CPython 3.12", "code": "0123"}
WORK = pickle.dumps((partial(operator.add, 1, 1), None))


@pytest.fixture(autouse=True)
def this_process(monkeypatch):
    monkeypatch.setattr(module, "surroundings", lambda: HERE)


@pytest.fixture
def witness(tmp_path) -> str:
    (tmp_path / "witness").touch()
    return str(tmp_path / "witness")


def test_a_task_is_run_with_the_environment_of_the_build(witness, monkeypatch):
    monkeypatch.setenv("JOURNAL_STORE", "before")
    monkeypatch.setenv("JOURNAL_STORAGE", "before")
    work = pickle.dumps((partial(eval, "__import__('os').environ.get('JOURNAL_STORE')"), None))
    environment = {"JOURNAL_STORE": "store", "JOURNAL_STORAGE": None}
    assert perform(work, HERE, environment, witness) == "store"


def test_a_worker_that_does_not_see_the_store_is_refused(tmp_path):
    with pytest.raises(InputError, match=f"does not see {tmp_path}: share the store at this path"):
        perform(WORK, HERE, {}, str(tmp_path / "witness"))


def test_a_worker_with_other_packages_is_refused(witness):
    expected = HERE | {"python": "CPython 2.7"}
    with pytest.raises(InputError, match=r"differs from this process \(python: .*: restart it"):
        perform(WORK, expected, {}, witness)


def test_what_a_process_works_with_includes_the_packages_it_imports(project, monkeypatch):
    project.edit("lib/base.py", "FACTOR = 2", "import yaml\n\nFACTOR = 2")
    monkeypatch.chdir(project.root)
    assert {"python", "code", "package pyyaml"} <= surroundings().keys()


def test_no_cluster_is_asked_for(monkeypatch):
    monkeypatch.delenv("JOURNAL_CLUSTER", raising=False)
    with open_cluster() as cluster:
        assert cluster is None
