import pytest

from carnet.commands.compare import changes, cited, find_run, list_runs
from carnet.project.errors import RequestError
from carnet.sources.pages import Page, Prose
from carnet.store.runs import Store
from tests.carnet.conftest import keep_run


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


def parameter(**values) -> dict:
    return {f"parameter {name}": value for name, value in values.items()}


def test_runs_are_listed_with_what_differs_from_the_one_before(store):
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
    assert list(list_runs(store, "essai")) == [
        "run       begun             took",
        "bbbbbbbb  2026-11-02 10:30  61 s",
        "    x: 1 → 2",
        "aaaaaaaa  2026-11-01 10:00  61 s  published",
    ]


def test_runs_are_listed_with_the_numbers_that_pages_cite(store):
    keep_run(store, "essai", "aaaa", results={"score": 0.73251, "n": 8, "text": "oui", "no": 1})
    keep_run(store, "essai", "bbbb", results={"score": 1}, begun="2026-11-02T10:30:00+00:00")
    prose = "{eval}`fr(essai.text)`, {eval}`fr(essai.score)`, {eval}`fr(autre.no)`, {eval}`essai.n`"
    page = Page("jour-1", "Jour 1", None, "", (Prose(prose),))
    assert cited("essai", [page, page]) == ["text", "score", "n"]
    lines = list(list_runs(store, "essai", cited("essai", [page])))
    assert [line for line in lines if not line.startswith(" ")] == [
        "run   begun             took  score   n",
        "bbbb  2026-11-02 10:30  61 s  1       —",
        "aaaa  2026-11-01 10:00  61 s  0.7325  8",
    ]


def test_what_a_file_manager_leaves_in_the_store_is_not_listed(store):
    run = keep_run(store, "essai", "aaaaaaaaaaaa")
    (run.folder.parent / ".DS_Store").write_text("")
    assert list(list_runs(store, "essai"))[1:] == ["aaaaaaaa  2026-11-01 10:00  61 s"]


def test_a_notebook_that_never_ran_has_no_history(store):
    assert list(list_runs(store, "essai")) == []


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ({"a": 1 / 3}, {"a": 2 / 3}, "result a: 0.333333 → 0.666667"),
        ({}, {"a": 1}, "result a: absent → 1"),
        ({"a": 1}, {}, "result a: 1 → absent"),
        ({}, {"a": None}, "result a: absent → None"),
        ({"a": 1}, {"a": 1.0}, "result a: 1 → 1.0"),
        ({"a": "x" * 60}, {"a": "x" * 61}, f"result a: …{'x' * 20} → …{'x' * 21}"),
        (
            {"a": f"{'x' * 70}0{'y' * 70}"},
            {"a": f"{'x' * 70}1{'y' * 70}"},
            f"result a: …{'x' * 20}0{'y' * 39}… → …{'x' * 20}1{'y' * 39}…",
        ),
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


def test_all_that_a_run_depends_on_is_compared(store):
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
    with pytest.raises(RequestError, match="compare ab: several runs of 'essai' with such a key: "):
        find_run(store, "essai", "ab")
    with pytest.raises(RequestError, match="no run of 'essai' with such a key: did you mean"):
        find_run(store, "essai", "abc2")
    with pytest.raises(RequestError, match="no run of 'autre' with such a key: there is none"):
        find_run(store, "autre", "a")


@pytest.mark.slow
def test_compare_lists_runs_newest_first(built):
    built.build("-p", "bonus=2")
    header, *lines = built.ask("compare", "1").stdout.splitlines()
    assert header.split() == ["run", "begun", "took"]  # the page cites no result of it
    assert lines[0].endswith("published")
    assert lines[1:3] == ["    bonus: 1 → 2", "    result longueur: 4 → 5"]
    assert len(lines) == 4
    newest, oldest = (line.split()[0] for line in (lines[0], lines[3]))
    sides = built.ask("compare", "mesure", newest, oldest).stdout.splitlines()
    assert sides == ["bonus: 2 → 1", "result longueur: 5 → 4"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mesur"], "compare: no notebook 'mesur': did you mean '01_mesure'?"),
        (["1", "zzz", "yyy"], "compare zzz: no run of 'mesure' with such a key: "),
    ],
)
def test_compare_refuses_what_is_not_there(built, arguments, message):
    done = built.ask("compare", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.slow
def test_compare_tells_a_module_that_changed(built):
    built.edit("lib/base.py", "FACTOR = 2", "FACTOR = 1 + 1")
    built.build("--only", "2")
    header, *runs = (
        line.split()
        for line in built.ask("compare", "2").stdout.splitlines()
        if not line.startswith(" ")
    )
    assert header == ["run", "begun", "took", "double"]
    (newest, *_), (oldest, *_) = runs
    assert built.ask("compare", "2", oldest, newest).stdout == "module lib.base changed\n"


def test_runs_of_two_kinds_of_cpu_are_said_to_be_before_their_results(store):
    """Not passed off as changed inputs."""
    sides = (("a", 1.0), ("b", 1.5))
    runs = [keep_run(store, "x", key, cpu=key, results={"r": value}) for key, value in sides]
    assert list(changes(*runs)) == [
        "made on another kind of CPU (a; now b): bytes may differ, verdicts should not",
        "result r: 1 → 1.5",
    ]
