import copy
import re
from dataclasses import replace

import pytest

from carnet.project.errors import RequestError
from carnet.publication.assembly import assemble, filled
from carnet.sources.pages import Embed, Page, Prose
from carnet.store.runs import Store
from tests.carnet.conftest import ROOT, code, keep_run, make_notebook, markdown, parameters


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


def printed(text: str) -> dict:
    return {"output_type": "stream", "name": "stdout", "text": text}


def executed(identifier: str, *texts: str) -> dict:
    """A code cell as it is after its execution."""
    return code(identifier, identifier) | {"outputs": [printed(text) for text in texts]}


def valued(identifier: str, source: str, *values: str) -> dict:
    """A Markdown cell with the values of its expressions."""
    entries = [{"result": {"data": {"text/plain": value}}} for value in values]
    return markdown(identifier, source) | {"metadata": {"user_expressions": entries}}


def with_values(cell: dict) -> str:
    """The text of a cell, its headings as deep as they will be, its values in."""
    about = cell["metadata"].get("journal", {})
    if cell["cell_type"] != "markdown":
        return cell["source"]
    marks = "#" * about.get("shift", 0)
    source = re.sub(r"^#", f"#{marks}", cell["source"], flags=re.MULTILINE)
    if about.get("shift", 0) < 0:
        source = re.sub(rf"^#{{{-about['shift']}}}", "", cell["source"], flags=re.MULTILINE)
    return re.sub(r"\{eval\}`(.*?)`", lambda found: about["values"][found[1]].text, source)


def sources(page: dict) -> list[str]:
    return [with_values(cell) for cell in page["cells"]]


def texts(cells: list[dict]) -> list[list[str]]:
    """What each code cell shows."""
    codes = [cell for cell in cells if cell["cell_type"] == "code"]
    return [[output["text"] for output in cell["outputs"]] for cell in codes]


def page(*parts) -> Page:
    return Page("jour-1", "Jour 1", None, "", parts)


@pytest.fixture
def modele(store):
    """A notebook of two sections, and its run."""
    cells = [
        markdown("t", "# Modèle\n\nUn mot d'introduction."),
        parameters("x = 1"),
        markdown("a", "## Score\n\nIl vaut {eval}`x` : {eval}`y`."),
        code("c", "un"),
        markdown("b", "### Détail"),
        code("d", "deux"),
        markdown("e", "## Suite"),
    ]
    injected = code("injected", "x = 2", tags=["injected-parameters"])
    ran = [
        cells[0],
        cells[1] | {"outputs": [printed("défaut")]},
        injected | {"outputs": [printed("injecté")]},
        valued("a", cells[2]["source"], "0,5", "'texte'"),
        executed("c", "un"),
        cells[4],
        executed("d", "deux", "trois"),
        cells[6],
    ]
    run = keep_run(store, "modele", "k", cells=ran, results={"score": 0.5, "liste": [1, 2]})
    return make_notebook("01_modele", cells), run


def assembled(modele, *parts) -> dict:
    notebook, run = modele
    return assemble(page(*parts), {"modele": notebook}, {"modele": run})


def test_the_values_of_prose_are_filled_in(modele):
    made = assembled(modele, Prose("L'essai donne {eval}`fr(modele.score, 1)` !"))
    assert sources(made) == ["L'essai donne 0,5 !"]


def test_a_page_is_a_notebook_whose_cells_have_names_of_its_own(modele):
    made = assembled(modele, Prose("Un."), Embed("modele", "Suite"))
    assert [cell["id"] for cell in made["cells"]] == ["cell-0", "cell-1"]
    assert made["metadata"]["title"] == "Jour 1"


@pytest.mark.parametrize(
    "expression",
    ["fr_list(fr(v) for v in modele.liste)", "fr_list([fr(v) for v in modele.liste])"],
)
def test_an_expression_may_go_through_a_list(modele, expression):
    assert sources(assembled(modele, Prose(f"{{eval}}`{expression}`"))) == ["1 et 2"]


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("modele.scor", "no result 'scor': did you mean 'score'?"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("modele.", "SyntaxError"),
        ("open('x')", "NameError: name 'open' is not defined"),
    ],
)
def test_an_expression_that_fails_is_one_line(modele, expression, error):
    with pytest.raises(RequestError) as caught:
        assembled(modele, Prose(f"Un.\n\n{{eval}}`{expression}`.", 5))
    (line,) = caught.value.mistakes
    assert line.startswith(f"journal/jour-1.md, line 7: {{eval}}`{expression}`: ")
    assert error in line


def test_a_section_stands_under_the_pages_last_heading(modele):
    made = assembled(modele, Prose("## Modèles\n\n### Premier"), Embed("modele", "Score"))
    assert sources(made)[1].startswith("#### Score\n")
    assert sources(made)[3] == "##### Détail"
    made = assembled(modele, Prose("## Modèles"), Prose("Rien."), Embed("modele", "Score"))
    assert sources(made)[2].startswith("### Score\n")
    made = assembled(modele, Embed("modele", "Détail"))
    assert sources(made)[0] == "## Détail"


def test_a_section_ends_where_the_next_begins(modele):
    made = assembled(modele, Embed("modele", "Score"))
    assert [cell["cell_type"] for cell in made["cells"]] == ["markdown", "code", "markdown", "code"]


def test_a_whole_notebook_comes_without_its_title_and_parameters(modele):
    made = assembled(modele, Prose("## Le modèle"), Embed("modele", None))
    assert sources(made)[1:] == [
        "Un mot d'introduction.",
        "### Score\n\nIl vaut 0,5 : texte.",
        "un",
        "#### Détail",
        "deux",
        "### Suite",
    ]


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        ([markdown("t", "# Seul"), markdown("s", "## Suite")], ["## Suite"]),
        ([markdown("s", "## Sans titre")], ["## Sans titre"]),
        ([], []),
    ],
)
def test_only_the_title_is_left_out(store, cells, shown):
    run = keep_run(store, "seul", "k", cells=cells)
    made = assemble(
        page(Embed("seul", None)), {"seul": make_notebook("01_seul", cells)}, {"seul": run}
    )
    assert sources(made) == shown


def test_outputs_and_values_are_those_of_the_run(modele):
    cells = filled(*modele)
    assert texts(cells)[1:] == [["un"], ["deuxtrois"]]
    assert with_values(cells[2]) == "## Score\n\nIl vaut 0,5 : texte."


def test_documents_do_not_depend_on_when_a_stream_was_cut_or_where_files_were(store):
    warning = "/tmp/ipykernel_42/123.py:3: UserWarning: a\n"
    texts_of_run = ["a\n", "b\n", warning, f"{ROOT}/lib/x.py:1: UserWarning\n"]
    cells = [markdown("t", "# T"), code("c", "c")]
    run = keep_run(store, "un", "k", cells=[cells[0], executed("c", *texts_of_run)])
    notebook = replace(make_notebook("01_un", cells), path=ROOT / "notebooks" / "01_un.ipynb")
    (shown,) = texts(filled(notebook, run))
    assert shown == ["a\nb\n01_un.ipynb, cell 2:3: UserWarning: a\nlib/x.py:1: UserWarning\n"]


def test_cells_and_outputs_are_removed_by_their_tags(store):
    cells = [
        markdown("t", "# T"),
        code("a", "a", tags=["remove-cell"]),
        code("b", "b", tags=["remove-output"]),
        code("c", "c"),
    ]
    ran = [
        cells[0],
        *(executed(name, name) | {"metadata": c["metadata"]} for name, c in zip("abc", cells[1:])),
    ]
    run = keep_run(store, "un", "k", cells=ran)
    made = assemble(page(Embed("un", None)), {"un": make_notebook("01_un", cells)}, {"un": run})
    assert sources(made) == ["b", "c"]
    assert texts(made["cells"]) == [[], ["c"]]


def test_prose_is_todays(modele):
    notebook, run = modele
    notebook.cells[2]["source"] = "## Note\n\n{eval}`x`, puis {eval}`y`"
    notebook.cells.insert(3, markdown("n", "Nouveau."))
    cells = filled(notebook, run)
    assert [with_values(cell) for cell in cells[2:4]] == ["## Note\n\n0,5, puis texte", "Nouveau."]
    assert texts(cells)[1:] == [["un"], ["deuxtrois"]]


def test_a_parameters_cell_that_moves_or_appears_takes_no_output_of_others(modele):
    notebook, run = modele
    moved = notebook.cells.pop(1)
    assert texts(filled(notebook, run)) == [["un"], ["deuxtrois"]]
    notebook.cells.append(moved)
    assert texts(filled(notebook, run)) == [["un"], ["deuxtrois"], []]


def test_a_raw_cell_stays_as_it_is(modele):
    notebook, run = modele
    raw = {"cell_type": "raw", "metadata": {}, "source": "l'été {eval}`x`"}
    notebook.cells.insert(1, raw)
    assert filled(notebook, run)[1]["source"] == raw["source"]


def test_assembling_leaves_the_notebook_as_it_was(modele):
    notebook, run = modele
    notebook.cells.append({"cell_type": "raw", "id": "r", "metadata": {}, "source": "brut"})
    before = copy.deepcopy(notebook.content)
    assembled((notebook, run), Prose("## Tout"), Embed("modele", None))
    assert notebook.content == before


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"text/plain": "'entre guillemets'"}, "entre guillemets"),
        ({"text/plain": "83 %"}, "83 %"),
        ({"text/plain": "12"}, "12"),
        ({"text/plain": "np.float64(0.5)"}, "0.5"),
        ({"text/plain": "np.str_('a')"}, "a"),
        ({"text/plain": "[1, 2]"}, "[1, 2]"),
        ({"text/plain": "x", "text/markdown": "**gras**"}, "**gras**"),
    ],
)
def test_values_are_shown_as_in_jupyterlab(store, data, shown):
    cell = markdown("a", "{eval}`x`")
    ran = cell | {"metadata": {"user_expressions": [{"result": {"data": data}}]}}
    run = keep_run(store, "essai", "k", cells=[ran])
    (made,) = filled(make_notebook("01_essai", [cell]), run)
    value = made["metadata"]["journal"]["values"]["x"]
    assert value == (shown, "text/markdown" in data)
