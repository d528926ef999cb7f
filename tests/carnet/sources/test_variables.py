import ast

import pytest

from carnet.project.files import digest
from carnet.sources.variables import values_of, variables_read


@pytest.mark.parametrize(
    "code",
    [
        "os.environ['X']",
        "environ['X']",
        "os.environ.get('X', 1)",
        "environ.pop('X')",
        "os.getenv('X')",
        "getenv('X')",
        "'X' in os.environ",
        "NAME = 'X'\nos.environ[NAME]",
    ],
)
def test_variables_that_code_reads_by_name(code):
    assert set(variables_read(ast.parse(code))) == {"X"}


@pytest.mark.parametrize(
    "code", ["os.environ[name]", "d['X']", "get('X')", "NAME = 1\nenviron[NAME]"]
)
def test_other_look_ups_are_none(code):
    assert set(variables_read(ast.parse(code))) == set()


def test_values_are_hashes_and_the_engine_s_own_are_left_out(monkeypatch):
    monkeypatch.setenv("SECRET", "password")
    monkeypatch.delenv("ABSENT", raising=False)
    monkeypatch.setenv("JOURNAL_STORE", "x")
    values = values_of(["SECRET", "ABSENT", "JOURNAL_STORE"])
    assert values == {"ABSENT": None, "SECRET": digest("password")}
