from types import SimpleNamespace

from carnet.commands import check
from carnet.commands import explain as module
from carnet.commands.explain import explain


def test_a_line_for_each_notebook_says_why_it_would_run():
    journal = SimpleNamespace(
        explain=lambda: ({"un": [], "deux": ["bonus: 1 → 2", "code cell 3 changed"]}, {}),
        labels=lambda: {"un": "01_un", "deux": "02_deux"},
    )
    assert list(explain(journal)) == [
        "01_un  up to date",
        "02_deux  bonus: 1 → 2; code cell 3 changed",
    ]


def test_a_run_that_another_kind_of_cpu_made_is_up_to_date_and_said_to_be(monkeypatch):
    monkeypatch.setattr(module, "cpu_kind", lambda: "here")
    runs = {"un": SimpleNamespace(cpu="there"), "deux": SimpleNamespace(cpu="here")}
    journal = SimpleNamespace(
        explain=lambda: ({"un": [], "deux": []}, runs),
        labels=lambda: {"un": "01_un", "deux": "02_deux"},
    )
    said = "made on another kind of CPU (there; now here): bytes may differ, verdicts should not"
    assert list(explain(journal)) == [f"01_un  up to date; {said}", "02_deux  up to date"]
    monkeypatch.setattr(check, "cpu_kind", lambda: "here")
    assert list(check.made_elsewhere(journal)) == [f"01_un: {said}"]
