import datetime
import os
import platform
import subprocess

import pytest

from carnet.project.files import canonical_json
from carnet.store.provenance import _cpu_model, provenance

BEGUN = datetime.datetime(2026, 11, 1, 10, 30, 15, 999999, datetime.UTC)


def record(root) -> dict:
    return provenance(root, {"python": "3.12"}, {"x": 1}, BEGUN, 12.3456)


@pytest.fixture
def repository(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)

    def git(*arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        command = ["git", "-C", str(tmp_path), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "-m", "first")
    return tmp_path, git("rev-parse", "HEAD")


def test_a_record_is_json_and_tells_inputs_time_and_machine(tmp_path):
    told = record(tmp_path)
    canonical_json(told)
    assert told["inputs"] == {"python": "3.12"}
    assert told["parameters"] == {"x": 1}
    assert told["begun"] == "2026-11-01T10:30:15+00:00"
    assert told["seconds"] == 12.3
    assert told["machine"]["cpus"] >= 1


def test_the_processor_and_its_threads(tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.delenv("MKL_NUM_THREADS", raising=False)
    threads = record(tmp_path)["machine"]["threads"]
    assert threads["OMP_NUM_THREADS"] == "3"
    assert "MKL_NUM_THREADS" not in threads
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor\t: 0\nmodel name\t: Fast CPU @ 2 GHz\nmodel name\t: other\n")
    assert _cpu_model(cpuinfo) == "Fast CPU @ 2 GHz"
    assert _cpu_model(tmp_path / "absent") == (platform.processor() or platform.machine())


def test_the_commit_and_whether_the_tree_had_changes(repository):
    root, commit = repository
    assert record(root)["git"] == {"commit": commit, "dirty": False}
    (root / "new.txt").write_text("")
    assert record(root)["git"] == {"commit": commit, "dirty": True}


def test_outside_a_repository_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert record(tmp_path)["git"] is None


def test_where_git_is_not_installed(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert record(repository[0])["git"] is None
