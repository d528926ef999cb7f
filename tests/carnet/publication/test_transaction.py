from pathlib import Path

import pytest

from carnet.project.errors import InputError
from carnet.project.files import write_json
from carnet.publication import transaction as publishing


def test_only_what_differs_is_written_and_what_is_gone_is_removed(tmp_path):
    output, store = tmp_path / "out", tmp_path / "runs"
    assert publishing.publish({"a": b"1", "d/b": b"2"}, output, store) == ["a", "d/b"]
    assert publishing.publish({"a": b"1", "d/b": b"2"}, output, store) == []
    (output / "mine").write_text("kept")
    assert publishing.publish({"a": b"2"}, output, store, places=["e", "d/c"]) == ["a"]
    assert (output / "d" / "b").exists()  # of another format, which this build does not give
    assert publishing.publish({"a": b"3"}, output, store, places=["d"]) == ["a", "d/b"]
    assert sorted(path.name for path in output.rglob("*") if path.is_file()) == ["a", "mine"]


def test_a_failure_while_writing_changes_nothing(tmp_path, monkeypatch):
    publishing.publish({"a": b"old", "b": b"old"}, tmp_path / "out", tmp_path / "runs")
    write = publishing._write

    def fail_on_b(path, data):
        if path.name.startswith("b"):
            raise OSError(28, "No space left on device", str(path))
        write(path, data)

    monkeypatch.setattr(publishing, "_write", fail_on_b)
    with pytest.raises(InputError, match="cannot publish there \\(No space left on device"):
        publishing.publish({"a": b"new", "b": b"new"}, tmp_path / "out", tmp_path / "runs")
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == {
        "a": b"old",
        "b": b"old",
    }


def test_a_folder_that_cannot_be_written_to_is_told_before_and_nothing_is_made(tmp_path):
    publishing.check_writable(tmp_path / "not" / "yet")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"--output .*/file/x: cannot be written to \(Not a dir"):
        publishing.check_writable(tmp_path / "file" / "x")
    with pytest.raises(InputError, match=r"--output /proc/x: cannot be written to \("):
        publishing.check_writable(Path("/proc/x"))


def test_each_format_remembers_what_it_was_made_from(tmp_path):
    output, store = tmp_path / "out", tmp_path / "runs"

    def published(*places, **keys):
        return publishing.is_published(keys, output, store, places)

    publishing.publish({"a": b"1"}, output, store, {"markdown": "k1"}, ["a"])
    publishing.publish({"b": b"1"}, output, store, {"pdf": "k2"}, ["b"])
    assert publishing.published_formats(output, store) == {"markdown", "pdf"}
    assert published("a", markdown="k1")
    assert published("b", pdf="k2")
    assert published("a", "b", markdown="k1", pdf="k2")
    assert not published("a", markdown="k2")
    assert not published("a", "b", markdown="k1", html="k1")
    (output / "b").write_text("edited")
    assert published("a", markdown="k1")
    assert not published("b", pdf="k2")


def test_a_manifest_of_an_older_version_says_nothing(tmp_path):
    output, store = tmp_path / "out", tmp_path / "runs"
    write_json(store / publishing.MANIFEST, {str(output): {"key": "k", "documents": {}}})
    assert publishing.published_formats(output, store) == set()
    assert not publishing.is_published({"html": "k"}, output, store, ["a"])
