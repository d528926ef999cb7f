"""The real command line on a small project."""

import signal
import time

import pytest

from tests.carnet.conftest import SLEEP, is_alive

pytestmark = pytest.mark.slow
PATIENCE = 300  # seconds; ends a test that hangs


def test_builds_and_publishes(project):
    assert project.executed() == {"01_mesure", "02_double"}
    assert "La longueur vaut 4." in project.document()
    assert "Le double vaut 12,0." in project.document()
    assert 'lang="fr"' in project.page()
    assert "La longueur vaut 4." in project.page()


def test_parameters_of_the_command_line(built):
    assert built.executed("-p", "bonus=3", "-p", "double.facteur=1") == {"01_mesure", "02_double"}
    assert "La longueur vaut 6." in built.document()
    assert "Le double vaut 12,0." in built.document()


def test_only_runs_what_is_asked_and_publishes_nothing(project):
    done = project.build("--only", "1", "-p", "bonus=5")
    assert "longueur = 8" in done.stdout
    assert not (project.root / "journal" / "JOURNAL.md").exists()


def test_output_goes_elsewhere(built, tmp_path):
    (built.root / "journal" / "JOURNAL.md").unlink()
    built.build("--output", str(tmp_path / "out"))
    assert (tmp_path / "out" / "journal" / "site" / "jour-1.html").exists()
    assert not (built.root / "journal" / "JOURNAL.md").exists()


def test_what_no_document_can_hold_is_shown_as_an_unknown_character(project):
    half = '\\"\\\\ud83d\\\\0\\"'  # in the JSON of the notebook
    source = f"print({half})\\nrecord(half={half})\\nrecord(longueur"
    project.edit("notebooks/01_mesure.ipynb", "record(longueur", source)
    project.edit("journal/jour-1.md", "Le double vaut", "[{eval}`mesure.half`] Le double vaut")
    project.build()
    assert "[?\ufffd] Le double vaut" in project.page()
    assert "[?\ufffd] Le double vaut" in project.document()


def test_a_failing_cell_is_one_line_and_publishes_nothing(built):
    before = built.document()
    built.edit("notebooks/01_mesure.ipynb", "record(longueur", "1 / 0\\nrecord(longueur")
    done = built.build(check=False)
    assert done.returncode == 1
    assert (
        "notebooks/01_mesure.ipynb, cell 3 « Mesure »: ZeroDivisionError: division" in done.stderr
    )
    assert "Traceback" not in done.stderr
    assert built.document() == before


def test_a_failing_expression_is_one_line(project):
    project.edit("notebooks/01_mesure.ipynb", "{eval}`fr(measure(data) + bonus)`", "{eval}`absent`")
    done = project.build(check=False)
    assert done.returncode == 1
    assert "cell 4 « Longueur »" in done.stderr
    assert "{eval}`absent`: NameError" in done.stderr


def test_input_refused_by_a_notebook_exits_2(project):
    source = "from carnet import InputError\\nraise InputError('photo.jpg: truncated')\\n"
    project.edit("notebooks/01_mesure.ipynb", "record(longueur", f"{source}record(longueur")
    done = project.build(check=False)
    assert done.returncode == 2
    assert (
        done.stderr.splitlines()[-1]
        == "notebooks/01_mesure.ipynb, cell 3 « Mesure »: photo.jpg: truncated"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["-p", "bonnus=2"],
            "-p bonnus=2: no notebook has a parameter 'bonnus': did you mean 'bonus'?",
        ),
        (["-p", "bonus=dix"], "-p bonus=dix: 'dix' is of type str, expected int, such as 1"),
        (["-p", "bonus"], "-p bonus: expected NAME=VALUE or NOTEBOOK.NAME=VALUE"),
        (["--only", "7"], "--only: no notebook '7': choose among: 01_mesure, 02_double"),
        (["--only", "doubel"], "--only: no notebook 'doubel': did you mean '02_double'?"),
        (["--profile", "syntetique"], "did you mean 'synthetique'?"),
        (["--data", "/nowhere"], "--data: no folder /nowhere: expected a folder"),
        (["--to", "word"], "'word' is not one of 'markdown', 'html'"),
    ],
)
def test_a_wrong_request_is_one_line_and_runs_nothing(project, arguments, message):
    done = project.ask(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((project.root / "runs").glob("notebooks/*/*"))


def test_a_profile_without_data_wants_them_on_the_command_line(project):
    profile = project.root / "journal" / "profils" / "synthetique.yml"
    profile.write_text("description: none\n")
    done = project.ask()
    assert done.returncode == 2
    assert done.stderr == "--data: profile 'synthetique' has no data: expected --data DIR\n"
    project.build("--data", "donnees", "--only", "1")


def test_explain_says_what_never_ran(project):
    assert "01_mesure  never run" in project.ask("--explain").stdout


def test_explain_names_what_changed(built):
    assert "01_mesure  up to date" in built.ask("--explain").stdout
    done = built.ask("--explain", "-p", "bonus=2")
    assert "01_mesure  parameter bonus: 1 → 2" in done.stdout
    assert "02_double  will run if the results of mesure change" in done.stdout


def test_explain_knows_runs_that_are_not_published(project):
    project.build("--only", "1")
    done = project.ask("--explain", "-p", "bonus=2")
    assert "01_mesure  parameter bonus: 1 → 2" in done.stdout


def test_a_module_edited_while_its_notebook_runs_is_not_taken_for_what_ran(project):
    edit = "import pathlib\\npathlib.Path('../lib/measure.py').write_text('measure = len')\\n"
    project.edit("notebooks/01_mesure.ipynb", "record(longueur", f"{edit}record(longueur")
    done = project.build(check=False)
    assert done.returncode == 1
    expected = "01_mesure.ipynb: edited while it ran (module lib.measure changed): build again"
    assert expected in done.stderr


@pytest.mark.parametrize("delay", [0.2, 0.5, 1.0])
def test_an_interruption_while_a_kernel_starts(project, delay):
    """The kernel that is being started is not forgotten, nor waited for."""
    project.edit("notebooks/01_mesure.ipynb", "record(longueur", f"{SLEEP}record(longueur")
    with project.start() as process:
        try:
            assert "running" in process.stderr.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            _, stderr = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "stopped; finished work is kept" in stderr.splitlines()[-1]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_stops_the_cell_that_runs_and_leaves_no_kernel(project, sign):
    project.edit("notebooks/01_mesure.ipynb", "record(longueur", f"{SLEEP}record(longueur")
    process = project.start()
    started = project.root / "donnees.pid"
    while not started.exists():
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(sign)
    _, stderr = process.communicate(timeout=PATIENCE)  # the cell would last longer
    assert process.returncode == 130
    assert "stopped; finished work is kept" in stderr.splitlines()[-1]
    assert "Traceback" not in stderr
    assert not is_alive(int(started.read_text()))
