import pytest

from lib.journal import publishing
from lib.journal.errors import InputError


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
