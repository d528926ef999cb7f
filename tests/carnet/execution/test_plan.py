"""Which notebooks would run, and why; nothing is executed."""

from tests.carnet.execution.conftest import NEEDS


def test_explain_tells_why_and_runs_nothing(journal):
    reasons, runs = journal.explain()
    assert reasons == {
        "amont": ["never run"],
        "aval": ["will run if the results of amont change"],
        "fin": ["will run if the results of aval change"],
        "seul": ["never run"],
    }
    assert runs == {}
    assert not journal.store.folder.exists() or journal.store.runs("amont") == []


def test_explain_compares_with_what_is_published(journal):
    journal.store.set_current(journal.run()[0].runs)
    reasons, runs = journal.explain()
    assert set(runs) == set(NEEDS)
    assert not any(reasons.values())
    journal.parameters["amont"] = {"x": 2}
    journal.parameters["seul"] = {"x": 1.0}
    reasons, runs = journal.explain()
    assert reasons["amont"] == ["parameter x: 1 → 2"]
    assert reasons["aval"] == ["will run if the results of amont change"]
    assert reasons["seul"] == ["parameter x: 1 → 1.0"]
    assert runs == {}
