import copy

from carnet.publication.site import SitePage
from carnet.publication.typesetting import typeset
from tests.carnet.conftest import code, markdown


def shown(kind: str, **data) -> dict:
    """A recorded output."""
    about = {"kind": kind, "name": "l'a", "caption": "L'essai : un", "alt": "C'est !"}
    return {"output_type": "display_data", "data": data, "metadata": {"journal": about}}


def page(*cells: dict, note: str = "", **entry) -> SitePage:
    return SitePage(entry, {"cells": list(cells)}, note)


def test_prose_is_typeset_and_its_code_is_not():
    made = typeset(page(markdown("m", "L'essai : `l'un : x` !")))
    assert made.notebook["cells"][0]["source"] == "L’essai\u00a0: `l'un : x`\u00a0!"


def test_titles_summaries_key_figures_and_provenance_are_typeset():
    figures = [("L'exactitude", "20 % !")]
    made = typeset(page(title="L'un ?", summary="D'un", key_figures=figures, note="A ; b : c"))
    assert made.entry["title"] == "L’un\u00a0?"
    assert made.entry["summary"] == "D’un"
    assert made.entry["key_figures"] == [("L’exactitude", "20\u00a0%\u00a0!")]
    assert made.note == "A\u00a0; b\u00a0: c"


def test_captions_and_alternative_texts_are_typeset_and_names_are_not():
    made = typeset(page(code("c", "l'un") | {"outputs": [shown("figure")]}))
    cell = made.notebook["cells"][0]
    about = cell["outputs"][0]["metadata"]["journal"]
    assert about["caption"] == "L’essai\u00a0: un"
    assert about["alt"] == "C’est\u00a0!"
    assert about["name"] == "l'a"
    assert cell["source"] == "l'un"


def test_recorded_tables_are_typeset():
    data = {"text/html": "<td class='n'>l&#x27;un</td>", "text/markdown": "| l'un : |"}
    made = typeset(page(code("c", "") | {"outputs": [shown("table", **data)]}))
    shown_data = made.notebook["cells"][0]["outputs"][0]["data"]
    assert shown_data == {
        "text/html": "<td class='n'>l’un</td>",
        "text/markdown": "| l’un\u00a0: |",
    }


def test_what_cells_print_or_return_and_raw_cells_stay_as_they_are():
    printed = {"output_type": "stream", "name": "stdout", "text": "l'un : x"}
    returned = {"output_type": "execute_result", "data": {"text/html": "l'un :"}, "metadata": {}}
    raw = {"cell_type": "raw", "metadata": {}, "source": "l'un :"}
    cells = [code("c", "") | {"outputs": [printed, returned]}, raw]
    assert typeset(page(*copy.deepcopy(cells))).notebook["cells"] == cells


def test_typesetting_twice_changes_nothing_more():
    once = typeset(page(markdown("m", "L'essai : « un » ?"), title="L'un ?", note="A : b"))
    assert typeset(copy.deepcopy(once)) == once
