"""--check, compare and prune through the real command line."""

import json
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


def test_check_says_up_to_date(built):
    done = built.build("--check")
    assert done.stdout == "up to date\n"


def test_check_names_stale_notebooks_pages_and_reasons(built):
    done = built.build("--check", "-p", "bonus=2", check=False)
    assert done.returncode == 1
    assert "01_mesure (shown by jour-1): parameter bonus: 1 → 2" in done.stdout


def test_check_sees_a_published_document_edited_by_hand(built):
    document = built.root / "journal" / "JOURNAL.md"
    document.write_text("tampered")
    done = built.build("--check", check=False)
    assert done.returncode == 1
    expected = "journal/JOURNAL.md: differs from what the present inputs give\n"
    assert done.stdout == expected


def test_two_builds_from_scratch_give_the_same_bytes(built):
    assert built.build("--check", "--from-scratch").stdout == "up to date\n"


def test_check_from_scratch_tells_results_that_differ(built):
    built.edit("lib/base.py", "FACTOR = 2", "FACTOR = __import__('time').time()")
    built.build()
    done = built.build("--check", "--from-scratch", check=False)
    assert done.returncode == 1
    assert "journal/JOURNAL.md: differs" in done.stdout
    assert "double: result double: " in done.stdout


def test_compare_lists_runs_newest_first(built):
    built.build("-p", "bonus=2")
    lines = built.build("compare", "1").stdout.splitlines()
    assert lines[0].endswith("published")
    assert lines[1:3] == ["    bonus: 1 → 2", "    result longueur: 4 → 5"]
    assert len(lines) == 4
    newest, oldest = (line.split()[0] for line in (lines[0], lines[3]))
    sides = built.build("compare", "mesure", newest, oldest).stdout.splitlines()
    assert sides == ["bonus: 2 → 1", "result longueur: 5 → 4"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mesur"], "compare: no notebook 'mesur': did you mean '01_mesure'?"),
        (["1", "zzz", "yyy"], "compare: no run of 'mesure' begin with 'zzz'"),
    ],
)
def test_compare_refuses_what_is_not_there(built, arguments, message):
    done = built.build("compare", *arguments, check=False)
    assert done.returncode == 2
    assert message in done.stderr


def test_prune_removes_what_nothing_uses(built):
    built.build("-p", "bonus=2")
    built.build()
    done = built.build("prune", "--yes")
    assert len(done.stdout.splitlines()) == 2
    assert built.executed() == set()
    assert built.build("prune").stdout == "nothing to remove\n"


def pruned(built, *arguments: str) -> list[str]:
    """Prune, and return what was removed."""
    return built.build("prune", "--yes", *arguments).stdout.splitlines()


def test_a_mistake_in_a_page_makes_nothing_useless(built):
    (built.root / "runs" / "current.json").unlink()
    built.edit("journal/jour-1.md", "mesure#Longueur", "mesure#Longeur")
    assert pruned(built) == ["nothing to remove"]


def test_a_mistake_in_a_profile_is_one_line_and_removes_nothing(built):
    (built.root / "runs" / "current.json").unlink()
    (built.root / "journal" / "profils" / "casse.yml").write_text("daat: x\n")
    done = built.build("prune", "--yes", check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == (
        "journal/profils/casse.yml: unknown key 'daat': did you mean 'data'?"
    )
    assert len(list((built.root / "runs" / "notebooks").glob("*/*"))) == 2


def test_the_runs_of_a_profile_without_data_are_kept_on_any_data(built):
    profile = "parameters:\n  mesure:\n    bonus: 7\n"
    (built.root / "journal" / "profils" / "sans.yml").write_text(profile)
    (built.root / "autres").mkdir()
    (built.root / "autres" / "b.txt").write_text("abcdefgh")
    built.build("--profile", "sans", "--data", "./autres")
    built.build("--profile", "sans", "--data", "./autres", "-p", "bonus=8")
    built.build()
    removed = pruned(built)
    assert [line.rpartition("/")[0] for line in removed] == ["notebooks/mesure"]
    assert built.executed("--profile", "sans", "--data", "./autres") == set()
    assert built.executed() == set()


def test_what_waits_for_others_is_kept(built):
    (built.root / "runs" / "current.json").unlink()
    built.edit("lib/measure.py", "return sum", "return 0 + sum")
    assert [line.rpartition("/")[0] for line in pruned(built)] == ["notebooks/mesure"]
    assert built.executed() == {"01_mesure"}


def test_unfinished_work_is_told_apart_and_left_unless_asked(built):
    work = built.root / "runs" / "trainings" / "t1"
    work.mkdir(parents=True)
    (work / "inputs.json").write_text("{}")
    done = built.build("prune", "--yes")
    assert done.stdout == "nothing to remove\n"
    assert done.stderr == (
        "unfinished work, left (0 MB; --unfinished removes it):\n  trainings/t1\n"
    )
    assert pruned(built, "--unfinished") == ["trainings/t1"]
    assert not work.exists()


def test_prune_without_a_terminal_says_how(built):
    built.build("-p", "bonus=2")
    built.build()
    command = [sys.executable, "build_journal.py", "prune"]
    done = subprocess.run(
        command, cwd=built.root, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.endswith("prune: there is no terminal to answer in: use --yes\n")


def test_compare_tells_a_module_that_changed(built):
    built.edit("lib/base.py", "FACTOR = 2", "FACTOR = 1 + 1")
    built.build("--only", "2")
    newest, oldest = (
        line.split()[0]
        for line in built.build("compare", "2").stdout.splitlines()
        if not line.startswith(" ")
    )
    assert built.build("compare", "2", oldest, newest).stdout == "module lib.base changed\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from-scratch"], "--from-scratch: expected with --check"),
        (["--force", "--explain"], "--force and --explain: expected one of them"),
        (["--check", "--force"], "--force and --check: expected one of them"),
        (["--check", "--explain"], "--explain and --check: expected one of them"),
        (["--to", "pdf", "--explain"], "--to and --explain: expected one of them"),
        (["--only", "1", "--to", "html"], "--to and --only: expected one of them"),
        (["--only", "1", "--output", "x"], "--output and --only: expected one of them"),
        (
            ["--check", "--from-scratch", "--only", "1"],
            "--only and --from-scratch: expected one of them",
        ),
        (["--jobs", "1", "compare", "1"], "--jobs: not for `compare`: it is for a build"),
        (["-p", "x=1", "prune"], "--parameter: not for `prune`: it is for a build"),
        (["--output", "x", "new", "jour"], "--output: not for `new`: it is for a build"),
    ],
)
def test_options_that_would_be_ignored_are_one_line(project, arguments, message):
    done = project.build(*arguments, check=False)
    assert done.returncode == 2
    assert done.stderr == f"{message}\n"
    assert not (project.root / "runs").exists()


def test_a_failure_from_scratch_is_kept_in_the_store(built):
    built.edit("notebooks/01_mesure.ipynb", "record(longueur", "1 / 0\\nrecord(longueur")
    done = built.build("--check", "--from-scratch", check=False)
    assert done.returncode == 1
    kept = built.root / "runs" / "failed" / "mesure" / "notebook.ipynb"
    assert f"the partly executed notebook is {kept}" in done.stderr
    assert "ZeroDivisionError" in kept.read_text()


def test_check_looks_at_every_format_that_is_published(built):
    built.build()  # the copy of a journal has not been published where it is
    manifest = built.root / "runs" / "published.json"
    paper = built.root / "journal" / "JOURNAL.pdf"
    paper.write_bytes(b"%PDF")
    known = json.loads(manifest.read_text())
    known[str(built.root)]["keys"]["pdf"] = "key of older inputs"
    manifest.write_text(json.dumps(known))
    done = built.build("--check", check=False)
    assert done.stdout == "journal/JOURNAL.pdf: older than the present inputs, or edited\n"
    assert built.build("--check", "--to", "html").stdout == "up to date\n"
    paper.unlink()
    done = built.build("--check", check=False)
    assert done.stdout == "journal/JOURNAL.pdf: not published\n"
