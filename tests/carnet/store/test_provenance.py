import datetime
import os
import platform
import subprocess

import pytest

from carnet.project.files import canonical_json
from carnet.store.provenance import CAPS, THREADS, cpu_kind, other_cpu, provenance

BEGUN = datetime.datetime(2026, 11, 1, 10, 30, 15, 999999, datetime.UTC)


def record(root) -> dict:
    return provenance(
        root, {"python": "3.12"}, {"file a": "b"}, {"x": 1}, BEGUN, 12.3456, "Fast CPU"
    )


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
    assert told["machine"]["cpu"] == "Fast CPU"


def test_the_kind_of_cpu_is_its_model_instructions_threads_and_limits(tmp_path, monkeypatch):
    for name in (*CAPS, *THREADS):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    cpuinfo = tmp_path / "cpuinfo"
    first = "model name\t: Fast CPU @ 2 GHz\nflags\t\t: fpu avx2 fma sse4_1 avx512fp\n"
    cpuinfo.write_text(f"processor\t: 0\n{first}\nmodel name\t: other\nflags\t\t: fpu\n")
    assert cpu_kind(cpuinfo) == "Fast CPU @ 2 GHz, sse4_1 fma avx2, 4 threads"
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("ATEN_CPU_CAPABILITY", "default")
    limits = "ATEN_CPU_CAPABILITY=default, OMP_NUM_THREADS=3"
    assert cpu_kind(cpuinfo) == f"Fast CPU @ 2 GHz, sse4_1 fma avx2, 4 threads, {limits}"
    unknown = platform.processor() or platform.machine()
    assert cpu_kind(tmp_path / "absent") == f"{unknown}, 4 threads, {limits}"


def test_two_kinds_of_cpu_are_told_apart_where_both_are_known():
    told = other_cpu("A, avx2", "B, avx512f")
    expected = "made on another kind of CPU (A, avx2; now B, avx512f)"
    assert told == f"{expected}: bytes may differ, verdicts should not"
    assert other_cpu("A", "A") == other_cpu(None, "A") == other_cpu("A", None) == ""


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
