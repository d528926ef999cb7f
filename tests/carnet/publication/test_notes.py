import pytest

from carnet.publication import notes
from carnet.publication.notes import provenance_note
from carnet.sources import packages
from carnet.sources.pages import Embed, Page, Prose
from carnet.store.runs import Store
from tests.carnet.conftest import code, keep_run, make_notebook, markdown

RAN = "[, 1er\u00a0novembre\u00a02026, 1\u00a0min\u00a01\u00a0s]{.volatile}"
FIRST = f"- **Le premier** ([`01234567`](../notebooks/01_un.ipynb){RAN}) — `x = 1`"
SECOND = f"- **deux** ([`fedcba98`](../notebooks/02_deux.ipynb){RAN})"
DISTRIBUTIONS = {"sklearn": ["scikit-learn"], "numpy": ["numpy"]}


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two runs: what they import is known to be installed under these names."""
    installed = packages.Environment(DISTRIBUTIONS, {}, {})
    monkeypatch.setattr(notes, "environment", lambda: installed)
    versions = {"package numpy": "2.1", "package scikit-learn": "1.5", "package joblib": "1.4"}
    store = Store(tmp_path / "runs")
    return {
        "un": keep_run(
            store,
            "un",
            "0123456789abcdef",
            inputs={"parameter x": 1, "python": "CPython 3.12", **versions},
        ),
        "deux": keep_run(store, "deux", "fedcba9876543210", inputs={"python": "CPython 3.12"}),
    }


NOTEBOOKS = {
    "un": make_notebook(
        "01_un", [markdown("t", "# Le premier"), code("c", "import sklearn, numpy")]
    ),
    "deux": make_notebook("02_deux", [code("c", "import json")]),
}


def note(tmp_path, runs, *parts) -> list[str]:
    page = Page("jour-1", "Jour 1", None, "", parts)
    return provenance_note(page.notebooks(), NOTEBOOKS, runs, tmp_path).splitlines()


def test_a_page_that_shows_no_notebook_has_no_note(tmp_path, runs):
    assert note(tmp_path, runs, Prose("Rien.")) == []


def test_the_runs_that_a_page_shows_in_the_order_of_notebooks(tmp_path, runs):
    lines = note(tmp_path, runs, Embed("deux", None), Prose("{eval}`un.score`"))
    assert lines[:2] == [FIRST, SECOND]


def test_only_packages_that_notebooks_import_themselves(tmp_path, runs):
    last = note(tmp_path, runs, Embed("un", None))[-1]
    assert (
        last == "CPython 3.12 ; 2\u00a0paquets importés : numpy\u00a02.1 et scikit-learn\u00a01.5."
    )
    last = note(tmp_path, runs, Embed("deux", None))[-1]
    assert last == "CPython 3.12 ; 0\u00a0paquet importé."


def test_each_kind_of_cpu_that_made_the_runs(tmp_path, runs):
    for run in runs.values():
        run.record["machine"] = {"cpu": "AMD EPYC, avx2, 2 threads"}
    lines = note(tmp_path, runs, Embed("un", None), Embed("deux", None))
    assert lines[-2:] == ["", "Processeur : AMD EPYC, avx2, 2 threads."]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("synthetique", "synthetique"),
        ({"contents": "abcdef0123456789"}, "contenu abcdef01"),
        ({"a": 1}, "{'a': 1}"),
        ([1, 2], "[1, 2]"),
    ],
)
def test_values_of_parameters(tmp_path, runs, value, shown):
    runs["deux"].record["inputs"]["parameter y"] = value
    assert note(tmp_path, runs, Embed("deux", None))[0] == f"{SECOND} — `y = {shown}`"


def test_signs_of_markdown_in_values(tmp_path, runs):
    runs["deux"].record["inputs"]["parameter y"] = "a`b\nc"
    assert note(tmp_path, runs, Embed("deux", None))[0] == f"{SECOND} — ``y = a`b c``"
