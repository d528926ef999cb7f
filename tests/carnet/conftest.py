"""A small project on the real engine: three notebooks, two modules of its own, one page."""

import contextlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from carnet.commands import cli
from carnet.project.files import write_json
from carnet.sources import packages
from carnet.sources.notebooks import Notebook
from carnet.store.runs import Run, Store

ROOT = Path(__file__).parents[2]

# As the command line does: reading a notebook would take over a second the first time.
sys.modules.setdefault("rfc3987_syntax", None)

# A folder of installed packages that belongs to the project: one package, version 1.0.
PACKAGES = "own-packages"

SOURCE = """
from lib.{module} import {function}
from carnet import record, results, fr
"""

MEASURE = '''"""A module that notebooks import."""


def measure(data):
    """Return the length of the text in a folder's only file."""
    from pathlib import Path

    return sum(len(path.read_text()) for path in sorted(Path(data).iterdir()))
'''

DOUBLE = """import smallpackage
from lib.base import FACTOR


def double(value):
    return FACTOR * value
"""

# Source of a cell, in the JSON of a notebook: it writes the id of its kernel's process and lasts
# longer than any test waits.
SLEEP = (
    "import os, pathlib, time\\n"
    "pathlib.Path('../donnees.pid').write_text(str(os.getpid()))\\n"
    "time.sleep(1000)\\n"
)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def markdown(identifier: str, source: str) -> dict:
    return {"cell_type": "markdown", "id": identifier, "metadata": {}, "source": source}


def code(identifier: str, source: str, **metadata) -> dict:
    return {
        "cell_type": "code",
        "id": identifier,
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def parameters(source: str) -> dict:
    return code("parametres", source, tags=["parameters"])


def write_notebook(path: Path, cells: list[dict], needs: tuple = ()) -> None:
    content = {
        "cells": cells,
        "metadata": {
            "journal": {"needs": list(needs)},
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False))


def make_notebook(name: str, cells: tuple | list = (), needs: tuple = ()) -> Notebook:
    """A notebook that is in no file; `name` is that of its file, 01_nom."""
    number, _, rest = name.partition("_")
    content = {"cells": list(cells), "metadata": {"journal": {"needs": list(needs)}}}
    return Notebook(Path(f"{name}.ipynb"), number, rest, content)


def keep_run(
    store: Store,
    name: str,
    key: str,
    *,
    cells: tuple | list = (),
    results: dict | None = None,
    inputs: dict | None = None,
    images: tuple = (),
    begun: str = "2026-11-01T10:00:00+00:00",
    cpu: str | None = None,
) -> Run:
    """Keep a run in a store as if a notebook had been executed."""
    staged = store.stage(name)
    write_notebook(staged / "notebook.ipynb", list(cells))
    write_json(staged / "results.json", results or {})
    for image in images:
        (staged / "images" / f"{image}.png").write_bytes(b"png")
    record = {
        "inputs": inputs or {},
        "observed": {},
        "begun": begun,
        "seconds": 61.04,
        "machine": {"cpu": cpu},
    }
    return store.keep(staged, name, key, record)


def flip(store: Path, draw: random.Random) -> str:
    """Change one bit of a file of the store; return the file and the place of the byte."""
    files = [path for path in sorted(store.rglob("*")) if path.is_file() and path.stat().st_size]
    path = draw.choice(files)
    data = bytearray(path.read_bytes())
    place = draw.randrange(len(data))
    data[place] ^= 1 << draw.randrange(8)
    path.write_bytes(data)
    return f"{path.relative_to(store)}, byte {place}"


def write_package(folder: Path, version: str) -> None:
    """Install smallpackage in a folder, in place of any other version of it."""
    shutil.rmtree(folder, ignore_errors=True)
    about = folder / f"smallpackage-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: smallpackage\nVersion: {version}\n"
    )
    (about / "top_level.txt").write_text("smallpackage\n")
    (folder / "smallpackage.py").write_text("")


@dataclass(frozen=True)
class SmallProject:
    """A copy of the engine with notebooks of its own, driven through the real command line."""

    root: Path

    def start(self, *arguments: str, stderr=subprocess.PIPE, **variables: str) -> subprocess.Popen:
        """Give a command line in a process of its own, without a terminal."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("JOURNAL_")}
        return subprocess.Popen(
            [sys.executable, "build_journal.py", *arguments],
            cwd=self.root,
            env=environment | {"PYTHONPATH": str(self.root / PACKAGES)} | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    def build(self, *arguments: str, check: bool = True, **variables: str):
        """Give a command line, and wait for its end; return a `CompletedProcess`."""
        process = self.start(*arguments, **variables)
        out, errors = process.communicate()
        if check and process.returncode:
            pytest.fail(f"{' '.join(arguments)} exited {process.returncode}:\n{errors}")
        return subprocess.CompletedProcess(arguments, process.returncode, out, errors)

    def ask(self, *arguments: str) -> subprocess.CompletedProcess:
        """Give a command line in this process: one that a wrong request ends, or that only reads.

        A process of its own would show nothing more, and take a second to start.
        """
        told = [io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace") for _ in "oe"]
        environment = {k: v for k, v in os.environ.items() if not k.startswith("JOURNAL_")}
        with (
            patch.dict(os.environ, environment, clear=True),
            patch.object(sys, "argv", ["carnet", *arguments]),
            patch.object(sys, "path", [str(self.root / PACKAGES), *sys.path]),
            patch.object(cli.signal, "signal"),
            contextlib.redirect_stdout(told[0]),
            contextlib.redirect_stderr(told[1]),
            contextlib.chdir(self.root),
        ):
            packages.environment.cache_clear()
            try:
                ended = cli.main(root=self.root) or 0
            except SystemExit as error:
                ended = error.code
        packages.environment.cache_clear()
        for stream in told:
            stream.seek(0)
        return subprocess.CompletedProcess(arguments, ended, *(stream.read() for stream in told))

    def executed(self, *arguments: str) -> set[str]:
        """Build, and return the notebooks that ran."""
        lines = self.build(*arguments).stderr.splitlines()
        return {line.split()[1] for line in lines if "done in" in line}

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text()
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new))

    def copy(self, root: Path) -> "SmallProject":
        shutil.copytree(self.root, root)
        return SmallProject(root)

    def page(self, name: str = "jour-1.html") -> str:
        return (self.root / "journal" / "site" / name).read_text()

    def document(self) -> str:
        return (self.root / "journal" / "JOURNAL.md").read_text()


@pytest.fixture(scope="package", autouse=True)
def empty_journal(tmp_path_factory) -> Iterator[None]:
    """The working folder, for what the engine remembers outside the journals of the tests."""
    root = tmp_path_factory.mktemp("empty")
    for name in ("journal", "notebooks"):
        (root / name).mkdir()
    with contextlib.chdir(root):
        yield


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> SmallProject:
    """The small project, with what the engine remembers of its code and of what is installed."""
    project = make_project(tmp_path_factory.mktemp("made") / "project")
    project.build("explain")
    return project


@pytest.fixture
def project(made_once: SmallProject, tmp_path: Path) -> SmallProject:
    """Two notebooks (the second needs the first), a data folder, one page."""
    return made_once.copy(tmp_path / "project")


@pytest.fixture(scope="session")
def built_once(made_once: SmallProject, tmp_path_factory) -> SmallProject:
    project = made_once.copy(tmp_path_factory.mktemp("built") / "project")
    project.build()
    return project


@pytest.fixture
def built(built_once: SmallProject, tmp_path: Path) -> SmallProject:
    """The same project with its journal built, runs included; a copy of its own."""
    return built_once.copy(tmp_path / "project")


def make_project(root: Path) -> SmallProject:
    for folder in ("notebooks", "journal/profils", "lib", "images", "donnees"):
        (root / folder).mkdir(parents=True)
    shutil.copytree(ROOT / "carnet", root / "carnet")  # compiled as it is
    (root / "lib" / "__init__.py").write_text("")
    shutil.copy(ROOT / "build_journal.py", root)
    (root / "lib" / "measure.py").write_text(MEASURE)
    (root / "lib" / "double.py").write_text(DOUBLE)
    (root / "lib" / "base.py").write_text("FACTOR = 2\n")
    (root / "donnees" / "a.txt").write_text("abc")
    write_package(root / PACKAGES, "1.0")
    (root / "journal.yml").write_text("profile: synthetique\n")
    (root / "journal" / "profils" / "synthetique.yml").write_text("data: ./donnees\n")
    (root / "journal" / "introduction.md").write_text("---\ntitle: Introduction\n---\nDébut.\n")
    (root / "journal" / "jour-1.md").write_text(PAGE)
    write_notebook(
        root / "notebooks" / "01_mesure.ipynb",
        [
            markdown("titre", "# Mesure"),
            parameters('data = "x"\nbonus = 1'),
            code(
                "mesurer",
                SOURCE.format(module="measure", function="measure")
                + "record(longueur=measure(data) + bonus)",
            ),
            markdown(
                "longueur", "## Longueur\n\nLa longueur vaut {eval}`fr(measure(data) + bonus)`."
            ),
        ],
    )
    write_notebook(
        root / "notebooks" / "02_double.ipynb",
        [
            markdown("titre", "# Double"),
            parameters("facteur = 1.5"),
            code(
                "doubler",
                SOURCE.format(module="double", function="double")
                + 'record(double=double(results("mesure").longueur) * facteur)',
            ),
        ],
        needs=["mesure"],
    )
    return SmallProject(root)


PAGE = """---
title: "Jour 1 : essai"
date: 2026-11-01
summary: Un essai.
---

## La mesure

```{embed} mesure#Longueur
```

Le double vaut {eval}`fr(double.double, 1)`.
"""
