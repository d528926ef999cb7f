"""What of the notes of a run's processes becomes an input, and what stands for it."""

import json
import os
from pathlib import Path

import pytest

from carnet.sources.packages import Environment
from carnet.store import observed
from carnet.store.observed import CHANGED, now, observe

INSTALLED = Environment({"paquet": ["paquet"]}, {"paquet": "1.0"}, {"paquet": []})


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A project, data beside it, and the notes of a run."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "runs"))
    place = Place(tmp_path)
    place.write("projet/a.csv", "1")
    place.write("donnees/b.csv", "1")
    return place


class Place:
    def __init__(self, folder: Path):
        self.folder, self.root, self.lines = folder, folder / "projet", []

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def note(self, what: str, name: str) -> None:
        path = str((self.folder / name).resolve())
        self.lines.append(json.dumps([what, path, observed._state(path)]))

    def observe(self, *known: str, listed: tuple = ()) -> dict:
        notes = self.write("notes", "\n".join(self.lines))
        known, listed = ([self.folder / name for name in names] for names in (known, listed))
        return observe(notes, self.root, known, listed, INSTALLED)


def test_files_of_the_project_and_outside_count_by_their_contents(place):
    place.note("read", "projet/a.csv")
    place.note("read", "donnees/b.csv")
    found = place.observe()
    assert list(found) == ["file a.csv", "file ../donnees/b.csv"]
    assert (
        found["file a.csv"]
        == found["file ../donnees/b.csv"]
        == now("file a.csv", place.root, INSTALLED)
    )
    place.write("donnees/b.csv", "2")
    assert now("file ../donnees/b.csv", place.root, INSTALLED) != found["file ../donnees/b.csv"]
    (place.folder / "donnees/b.csv").unlink()
    assert now("file ../donnees/b.csv", place.root, INSTALLED) is None


def test_what_the_key_holds_is_left_out(place):
    place.note("read", "projet/a.csv")
    place.note("read", "donnees/b.csv")
    assert place.observe("donnees", "projet/a.csv") == {}


def test_of_a_folder_of_data_a_file_that_the_project_does_not_know_counts(place):
    place.write("donnees/other.csv", "1")
    for what, name in (
        ("list", "donnees"),
        ("read", "donnees/b.csv"),
        ("read", "donnees/other.csv"),
    ):
        place.note(what, name)
    assert list(place.observe("donnees/b.csv", listed=("donnees",))) == [
        "file ../donnees/other.csv"
    ]


def test_a_file_looked_for_in_vain_counts_as_absent(place):
    place.note("read", "projet/c.csv")
    assert place.observe() == {"file c.csv": None}


def test_what_is_written_and_then_read_is_no_input(place):
    place.note("write", "projet/a.csv")
    place.note("read", "projet/a.csv")
    assert place.observe() == {}


def test_what_is_read_and_then_written_counts_as_the_run_left_it(place):
    place.note("read", "projet/a.csv")
    place.note("write", "projet/a.csv")
    place.write("projet/a.csv", "22")
    assert place.observe() == {"file a.csv": now("file a.csv", place.root, INSTALLED)}


def test_a_file_that_others_change_meanwhile_is_never_up_to_date(place):
    place.note("read", "projet/a.csv")
    place.write("projet/a.csv", "edited")
    assert place.observe() == {"file a.csv": CHANGED}


def test_a_file_that_a_program_was_told_counts_unless_it_wrote_it(place):
    place.note("name", "projet/a.csv")
    place.note("name", "donnees/b.csv")
    place.write("donnees/b.csv", "made by it")
    assert list(place.observe()) == ["file a.csv"]


def test_a_file_that_is_gone_at_the_end_was_the_run_s_own(place):
    place.note("read", "projet/a.csv")
    (place.folder / "projet/a.csv").unlink()
    assert place.observe() == {}


def test_a_folder_counts_by_its_names(place):
    place.note("list", "projet")
    found = place.observe()
    place.write("projet/a.csv", "22")
    place.write("projet/.DS_Store", "")
    assert {"folder .": now("folder .", place.root, INSTALLED)} == found
    place.write("projet/b.csv", "")
    assert {"folder .": now("folder .", place.root, INSTALLED)} != found


def test_code_counts_by_what_it_does_with_the_packages_that_it_imports(place):
    place.write("outils/m.py", "import paquet\nX = 1\n")
    place.note("code", "outils/m.py")
    place.note("code", "cell")  # of a notebook: no file has its name
    found = place.observe()
    assert list(found) == ["code ../outils/m.py", "package paquet"]
    place.write("outils/m.py", "import paquet\n\nX = 1  # one\n")
    assert {name: now(name, place.root, INSTALLED) for name in found} == found
    place.write("outils/m.py", "import paquet\nX = 2\n")
    assert now("code ../outils/m.py", place.root, INSTALLED) != found["code ../outils/m.py"]
    assert now("package paquet", place.root, Environment({}, {"paquet": "2"}, {})) == "2"


@pytest.mark.parametrize("path", ["/usr/share/x", "/etc/hosts", f"{os.__file__}", "~/.cache/x"])
def test_the_system_and_the_settings_of_its_user_are_left_out(place, path, monkeypatch):
    home = place.write("home/.cache/x", "").parents[1]
    monkeypatch.setenv("HOME", str(home))
    place.lines.append(json.dumps(["read", str(Path(path).expanduser()), [0o100000, 1, 1]]))
    assert place.observe() == {}


def test_a_project_in_the_temporary_folder_has_what_stands_beside_it(place, monkeypatch):
    monkeypatch.setattr(observed.tempfile, "gettempdir", lambda: str(place.folder.parent))
    place.write("../other.json", "")
    place.note("read", "../other.json")
    place.note("read", "donnees/b.csv")
    assert list(place.observe()) == ["file ../donnees/b.csv"]


def test_a_note_that_was_cut_is_left_out(place):
    place.note("read", "projet/a.csv")
    place.lines.append('["read", "/pro')
    assert list(place.observe()) == ["file a.csv"]


def test_a_run_that_noted_nothing(place):
    assert observe(place.folder / "absent", place.root, [], [], INSTALLED) == {}
