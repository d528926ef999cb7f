import json
import os
import subprocess
import sys

import pytest

from carnet.sources.code import dependencies, parse
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1", "x = 1  # why"),
        ("x = 1", "\n\nx   =   1\n"),
        ('def f():\n    """Old."""\n    return 1', 'def f():\n    """New."""\n    return 1'),
        ('class A:\n    """Doc."""\n    b = 1', "class A:\n    b = 1"),
    ],
)
def test_comments_docstrings_and_layout_do_not_count(before, after):
    assert parse(before).digest == parse(after).digest


@pytest.mark.parametrize("after", ["x = 2", "y = 1", "x = 1\ny = 2", "x = '1'"])
def test_what_code_does_counts(after):
    assert parse("x = 1").digest != parse(after).digest


def test_a_cell_with_a_magic_is_hashed_as_text():
    assert parse("%time f()").digest != parse("%time g()").digest


@pytest.mark.parametrize(
    "cell",
    [
        "files = !ls\nprint(files)",
        "d = %pwd",
        "len?",
        "!ls \\\n  -l",
        "if x:\n    %matplotlib inline",
        "%unknown 3",
        "%%bash\nfor f in *; do echo $f; done",
        ">>> x = 1\n>>> x",
        "%timeit -n 10 f(1)",
        "%time",
        "await f()",
    ],
)
def test_what_ipython_reads_is_python(cell):
    assert parse(cell).is_python


@pytest.mark.parametrize(
    "cell",
    ["def f(:", "for i in !ls:\n  print(i)", "%%time\ndef f(:", "\0", "+".join(["1"] * 5000)],
    ids=["python", "command in an expression", "timed", "null", "deep"],
)
def test_what_python_cannot_read_is_not(cell):
    assert not parse(cell).is_python


@pytest.mark.parametrize(
    "cell",
    [
        "%time import a.b",
        "x = %time __import__('c') or [exec('') for _ in ()]\nimport a.b",
        "if 1:\n    %timeit -n 10 -r3 import a.b",
        "%%time\nimport a.b",
        "%%timeit -n 3 import a.b\npass",
        "%%capture out\n%prun -s cumulative import a.b",
        "!ls\nimport a.b",
    ],
)
def test_what_magics_run_counts_for_imports(cell):
    assert parse(cell).imports == {"a.b"}


def test_what_other_languages_say_is_no_import():
    assert parse("%%bash\nimport -window root a.png\nimport b").imports == set()


def test_an_expression_too_deep_to_be_compared_by_tree_is_hashed_as_text():
    deep = "+".join(["1"] * 2000)
    assert parse(deep).is_python
    assert parse(deep).digest != parse(f"{deep}+1").digest


def test_imports_are_found_wherever_they_stand():
    code = "import a.b\ndef f():\n    from c import d\n    from . import e"
    assert {"a.b", "c", "c.d", "lib.x.e"} <= parse(code, module="lib.x.y").imports


@pytest.fixture
def library(tmp_path):
    files = {
        "lib/__init__.py": "",
        "lib/one.py": "from lib.two import x\nimport numpy.linalg\nimport json",
        "lib/two.py": "from lib.three import y\nfrom carnet import fr\nx = 1",
        "lib/three.py": "y = 1",
        "lib/other.py": "import torch",
        "carnet/__init__.py": "import click",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_modules_are_followed_transitively_and_the_engine_is_left_out(library):
    found = dependencies(["lib.one"], library)
    assert set(found.modules) == {"lib", "lib.one", "lib.two", "lib.three"}
    assert found.packages == {"numpy"}


def test_relative_imports_are_followed_whatever_the_library_is_called(tmp_path):
    files = {
        "outils/__init__.py": "from . import calcul",
        "outils/calcul.py": "from .interne.base import x",
        "outils/interne/__init__.py": "",
        "outils/interne/base.py": "from .. import autre\nimport numpy\nx = 1",
        "outils/autre.py": "",
        "notebooks/aide.py": "import outils.calcul as c\nfrom outils.autre import name",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = dependencies(["aide"], tmp_path)
    modules = ["autre", "calcul", "interne", "interne.base"]
    assert list(found.modules) == ["aide", "outils", *(f"outils.{name}" for name in modules)]
    assert found.packages == {"numpy"}


def test_a_change_two_modules_away_is_seen(library):
    before = dependencies(["lib.one"], library).modules
    (library / "lib" / "three.py").write_text("y = 22")
    after = dependencies(["lib.one"], library).modules
    assert [name for name in before if before[name] != after[name]] == ["lib.three"]


@pytest.fixture
def parse_elsewhere(tmp_path):
    """Parse code in a process of its own; `forbidden` makes any actual parsing fail there."""

    def digest_of(code: str, forbidden: bool = False) -> str:
        script = "import ast, sys; from carnet.sources.code import parse; " + (
            "del ast.parse; " if forbidden else ""
        )
        command = [sys.executable, "-c", script + "print(parse(sys.argv[1]).digest)", code]
        environment = os.environ | {"JOURNAL_STORE": str(tmp_path), "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else done.stderr

    return digest_of


def test_what_was_parsed_is_remembered_by_the_next_process(parse_elsewhere):
    assert "AttributeError" in parse_elsewhere("x = 1", forbidden=True)
    assert parse_elsewhere("x = 1") == parse("x = 1").digest
    assert parse_elsewhere("x = 1", forbidden=True) == parse("x = 1").digest
    assert "AttributeError" in parse_elsewhere("x = 2", forbidden=True)


def test_what_another_version_parsed_is_parsed_again(parse_elsewhere, tmp_path):
    parse_elsewhere("x = 1")
    memory = tmp_path / "sources.json"
    known = json.loads(memory.read_text())
    memory.write_text(json.dumps(known | {"by": ["another Python", "another parser"]}))
    assert "AttributeError" in parse_elsewhere("x = 1", forbidden=True)


def test_a_file_beside_the_project_that_has_its_name_is_no_part_of_it(tmp_path):
    root = tmp_path / "mine"
    root.mkdir()
    (tmp_path / "mine.py").write_text("import numpy")
    (root / "local.py").write_text("")
    found = dependencies(["local"], root)
    assert (list(found.modules), found.packages) == (["local"], frozenset())
