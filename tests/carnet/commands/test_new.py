"""`new jour` and `new notebook`: what they create, what they refuse, that it builds at once."""

import datetime
import json
import subprocess
import sys

import nbformat
import pytest

from carnet.commands.cli import command
from carnet.commands.new import MAX_NAME_LENGTH, new_day, new_notebook
from carnet.project.errors import InputError, RequestError
from carnet.project.paths import Project
from carnet.project.settings import LANGUAGES
from carnet.sources.notebooks import Notebook, read_notebooks
from carnet.sources.pages import Page, read_pages
from tests.carnet.conftest import ROOT

TODAY = datetime.date(2026, 11, 23)


@pytest.fixture
def small(project) -> Project:
    return Project.at(project.root)


def test_a_day_follows_the_largest_number(small):
    (small.pages / "jour-9.md").write_text("---\ntitle: Jour 9\n---\n")
    assert str(new_day(small, TODAY)) == "journal/jour-10.md"
    assert str(new_day(small, TODAY)) == "journal/jour-11.md"
    assert (small.pages / "jour-9.md").read_text() == "---\ntitle: Jour 9\n---\n"


def test_the_first_day_of_an_empty_journal(tmp_path):
    (tmp_path / "journal").mkdir()
    page = Page.read(tmp_path / new_day(Project.at(tmp_path), TODAY))
    assert (page.name, page.title, page.date) == ("jour-1", "Jour 1 : titre à écrire", TODAY)
    assert page.notebooks() == set()


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("une autre idée", "Jour 2 : une autre idée"),
        ("Jour 2 : déjà dit", "Jour 2 : déjà dit"),
        ('« dit "ainsi" » : l\'essai # 3', 'Jour 2 : « dit "ainsi" » : l\'essai # 3'),
        ("en deux\n  lignes", "Jour 2 : en deux lignes"),
    ],
)
def test_the_title_of_a_day(small, given, title):
    assert Page.read(small.root / new_day(small, TODAY, given)).title == title


def test_in_an_english_journal_both_are_in_english(small):
    (small.root / "journal.yml").write_text("language: en\n")
    assert str(new_notebook(small, "dice")) == "notebooks/03_dice.ipynb"
    path = small.root / new_day(small, TODAY, "another idea")
    assert path.name == "day-2.md"  # after journal/jour-1.md
    page = Page.read(path)
    assert (page.day, page.title) == (2, "Day 2: another idea")
    assert [embed.section for embed in page.embeds()] == ["Method", "Result"]
    notebook = Notebook.read(small.notebooks / "03_dice.ipynb")
    assert notebook.parameters == {"n_throws": 600, "seed": 0}
    for text in (path.read_text(), json.dumps(notebook.content, ensure_ascii=False)):
        assert text.isascii()


def test_a_hint_names_a_section_that_is_there(small, capsys, monkeypatch):
    monkeypatch.setenv("JOURNAL_ROOT", str(small.root))
    for name, language in (("un", "fr"), ("deux", "en")):
        (small.root / "journal.yml").write_text(f"language: {language}\n")
        command.main(["new", "notebook", name], standalone_mode=False)
        section = capsys.readouterr().err.split(f"{{embed}} {name}#")[1].split(",")[0]
        assert read_notebooks(small.notebooks)[0][name].section(section)


@pytest.mark.parametrize("title", ["", "  \n", "cloche \a"])
def test_a_title_that_is_not_text_is_refused(small, title):
    with pytest.raises(RequestError, match=r"--title .*: expected a line of text"):
        new_day(small, TODAY, title)
    assert not (small.pages / "jour-2.md").exists()


def test_a_day_embeds_what_no_page_shows_of_the_newest_notebook(small):
    new_notebook(small, "des")
    page = Page.read(small.root / new_day(small, TODAY))
    assert [embed.section for embed in page.embeds()] == ["Méthode", "Résultat"]
    assert [found.code for _, found in page.expressions()] == ["fr(des.mean)"]
    page = Page.read(small.root / new_day(small, TODAY))
    assert [embed.section for embed in page.embeds()] == ["Résultat"]  # all are shown: the last


def test_a_file_created_meanwhile_is_left_as_it_is(small, monkeypatch):
    """Another `new jour` may write the page between the count of the days and ours."""
    page = small.pages / "jour-2.md"
    monkeypatch.setattr("carnet.commands.new._example", lambda *_: str(page.write_text("autre")))
    with pytest.raises(RequestError, match=r"journal/jour-2\.md: already exists"):
        new_day(small, TODAY)
    assert page.read_text() == "autre"


def test_lock_files_of_editors_are_neither_pages_nor_notebooks(small):
    (small.pages / ".#jour-7.md").symlink_to("user@machine.1234")
    (small.notebooks / ".~08_des.ipynb").write_text("")
    assert str(new_notebook(small, "des")) == "notebooks/03_des.ipynb"
    assert str(new_day(small, TODAY)) == "journal/jour-2.md"
    assert read_pages(small.pages)[1] == read_notebooks(small.notebooks)[1] == []


def test_the_next_day_is_named_as_the_journal_names_them(small):
    (small.root / "journal.yml").write_text("days: seance-{}-lab\n")
    assert str(new_day(small, TODAY)) == "journal/seance-1-lab.md"
    assert str(new_day(small, TODAY)) == "journal/seance-2-lab.md"


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"journal/jour-1\.md: cannot be written \(No such file"):
        new_day(Project.at(tmp_path), TODAY)


def test_a_notebook_is_valid_numbered_and_without_outputs(small):
    path = small.root / new_notebook(small, "ma_mesure", ["double", "mesure", "double"])
    assert path.name == "03_ma_mesure.ipynb"
    content = nbformat.read(path, as_version=4)
    nbformat.validate(content)
    assert [cell.id for cell in content.cells][:4] == ["titre", "imports", "parametres", "besoins"]
    assert all(not cell.outputs for cell in content.cells if cell.cell_type == "code")
    notebook = Notebook.read(path)
    assert notebook.needs == ["double", "mesure"]
    assert notebook.parameters == {"n_throws": 600, "seed": 0}
    assert notebook.recorded == ({"mean", "most_frequent"}, True)


def test_the_same_notebook_twice_gives_the_same_bytes(small):
    path = small.root / new_notebook(small, "des")
    first = path.read_bytes()
    path.unlink()
    assert (small.root / new_notebook(small, "des")).read_bytes() == first


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ma-mesure", "a letter first: did you mean 'ma_mesure'?"),
        ("Été 2026", "did you mean 'ete_2026'?"),
        ("06_mesure", "did you mean 'mesure'?"),
        ("../fuite", "did you mean 'fuite'?"),
        ("é" * 60, f"did you mean '{'e' * 40}'?"),
        ("", "did you mean 'ma_mesure'?"),
        ("図", "did you mean 'ma_mesure'?"),
        ("lambda", "did you mean 'carnet_lambda'?"),
        ("fr", "did you mean 'carnet_fr'?"),
        ("mesure", "notebooks/01_mesure.ipynb has this name: did you mean 'mesure_2'?"),
    ],
)
def test_a_bad_name_is_one_line_with_a_good_one(small, name, message):
    before = sorted(small.notebooks.iterdir())
    with pytest.raises(RequestError) as error:
        new_notebook(small, name)
    assert message in str(error.value)
    assert len(error.value.mistakes) == 1
    assert sorted(small.notebooks.iterdir()) == before


@pytest.mark.parametrize("need", ["2", "02", "02_double", "double"])
def test_needs_are_named_or_numbered_as_everywhere(small, need):
    assert Notebook.read(small.root / new_notebook(small, "des", [need])).needs == ["double"]


def test_needs_are_checked(small):
    with pytest.raises(RequestError, match=r"--needs doubel: .*did you mean 'double'"):
        new_notebook(small, "des", ["doubel"])


@pytest.mark.slow
def test_a_new_notebook_and_a_new_day_build_at_once_and_change_nothing_else(built):
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-c", "core.excludesFile=/dev/null"]
    (built.root / ".gitignore").write_text((ROOT / ".gitignore").read_text())
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "journal"]):
        subprocess.run([*git, *words], cwd=built.root, check=True)

    done = built.ask("new", "notebook", "des", "--needs", "mesure")
    assert done.stdout == "notebooks/03_des.ipynb\n"
    done = built.ask("new", "jour", "--title", "les dés", "--date", "2026-11-24")
    assert done.stdout == "journal/jour-2.md\n"
    assert _status(git, built.root) == ["?? journal/jour-2.md", "?? notebooks/03_des.ipynb"]

    assert built.executed() == {"03_des"}
    page = built.page("jour-2.html")
    assert "Jour 2 : les dés" in page.replace("\u00a0", " ")
    assert 'alt="Diagramme en barres des faces de 1 à 6' in page
    assert "24\u00a0novembre\u00a02026" in page
    assert "jour-2.html" in built.page("index.html")
    changed = {"?? images/", " M journal/JOURNAL.md"}
    new = {"?? journal/jour-2.md", "?? notebooks/03_des.ipynb"}
    assert set(_status(git, built.root)) == changed | new


def _status(git: list[str], root) -> list[str]:
    done = subprocess.run([*git, "status", "--short"], cwd=root, capture_output=True, text=True)
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["a", MAX_NAME_LENGTH * "m"])
def test_a_new_notebook_passes_the_linter(project, name, language):
    (project.root / "journal.yml").write_text(f"language: {language}\n")
    (project.root / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    small = Project.at(project.root)
    path = small.root / new_notebook(small, name, ["mesure", "double"])
    for words in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *words, str(path)]
        done = subprocess.run(ruff, cwd=project.root, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["jour", "--date", "24/11/2026"], "--date 24/11/2026: expected YYYY-MM-DD, such as"),
        (["notebook", "ma-mesure"], "did you mean 'ma_mesure'?"),
    ],
)
def test_a_wrong_request_is_one_line_and_writes_nothing(project, arguments, message):
    done = project.ask("new", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
