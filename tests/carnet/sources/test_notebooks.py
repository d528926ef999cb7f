import json

import pytest

from carnet.sources.notebooks import Notebook, find_name, read_notebooks, unreadable
from tests.carnet.conftest import code, markdown, parameters, write_notebook


def read(tmp_path, cells, name="01_essai.ipynb", **options):
    write_notebook(tmp_path / name, cells, **options)
    return Notebook.read(tmp_path / name)


def test_a_notebook_is_known_by_its_name_without_the_number(tmp_path):
    notebook = read(tmp_path, [markdown("t", "# Titre")], "07_mon_essai.ipynb", needs=["autre"])
    assert (notebook.number, notebook.name, notebook.title) == ("07", "mon_essai", "Titre")
    assert notebook.needs == ["autre"]


def test_parameters_are_literals(tmp_path):
    cells = [parameters("epochs = 10  # how many\nsizes = [1, 2]\nname = 'x'")]
    assert read(tmp_path, cells).parameters == {"epochs": 10, "sizes": [1, 2], "name": "x"}


def test_no_parameters_cell(tmp_path):
    assert read(tmp_path, [code("c", "x = 1")]).parameters is None


def test_a_parameters_cell_that_computes_is_refused(tmp_path):
    write_notebook(tmp_path / "01_essai.ipynb", [parameters("epochs = 5 * 2 + f()")])
    _, mistakes = read_notebooks(tmp_path)
    assert mistakes == [
        "notebooks/01_essai.ipynb: the parameters cell holds `epochs = 5 * 2 + f()`, "
        "expected only lines `name = literal`"
    ]


def test_a_dictionary_whose_key_is_a_list_is_refused(tmp_path):
    write_notebook(tmp_path / "01_essai.ipynb", [parameters("x = {[1]: 2}")])
    notebooks, (mistake,) = read_notebooks(tmp_path)
    assert mistake.startswith("notebooks/01_essai.ipynb: the parameters cell holds `x = {[1]: 2}`")
    assert unreadable(tmp_path, notebooks) == {"essai"}


def test_a_magic_in_the_parameters_cell_is_refused(tmp_path):
    write_notebook(tmp_path / "01_essai.ipynb", [parameters("%matplotlib inline\na = 1")])
    _, mistakes = read_notebooks(tmp_path)
    assert mistakes == [
        "notebooks/01_essai.ipynb: the parameters cell holds `%matplotlib inline`, "
        "expected only lines `name = literal`"
    ]


@pytest.mark.parametrize("default", ["{1, 2}", "b'ab'", "[1e999]", "{1: 2, 'a': 3}"])
def test_a_parameter_that_json_cannot_hold_is_refused(tmp_path, default):
    write_notebook(tmp_path / "01_essai.ipynb", [parameters(f"x = {default}")])
    (mistake,) = read_notebooks(tmp_path)[1]
    assert mistake.startswith("notebooks/01_essai.ipynb: parameter 'x': ")
    assert mistake.endswith(
        ": expected finite numbers, text, true, false, null, and lists of these"
    )


def test_sections_end_at_the_next_heading_of_the_same_level(tmp_path):
    cells = [
        markdown("t", "# T"),
        markdown("a", "## A"),
        code("x", "x"),
        markdown("b", "### B"),
        markdown("c", "## C"),
    ]
    notebook = read(tmp_path, cells)
    assert notebook.section("A") == (2, range(1, 4))
    assert notebook.section("B") == (3, range(3, 4))
    assert notebook.section("C") == (2, range(4, 5))
    assert notebook.heading_above(2) == "A"
    with pytest.raises(KeyError):
        notebook.section("D")


def test_straight_and_curved_apostrophes_are_the_same_in_a_heading(tmp_path):
    notebook = read(tmp_path, [markdown("t", "# T"), markdown("a", "## L\u2019été")])
    assert notebook.section("L'été") == (2, range(1, 2))


def test_expressions_are_code_and_prose_is_not(tmp_path):
    before = read(tmp_path, [markdown("t", "# T {eval}`x`"), code("c", "x")]).sources
    prose = read(tmp_path, [markdown("t", "# Other {eval}`x`"), code("c", "x  # y")]).sources
    value = read(tmp_path, [markdown("t", "# T {eval}`y`"), code("c", "x")]).sources
    assert before == prose != value


@pytest.mark.parametrize("expression", ["x y", "x?", "(" * 5000])
def test_an_expression_that_is_not_python_is_refused(tmp_path, expression):
    write_notebook(tmp_path / "01_essai.ipynb", [markdown("t", f"# T {{eval}}`{expression}`")])
    _, (mistake,) = read_notebooks(tmp_path)
    where = f"notebooks/01_essai.ipynb, cell 1: {{eval}}`{expression}`"
    assert mistake.startswith(f"{where}: not a Python expression (")


def test_windows_line_ends_and_blank_lines_hide_no_heading(tmp_path):
    cells = [markdown("t", "# T\r\n"), markdown("a", "\n<!-- note -->\n  ## A\r\ntexte")]
    assert list(read(tmp_path, cells).headings()) == [(1, "T", 0), (2, "A", 1)]


def test_recorded_names_are_read_from_the_code(tmp_path):
    assert read(tmp_path, [code("c", "record(a=1, b=2)")]).recorded == ({"a", "b"}, True)
    assert read(tmp_path, [code("c", "record(a=1, **more)")]).recorded == ({"a"}, False)
    assert read(tmp_path, [code("c", "%%time\nrecord(a=1)")]).recorded == ({"a"}, True)


@pytest.mark.parametrize(
    ("names", "mistake"),
    [
        (["1_a.ipynb", "01_b.ipynb"], "two notebooks have the number"),
        (["01_a.ipynb", "02_a.ipynb"], "two notebooks have the name 'a'"),
        (["essai.ipynb"], "expected a name such as 06_ma_mesure.ipynb"),
    ],
)
def test_clashing_and_odd_file_names(tmp_path, names, mistake):
    for name in names:
        write_notebook(tmp_path / name, [])
    assert mistake in read_notebooks(tmp_path)[1][0]


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"metadata": {"tags": None}}, ", cell 1: tags None: expected a list, such as"),
        ({"metadata": {"tags": "parameters"}}, ", cell 1: tags 'parameters': expected a list"),
        ({"id": "pas bon"}, ", cell 1: id 'pas bon': expected 1 to 64 letters, digits, "),
    ],
)
def test_cells_that_other_tools_wrote_are_refused_in_one_line(tmp_path, change, mistake):
    write_notebook(tmp_path / "01_a.ipynb", [code("c", "x = 1") | change])
    (line,) = read_notebooks(tmp_path)[1]
    assert line.startswith(f"notebooks/01_a.ipynb{mistake}")


def test_a_kernel_that_is_null_is_refused_in_one_line(tmp_path):
    content = {"cells": [], "metadata": {"kernelspec": None}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "01_a.ipynb").write_text(json.dumps(content))
    (line,) = read_notebooks(tmp_path)[1]
    assert line.startswith("notebooks/01_a.ipynb: metadata, kernelspec: None: expected {")


def test_a_file_that_is_not_a_notebook(tmp_path):
    (tmp_path / "01_a.ipynb").write_text("{")
    assert read_notebooks(tmp_path)[1][0].startswith("notebooks/01_a.ipynb: not a notebook (")


@pytest.mark.parametrize("text", ["essai", "06_essai", "06", "6"])
def test_a_notebook_is_found_by_name_or_number(text):
    files = {"autre": "01_autre.ipynb", "essai": "06_essai.ipynb"}
    assert find_name(text, files) == "essai"


@pytest.mark.parametrize("text", ["", "7", "06_", "essai.ipynb", "²"])
def test_a_notebook_that_is_not_there(text):
    assert find_name(text, {"essai": "06_essai.ipynb"}) is None
