import pytest

from carnet.commands.history import Unused, changes, find_run, remove, size, tell_history, unused
from carnet.project.errors import RequestError
from carnet.project.files import write_json
from carnet.store.runs import Store
from tests.carnet.conftest import keep_run


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


def parameter(**values) -> dict:
    return {f"parameter {name}": value for name, value in values.items()}


def test_runs_are_told_with_what_differs_from_the_one_before(store):
    old = keep_run(store, "essai", "aaaaaaaaaaaa", inputs=parameter(x=1), results={"a": 1})
    keep_run(
        store,
        "essai",
        "bbbbbbbbbbbb",
        inputs=parameter(x=2),
        results={"a": 1},
        begun="2026-11-02T10:30:00+00:00",
    )
    store.set_current({"essai": old})
    assert list(tell_history(store, "essai")) == [
        "bbbbbbbb  2026-11-02 10:30  61 s",
        "    x: 1 → 2",
        "aaaaaaaa  2026-11-01 10:00  61 s  published",
    ]


def test_a_notebook_that_never_ran_has_no_history(store):
    assert list(tell_history(store, "essai")) == []


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ({"a": 1 / 3}, {"a": 2 / 3}, "result a: 0.333333 → 0.666667"),
        ({}, {"a": 1}, "result a: absent → 1"),
        ({"a": 1}, {}, "result a: 1 → absent"),
        ({}, {"a": None}, "result a: absent → None"),
        ({"a": 1}, {"a": 1.0}, "result a: 1 → 1.0"),
        ({"a": "x" * 60}, {"a": "x" * 61}, f"result a: {'x' * 60} → {'x' * 59}…"),
        ({"a": 0.5}, {"a": 0.5 + 1e-12}, "result a: 0.5 → 0.500000000001"),
    ],
)
def test_results_that_differ(store, before, after, line):
    runs = [keep_run(store, "x", key, results=r) for key, r in (("a", before), ("b", after))]
    assert list(changes(*runs)) == [line]
    assert list(changes(runs[1], runs[1])) == []


def test_parameters_come_before_results(store):
    old = keep_run(store, "x", "a", inputs=parameter(z=1), results={"a": 1})
    new = keep_run(store, "x", "b", inputs=parameter(z=2), results={"a": 2})
    assert list(changes(old, new)) == ["z: 1 → 2", "result a: 1 → 2"]


def test_all_that_a_run_depends_on_is_told(store):
    before = {"code 2": "a", "module lib.x": "a", "package numpy": "1.0", "needs y": "a"}
    after = {"code 2": "b", "module lib.x": "b", "package numpy": "2.0", "needs y": "b"}
    old, new = keep_run(store, "x", "a", inputs=before), keep_run(store, "x", "b", inputs=after)
    assert list(changes(old, new)) == [
        "code cell or expression 2 changed",
        "module lib.x changed",
        "results of y changed",
        "package numpy: 1.0 → 2.0",
    ]


def test_many_cells_that_changed_are_counted(store):
    before, after = ({f"code {n}": side for n in range(9)} | {"python": side} for side in "ab")
    old, new = keep_run(store, "x", "a", inputs=before), keep_run(store, "x", "b", inputs=after)
    assert list(changes(old, new)) == ["9 code cells or expressions changed", "python: a → b"]


def test_a_run_is_found_by_the_beginning_of_its_key(store):
    for key in ("abc1", "abd2"):
        keep_run(store, "essai", key)
    assert find_run(store, "essai", "abc").key == "abc1"
    with pytest.raises(RequestError, match="compare: several runs of 'essai' begin with 'ab': "):
        find_run(store, "essai", "ab")
    with pytest.raises(RequestError, match="no run of 'essai' begin with 'abc2': did you mean"):
        find_run(store, "essai", "abc2")
    with pytest.raises(RequestError, match="no run of 'autre' begin with 'a': there is none"):
        find_run(store, "autre", "a")


def work(store, place: str):
    """A folder where something has worked, as `working_folder` makes it."""
    write_json(store.folder / place / "inputs.json", {})
    return store.folder / place


def test_runs_and_work_that_nothing_uses(store):
    shown = keep_run(store, "essai", "shown")
    asked = keep_run(store, "essai", "asked")
    old = keep_run(store, "essai", "old")
    write_json(asked.folder / "folders.json", ["trainings/t1"])
    write_json(old.folder / "folders.json", ["trainings/t2", "searches/s1"])
    work(store, "trainings/t1")
    useless = [work(store, "searches/s1"), work(store, "trainings/t2"), old.folder]
    store.set_current({"essai": shown})
    store.keep_failed(store.stage("autre"), "autre")
    write_json(store.folder / "fingerprints" / "a.json", {})
    assert unused(store, [asked]) == Unused(useless, [])
    remove(useless)
    assert unused(store, [asked]) == Unused([], [])
    assert store.find("essai", "shown")
    assert store.find("essai", "asked")


def test_work_that_no_run_has_noted_is_unfinished(store):
    """That of a killed build, whose staged run is swept, or of JupyterLab."""
    run = keep_run(store, "essai", "a")
    write_json(run.folder / "folders.json", ["trainings/t1"])
    done, begun = work(store, "trainings/t1"), work(store, "trainings/t2")
    assert unused(store, [run]) == Unused([], [begun])
    assert unused(store, []) == Unused([done, run.folder], [begun])


def test_work_that_is_gone_is_not_looked_for(store):
    run = keep_run(store, "essai", "a")
    write_json(run.folder / "folders.json", ["trainings/t1"])
    assert unused(store, [run]) == Unused([], [])


def test_a_store_that_is_not_there(store):
    assert unused(store, []) == Unused([], [])


def test_the_size_of_a_folder_is_that_of_its_files(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "x").write_bytes(bytes(10))
    (tmp_path / "a" / "b" / "y").write_bytes(bytes(5))
    assert size(tmp_path / "a") == 15


def test_removing_what_is_gone_does_nothing(tmp_path):
    remove([tmp_path / "absent"])
