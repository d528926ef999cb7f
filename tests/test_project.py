"""The files around the code agree with each other."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from carnet.project.settings import read_settings

ROOT = Path(__file__).parents[1]
LOCKS = {
    name: (ROOT / f"{name}.txt").read_text("utf-8")
    for name in ("requirements", "requirements-cluster")
}
LOCK = LOCKS["requirements"]


def chosen(name: str) -> list[tuple[str, str]]:
    """Return the packages that we choose in a list of requirements, each with its reason."""
    return re.findall(r"^([a-z0-9-]+)\S*\s+# (.+)$", (ROOT / f"{name}.in").read_text(), re.M)


CHOSEN = chosen("requirements")


@pytest.mark.parametrize("name", LOCKS)
def test_every_choice_is_pinned_with_a_reason_that_the_readme_gives(name):
    readme = (ROOT / "README.md").read_text("utf-8")
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    choices = [line for line in lines if line and not line.startswith(("#", "-c "))]
    assert len(chosen(name)) == len(choices)
    for package, reason in chosen(name):
        assert re.search(rf"^{package}==", LOCKS[name], re.M), f"{package} is not in {name}.txt"
        assert f"| {package} | {reason} |" in readme


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_every_pinned_package_has_hashes(lock):
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) > 20
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_the_lock_names_no_registry(lock):
    assert "index-url" not in lock
    assert "://" not in lock


def test_the_extra_is_what_is_pinned_for_it_and_agrees_with_the_rest():
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [name.partition("[")[0] for name in extra["optional-dependencies"]["cluster"]]
    assert names == [name for name, _ in chosen("requirements-cluster")]
    pins = [set(re.findall(r"^(\S+)==(\S+)", lock, re.M)) for lock in LOCKS.values()]
    both = {name for name, _ in pins[0]} & {name for name, _ in pins[1]}
    assert both
    assert {pin for pin in pins[1] if pin[0] in both} <= pins[0]


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


@pytest.mark.parametrize("path", re.findall(r"^ *(\S+/)\s", FOLDERS, re.M))
def test_folders_of_the_readme_exist_or_are_built(path):
    assert (ROOT / path).is_dir() or path == "runs/"


def test_the_commands_of_the_readme_are_targets_of_the_makefile():
    readme, makefile = (ROOT / "README.md").read_text(), (ROOT / "Makefile").read_text()
    commands = set(re.findall(r"(?:^|`)make ([a-z-]+)\b", readme, re.M))
    assert commands >= {"journal", "test", "test-scale", "lab", "help"}
    assert commands <= set(re.findall(r"^([a-z-]+):", makefile, re.M))


def test_the_profile_that_journal_yml_names_exists():
    profile = read_settings(ROOT).profile
    assert (ROOT / "journal" / "profils" / f"{profile}.yml").is_file()
