import os

import pytest

from carnet.project.errors import InputError
from carnet.project.files import (
    digest,
    fingerprint,
    read_json,
    read_sealed,
    read_yaml,
    write_atomically,
    write_json,
    write_sealed,
)


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "runs"))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "data"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("one")
    (folder / "sub" / "b.txt").write_text("two")
    return folder


def test_a_file_that_fails_half_way_is_absent(tmp_path):
    target = tmp_path / "model.pt"

    def write(path):
        path.write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_atomically(target, write)
    assert list(tmp_path.iterdir()) == []


def test_json_returns_as_written(tmp_path):
    write_json(tmp_path / "a" / "x.json", {"é": [1, 2.5, None]})
    assert read_json(tmp_path / "a" / "x.json") == {"é": [1, 2.5, None]}
    assert read_json(tmp_path / "absent.json", 7) == 7
    assert read_json(tmp_path / "a", 7) == 7  # a folder
    assert read_json(tmp_path / "a" / "x.json", []) == []  # of another type


def test_json_refuses_nan(tmp_path):
    with pytest.raises(ValueError, match=r"Out of range|not JSON compliant"):
        write_json(tmp_path / "x.json", float("nan"))
    assert list(tmp_path.iterdir()) == []


def test_the_order_of_keys_does_not_count():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_a_fingerprint_follows_contents_and_names(folder):
    before = fingerprint(folder)
    assert fingerprint(folder) == before
    (folder / "a.txt").write_text("eno")
    changed = fingerprint(folder)
    (folder / "a.txt").write_text("one")
    assert fingerprint(folder) == before != changed
    (folder / "a.txt").rename(folder / "c.txt")
    assert fingerprint(folder) != before


def test_what_desktops_write_into_a_folder_does_not_count(folder):
    before = fingerprint(folder)
    (folder / ".DS_Store").write_text("one")
    (folder / "Thumbs.db").write_text("two")
    assert fingerprint(folder) == before


def test_same_size_and_same_modification_time_is_seen(folder):
    before, status = fingerprint(folder), (folder / "a.txt").stat()
    (folder / "a.txt").write_text("eno")
    os.utime(folder / "a.txt", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert fingerprint(folder) != before


@pytest.mark.parametrize("name", [".DS_Store", "sub/Thumbs.db", "desktop.ini"])
def test_what_file_managers_leave_is_not_data(folder, name):
    before = fingerprint(folder)
    (folder / name).write_text("icons")
    assert fingerprint(folder) == before


def test_a_fingerprint_does_not_depend_on_the_folder(folder, tmp_path):
    before = fingerprint(folder)
    folder.rename(tmp_path / "elsewhere")
    assert fingerprint(tmp_path / "elsewhere") == before


def test_a_missing_path_is_named(tmp_path):
    with pytest.raises(InputError, match=r"absent: no such file or folder"):
        fingerprint(tmp_path / "absent")


@pytest.mark.parametrize(
    "text", ["&a [*a]", "&a {b: *a}", "[" * 3000 + "]" * 3000, "2026-02-30", "["]
)
def test_yaml_that_holds_itself_or_is_none_is_one_line(text):
    with pytest.raises(ValueError, match=r"^not valid YAML \("):
        read_yaml(text)


def test_damage_to_a_sealed_file_is_seen(tmp_path):
    path, value = tmp_path / "a.json", {1: 1, 10: "b", 2: "c"}
    write_sealed(path, value)
    assert read_sealed(path) == {"1": 1, "10": "b", "2": "c"}
    for old, new in (('"1": 1', '"1": 2'), ('"b"', '"c"'), ('"digest"', '"disgest"'), ("{", "[")):
        path.write_text(path.read_text().replace(old, new))
        assert read_sealed(path) == {}
        write_sealed(path, value)
    assert read_sealed(tmp_path / "absent.json") == {}


def test_names_of_files_that_are_not_utf_8_count(folder):
    before = fingerprint(folder)
    (folder / os.fsdecode(b"\xff.txt")).write_text("three")
    after = fingerprint(folder)
    assert len({before, after}) == 2
    assert fingerprint(folder) == after
