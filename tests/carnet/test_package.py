"""The engine as a package: what its wheel holds, what it needs, and that it works alone."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import carnet
from carnet.sources import packages
from tests.carnet.conftest import ROOT

ABOUT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
NEEDS = dict(need.split(">=") for need in ABOUT["dependencies"])
# What only a cluster, a database or JupyterLab brings along, imported where one is used.
OPTIONAL = {"distributed", "sqlalchemy", "IPython", "jupyter_server"}


def imported() -> set[str]:
    """The packages that the engine imports, anywhere in its modules."""
    names = set()
    for path in (ROOT / "carnet").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add(node.module.partition(".")[0])
    return names - sys.stdlib_module_names - {"carnet"}


def test_its_dependencies_bring_all_that_it_imports_and_no_torch():
    environment = packages.environment()
    tops = {name for names in environment.distributions.values() for name in names}
    assert NEEDS.keys() <= tops
    closure = environment.versions_of(
        top for top, names in environment.distributions.items() if set(names) & NEEDS.keys()
    )
    missing = {
        top
        for top in imported() - OPTIONAL
        if not set(environment.distributions[top]) & closure.keys()
    }
    assert missing == set()
    assert not {"torch", "pandas", "jupyterlab"} & closure.keys()


def test_no_dependency_is_older_than_what_is_pinned_by_a_major_version():
    """A resolver that may go back finds a myst-parser of 2021, to have the newest docutils."""
    lock = re.findall(r"^(\S+)==(0\.\d+|\d+)", (ROOT / "requirements.txt").read_text(), re.M)
    pinned = dict(reversed(lock))  # the oldest of those that depend on the Python
    assert {name: pinned[name] for name in NEEDS} == NEEDS


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy: building leaves folders behind."""
    folder = tmp_path_factory.mktemp("wheel")
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "carnet", folder / "source" / "carnet", ignore=ignored)
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, folder / "source")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "-w", str(folder)]
    command = [sys.executable, "-m", "pip", "wheel", *options, str(folder / "source")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("carnet-*.whl")
    return made


@pytest.mark.slow
def test_the_wheel_holds_the_whole_engine_and_nothing_else(wheel):
    assert wheel.name == f"carnet-{carnet.__version__}-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    files = [path for path in (ROOT / "carnet").rglob("*") if path.is_file()]
    engine = {p.relative_to(ROOT).as_posix() for p in files if "__pycache__" not in p.parts}
    about = f"carnet-{carnet.__version__}.dist-info/"
    assert {name for name in names if not name.startswith(about)} == engine
    assert f"{about}licenses/LICENSE" in names


@pytest.fixture(scope="session")
def installed(wheel, tmp_path_factory) -> dict[str, str]:
    """The environment of a process that sees the installed wheel, and not this folder."""
    target = tmp_path_factory.mktemp("installed")
    options = ["--no-deps", "--no-index", "--quiet", "--target", str(target)]
    command = [sys.executable, "-m", "pip", "install", *options, str(wheel)]
    subprocess.run(command, check=True, capture_output=True)
    own = {k: v for k, v in os.environ.items() if not k.startswith("JOURNAL_")}
    return own | {"PYTHONPATH": str(target), "PATH": f"{target / 'bin'}:{os.environ['PATH']}"}


def run(environment: dict, folder: Path, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "day", "provenance"),
    [
        ("fr", "jour-1", "Provenance de cette page"),
        ("en", "day-1", "Provenance of this page"),
    ],
)
def test_a_journal_begins_with_two_commands(installed, tmp_path, language, day, provenance):
    assert run(installed, tmp_path, "carnet", "--version").stdout == (
        f"carnet {carnet.__version__}\n"
    )
    done = run(installed, tmp_path, "carnet", "init", "mine", "--lang", language)
    assert done.returncode == 0, done.stderr
    done = run(installed, tmp_path / "mine", "carnet", "build")
    assert done.returncode == 0, done.stderr
    site = tmp_path / "mine" / "journal" / "site"
    page = (site / f"{day}.html").read_text("utf-8")
    assert f'<html lang="{language}">' in page
    assert f">{provenance}<" in page
    done = run(installed, tmp_path / "mine", sys.executable, "build_journal.py", "check")
    assert done.stdout == "up to date\n", done.stderr


@pytest.mark.slow
def test_the_tests_of_a_new_journal_pass(installed, tmp_path):
    assert run(installed, tmp_path, "carnet", "init", "mine").returncode == 0
    done = run(installed, tmp_path / "mine", sys.executable, "-m", "pytest", "-q")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout


@pytest.mark.slow
def test_the_tests_of_the_engine_pass_without_the_cars(tmp_path):
    """All are collected; the quick ones about the store are run."""
    ignored = shutil.ignore_patterns("__pycache__", "lib")
    for name in ("carnet", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
    for name in ("pyproject.toml", "build_journal.py", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "lib.py").write_text("raise ImportError('the engine knows no cars')")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/carnet"]
    done = run(dict(os.environ), tmp_path, *command, "-m", "not slow", "-k", "store")
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
