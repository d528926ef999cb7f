"""Every mistake of a request is one line, told with all the others before anything runs."""

import json

import pytest

from tests.carnet.conftest import code, markdown, write_notebook

PROFILE = "journal/profils/synthetique.yml"


def refused(project, *arguments: str) -> list[str]:
    """Ask for a build, check that nothing ran, and return the lines told."""
    done = project.ask(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not list((project.root / "runs").glob("notebooks/*/*"))
    return done.stderr.splitlines()


@pytest.mark.parametrize(
    ("profile", "line"),
    [
        ("dta: ./donnees\n", "unknown key 'dta': did you mean 'data'?"),
        ("- data\n", "['data']: expected a mapping, lines `name: value`"),
        ("data: [\n", "not valid YAML (while parsing a flow node"),
        ("data: ./absent\n", "expected a folder that holds the data set"),
        ("parameters: 3\n", "parameters: 3: expected a mapping"),
        ("parameters: {mesure: 3}\n", "parameters: mesure: 3: expected a mapping"),
        ("parameters: {mesur: {bonus: 2}}\n", "no notebook 'mesur': did you mean 'mesure'?"),
        ("parameters: {mesure: {bonuss: 2}}\n", "no parameter 'bonuss': did you mean 'bonus'?"),
        ("parameters: {all: {bonuss: 2}}\n", "a parameter 'bonuss': did you mean 'bonus'?"),
        ("parameters: {mesure: {bonus: dix}}\n", "'dix' is of type str, expected int, such as 1"),
        ("parameters: {double: {facteur: .nan}}\n", "nan: expected finite numbers"),
    ],
)
def test_a_wrong_profile(project, profile, line):
    (project.root / PROFILE).write_text(profile)
    first = refused(project)[0]
    assert first.startswith(PROFILE)
    assert line in first


@pytest.mark.parametrize(
    ("assignment", "line"),
    [
        ("epochs=3", "no notebook has a parameter 'epochs': choose among: bonus, data, facteur"),
        ("mesure.facteur=3", "notebook 'mesure' has no parameter 'facteur': choose among: bonus"),
        ("mesur.bonus=3", "no notebook 'mesur': did you mean '01_mesure'?"),
        ("bonus=[", "not valid YAML ("),
        ("bonus=", "None is of type NoneType, expected int, such as 1"),
        ("bonus=1.5", "1.5 is of type float, expected int, such as 1"),
        ("bonus=true", "True is of type bool, expected int, such as 1"),
        ("facteur=inf", "inf: expected finite numbers"),
    ],
)
def test_a_wrong_assignment(project, assignment, line):
    (told,) = refused(project, "-p", assignment)
    assert told.startswith(f"-p {assignment}: ")
    assert line in told


def test_parameters_for_a_notebook_that_has_no_parameters_cell(project):
    write_notebook(project.root / "notebooks" / "03_sans.ipynb", [markdown("titre", "# Sans")])
    (told,) = refused(project, "-p", "sans.bonus=2")
    assert "'sans' has no parameter 'bonus': no cell is tagged 'parameters'" in told


def test_two_notebooks_of_one_number_and_of_one_name(project):
    cells = [markdown("titre", "# Autre")]
    write_notebook(project.root / "notebooks" / "02_autre.ipynb", cells)
    write_notebook(project.root / "notebooks" / "03_mesure.ipynb", cells)
    told = "\n".join(refused(project))
    assert "02_autre.ipynb and notebooks/02_double.ipynb: two notebooks have the number 02" in told
    assert "03_mesure.ipynb: two notebooks have the name 'mesure'" in told


def test_a_circle_of_needs(project):
    content = json.loads((project.root / "notebooks" / "01_mesure.ipynb").read_text())
    content["metadata"]["journal"]["needs"] = ["double"]
    (project.root / "notebooks" / "01_mesure.ipynb").write_text(json.dumps(content))
    (told,) = refused(project)
    assert told.startswith("dependency cycle between notebooks: ")
    assert "mesure" in told
    assert "double" in told


@pytest.mark.parametrize(
    ("about", "line"),
    [
        ({"need": ["mesure"]}, "unknown key 'need': did you mean 'needs'?"),
        ({"needs": "mesure"}, "journal.needs: 'mesure': expected a list of notebook names"),
        ({"needs": ["mesur"]}, "needs 'mesur': no such notebook: did you mean 'mesure'?"),
    ],
)
def test_wrong_needs(project, about, line):
    path = project.root / "notebooks" / "02_double.ipynb"
    content = json.loads(path.read_text())
    content["metadata"]["journal"] = about
    path.write_text(json.dumps(content))
    assert any(line in told for told in refused(project))


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("{", "notebooks/03_casse.ipynb: not a notebook ("),
        ('{"cells": [{"cell_type": "code"}]}', "notebooks/03_casse.ipynb: not a notebook ("),
    ],
)
def test_a_file_that_is_no_notebook(project, content, line):
    (project.root / "notebooks" / "03_casse.ipynb").write_text(content)
    (told,) = refused(project)
    assert told.startswith(line)


def test_two_parameters_cells(project):
    cells = [code(name, "x = 1", tags=["parameters"]) for name in ("p", "q")]
    write_notebook(project.root / "notebooks" / "03_deux.ipynb", cells)
    (told,) = refused(project)
    assert told == "notebooks/03_deux.ipynb: two cells are tagged 'parameters', expected one"


@pytest.mark.parametrize("tags", [{}, {"tags": ["parameters"]}])
def test_a_cell_that_is_no_python(project, tags):
    cells = [markdown("t", "# T"), code("c", "x = = 1", **tags)]
    write_notebook(project.root / "notebooks" / "03_faute.ipynb", cells)
    (told,) = refused(project)
    assert told == "notebooks/03_faute.ipynb, cell 2: `x = = 1`… is not valid Python"


def test_a_parameters_cell_that_computes(project):
    cell = code("p", "bonus = 1 + 1", tags=["parameters"])
    write_notebook(project.root / "notebooks" / "03_calcul.ipynb", [cell])
    (told,) = refused(project)
    assert "holds `bonus = 1 + 1`, expected only lines `name = literal`" in told


@pytest.mark.parametrize(
    ("page", "line"),
    [
        ("Sans titre.\n", "expected to begin with a front matter"),
        ("---\ntitel: Jour 2\n---\n", "the front matter has no `title: …`"),
        ("---\ntitle: Jour 2\nsumary: x\n---\n", "unknown key 'sumary' in the front matter"),
        ("---\ntitle: Jour 2\ndate: hier\n---\n", "date 'hier': expected YYYY-MM-DD"),
        ("---\ntitle: J\n---\n{eval}`doble.x`\n", "no notebook 'doble': did you mean 'double'?"),
        ("---\ntitle: J\n---\n{eval}`fr(double.double`\n", "not a Python expression ("),
        ("---\ntitle: J\n---\n{eval}`fr_pourcent(1)`\n", "did you mean 'fr_percent'?"),
        ("---\ntitle: J\n---\n```{embed} mesur\n```\n", "no such notebook: did you mean 'mesure'?"),
    ],
)
def test_a_wrong_page(project, page, line):
    (project.root / "journal" / "jour-2.md").write_text(page)
    (told,) = refused(project)
    assert told.startswith("journal/jour-2.md")
    assert line in told


def test_a_page_that_is_not_utf8(project):
    (project.root / "journal" / "jour-2.md").write_bytes(b"---\ntitle: \xe9t\xe9\n---\n")
    assert refused(project) == ["journal/jour-2.md: expected UTF-8 text"]


def test_all_mistakes_of_profile_command_line_notebooks_and_pages_at_once(project):
    (project.root / PROFILE).write_text("data: ./donnees\nparametres: {}\n")
    write_notebook(project.root / "notebooks" / "02_autre.ipynb", [markdown("titre", "# Autre")])
    project.edit("journal/jour-1.md", "mesure#Longueur", "mesure#Longeur")
    told = refused(project, "-p", "bonnus=2", "--only", "9")
    places = [PROFILE, "-p bonnus=2", "--only", "notebooks/02_autre.ipynb", "journal/jour-1.md"]
    assert all(any(line.startswith(place) for line in told) for place in places)
    assert len(told) == len(places)
