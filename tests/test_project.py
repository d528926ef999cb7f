"""The files around the code agree with each other."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.txt").read_text("utf-8")
CHOSEN = re.findall(r"^([a-z0-9-]+)\S*\s+# (.+)$", (ROOT / "requirements.in").read_text(), re.M)


def test_every_choice_is_pinned_with_a_reason_that_the_readme_gives():
    readme = (ROOT / "README.md").read_text("utf-8")
    lines = (ROOT / "requirements.in").read_text().splitlines()
    assert len(CHOSEN) == len([line for line in lines if line and not line.startswith("#")])
    for name, reason in CHOSEN:
        assert re.search(rf"^{name}==", LOCK, re.M), f"{name} is not in requirements.txt"
        assert f"| {name} | {reason} |" in readme


def test_every_pinned_package_has_hashes():
    entries = re.split(r"\n(?=\S)", LOCK.strip())
    assert len(entries) > 100
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_registry():
    assert "index-url" not in LOCK
    assert "://" not in LOCK


def test_conda_users_get_the_locked_versions():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert pip == ["-r requirements.txt"]
    # No package comes from conda in a version of its own.
    assert [entry.split("=")[0] for entry in conda] == ["python", "pip"]
    assert "python=3.11" in conda
    assert "python_full_version < '3.11'" not in LOCK


def test_installed_versions_are_the_locked_ones():
    import importlib.metadata

    for name, _ in CHOSEN:
        assert f"\n{name}=={importlib.metadata.version(name)} " in f"\n{LOCK}"


FOLDERS = (ROOT / "README.md").read_text("utf-8").split("## The folders")[1].split("```")[1]


@pytest.mark.parametrize("path", re.findall(r"^(\S+/)\s", FOLDERS, re.M))
def test_folders_of_the_readme_exist_or_are_built(path):
    assert (ROOT / path).is_dir() or path == "runs/"


def test_the_commands_of_the_readme_are_targets_of_the_makefile():
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    commands = set(re.findall(r"(?:^|`)make ([a-z]+)\b", readme, re.M))
    assert commands >= {"journal", "test", "lab", "help"}
    assert commands <= set(re.findall(r"^([a-z]+):", makefile, re.M))
