"""What runs again after each kind of change: the promise of the engine, row by row."""

import json
import os

import pytest

from tests.carnet.conftest import PACKAGES, code, markdown, write_notebook, write_package

pytestmark = pytest.mark.slow

MEASURE, DOUBLE = "notebooks/01_mesure.ipynb", "notebooks/02_double.ipynb"


def test_nothing_changed(built):
    done = built.build()
    assert "running" not in done.stderr
    assert "0 documents changed" in done.stderr


def test_a_word_in_a_page_or_in_a_markdown_cell(built):
    built.edit("journal/jour-1.md", "Le double vaut", "Deux fois plus donne")
    built.edit(MEASURE, "La longueur vaut", "On mesure")
    assert built.executed() == set()
    assert "Deux fois plus donne 12,0" in built.document()
    assert "On mesure 4." in built.document()


def test_a_comment_or_docstring_in_a_code_cell_or_in_lib(built):
    built.edit("lib/measure.py", "Return the length", "Give the length")
    built.edit("lib/base.py", "FACTOR = 2", "# why\nFACTOR = 2")
    built.edit(MEASURE, "record(longueur", "# so\\nrecord(longueur")
    assert built.executed() == set()


def test_a_code_cell_whose_results_stay_the_same(built):
    built.edit(MEASURE, "measure(data) + bonus)", "bonus + measure(data))")
    assert built.executed() == {"01_mesure"}


def test_a_code_cell_whose_results_change(built):
    built.edit(MEASURE, "measure(data) + bonus)", "measure(data) + bonus + 1)")
    assert built.executed() == {"01_mesure", "02_double"}


def test_a_parameter_by_the_command_line_and_back(built):
    assert built.executed("-p", "double.facteur=3") == {"02_double"}
    assert "Le double vaut 24,0" in built.document()
    assert built.executed() == set()
    assert "Le double vaut 12,0" in built.document()


def test_a_parameter_in_the_profile(built):
    profile = built.root / "journal" / "profils" / "synthetique.yml"
    profile.write_text("data: ./donnees\nparameters:\n  mesure:\n    bonus: 2\n")
    assert built.executed() == {"01_mesure", "02_double"}


def test_a_module_imported_by_one_notebook(built):
    built.edit("lib/measure.py", "sum(", "0 + sum(")
    assert built.executed() == {"01_mesure"}


def test_a_module_imported_through_another(built):
    built.edit("lib/base.py", "FACTOR = 2", "FACTOR = 3")
    assert built.executed() == {"02_double"}


def test_a_data_file_replaced_by_another_of_the_same_size_name_and_time(built):
    path = built.root / "donnees" / "a.txt"
    status = path.stat()
    path.write_text("xyz")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert built.executed() == {"01_mesure"}


def test_the_version_of_a_package_that_a_module_imports(built):
    write_package(built.root / PACKAGES, "1.1")
    assert "package smallpackage: 1.0 → 1.1" in built.build("--explain").stdout
    assert built.executed() == {"02_double"}


def test_needs(built):
    content = json.loads((built.root / MEASURE).read_text())
    write_notebook(
        built.root / "notebooks" / "03_autre.ipynb",
        [markdown("titre", "# Autre"), code("c", "from carnet import record\nrecord(a=1)")],
    )
    assert built.executed() == {"03_autre"}
    content["metadata"]["journal"]["needs"] = ["autre"]
    (built.root / MEASURE).write_text(json.dumps(content))
    assert built.executed() == {"01_mesure"}


def test_the_engine(built):
    built.edit("carnet/publication/rendering.py", 'TITLE = "Journal de bord"', 'TITLE = "Carnet"')
    assert built.executed() == set()
    assert built.document().startswith("# Carnet")
    built.edit("carnet/execution/notebook.py", '"PYTHONHASHSEED": "0"', '"PYTHONHASHSEED": "1"')
    assert built.executed() == {"01_mesure", "02_double"}
    built.edit("carnet/execution/kernels.py", "store_history=False", "store_history=True")
    assert "01_mesure  execution changed" in built.build("--explain").stdout


def test_pages_and_notebooks_added_renumbered_and_removed(built):
    (built.root / "journal" / "jour-2.md").write_text("---\ntitle: Jour 2\n---\nSuite.\n")
    assert built.executed() == set()
    assert "Suite." in built.document()
    (built.root / MEASURE).rename(built.root / "notebooks" / "08_mesure.ipynb")
    assert built.executed() == set()
    (built.root / "journal" / "jour-2.md").unlink()
    assert built.executed() == set()
    assert "Suite." not in built.document()
    assert not (built.root / "journal" / "site" / "jour-2.html").exists()


def test_a_string_that_a_cell_or_an_expression_shows(built):
    built.edit(DOUBLE, "record(double", "'conclusion'\\nrecord(double")
    assert built.executed() == {"02_double"}
    built.edit(MEASURE, "{eval}`fr(measure(data) + bonus)`", "{eval}`'oui'`")
    assert built.executed() == {"01_mesure"}
    built.edit(MEASURE, "{eval}`'oui'`", "{eval}`'non'`")
    assert built.executed() == {"01_mesure"}
    assert "La longueur vaut non." in built.document()


def test_a_module_imported_in_a_cell_with_a_magic(built):
    built.edit(MEASURE, "record(longueur", "%time 1\\nrecord(longueur")
    built.executed()
    built.edit("lib/measure.py", "sum(", "0 + sum(")
    assert built.executed() == {"01_mesure"}


def test_a_module_beside_the_notebooks(built):
    (built.root / "notebooks" / "aide.py").write_text("PLUS = 0\n")
    built.edit(MEASURE, "record(longueur", "import aide\\nrecord(longueur")
    built.executed()
    (built.root / "notebooks" / "aide.py").write_text("PLUS = 1\n")
    assert built.executed() == {"01_mesure"}


def test_a_file_under_a_linked_folder(built, tmp_path):
    (tmp_path / "ailleurs").mkdir()
    (tmp_path / "ailleurs" / "b.txt").write_text("b")
    (built.root / "donnees" / "lien").symlink_to(tmp_path / "ailleurs")
    built.edit("lib/measure.py", "iterdir()", "rglob('*.txt')")
    built.executed()
    (tmp_path / "ailleurs" / "b.txt").write_text("bb")
    assert "01_mesure" in built.executed()


def test_values_left_in_a_cell_by_an_editor_are_not_taken_for_the_run_s(project):
    path = project.root / MEASURE
    content = json.loads(path.read_text())
    left = {"status": "ok", "data": {"text/plain": "999"}}
    content["cells"][0]["metadata"]["user_expressions"] = [{"expression": "1", "result": left}]
    path.write_text(json.dumps(content))
    project.build()
    assert "La longueur vaut 4." in project.document()
