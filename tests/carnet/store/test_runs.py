import pytest

from carnet.project.files import write_json
from carnet.store.runs import Run, Store
from tests.carnet.conftest import keep_run


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


def test_a_kept_run_is_found_by_name_and_key(store):
    keep_run(store, "essai", "k1", results={"a": 1})
    run = store.find("essai", "k1")
    assert (run.name, run.key, run.results) == ("essai", "k1", {"a": 1})
    assert store.find("essai", "k2") is None
    assert store.find("autre", "k1") is None


def test_a_run_that_is_being_prepared_is_not_found(store):
    staged = store.stage("essai")
    write_json(staged / "record.json", {"files": []})
    assert store.runs("essai") == []
    assert store.current() == {}


DAMAGE = {
    "lost": lambda path: path.unlink(),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-2]),
    "flipped": lambda path: path.write_bytes(
        bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]
    ),
}
FILES = ["images/courbe.png", "notebook.ipynb", "record.json", "results.json"]


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("file", FILES)
def test_a_run_with_a_damaged_file_is_told_and_counts_as_absent(store, file, damage):
    run = keep_run(store, "essai", "k1", results={"a": 1}, images=("courbe",))
    store.set_current({"essai": run})
    assert store.find("essai", "k1").damaged == []
    damage(run.folder / file)
    assert store.find("essai", "k1").damaged == [file]
    assert store.runs("essai") == []
    assert store.current() == {}


def test_a_record_that_was_edited_is_damaged(store):
    run = keep_run(store, "essai", "k1", inputs={"parameter x": 1})
    path = run.folder / "record.json"
    path.write_text(path.read_text().replace('"parameter x": 1', '"parameter x": 2'))
    assert store.find("essai", "k1").damaged == ["record.json"]


def test_a_record_is_whole_whatever_the_keys_of_a_parameter(store):
    run = keep_run(store, "essai", "k1", inputs={"parameter x": {1: "a", 10: "b", 2: "c"}})
    assert not Run(run.folder).damaged


def test_a_run_replaces_one_of_the_same_key_whole(store):
    keep_run(store, "essai", "k1", results={"a": 1}, images=("ancienne",))
    run = keep_run(store, "essai", "k1", results={"a": 2})
    assert run.results == {"a": 2}
    assert run.images() == []
    assert [found.folder for found in store.runs("essai")] == [run.folder]


def test_runs_are_newest_first(store):
    for key, day in (("a", 2), ("b", 3), ("c", 1)):
        keep_run(store, "essai", key, begun=f"2026-11-0{day}T10:00:00+00:00")
    assert [run.key for run in store.runs("essai")] == ["b", "a", "c"]


def test_what_is_no_folder_is_no_run(store):
    run = keep_run(store, "essai", "k1")
    (run.folder.parent / ".DS_Store").write_text("")
    assert [found.folder for found in store.runs("essai")] == [run.folder]


def test_results_count_by_content(store):
    same = [keep_run(store, name, "k", results={"a": 1, "b": 2}) for name in ("x", "y")]
    assert same[0].results_digest == same[1].results_digest
    other = keep_run(store, "z", "k", results={"a": 1, "b": 3})
    assert other.results_digest != same[0].results_digest


def test_inputs_of_one_kind(store):
    inputs = {"parameter a": 1, "parameter b": "x", "package a": "1.0", "python": "3"}
    run = keep_run(store, "essai", "k1", inputs=inputs)
    assert run.inputs("parameter") == {"a": 1, "b": "x"}
    assert run.inputs("needs") == {}


def test_current_runs_are_remembered_by_place_in_the_store(store, tmp_path):
    store.set_current({"essai": keep_run(store, "essai", "k1")})
    store.folder.rename(tmp_path / "moved")
    (name, run), *others = Store(tmp_path / "moved").current().items()
    assert (name, run.key, others) == ("essai", "k1", [])


def test_current_is_written_only_when_it_changes(store):
    runs = {"essai": keep_run(store, "essai", "k1")}
    store.set_current(runs)
    before = (store.folder / "current.json").stat()
    store.set_current(runs)
    assert (store.folder / "current.json").stat().st_ino == before.st_ino
    store.set_current({})
    assert store.current() == {}


def test_the_latest_failure_only_is_kept(store):
    for number in range(2):
        staged = store.stage("essai")
        (staged / f"{number}.txt").write_text("")
        kept = store.keep_failed(staged, "essai")
        assert not staged.exists()
    assert [path.name for path in kept.iterdir() if path.is_file()] == ["1.txt"]


def test_sweeping_leaves_runs(store):
    run = keep_run(store, "essai", "k1")
    staged = store.stage("essai")
    store.sweep()
    assert not staged.exists()
    assert store.find("essai", "k1") == run
    store.sweep()


def test_two_runs_of_one_notebook_are_prepared_apart(store):
    assert store.stage("essai") != store.stage("essai")


def test_images_are_sorted_and_only_pictures(store):
    run = keep_run(store, "essai", "k1", images=("b", "a"))
    (run.folder / "images" / "c.txt").write_text("")
    assert [path.name for path in run.images()] == ["a.png", "b.png"]
    assert Run(run.folder.with_name("absent")).images() == []


def test_what_is_a_journals_alone_is_in_its_own_folder_of_a_shared_store(tmp_path):
    ours, theirs = (Store(tmp_path, tmp_path / "journals" / name) for name in ("a", "b"))
    shared = [keep_run(ours, "essai", "1"), keep_run(theirs, "essai", "2")]
    ours.set_current({"essai": shared[0]})
    ours.set_used([shared[0].folder])
    theirs.set_current({"essai": shared[1]})
    assert (ours.current()["essai"].key, theirs.current()["essai"].key) == ("1", "2")
    assert {run.key for run in ours.runs("essai")} == {"1", "2"}
    assert (ours.used(), theirs.used()) == ({shared[0].folder}, set())
    begun = theirs.stage("essai")
    ours.sweep()
    assert begun.is_dir()
    assert [each.own for each in ours.others()] == [tmp_path, theirs.own]
