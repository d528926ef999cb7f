"""What GitHub, Binder and devcontainers read agrees with the rest; none of them can be run here."""

import json
import os
import re
from pathlib import Path

import pytest
import yaml

import carnet
from tests.conftest import ROOT

WORKFLOW = ROOT / ".github" / "workflows" / "journal.yml"
SCAFFOLD = ROOT / "carnet/commands/scaffolds/project/dot-github/workflows/journal.yml"
ENGINE = "python -m pip install --no-deps --no-build-isolation -e ."


def read(path: Path) -> dict:
    return yaml.safe_load(path.read_text("utf-8"))


def steps(path: Path) -> list[dict]:
    return [step for job in read(path)["jobs"].values() for step in job["steps"]]


def python_version(environment: dict) -> str:
    (python,) = (d for d in environment["dependencies"] if str(d).startswith("python="))
    return python.removeprefix("python=")


def test_the_workflow_is_the_one_of_a_new_journal_but_for_the_engine():
    assert {"run": ENGINE} in steps(WORKFLOW)
    assert [step for step in steps(WORKFLOW) if step != {"run": ENGINE}] == steps(SCAFFOLD)
    jobs = [read(path)["jobs"] for path in (WORKFLOW, SCAFFOLD)]
    for job in (each for both in jobs for each in both.values()):
        del job["steps"]
    assert jobs[0] == jobs[1]


def test_it_builds_checks_publishes_the_site_and_keeps_the_store():
    runs = [step["run"] for step in steps(WORKFLOW) if "run" in step]
    commands = [run.split()[1:] for run in runs if "build_journal.py" in run]
    assert commands == [["build_journal.py", "build"], ["build_journal.py", "check"]]
    used = {step["uses"].partition("@")[0]: step for step in steps(WORKFLOW) if "uses" in step}
    assert used["actions/cache"]["with"]["path"] == "runs"
    assert used["actions/upload-pages-artifact"]["with"]["path"] == "journal/site"
    assert read(WORKFLOW)["jobs"]["publish"]["needs"] == "build"


@pytest.mark.parametrize("path", [WORKFLOW, SCAFFOLD], ids=["here", "new"])
def test_only_the_job_that_publishes_may_write(path):
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert "permissions" not in workflow["jobs"]["build"]
    assert all(re.search(r"@v\d+$", step["uses"]) for step in steps(path) if "uses" in step)


def test_binder_installs_what_conda_users_do_and_the_engine():
    ours, binder = read(ROOT / "environment.yml"), read(ROOT / ".binder" / "environment.yml")
    text = yaml.safe_dump(binder).replace("-r ../requirements.txt", "-r requirements.txt")
    assert yaml.safe_load(text) == ours
    script = ROOT / ".binder" / "postBuild"
    assert script.read_text().splitlines()[1:] == [ENGINE]
    assert os.access(script, os.X_OK)


def test_every_host_has_the_same_python():
    version = python_version(read(ROOT / "environment.yml"))
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert f"python:{version}-" in container["image"]
    (setup,) = (s for s in steps(WORKFLOW) if "setup-python" in s.get("uses", ""))
    assert setup["with"]["python-version"] == version


def test_the_devcontainer_installs_by_a_target_of_the_makefile():
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    makefile = (ROOT / "Makefile").read_text()
    target = container["postCreateCommand"].removeprefix("make ")
    assert target == ".venv/.installed"
    assert "INSTALLED := $(VENV)/.installed" in makefile
    assert "VENV := .venv" in makefile


def test_the_version_is_the_same_wherever_it_is_written():
    assert read(ROOT / "CITATION.cff")["version"] == carnet.__version__
    assert re.search(
        rf"^## {re.escape(carnet.__version__)}\b", (ROOT / "CHANGELOG.md").read_text(), re.M
    )
