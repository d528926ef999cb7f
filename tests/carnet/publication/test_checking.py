"""Texts are checked before anything runs, and once."""

import pytest

from carnet.project.paths import Project
from carnet.publication import checking
from carnet.publication.checking import check_texts
from carnet.sources.notebooks import read_notebooks
from carnet.sources.pages import read_pages
from tests.carnet.conftest import SmallProject, code, make_project, markdown, write_notebook


@pytest.fixture
def project(tmp_path) -> SmallProject:
    project = make_project(tmp_path / "project")
    (project.root / "runs").mkdir()
    return project


def checked(project: SmallProject) -> tuple[list[str], dict[str, str]]:
    about = Project.at(project.root)
    (notebooks, _), (pages, _) = read_notebooks(about.notebooks), read_pages(about.pages)
    return check_texts(pages, notebooks, about)


def test_what_pages_and_notebooks_ask_is_told_by_file_and_line_all_at_once(project):
    project.edit("journal/jour-1.md", "## La mesure\n", "## La mesure {a}`b`\n\n$x_{$\n\nc[^1]\n")
    cells = [markdown("t", "# T"), markdown("u", "a\n\n```{note}\n[b](c.md)\n```\n\n[^n]: d")]
    write_notebook(project.root / "notebooks" / "03_trois.ipynb", cells)
    mistakes, _ = checked(project)
    assert [mistake.split(": ")[0] for mistake in mistakes] == [
        "journal/jour-1.md, line 7",
        "journal/jour-1.md, line 9",
        "journal/jour-1.md, line 11",
        "notebooks/03_trois.ipynb",
        "notebooks/03_trois.ipynb, cell 2, line 4",
    ]


def test_key_figures_and_summaries_are_texts_too(project):
    project.edit("journal/jour-1.md", "summary: Un essai.", "summary: Un {essai}`x`.")
    (mistake,), _ = checked(project)
    assert mistake.startswith("journal/jour-1.md: {essai}`x`: no such role")


def test_texts_that_were_right_are_not_read_again(project, monkeypatch):
    assert checked(project)[0] == []
    monkeypatch.setattr(checking, "_read", None)
    assert checked(project)[0] == []
    project.edit("journal/jour-1.md", "## La mesure", "## Une mesure")
    with pytest.raises(TypeError):
        checked(project)


def test_an_image_that_changes_or_goes_is_seen(project):
    image = project.root / "journal" / "photo.png"
    image.write_bytes(b"un")
    project.edit("journal/jour-1.md", "## La mesure", "![Une photo](photo.png)\n\n## La mesure")
    mistakes, before = checked(project)
    assert mistakes == []
    assert "journal/photo.png" in before
    image.write_bytes(b"deux")
    assert checked(project)[1] != before
    image.unlink()
    (mistake,), _ = checked(project)
    assert "![Une photo](photo.png): no such file" in mistake


def test_names_that_no_text_and_no_code_gives_are_told_before_anything_runs(project):
    text = "[](#mesur), [](#courbe), [](#un-titre), {numref}`rien`\n\n## Un titre\n\n## La mesure"
    project.edit("journal/jour-1.md", "## La mesure", text)
    shown = 'def f(name):\n    figure(x, name, caption="", alt="")\n\nf("courbe")'
    cells = [markdown("t", "# T"), code("c", f"from carnet import figure\n{shown}")]
    write_notebook(project.root / "notebooks" / "03_trois.ipynb", cells)
    told, _ = checked(project)
    assert [line.partition(" it: ")[0] for line in told] == [
        "journal/jour-1.md, line 7: #mesur: no page shows",
        "journal/jour-1.md, line 7: rien: no page shows",
    ]


@pytest.mark.parametrize("name", ['f"carte_{i}"', "name", '"a" + "b"'])
def test_names_that_code_computes_are_known_after_the_runs(project, name):
    project.edit("journal/jour-1.md", "## La mesure", "[](#carte_1)\n\n## La mesure")
    cells = [markdown("t", "# T"), code("c", f"figure(x, {name}, caption='', alt='')")]
    write_notebook(project.root / "notebooks" / "03_trois.ipynb", cells)
    assert checked(project)[0] == []
