import json
import os

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


def test_a_name_with_an_accent_however_it_is_composed(tmp_path):
    write_notebook(tmp_path / "01_e\u0301te\u0301.ipynb", [])
    notebooks, mistakes = read_notebooks(tmp_path)
    assert (list(notebooks), mistakes) == (["été"], [])


def test_a_name_that_is_none_is_refused_and_what_names_it_is_not_judged(tmp_path):
    write_notebook(tmp_path / "01_un essai.ipynb", [])
    notebooks, mistakes = read_notebooks(tmp_path)
    assert mistakes == ["notebooks/01_un essai.ipynb: expected a name such as 06_ma_mesure.ipynb"]
    assert unreadable(tmp_path, notebooks) == {"un essai"}


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
    assert mistake.startswith(where[:100])
    assert ": not a Python expression (" in mistake


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
        ({"metadata": {"tags": "parameters"}}, ", cell 1: tags 'parameters': expected a list"),
        ({"id": "pas bon"}, ", cell 1: id 'pas bon': expected 1 to 64 letters, digits, "),
    ],
)
def test_cells_that_other_tools_wrote_are_refused_in_one_line(tmp_path, change, mistake):
    write_notebook(tmp_path / "01_a.ipynb", [code("c", "x = 1") | change])
    (line,) = read_notebooks(tmp_path)[1]
    assert line.startswith(f"notebooks/01_a.ipynb{mistake}")


def as_written(content: dict, **changes) -> str:
    return json.dumps(content | {"metadata": {}, "nbformat": 4} | changes)


OLD = {"cells": [{"cell_type": "code", "source": ["x = 1\r\n", "x"], "metadata": {}}]}


@pytest.mark.parametrize("minor", range(6))
def test_every_minor_version_of_the_format_is_read_with_ids_that_stay(tmp_path, minor):
    (tmp_path / "01_a.ipynb").write_text(as_written(OLD, nbformat_minor=minor))
    notebook = Notebook.read(tmp_path / "01_a.ipynb")
    assert [(cell["id"], cell["source"]) for cell in notebook.cells] == [("cell-1", "x = 1\nx")]
    assert notebook.content["nbformat_minor"] == 5


def test_a_byte_order_mark_and_tags_that_are_null(tmp_path):
    cells = [code("c", "x = 1") | {"metadata": {"tags": None}}]
    (tmp_path / "01_a.ipynb").write_text(as_written({"cells": cells}), "utf-8-sig")
    assert Notebook.read(tmp_path / "01_a.ipynb").parameters is None


def test_ids_that_a_copied_cell_shares_become_two(tmp_path):
    notebook = read(tmp_path, [code("c", "1"), code("c", "2")])
    assert [cell["id"] for cell in notebook.cells] == ["c", "c-2"]


def test_what_papermill_added_to_a_notebook_is_no_source(tmp_path):
    added = [
        markdown("e", "An Exception was encountered") | {"metadata": {"tags": [ERROR]}},
        code("i", "x = 2", tags=["injected-parameters"]),
    ]
    own = [parameters("x = 1"), code("c", "x")]
    notebook = read(tmp_path, [added[0], own[0], added[1], own[1]])
    assert [cell["id"] for cell in notebook.cells] == ["parametres", "c"]


ERROR = "papermill-error-cell-tag"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not a notebook ("),
        ("[" * 9999, "not a notebook ("),
        ('{"cells": [], "metadata": {}}', "not a notebook (KeyError('nbformat'))"),
        ('{"worksheets": [], "nbformat": 3}', "not a notebook (ValueError('nbformat 3, expected 4"),
        (as_written({"cells": [{"cell_type": "code", "source": None, "metadata": {}}]}), "not a"),
        (as_written({"cells": [{"cell_type": "code", "source": "1"}]}), "not a notebook ("),
    ],
)
def test_a_file_that_is_no_notebook_is_one_line(tmp_path, text, reason):
    (tmp_path / "01_a.ipynb").write_text(text)
    (line,) = read_notebooks(tmp_path)[1]
    assert line.startswith(f"notebooks/01_a.ipynb: {reason}")


def test_a_link_to_itself_is_one_line(tmp_path):
    (tmp_path / "01_a.ipynb").symlink_to(tmp_path / "01_a.ipynb")
    (line,) = read_notebooks(tmp_path)[1]
    assert line == "notebooks/01_a.ipynb: Too many levels of symbolic links"


def test_a_name_that_is_not_utf_8_is_one_line(tmp_path):
    (tmp_path / os.fsdecode(b"01_\xff.ipynb")).write_text("{}")
    (line,) = read_notebooks(tmp_path)[1]
    assert line.endswith("expected a name such as 06_ma_mesure.ipynb")


@pytest.mark.parametrize("kernel", [None, {"name": None}, [], "python3"])
def test_a_kernel_that_is_none_is_refused_in_one_line(tmp_path, kernel):
    content = {"cells": [], "metadata": {"kernelspec": kernel}, "nbformat": 4}
    (tmp_path / "01_a.ipynb").write_text(json.dumps(content))
    (line,) = read_notebooks(tmp_path)[1]
    assert line.startswith(f"notebooks/01_a.ipynb: metadata, kernelspec: {kernel!r}: expected {{")


@pytest.mark.parametrize("text", ["essai", "06_essai", "06", "6"])
def test_a_notebook_is_found_by_name_or_number(text):
    files = {"autre": "01_autre.ipynb", "essai": "06_essai.ipynb"}
    assert find_name(text, files) == "essai"


@pytest.mark.parametrize("text", ["", "7", "06_", "essai.ipynb", "²"])
def test_a_notebook_that_is_not_there(text):
    assert find_name(text, {"essai": "06_essai.ipynb"}) is None
