from types import SimpleNamespace

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
