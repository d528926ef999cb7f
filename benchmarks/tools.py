"""The tools compared: what each wants written in a project, and the commands that build it.

Every tool builds the same notebooks with its defaults, inputs not declared by hand.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sample import PACKAGES, ROOT, Sample

TIMEOUT = 1200  # s, of one command

PYTHON = Path(sys.executable)
PEERS = ROOT / ".venv-peers"


class ToolError(Exception):
    """A tool that cannot build here, in one line."""


@dataclass(frozen=True)
class Build:
    """What one build took: seconds, notebooks executed, and what the commands printed."""

    seconds: float
    executed: int
    output: str


@dataclass(frozen=True)
class Tool:
    """One tool: `commands` build a project, after `files` (path -> text) are written in it."""

    name: str
    title: str
    commands: Callable[[Sample], list[list[str]]]
    files: Callable[[Sample], dict[str, str]] = lambda sample: {}
    peer: bool = True  # installed in the environment of the peers

    def set_up(self, sample: Sample) -> None:
        for name, text in self.files(sample).items():
            path = sample.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def build(self, sample: Sample, peers: Path) -> Build:
        """Run the commands in the project.

        Raises:
            ToolError: a command is not installed, failed or did not end.
        """
        environment = _environment(sample, peers / "bin" if self.peer else PYTHON.parent)
        before, started, printed = _lines(sample.executions), time.perf_counter(), []
        for command in self.commands(sample):
            printed.append(_run(command, sample.root, environment))
        seconds = time.perf_counter() - started
        return Build(seconds, _lines(sample.executions) - before, "".join(printed))


def _environment(sample: Sample, programs: Path) -> dict[str, str]:
    """A clean home, and the project's own module and package within reach."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JOURNAL_")}
    return kept | {
        "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
        "PYTHONPATH": os.pathsep.join([str(sample.root), str(sample.root / PACKAGES)]),
        "HOME": str(sample.root / ".home"),
        "BENCHMARK_EXECUTIONS": str(sample.executions),
        "DVC_NO_ANALYTICS": "1",
        "PLOOMBER_STATS_ENABLED": "false",
    }


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
        )
    except FileNotFoundError:
        raise ToolError(f"{command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise ToolError(f"{command[0]} did not end within {TIMEOUT} s") from None
    if done.returncode:
        last = [line for line in done.stdout.splitlines() if line.strip()][-1:]
        raise ToolError(f"{command[0]} exited {done.returncode}: {' '.join(last)}")
    return done.stdout


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


def _names(sample: Sample) -> list[str]:
    return [path.stem for path in sample.notebooks]


def _journal(sample: Sample) -> list[list[str]]:
    return [[str(PYTHON), "build_journal.py"]]


def _kernels(sample: Sample) -> list[list[str]]:
    notebooks = [str(path) for path in sample.notebooks]
    return [[str(PYTHON), str(ROOT / "benchmarks" / "kernels.py"), *notebooks]]


def _papermill(sample: Sample) -> list[list[str]]:
    """One papermill a notebook, then one nbconvert for all: nothing is remembered."""
    executed = [f"executed/{name}.ipynb" for name in _names(sample)]
    runs = [
        ["papermill", "--no-progress-bar", f"notebooks/{name}.ipynb", target]
        for name, target in zip(_names(sample), executed)
    ]
    return [*runs, ["jupyter-nbconvert", "--to", "html", "--output-dir", "html", *executed]]


SPHINX = """project = "Sample"
extensions = ["myst_nb"]
include_patterns = ["index.md", "notebooks/**"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
"""
SPHINX_INDEX = "# Sample\n\n```{toctree}\n:glob:\n\nnotebooks/*\n```\n"

# Its HTML theme is fetched from the network; a template of our own lets it build the contents.
JUPYTER_BOOK = """version: 1
project:
  title: Sample
  toc:
    - file: index.md
    - pattern: 'notebooks/*.ipynb'
site:
  template: ./template
"""
JUPYTER_BOOK_FILES = {
    "myst.yml": JUPYTER_BOOK,
    "index.md": "# Sample\n",
    "template/template.yml": "myst: v1\ntitle: Bare\nkind: site\n",
    ".home/.jupyter/jupyter_server_config.json": '{"ServerApp": {"allow_root": true}}',
}

SNAKEMAKE = """NAMES = glob_wildcards("notebooks/{name}.ipynb").name

rule all:
    input: expand("html/{name}.html", name=NAMES)

rule run:
    input: "notebooks/{name}.ipynb"
    output: "executed/{name}.ipynb"
    shell: "papermill --no-progress-bar {input} {output}"

rule page:
    input: "executed/{name}.ipynb"
    output: "html/{name}.html"
    shell: "jupyter-nbconvert --to html --output-dir html {input}"
"""


def _dvc_files(sample: Sample) -> dict[str, str]:
    stages = {}
    for name in _names(sample):
        source, executed = f"notebooks/{name}.ipynb", f"executed/{name}.ipynb"
        stages[f"run-{name}"] = {
            "cmd": f"papermill --no-progress-bar {source} {executed}",
            "deps": [source],
            "outs": [executed],
        }
        stages[f"page-{name}"] = {
            "cmd": f"jupyter-nbconvert --to html --output-dir html {executed}",
            "deps": [executed],
            "outs": [f"html/{name}.html"],
        }
    return {
        ".dvc/config": "[core]\n    no_scm = True\n",
        "dvc.yaml": json.dumps({"stages": stages}, indent=1),
        "executed/.keep": "",
        "html/.keep": "",
    }


def _ploomber_files(sample: Sample) -> dict[str, str]:
    tasks = [
        {"source": f"notebooks/{name}.ipynb", "name": name, "product": {"nb": f"html/{name}.html"}}
        for name in _names(sample)
    ]
    return {"pipeline.yaml": json.dumps({"meta": {"extract_upstream": False}, "tasks": tasks})}


def _always(*command: str) -> Callable[[Sample], list[list[str]]]:
    return lambda sample: [list(command)]


JOURNAL = Tool("journal", "this engine", _journal, peer=False)
KERNELS = Tool("kernels", "the kernels alone", _kernels, peer=False)
TOOLS = {
    tool.name: tool
    for tool in [
        Tool(
            "papermill",
            "papermill + nbconvert",
            _papermill,
            lambda sample: {"executed/.keep": ""},
            peer=False,
        ),
        Tool(
            "sphinx",
            "Sphinx, MyST-NB, jupyter-cache",
            _always("sphinx-build", "-q", "-b", "html", ".", "_build/html"),
            lambda sample: {"conf.py": SPHINX, "index.md": SPHINX_INDEX},
        ),
        Tool(
            "jupyter-book",
            "Jupyter Book 2 (contents only)",
            _always("jupyter-book", "build", "--execute", "--site", "--ci"),
            lambda sample: JUPYTER_BOOK_FILES,
        ),
        Tool("dvc", "DVC, papermill stages", _always("dvc", "repro", "-q"), _dvc_files),
        Tool(
            "snakemake",
            "Snakemake, papermill rules",
            _always("snakemake", "--cores", "1", "--quiet", "all"),
            lambda sample: {"Snakefile": SNAKEMAKE},
        ),
        Tool("ploomber", "Ploomber", _always("ploomber", "build"), _ploomber_files),
    ]
}
