"""The projects that the benchmark builds: notebooks, pages, a helper module, data, a package."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = "own-packages"  # a folder of installed packages that belongs to the project
NOTE = "A note of the author."

HELPER = '''"""What every notebook imports."""

import os
import time
from pathlib import Path

import smallpackage

ROOT = Path(__file__).parents[1]
FACTOR = 2


def measure(source, seconds):
    """Work for some seconds; return a value that depends on module, data and package."""
    with open(os.environ["BENCHMARK_EXECUTIONS"], "a") as log:
        log.write("executed\\n")
    time.sleep(seconds)
    return FACTOR * len((ROOT / source).read_text()) + smallpackage.VALUE
'''

PROFILE = "parameters:\n  all:\n    source: ./data/values.txt\n"


@dataclass(frozen=True)
class Sample:
    """A project of `count` notebooks that each work for `seconds`, one page each."""

    root: Path
    count: int
    seconds: float

    @property
    def notebooks(self) -> list[Path]:
        return [self.root / "notebooks" / f"{i:03}_n{i}.ipynb" for i in range(1, self.count + 1)]

    @property
    def executions(self) -> Path:
        """Where each execution of a notebook leaves one line."""
        return self.root / "executions.log"

    def make(self) -> "Sample":
        """Write the project, engine included; return it."""
        for folder in ("notebooks", "journal/profils", "lib", "images", "data"):
            (self.root / folder).mkdir(parents=True)
        self._copy_engine()
        self.write_module(factor=2)
        self.write_data("abc")
        self.write_package(1)
        (self.root / "journal.yml").write_text("profile: synthetique\n")
        (self.root / "journal" / "profils" / "synthetique.yml").write_text(PROFILE)
        (self.root / "journal" / "introduction.md").write_text("---\ntitle: Sample\n---\nPages.\n")
        for number, path in enumerate(self.notebooks, 1):
            (self.root / "journal" / f"jour-{number}.md").write_text(_page(number))
            path.write_text(json.dumps(_notebook(number, self.seconds, NOTE), indent=1))
        return self

    def _copy_engine(self) -> None:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "carnet", self.root / "carnet", ignore=ignored)
        for name in ("lib/__init__.py", "build_journal.py"):
            shutil.copy(ROOT / name, self.root / name)

    def write_module(self, factor: int) -> None:
        text = HELPER.replace("FACTOR = 2", f"FACTOR = {factor}")
        (self.root / "lib" / "helper.py").write_text(text)

    def write_data(self, text: str) -> None:
        (self.root / "data" / "values.txt").write_text(text)

    def write_package(self, version: int) -> None:
        """Install smallpackage for this project only, in place of any other version."""
        folder = self.root / PACKAGES
        shutil.rmtree(folder, ignore_errors=True)
        about = folder / f"smallpackage-{version}.0.dist-info"
        about.mkdir(parents=True)
        metadata = f"Metadata-Version: 2.1\nName: smallpackage\nVersion: {version}.0\n"
        (about / "METADATA").write_text(metadata)
        (about / "top_level.txt").write_text("smallpackage\n")
        (folder / "smallpackage.py").write_text(f"VALUE = {version}\n")

    def write_prose(self, text: str) -> None:
        """Edit a Markdown cell, shown by a page, of one notebook in the middle."""
        number = (self.count + 1) // 2
        content = _notebook(number, self.seconds, text)
        self.notebooks[number - 1].write_text(json.dumps(content, indent=1))


def _page(number: int) -> str:
    return (
        f"---\ntitle: Page {number}\ndate: 2026-11-01\nsummary: A page.\n---\n\n"
        f"## Day {number}\n\n```{{embed}} n{number}#Value of {number}\n```\n"
    )


def _notebook(number: int, seconds: float, note: str) -> dict:
    cells = [
        _cell("markdown", "title", f"# Notebook {number}"),
        _cell(
            "code",
            "parameters",
            f'number = {number}\nsource = "data/values.txt"\nseconds = {float(seconds)}',
            tags=["parameters"],
        ),
        _cell("markdown", "value", f"## Value of {number}\n\n{note}"),
        _cell("code", "measure", "from lib.helper import measure\n\nmeasure(source, seconds)"),
    ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind: str, identifier: str, source: str, **metadata) -> dict:
    cell = {"cell_type": kind, "id": identifier, "metadata": metadata, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})
