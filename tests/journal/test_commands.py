"""--check, compare and prune through the real command line."""

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
