"""The workbench around the notebooks: JupyterLab, and what keeps outputs out of git."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"

git_is_here = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A folder with the Makefile and one notebook as JupyterLab saves it once it has run."""
    (tmp_path / "notebooks").mkdir()
    for name in ("Makefile", "pyproject.toml", ".gitattributes"):
        shutil.copy(ROOT / name, tmp_path)
    content = json.loads((NOTEBOOKS / "01_statistiques.ipynb").read_text("utf-8"))
    text = {"output_type": "stream", "name": "stdout", "text": "42"}
    for count, cell in enumerate(content["cells"], 1):
        if cell["cell_type"] == "code":
            cell |= {"execution_count": count, "outputs": [text]}
        else:
            cell["metadata"]["user_expressions"] = [{"expression": "1", "result": {}}]
    content["metadata"]["language_info"] |= {"version": "3.11.7", "file_extension": ".py"}
    (tmp_path / "notebooks" / "01_statistiques.ipynb").write_text(json.dumps(content))
    return tmp_path


def make(folder: Path, target: str) -> subprocess.CompletedProcess:
    """Call the Makefile with the packages of this environment, taken as installed."""
    installed = f"{sys.prefix}/.installed"
    command = ["make", "-s", target, f"VENV={sys.prefix}", "-o", installed]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@b.c"]
    command = ["git", *who, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout


@git_is_here
@pytest.mark.slow
def test_outputs_stay_out_of_commits_and_in_the_file(checkout):
    notebook = checkout / "notebooks" / "01_statistiques.ipynb"
    git(checkout, "init", "-q")
    for _ in range(2):  # once more changes nothing
        assert make(checkout, "hook").returncode == 0
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "notebook")
    committed = git(checkout, "show", "HEAD:notebooks/01_statistiques.ipynb")
    assert committed == (NOTEBOOKS / "01_statistiques.ipynb").read_text("utf-8")
    assert '"text": "42"' in notebook.read_text("utf-8")
    assert git(checkout, "status", "--porcelain") == ""
    assert git(checkout, "config", "--get-all", "filter.nbstripout.clean").count("\n") == 1


@git_is_here
@pytest.mark.slow
def test_git_works_where_the_filter_is_not_set_up_or_not_installed(checkout):
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "config", "filter.nbstripout.clean", ".venv/bin/nbstripout")
    (checkout / "notebooks" / "01_statistiques.ipynb").touch()
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "notebook")
    assert git(checkout, "status", "--porcelain") == ""


def test_each_figure_of_the_repository_is_one_that_a_notebook_makes():
    sources = "".join(path.read_text("utf-8") for path in NOTEBOOKS.glob("*.ipynb"))
    made = set(re.findall(r'\\"(\w+)\\"', sources))
    assert {path.stem for path in (ROOT / "images").iterdir()} <= made


def test_without_a_repository_there_is_no_hook_and_no_error(checkout):
    done = make(checkout, "hook")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_lint_refuses_outputs_and_says_what_removes_them(checkout):
    refused = make(checkout, "lint")
    assert refused.returncode != 0
    assert refused.stdout.splitlines()[-1] == (
        "notebooks/01_statistiques.ipynb: holds outputs, expected none: run `make strip`"
    )
    assert make(checkout, "strip").returncode == 0
    notebook = checkout / "notebooks" / "01_statistiques.ipynb"
    assert notebook.read_text("utf-8") == (NOTEBOOKS / "01_statistiques.ipynb").read_text("utf-8")


def test_make_lab_passes_arguments_on():
    quiet = ["-n", "--no-print-directory"]  # these tests are often run by a make
    command = ["make", *quiet, "lab", f"VENV={sys.prefix}", "ARGS=--no-browser --port 8889"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("/python build_journal.py lab --no-browser --port 8889\n")
