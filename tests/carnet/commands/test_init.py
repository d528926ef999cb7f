"""`init`: what a new journal holds, in each language, and what is refused. It is built by the tests
of the package."""

import datetime

import pytest
import yaml

from carnet.commands.build import Journal
from carnet.commands.init import init
from carnet.commands.new import SCAFFOLDS, WORDS
from carnet.project.errors import InputError, RequestError
from carnet.project.paths import Project
from carnet.project.settings import LANGUAGES, read_settings

TODAY = datetime.date(2026, 11, 23)
AROUND = {
    ".github/workflows/journal.yml",
    ".gitignore",
    "Makefile",
    "build_journal.py",
    "environment.yml",
    "journal.yml",
    "journal/introduction.md",
    "requirements.txt",
    "tests/test_journal.py",
}


@pytest.fixture(autouse=True)
def store(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path_factory.mktemp("store")))


def files(folder) -> dict[str, bytes]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("fr", ["notebooks/01_des.ipynb", "journal/jour-1.md"]),
        ("en", ["notebooks/01_dice.ipynb", "journal/day-1.md"]),
    ],
)
def test_a_new_journal_is_checked_without_a_mistake(tmp_path, language, first):
    made = init(tmp_path / "mine", language, TODAY)
    assert [str(path) for path in made] == ["journal.yml", "journal/introduction.md", *first]
    assert files(tmp_path / "mine").keys() == {*AROUND, *first}
    journal = Journal.prepare(Project.at(tmp_path / "mine"))
    assert journal.settings.language == language
    assert [page.day for page in journal.pages] == [None, 1]
    assert len(journal.pages[1].embeds()) == 2
    assert yaml.safe_load((tmp_path / "mine" / "environment.yml").read_text())["name"] == "mine"


def test_every_language_has_its_words():
    assert set(WORDS) == set(LANGUAGES)


def test_every_template_is_in_every_language():
    first, *others = ({p.name for p in (SCAFFOLDS / name).iterdir()} for name in LANGUAGES)
    assert first
    assert all(other == first for other in others)


def test_an_english_journal_holds_no_french(tmp_path):
    init(tmp_path, "en", TODAY)
    for name, data in files(tmp_path).items():
        assert data.decode().isascii(), name


def test_the_same_twice_gives_the_same_bytes(tmp_path):
    for parent in ("a", "b"):
        init(tmp_path / parent / "mine", "fr", TODAY)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_an_odd_name_of_a_folder_is_no_obstacle(tmp_path):
    init(tmp_path / "$x: é «", "fr", TODAY)
    settings = read_settings(tmp_path / "$x: é «")
    assert settings.title == "Journal de bord"


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("")
    for name in ("mine", "mine/thesis.tex"):
        with pytest.raises(RequestError, match=r"^init .*: expected a new or an empty folder$"):
            init(tmp_path / name, "fr", TODAY)
    assert list(files(tmp_path)) == ["mine/thesis.tex"]


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"^init .*/file/mine: .*Not a directory"):
        init(tmp_path / "file" / "mine", "fr", TODAY)
