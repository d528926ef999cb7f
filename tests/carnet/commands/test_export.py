"""The journal as one archive: what is in it, how it is described, always the same bytes."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.carnet.conftest import SmallProject

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def crate(built_once: SmallProject, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("crate") / "journal.zip"
    built_once.build("export", str(path))
    return path


@pytest.fixture(scope="module")
def graph(crate) -> dict[str, dict]:
    text = zipfile.ZipFile(crate).read("ro-crate-metadata.json")
    return {entity["@id"]: entity for entity in json.loads(text)["@graph"]}


def ids(value: dict | list) -> list[str]:
    return [each["@id"] for each in (value if isinstance(value, list) else [value])]


def test_it_holds_what_people_wrote_and_what_came_of_it(crate, built_once):
    archive = zipfile.ZipFile(crate)
    names = set(archive.namelist())
    assert {
        "journal.yml",
        "journal/jour-1.md",
        "journal/profils/synthetique.yml",
        "notebooks/01_mesure.ipynb",
        "lib/measure.py",
        "journal/JOURNAL.md",
        "journal/site/jour-1.html",
        "journal/site/style.css",
        "runs/mesure/notebook.ipynb",
        "runs/mesure/results.json",
        "runs/mesure/record.json",
        "workflow.json",
        "ro-crate-metadata.json",
    } <= names
    assert not [name for name in names if name.startswith(("donnees", "carnet"))]
    for name in ("journal/JOURNAL.md", "journal/jour-1.md", "journal/site/jour-1.html"):
        assert archive.read(name) == (built_once.root / name).read_bytes()
    assert json.loads(archive.read("workflow.json")) == {
        "notebooks": {"01_mesure.ipynb": [], "02_double.ipynb": ["mesure"]}
    }


def test_the_same_runs_give_the_same_bytes(crate, built_once, tmp_path):
    again = tmp_path / "again.zip"
    built_once.build("export", str(again))
    assert again.read_bytes() == crate.read_bytes()


def test_every_file_is_described_and_nothing_else_is_one(crate, graph):
    described = set(ids(graph["./"]["hasPart"]))
    assert described == set(zipfile.ZipFile(crate).namelist()) - {"ro-crate-metadata.json"}
    known = {*graph, "https://w3id.org/ro/crate/1.1"}
    told = [
        reference
        for entity in graph.values()
        for value in entity.values()
        for reference in (value if isinstance(value, list) else [value])
        if isinstance(reference, dict)
    ]
    assert {reference["@id"] for reference in told} - known == set()


def test_each_run_says_with_what_it_was_made(graph):
    (action,) = (e for e in graph.values() if e.get("name") == "Run of notebooks/02_double.ipynb")
    assert ids(action["object"]) == ["#double.facteur-value", "runs/mesure/results.json"]
    assert ids(action["result"]) == ["runs/double/notebook.ipynb", "runs/double/results.json"]
    assert graph["#double.facteur-value"]["value"] == 1.5
    assert graph["#double.facteur"]["additionalType"] == "Float"
    required = ids(graph["notebooks/02_double.ipynb"]["softwareRequirements"])
    assert graph["https://pypi.org/project/smallpackage/1.0/"]["softwareVersion"] == "1.0"
    assert "https://pypi.org/project/smallpackage/1.0/" in required
    data = graph["#mesure.data-value"]["value"]
    assert data.startswith("contents ")
    assert "/" not in data


def test_what_is_not_up_to_date_is_not_exported(built, tmp_path):
    built.edit("lib/base.py", "2", "3")
    done = built.build("export", str(tmp_path / "journal.zip"), check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "export: not up to date, run `carnet build` first",
        "double: module lib.base changed",
    ]
    assert not list(tmp_path.glob("*.zip"))


def test_it_is_a_zip_file(built_once, tmp_path):
    done = built_once.build("export", str(tmp_path / "journal.tar"), check=False)
    assert done.returncode == 2
    assert "expected a name that ends with .zip" in done.stderr


@pytest.mark.filterwarnings("ignore")
def test_it_is_valid_under_the_profile(crate):
    """Needs the package roc-validator, which is no dependency, and a network."""
    services = pytest.importorskip("rocrate_validator.services")
    settings = {"rocrate_uri": str(crate), "profile_identifier": "provenance-run-crate-0.5"}
    result = services.validate(services.ValidationSettings(**settings))
    assert [issue.message for issue in result.get_issues()] == []
