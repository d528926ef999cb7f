"""What runs again after each kind of change: the promise of the engine, row by row."""

import json
import os

import pandas
import pytest

from carnet.store.runs import Store
from tests.carnet.conftest import PACKAGES, code, markdown, write_notebook, write_package

pytestmark = pytest.mark.slow

MEASURE, DOUBLE = "notebooks/01_mesure.ipynb", "notebooks/02_double.ipynb"


def would_run(project) -> set[str]:
    """The notebooks that the next build would run, without running them: it says the same."""
    lines = project.ask("--explain").stdout.splitlines()
    sure = [line for line in lines if "up to date" not in line and "will run if" not in line]
    return {line.split()[0] for line in sure}


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
    assert would_run(built) == {"01_mesure"}
    assert built.executed() == {"01_mesure", "02_double"}


def test_a_module_imported_by_one_notebook(built):
    built.edit("lib/measure.py", "sum(", "0 + sum(")
    assert would_run(built) == {"01_mesure"}


def test_a_module_imported_through_another(built):
    built.edit("lib/base.py", "FACTOR = 2", "FACTOR = 3")
    assert would_run(built) == {"02_double"}


def test_a_data_file_replaced_by_another_of_the_same_size_name_and_time(built):
    path = built.root / "donnees" / "a.txt"
    status = path.stat()
    path.write_text("xyz")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert would_run(built) == {"01_mesure"}


def test_the_version_of_a_package_that_a_module_imports(built):
    write_package(built.root / PACKAGES, "1.1")
    assert "package smallpackage: 1.0 → 1.1" in built.ask("--explain").stdout
    assert would_run(built) == {"02_double"}


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
    built.edit("carnet/publication/document.py", 'f"# {escaped(about.title)}"', '"# Carnet"')
    assert built.executed() == set()
    assert built.document().startswith("# Carnet")
    built.edit("carnet/execution/notebook.py", '"PYTHONHASHSEED": "0"', '"PYTHONHASHSEED": "1"')
    assert built.executed() == {"01_mesure", "02_double"}
    built.edit("carnet/execution/kernels.py", "store_history=False", "store_history=True")
    assert "01_mesure  execution changed" in built.build("--explain").stdout


def test_what_journal_yml_says(built):
    built.edit("journal.yml", "profile:", "title: Carnet\nprofile:")
    assert built.executed() == set()
    assert built.document().startswith("# Carnet\n")
    built.edit("journal.yml", "title: Carnet", "language: en")
    assert built.executed() == {"01_mesure", "02_double"}  # tables are in the language
    assert '<html lang="en">' in built.page()


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
    assert would_run(built) == {"01_mesure"}


def test_a_module_beside_the_notebooks(built):
    (built.root / "notebooks" / "aide.py").write_text("PLUS = 0\n")
    built.edit(MEASURE, "record(longueur", "import aide\\nrecord(longueur")
    built.executed()
    (built.root / "notebooks" / "aide.py").write_text("PLUS = 1\n")
    assert would_run(built) == {"01_mesure"}


def test_a_file_under_a_linked_folder(built, tmp_path):
    (tmp_path / "ailleurs").mkdir()
    (tmp_path / "ailleurs" / "b.txt").write_text("b")
    (built.root / "donnees" / "lien").symlink_to(tmp_path / "ailleurs")
    built.edit("lib/measure.py", "iterdir()", "rglob('*.txt')")
    built.executed()
    (tmp_path / "ailleurs" / "b.txt").write_text("bb")
    assert would_run(built) == {"01_mesure"}


def test_values_left_in_a_cell_by_an_editor_are_not_taken_for_the_run_s(project):
    path = project.root / MEASURE
    content = json.loads(path.read_text())
    left = {"status": "ok", "data": {"text/plain": "999"}}
    content["cells"][0]["metadata"]["user_expressions"] = [{"expression": "1", "result": left}]
    path.write_text(json.dumps(content))
    project.build()
    assert "La longueur vaut 4." in project.document()


def measured(project, name):
    """A result of the notebook `mesure`, as it is published."""
    return Store(project.root / "runs").current()["mesure"].results[name]


def test_a_data_file_that_is_declared_nowhere(built):
    """A notebook, a module and pyarrow, which reads it in C, each read one; one is outside."""
    files = [built.root / name for name in ("mydata/x.csv", "lib/y.txt", "../dehors/z.parquet")]
    for path in files:
        path.parent.mkdir(exist_ok=True)
    pandas.DataFrame({"a": [1]}).to_parquet(files[2])
    files[0].write_text("a\n1\n")
    files[1].write_text("1")
    (built.root / "lib" / "lit.py").write_text(
        "from pathlib import Path\nY = int(Path(__file__).with_name('y.txt').read_text())\n"
    )
    read = (
        "import pandas, pyarrow.parquet\\nfrom lib.lit import Y\\n"
        "x = pandas.read_csv('../mydata/x.csv')['a'].sum()\\n"
        "z = pyarrow.parquet.read_table('../../dehors/z.parquet')['a'][0].as_py()\\n"
    )
    built.edit(MEASURE, "record(longueur", f"{read}record(x=x + Y + z, longueur")
    built.executed()
    assert built.executed() == set()
    files[0].write_text("a\n6\n")
    assert "01_mesure  file mydata/x.csv changed" in built.ask("--explain").stdout
    assert built.ask("--check").returncode == 1
    files[1].write_text("2")
    assert "01_mesure  file lib/y.txt changed" in built.ask("--explain").stdout
    pandas.DataFrame({"a": [5]}).to_parquet(files[2])
    assert "01_mesure" in built.executed()
    assert measured(built, "x") == 6 + 2 + 5


def test_a_package_that_is_installed_to_be_edited(built, tmp_path):
    """As `pip install -e` does: a file of paths leads from the installed packages to the source."""
    source = tmp_path / "ailleurs" / "monpaquet"
    source.mkdir(parents=True)
    (source / "__init__.py").write_text("VALEUR = 6\n")
    about = built.root / PACKAGES / "monpaquet-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: monpaquet\nVersion: 1.0\n")
    (built.root / PACKAGES / "monpaquet.py").write_text(
        f"import sys\nsys.path.insert(0, {str(source.parent)!r})\n"
        "del sys.modules['monpaquet']\nimport monpaquet\n"
    )
    built.edit(MEASURE, "record(longueur", "import monpaquet\\nrecord(v=monpaquet.VALEUR, longueur")
    built.executed()
    (source / "__init__.py").write_text("VALEUR = 6  # a comment\n")
    assert built.executed() == set()
    (source / "__init__.py").write_text("VALEUR = 600\n")
    assert "01_mesure  file" in (told := built.ask("--explain").stdout)
    assert "monpaquet/__init__.py changed" in told


def test_code_that_is_found_as_it_runs(built):
    """%run, sys.path and importlib: followed by file."""
    (built.root / "src").mkdir()
    files = [built.root / name for name in ("notebooks/aide.py", "src/monmod.py", "lib/plus.py")]
    for path in files:
        path.write_text("V = 1\n")
    found = (
        "import sys, importlib\\n%run aide.py\\nsys.path.insert(0, '../src')\\nimport monmod\\n"
        "plus = importlib.import_module('lib.' + 'plus')\\n"
    )
    built.edit(MEASURE, "record(longueur", f"{found}record(v=V + monmod.V + plus.V, longueur")
    built.executed()
    assert built.executed() == set()
    for path in files:
        path.write_text("V = 2\n")
        assert f"{path.relative_to(built.root)} changed" in built.ask("--explain").stdout
    assert "01_mesure" in built.executed()
    assert measured(built, "v") == 6


def test_a_file_added_to_a_folder_that_a_notebook_lists(built):
    (built.root / "photos").mkdir()
    built.edit(
        MEASURE, "record(longueur", "import glob\\nrecord(n=len(glob.glob('../photos/*')), longueur"
    )
    built.executed()
    (built.root / "photos" / "a.png").write_text("")
    assert "01_mesure  folder photos changed" in built.ask("--explain").stdout


def test_an_environment_variable_that_code_names(built, monkeypatch):
    built.edit("lib/base.py", "FACTOR = 2", 'import os\nFACTOR = int(os.environ.get("F", 2))')
    assert built.executed() == {"02_double"}
    monkeypatch.setenv("F", "3")
    assert "02_double  variable F changed" in built.ask("--explain").stdout
    assert built.executed() == {"02_double"}
    assert "Le double vaut 18,0" in built.document()


def test_settings_of_matplotlib_beside_the_notebooks(built):
    (built.root / "notebooks" / "matplotlibrc").write_text("figure.dpi: 50\n")
    assert would_run(built) == {"01_mesure", "02_double"}


def test_the_settings_of_whoever_builds_do_not_reach_a_notebook(built, monkeypatch, tmp_path):
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    for path in (startup / "00.py", tmp_path / "own.py"):
        path.write_text("OWN = 42\n")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PYTHONSTARTUP", str(tmp_path / "own.py"))
    built.edit(MEASURE, "record(longueur", "record(own='OWN' in globals(), longueur")
    built.executed()
    assert measured(built, "own") is False
