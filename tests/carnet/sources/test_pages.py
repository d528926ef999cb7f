import datetime

import pytest

from carnet.project.settings import Settings
from carnet.sources.pages import Embed, Page, Prose, clashes, read_pages
from tests.carnet.conftest import code, make_notebook


def write(folder, text, name="jour-1.md"):
    (folder / name).write_text(text)
    return folder / name


def test_a_page_is_prose_and_embeds(tmp_path):
    text = (
        "---\ntitle: Jour 1\ndate: 2026-11-21\nsummary: Bref.\n---\nAvant.\n\n"
        "```{embed} essai#Une section : deux\n```\n\nAprès.\n\n```{embed} essai\n```\n"
    )
    page = Page.read(write(tmp_path, text))
    assert (page.title, page.day, page.summary) == ("Jour 1", 1, "Bref.")
    assert page.date == datetime.date(2026, 11, 21)
    assert page.parts == (
        Prose("Avant."),
        Embed("essai", "Une section : deux"),
        Prose("Après."),
        Embed("essai", None),
    )


def test_key_figures_are_expressions_of_the_page(tmp_path):
    text = '---\ntitle: A\nkey_figures:\n  Durée: "{eval}`fr(essai.duree)` s"\n---\n'
    page = Page.read(write(tmp_path, text))
    assert page.key_figures == (("Durée", "{eval}`fr(essai.duree)` s"),)
    assert page.notebooks() == {"essai"}
    (mistake,) = page.mistakes({})
    assert mistake.startswith("journal/jour-1.md: {eval}`fr(essai.duree)`: no notebook 'essai'")


def test_what_a_page_shows_of_an_unreadable_notebook_is_not_judged(tmp_path):
    text = "---\ntitle: A\n---\n```{embed} casse#X\n```\n\n{eval}`casse.a + autre.a`\n"
    page = Page.read(write(tmp_path, text))
    (mistake,) = page.mistakes({}, {"casse"})
    expected = "journal/jour-1.md, line 7: {eval}`casse.a + autre.a`: no notebook 'autre'"
    assert mistake.startswith(expected)


def test_a_byte_order_mark_is_no_text(tmp_path):
    (tmp_path / "jour-1.md").write_text("---\ntitle: A\n---\nUn.", "utf-8-sig")
    assert Page.read(tmp_path / "jour-1.md").parts == (Prose("Un."),)


def test_accents_are_the_same_however_they_are_composed(tmp_path):
    page = Page.read(write(tmp_path, "---\ntitle: A\n---\n```{embed} e\u0301te\u0301\n```\n"))
    assert page.embedded() == {"été"}


def test_a_notebook_alone_is_no_value(tmp_path):
    page = Page.read(write(tmp_path, "---\ntitle: A\n---\n{eval}`essai`\n"))
    notebook = make_notebook("essai", [code("c", "record(duree=1)")])
    (mistake,) = page.mistakes({"essai": notebook})
    assert "{eval}`essai`: 'essai' is a notebook, expected a result: choose among: duree" in mistake


def test_a_notebook_that_hides_a_function_of_pages_is_refused():
    (mistake,) = clashes([], ["len", "essai"])
    assert mistake.startswith("notebook 'len': its name is that of a function of pages")


def test_pages_are_in_reading_order(tmp_path):
    names = ["sources", "jour-10", "jour-2", "introduction", "annexe"]
    for name in names:
        write(tmp_path, f"---\ntitle: {name}\n---\n", f"{name}.md")
    write(tmp_path, "built", "JOURNAL.md")
    pages, mistakes = read_pages(tmp_path)
    assert [page.name for page in pages] == [
        "introduction",
        "jour-2",
        "jour-10",
        "annexe",
        "sources",
    ]
    assert mistakes == []


def test_the_names_of_days_follow_a_pattern(tmp_path):
    for name in ("seance-2", "seance-10", "jour-1"):
        write(tmp_path, "---\ntitle: A\n---\n", f"{name}.md")
    pages, _ = read_pages(tmp_path, Settings(days="seance-{}").day_pattern)
    assert [(page.name, page.day) for page in pages] == [
        ("seance-2", 2),
        ("seance-10", 10),
        ("jour-1", None),
    ]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("Bonjour", "expected to begin with a front matter"),
        ("---\ndate: 2026-11-21\n---\n", "the front matter has no `title: …`"),
        ("---\ntitle: A\ntitel: B\n---\n", "unknown key 'titel' in the front matter: did you mean"),
        ("---\ntitle: A\ndate: hier\n---\n", "date 'hier': expected YYYY-MM-DD"),
        (
            "---\ntitle: A\ndate: 2026-02-30\n---\n",
            "not valid YAML (day is out of range",
        ),
        ("---\ntitle: [\n---\n", "not valid YAML (while parsing"),
        ("---\ntitle: A\nlanguage: fra\n---\n", "language 'fra': did you mean 'fr'?"),
        ("---\ntitle: A\nsummary:\n---\n", "summary None: expected a line of text"),
        ("---\ntitle: A\nsummary: 3\n---\n", "summary 3: expected a line of text"),
        ("---\ntitle: A\nkey_figures: 3\n---\n", "key_figures 3: expected lines such as"),
        (
            "---\ntitle: A\nkey_figures:\n  Exactitude: 0.9\n---\n",
            "key_figures: Exactitude: 0.9: expected lines such as",
        ),
        (
            "---\ntitle: A\nkey_figures:\n  Exactitude: ['{eval}`x`']\n---\n",
            "key_figures: Exactitude: ['{eval}`x`']: expected lines such as",
        ),
    ],
)
def test_a_wrong_front_matter_is_one_line(tmp_path, text, mistake):
    write(tmp_path, text)
    _, mistakes = read_pages(tmp_path)
    assert len(mistakes) == 1
    assert mistakes[0].startswith("journal/jour-1.md: ")
    assert mistake in mistakes[0]
    assert "\n" not in mistakes[0]


@pytest.mark.parametrize(
    "fence",
    [
        "```{embed} essai#Score\nautre chose\n```",
        "```{embed}\n```",
        "```python {embed}\nx\n```",
        "> ```{embed} essai#Score\n> ```",
        "- un\n\n  ```{embed} essai#Score\n  ```",
        "```{embed} essai#Score",
        ":::{embed} essai#Score\ntexte\n:::",
    ],
)
def test_a_fence_that_is_nearly_an_embed_is_one_line(tmp_path, fence):
    page = Page.read(write(tmp_path, f"---\ntitle: A\n---\nAvant.\n\n{fence}\n"))
    (mistake,) = page.mistakes({})
    count, line = next(pair for pair in enumerate(fence.splitlines(), 6) if "{embed}" in pair[1])
    where = f"journal/jour-1.md, line {count}: {line.strip()}"
    assert mistake.startswith(f"{where}: expected ```{{embed}} NOTEBOOK#Section")


@pytest.mark.parametrize(
    "fence",
    [
        "``` {embed} essai # Score\n```",
        "````{embed} essai#Score\n````",
        "~~~{embed} essai#Score\n\n~~~",
        "  ```{embed} essai#Score\n  ```",
        ":::{embed} essai#Score\n:::",
    ],
)
def test_every_fence_of_markdown_embeds(tmp_path, fence):
    page = Page.read(write(tmp_path, f"---\ntitle: A\n---\n{fence}\nSuite."))
    assert page.parts == (Embed("essai", "Score"), Prose("Suite."))


@pytest.mark.parametrize("mark", ["````", "~~~"])
def test_an_embed_and_an_expression_shown_as_examples_are_prose(tmp_path, mark):
    text = f"{mark}\n```{{embed}} essai#Score\n```\n\n{{eval}}`x`\n{mark}\n\nSuite."
    page = Page.read(write(tmp_path, f"---\ntitle: A\n---\n{text}\n"))
    assert page.parts == (Prose(text),)
    assert page.notebooks() == set()


@pytest.mark.parametrize(
    ("names", "mistake"),
    [
        (["introduction", "jour-1", "jour-10", "carnet-autre"], None),
        (["index"], "journal/index.md: index.html is the page of journal/introduction.md: "),
        (["Index"], "journal/Index.md: Index.html is the page of journal/introduction.md: "),
        (["carnet-essai"], "journal/carnet-essai.md: carnet-essai.html is the page of notebook"),
        (["a", "A"], "journal/A.md: A.html is the page of journal/a.md: expected another name"),
        (["jour-01", "jour-1"], "journal/jour-01.md and journal/jour-1.md: two pages are day 1, "),
    ],
)
def test_pages_that_would_take_the_place_of_others(names, mistake):
    told = list(clashes([Page(name, name, None, "", ()) for name in names], ["essai"]))
    assert len(told) == (mistake is not None)
    assert all(line.startswith(mistake) for line in told)
