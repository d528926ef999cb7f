import pytest

from carnet.project.paths import TEMPLATES, Project
from carnet.publication.overrides import templates_of, unknown_templates


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "runs"))
    return Project.at(tmp_path)


def write(project, name: str, text: str) -> None:
    path = project.pages / "gabarits" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_without_any_the_engines_are_used_where_they_are(project):
    assert templates_of(project) == TEMPLATES
    assert list(unknown_templates(project)) == []


def test_a_template_of_the_project_replaces_the_engines_of_its_name(project):
    write(project, "site/style.css", "body { color: green }")
    folder = templates_of(project)
    assert (folder / "site" / "style.css").read_text() == "body { color: green }"
    same = "site/script.js"
    assert (folder / same).read_bytes() == (TEMPLATES / same).read_bytes()
    assert templates_of(project) == folder
    assert list(unknown_templates(project)) == []


def test_an_edit_gives_another_folder_so_that_no_build_reads_half_of_it(project):
    write(project, "site/style.css", "a")
    first = templates_of(project)
    write(project, "site/style.css", "bb")
    assert templates_of(project) != first
    assert (first / "site" / "style.css").read_text() == "a"


def test_one_that_replaces_nothing_is_a_mistake(project):
    write(project, "site/styel.css", "")
    write(project, "site/.style.css.swp", "")
    assert list(unknown_templates(project)) == [
        "journal/gabarits/site/styel.css: replaces no template: did you mean 'site/style.css'?"
    ]
