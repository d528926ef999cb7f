"""The description of an exported journal; `commands/test_export.py` reads a whole one."""

from carnet.project.settings import Author, Settings
from carnet.publication.crate import WORKFLOW, describe, run_file
from carnet.store.runs import Store
from tests.carnet.conftest import keep_run, make_notebook


def test_names_with_accents_and_spaces_are_uris(tmp_path):
    inputs = {"python": "CPython 3.12", "parameter pas à pas": [1, 2]}
    run = keep_run(Store(tmp_path), "été", "k", inputs=inputs)
    about = Settings(authors=(Author("Zoé L."), Author("Ada", "0000-0002-1825-0097")))
    files = [WORKFLOW, "notebooks/01_été.ipynb", "journal/un jour.md"]
    files += [run_file(run, name) for name in ("notebook.ipynb", "results.json", "record.json")]
    made = describe(about, {"été": make_notebook("01_été")}, {"été": run}, files)
    graph = {entity["@id"]: entity for entity in made["@graph"]}
    assert {"journal/un%20jour.md", "notebooks/01_%C3%A9t%C3%A9.ipynb", "#zoe-l"} <= graph.keys()
    action = graph["#run-k"]
    assert action["instrument"] == {"@id": "notebooks/01_%C3%A9t%C3%A9.ipynb"}
    assert graph[action["object"]["@id"]]["value"] == "[1, 2]"
    assert graph["./"]["datePublished"] == action["endTime"] == "2026-11-01T10:01:01+00:00"
    assert graph["./"]["author"] == [
        {"@id": "#zoe-l"},
        {"@id": "https://orcid.org/0000-0002-1825-0097"},
    ]
