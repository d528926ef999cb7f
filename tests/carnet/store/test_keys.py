import pytest

from carnet.project.files import digest
from carnet.sources import packages
from carnet.sources.pages import Page, Prose
from carnet.store.keys import differences, rendering_key, run_inputs
from carnet.store.runs import Store
from tests.carnet.conftest import code, keep_run, make_notebook, markdown, parameters

CELLS = (
    markdown("t", "# Titre {eval}`a`"),
    parameters("x = 1"),
    code("c", "from lib.un import f\na = f()"),
)


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A library of two modules that one notebook reaches, and one that it does not."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "runs"))
    installed = packages.Environment({"paquet": ["paquet"]}, {"paquet": "1.0"}, {"paquet": []})
    monkeypatch.setattr(packages, "environment", lambda: installed)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "un.py").write_text("import paquet\nfrom lib import deux\n")
    (tmp_path / "lib" / "deux.py").write_text("A = 1\n")
    (tmp_path / "lib" / "trois.py").write_text("A = 1\n")
    return tmp_path


def inputs(root, cells=CELLS, values=None, needs=None) -> dict:
    return run_inputs(make_notebook("01_essai", cells), values or {"x": 1}, needs or {}, root)


def test_inputs_are_named_one_by_one(root):
    names = inputs(root, needs={"amont": "abc"}).keys()
    assert names == {
        "code 1",
        "code 2",
        "parameter x",
        "module lib.un",
        "module lib.deux",
        "package paquet",
        "needs amont",
        "python",
        "kernel",
        "kernel command",
        "execution",
    }


@pytest.mark.parametrize(
    "cells",
    [
        (markdown("t", "# Autre {eval}`a`"), *CELLS[1:]),
        (*CELLS, markdown("fin", "Fin.")),
        (CELLS[0], parameters("x = 2"), CELLS[2]),
        (*CELLS[:2], code("c", "from lib.un import f  # pourquoi\n\na = f()")),
    ],
)
def test_prose_comments_and_defaults_do_not_count(root, cells):
    assert inputs(root, cells) == inputs(root)


@pytest.mark.parametrize(
    ("cells", "changed"),
    [
        ((markdown("t", "# Titre {eval}`b`"), *CELLS[1:]), ["code cell or expression 1 changed"]),
        ((*CELLS, code("d", "")), ["code cell or expression 3 changed"]),
        (
            (*CELLS[:2], code("c", "from lib.trois import f\na = f()")),
            [
                "code cell or expression 2 changed",
                "module lib.deux removed",
                "module lib.trois added",
                "module lib.un removed",
                "package paquet removed",
            ],
        ),
    ],
)
def test_code_and_expressions_count(root, cells, changed):
    assert differences(inputs(root), inputs(root, cells)) == changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            (code("c", "x"), markdown("m", "{eval}`y`")),
            (markdown("m", "{eval}`x`"), code("c", "y")),
        ),
        ((code("c", "x"),), (markdown("m", "{eval}`x`"),)),
        ((code("c", "x"),), (code("c", "x", tags=["skip-execution"]),)),
        ((code("c", "x"), parameters("x = 1")), (parameters("x = 1"), code("c", "x"))),
        (
            (parameters("x = 1"), code("c", "1")),
            (code("p", "x = 1", tags=["parameters", "skip-execution"]), code("c", "1")),
        ),
    ],
)
def test_kinds_tags_and_the_order_of_cells_count(root, before, after):
    assert digest(inputs(root, before)) != digest(inputs(root, after))


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ((1, 2), [1, 2], "(1, 2) → [1, 2]"),
        ([(1, 2)], [[1, 2]], "[(1, 2)] → [[1, 2]]"),
        ((1, 2), "(1, 2)", "(1, 2) → (1, 2)"),
        ({1: "a"}, {"1": "a"}, "{1: 'a'} → {'1': 'a'}"),
        ({True: "a"}, {1: "a"}, "{True: 'a'} → {1: 'a'}"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "{'a': 1, 'b': 2} → {'b': 2, 'a': 1}"),
    ],
)
def test_parameters_that_json_does_not_tell_apart_count(root, before, after, line):
    before, after = (inputs(root, values={"x": value}) for value in (before, after))
    assert digest(before) != digest(after)
    assert differences(before, after) == [f"parameter x: {line}"]


def test_the_language_of_tables_counts_where_it_is_not_french(root):
    before = inputs(root)
    (root / "journal.yml").write_text("language: fr\n")
    assert inputs(root) == before
    (root / "journal.yml").write_text("language: en\n")
    assert inputs(root) == before | {"language": "en"}
    assert differences(before | {"language": "de"}, inputs(root)) == ["language: de → en"]


def test_a_module_reached_through_another_counts(root):
    before = inputs(root)
    (root / "lib" / "trois.py").write_text("A = 22\n")
    assert inputs(root) == before
    (root / "lib" / "deux.py").write_text("A = 22\n")
    assert differences(before, inputs(root)) == ["module lib.deux changed"]


def test_a_path_counts_by_its_contents(root):
    for name, text in (("a", "1"), ("b", "1"), ("c", "2")):
        (root / name).mkdir()
        (root / name / "f.txt").write_text(text)
    first, same, other = (inputs(root, values={"x": f"{root}/{name}"}) for name in "abc")
    assert digest(first) == digest(same) != digest(other)
    assert differences(first, other) == ["contents of parameter x changed"]


@pytest.mark.parametrize("value", ["nu.csv", ["a", "./nu.csv"], {"deep": [{"er": "nu.csv"}]}])
def test_a_path_counts_at_any_depth_and_so_does_a_name_beside_the_notebook(
    root, value, monkeypatch
):
    monkeypatch.chdir(root)  # where the notebook is
    keys = []
    for text in ("", "1", "1", "2"):
        if text:
            (root / "nu.csv").write_text(text)
        keys.append(digest(inputs(root, values={"x": value})))
    absent, first, same, other = keys
    assert first == same
    assert len({absent, first, other}) == 3


@pytest.mark.parametrize(
    "text", ["\\d+", "/api/v1", "~5 / 10", "/", ".", "./.", "", "x" * 5000, "\0"]
)
def test_text_that_looks_like_a_path_is_text(root, text):
    assert inputs(root, values={"x": text})["parameter x"] == text


def test_only_the_files_that_the_project_calls_data_count(root, monkeypatch):
    folder = root / "held"
    folder.mkdir()
    (folder / "a.csv").write_text("1")
    monkeypatch.setattr(
        "carnet.sources.data.data_files", lambda path, _: sorted(path.glob("*.csv"))
    )
    given = {"data": str(folder), "other": str(folder)}
    first = inputs(root, values=given)
    (folder / "notes.txt").write_text("litter")
    assert differences(first, inputs(root, values=given)) == ["contents of parameter other changed"]
    (folder / "a.csv").write_text("2")
    assert "contents of parameter data changed" in differences(first, inputs(root, values=given))


def test_results_of_needs_count(root):
    before, after = (inputs(root, needs={"amont": digest}) for digest in ("a", "b"))
    assert differences(before, after) == ["results of amont changed"]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ({"x": 1}, {"x": 2}, "parameter x: 1 → 2"),
        ({"x": 1}, {"x": 1.0}, "parameter x: 1 → 1.0"),
        ({"x": 1}, {"x": True}, "parameter x: 1 → True"),
        ({"x": None}, {"x": 0}, "parameter x: None → 0"),
        ({"x": {"a": 1}}, {"x": {"a": 2}}, "parameter x: {'a': 1} → {'a': 2}"),
        ({}, {"x": None}, "parameter x added"),
        ({"x": 2}, {}, "parameter x removed"),
    ],
)
def test_a_parameter_that_changes_the_key_is_told(before, after, line):
    before, after = ({f"parameter {n}": v for n, v in side.items()} for side in (before, after))
    assert digest(before) != digest(after)
    assert differences(before, after) == [line]


def test_other_differences_are_told():
    before = {"python": "CPython 3.11", "package torch": "2.0", "execution": "a", "kernel": "un"}
    after = {"python": "CPython 3.12", "package torch": "2.1", "execution": "b", "kernel": "deux"}
    assert differences(before, after) == [
        "execution changed",
        "kernel: un → deux",
        "package torch: 2.0 → 2.1",
        "python: CPython 3.11 → CPython 3.12",
    ]
    assert differences(before, dict(reversed(before.items()))) == []


def test_what_documents_depend_on(root):
    (root / "gabarits").mkdir()
    (root / "gabarits" / "base.j2").write_text("a")
    store = Store(root / "runs")

    def key(prose="a", title="# T", result=1):
        page = Page("jour-1", "Jour 1", None, "", (Prose(prose),))
        run = keep_run(store, "essai", "k", inputs={"needs a": result})
        notebooks = {"essai": make_notebook("01_essai", [markdown("t", title)])}
        return rendering_key([page], notebooks, {"essai": run}, root / "gabarits")

    before = key()
    assert key() == before
    others = [key(prose="b"), key(title="# U"), key(result=2)]
    (root / "gabarits" / "base.j2").write_text("b")
    assert len({before, key(), *others}) == 5
