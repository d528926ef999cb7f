import io
import re
from types import SimpleNamespace

import pytest
from PIL import Image

from carnet.commands.check import check, explain, made_elsewhere, unlike_published, unlike_results
from carnet.project.files import read_sealed, write_sealed
from carnet.sources.pages import Embed, Page
from carnet.store.runs import Store
from tests.carnet.conftest import keep_run


def png(color=(10, 20, 30), size=(10, 10), dot=None) -> bytes:
    image = Image.new("RGB", size, color)
    if dot:
        image.putpixel((0, 0), dot)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def journal(tmp_path):
    """What `check` reads of a journal: two notebooks, the first in two pages."""
    names = {"jour-1": "un", "jour-2": "un"}
    return SimpleNamespace(
        project=SimpleNamespace(output=tmp_path),
        pages=[Page(page, page, None, "", (Embed(name, None),)) for page, name in names.items()],
        explain=lambda: ({"un": [], "deux": []}, {}),
        labels=lambda: {"un": "01_un", "deux": "02_deux"},
        render=lambda runs, formats: {},
        store=Store(tmp_path / "runs"),
    )


def differences(journal, published: bytes | None, given: bytes, name="images/a.png") -> list[str]:
    """What `check` finds of one document."""
    path = journal.project.output / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if published is not None:
        path.write_bytes(published)
    journal.render = lambda runs, formats: {name: given}
    return list(unlike_published(journal, {}, {"html"}))


def test_another_commit_or_time_of_a_run_is_no_difference(journal):
    page = (
        b'<ul><li class="volatile">Depuis %d</li></ul><p>(<span class="volatile">%d s</span>)</p>'
    )
    before, after = (page % (n, n) for n in (1, 2))
    assert differences(journal, before, after, "jour-1.html") == []
    assert differences(journal, before, after + b" ", "jour-1.html") != []


def test_a_line_for_each_notebook_says_why_it_would_run():
    journal = SimpleNamespace(
        explain=lambda: ({"un": [], "deux": ["bonus: 1 → 2", "code cell 3 changed"]}, {}),
        labels=lambda: {"un": "01_un", "deux": "02_deux"},
    )
    assert list(explain(journal)) == [
        "01_un  up to date",
        "02_deux  bonus: 1 → 2; code cell 3 changed",
    ]


def test_a_run_that_another_kind_of_cpu_made_is_up_to_date_with_a_note(monkeypatch):
    monkeypatch.setattr("carnet.commands.check.cpu_kind", lambda: "here")
    runs = {"un": SimpleNamespace(cpu="there"), "deux": SimpleNamespace(cpu="here")}
    journal = SimpleNamespace(
        explain=lambda: ({"un": [], "deux": []}, runs),
        labels=lambda: {"un": "01_un", "deux": "02_deux"},
    )
    note = "made on another kind of CPU (there; now here): bytes may differ, verdicts should not"
    assert list(explain(journal)) == [f"01_un  up to date; {note}", "02_deux  up to date"]
    assert list(made_elsewhere(journal)) == [f"01_un: {note}"]


def test_a_stale_notebook_is_named_with_its_pages_and_reasons(journal):
    journal.explain = lambda: ({"un": ["a changed", "b changed"], "deux": ["never run"]}, {})
    journal.render = None  # what is stale is not rendered
    assert list(check(journal, {"html"})) == [
        "01_un (shown by jour-1, jour-2): a changed; b changed",
        "02_deux: never run",
    ]


def test_documents_are_compared_where_no_notebook_is_stale(journal):
    journal.render = lambda runs, formats: {f"{f}.txt": b"x" for f in sorted(formats)}
    assert list(check(journal, {"a", "b"})) == ["a.txt: not published", "b.txt: not published"]


def test_a_folder_that_is_not_there_is_one_line(journal):
    journal.render = lambda runs, formats: {"site/a/b.html": b"", "site/c.html": b"", "d": b""}
    assert list(check(journal, {"html"})) == ["d: not published", "site: not published"]


def test_a_document_that_differs(journal):
    assert differences(journal, b"a", b"a", "j.md") == []
    expected = ["j.md: differs from what the current inputs give"]
    assert differences(journal, b"a", b"b", "j.md") == expected


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (png(), png(dot=(10, 20, 31)), "1.00% of the figure's pixels differ, by 1 at most"),
        (png(), png(dot=(250, 20, 30)), "1.00% of the figure's pixels differ, by 240 at most"),
        (png(), png((11, 20, 30)), "100.00% of the figure's pixels differ, by 1 at most"),
        (png(), png(size=(10, 12)), "the figure is 10 × 12 pixels, not 10 × 10"),
        (b"damaged", png(), "the published file is not a valid image"),
        (png()[:50], png(), "the published file is not a valid image"),
        (png() + b"more", png(), "the same pixels in different bytes"),
        (None, png(), "not published"),
    ],
    ids=["blue", "red", "all", "size", "damaged", "cut", "same", "absent"],
)
def test_a_figure_that_differs(journal, before, after, line):
    assert differences(journal, before, after) == [f"images/a.png: {line}"]
    assert differences(journal, after, after) == []


def test_results_that_differ_are_listed_in_the_order_of_notebooks(tmp_path):
    store = Store(tmp_path)
    names = ["f", "b", "d", "a", "e", "c"]
    before = {n: keep_run(store, n, "1", results={"r": 1, "s": 1}) for n in [*names, "gone"]}
    after = {n: keep_run(store, n, "2", results={"r": 2, "s": 1}) for n in [*names, "new"]}
    assert list(unlike_results(before, after)) == [f"{n}.r 1 → 2" for n in names]


def test_recorded_values_come_before_documents(journal):
    runs = [
        keep_run(journal.store, "un", key, results={"accuracy": value})
        for key, value in (("1", 0.732), ("2", 0.401))
    ]
    journal.store.set_current({"un": runs[0]})
    journal.explain = lambda: ({"un": [], "deux": []}, {"un": runs[1]})
    journal.render = lambda runs, formats: {"images/a.png": png()}
    assert list(check(journal, {"html"})) == [
        "un.accuracy 0.732 → 0.401",
        "images: not published",
    ]


def test_without_a_format_figures_are_compared(journal):
    run = keep_run(journal.store, "un", "1")
    for folder, color in ((run.folder, (1, 2, 3)), (journal.project.output, (1, 2, 4))):
        (folder / "images").mkdir(exist_ok=True)
        (folder / "images" / "a.png").write_bytes(png(color))
    line = "images/a.png: 100.00% of the figure's pixels differ, by 1 at most"
    assert list(unlike_published(journal, {"un": run}, set())) == [line]


@pytest.mark.slow
def test_check_says_up_to_date(built):
    done = built.ask("--check")
    assert done.stdout == "up to date\n"


@pytest.mark.slow
def test_check_names_stale_notebooks_pages_and_reasons(built):
    done = built.ask("--check", "-p", "bonus=2")
    assert done.returncode == 1
    assert "01_mesure (shown by jour-1): parameter bonus: 1 → 2" in done.stdout


@pytest.mark.slow
def test_check_sees_a_published_document_edited_by_hand(built):
    document = built.root / "journal" / "JOURNAL.md"
    document.write_text("tampered")
    done = built.ask("--check")
    assert done.returncode == 1
    expected = "journal/JOURNAL.md: differs from what the current inputs give\n"
    assert done.stdout == expected


@pytest.mark.slow
def test_two_builds_from_scratch_give_the_same_bytes(built):
    assert built.build("--check", "--from-scratch").stdout == "up to date\n"


@pytest.mark.slow
def test_check_from_scratch_tells_results_that_differ(built):
    built.edit("lib/base.py", "FACTOR = 2", "FACTOR = __import__('time').time()")
    built.build()
    done = built.build("--check", "--from-scratch", check=False)
    assert done.returncode == 1
    first, *documents = done.stdout.splitlines()
    assert re.fullmatch(r"double\.double [\d.]+ → [\d.]+", first)
    assert any(line.startswith("journal/JOURNAL.md: differs") for line in documents)


@pytest.mark.slow
def test_one_notebook_is_checked_by_its_values(built):
    """Also from scratch, where the others do not run."""
    built.edit("lib/base.py", "FACTOR = 2", "FACTOR = __import__('time').time()")
    built.build()
    assert built.build("check", "--only", "02").stdout == "up to date\n"
    done = built.build("check", "--from-scratch", "--only", "01")
    assert done.stdout == "up to date\n" and "02_double" not in done.stderr
    done = built.build("check", "--from-scratch", "--only", "02", check=False)
    assert re.fullmatch(r"double\.double [\d.]+ → [\d.]+\n", done.stdout)
    assert done.returncode == 1


@pytest.mark.slow
def test_a_failure_from_scratch_is_kept_in_the_store(built):
    built.edit("notebooks/01_mesure.ipynb", "record(longueur", "1 / 0\\nrecord(longueur")
    done = built.build("--check", "--from-scratch", check=False)
    assert done.returncode == 1
    kept = built.root / "runs" / "failed" / "mesure" / "notebook.ipynb"
    assert f"the partly executed notebook is {kept}" in done.stderr
    assert "ZeroDivisionError" in kept.read_text()


@pytest.mark.slow
def test_check_looks_at_every_format_that_is_published(built):
    built.build()  # the copy of a journal has not been published where it is
    manifest = built.root / "runs" / "published.json"
    paper = built.root / "journal" / "JOURNAL.pdf"
    paper.write_bytes(b"%PDF")
    known = read_sealed(manifest)
    known[str(built.root)]["keys"]["pdf"] = "key of older inputs"
    write_sealed(manifest, known)
    done = built.ask("--check")
    assert done.stdout == "journal/JOURNAL.pdf: older than the current inputs, or edited\n"
    assert built.ask("--check", "--to", "html").stdout == "up to date\n"
    paper.unlink()
    done = built.ask("--check")
    assert done.stdout == "journal/JOURNAL.pdf: not published\n"
