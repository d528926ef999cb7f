"""Names of two pages and a notebook: numbers in reading order, links, words, what is refused."""

import pytest

from carnet.project.errors import RequestError
from carnet.project.paths import TEMPLATES
from carnet.project.settings import Author, Settings
from carnet.publication.document import render_document
from carnet.publication.outputs import Assets
from carnet.publication.rendering import read_all
from carnet.publication.site import render_site
from carnet.publication.texts import SitePage
from tests.carnet.conftest import code, markdown

FIRST = """## Données

(ici)=
### Répartition

![Une photo](photo.png)

```{table} Deux nombres
:name: nombres

| a |
| - |
| 1 |
```
"""
SECOND = """## Suite

$$
a = b
$$ (egalite)

```{figure} photo.png
:label: vue

Une vue.
```
"""


def figure(name: str) -> dict:
    about = {"kind": "figure", "name": name, "caption": "Mesure", "alt": "Courbe"}
    return {"output_type": "display_data", "data": {}, "metadata": {"journal": about}}


def page(number: int, *texts: str, figures: tuple = ()) -> SitePage:
    source = f"journal/jour-{number}.md"
    about = {"journal": {"file": source, "line": 5}}
    cells = [markdown(f"m{i}", text) | {"metadata": about} for i, text in enumerate(texts)]
    origin = {"journal": {"notebook": "un", "cell": "c"}}
    shown = ({"outputs": [figure(name)], "metadata": origin} for name in figures)
    cells += [code("c", "x") | made for made in shown]
    entry = {"file": f"jour-{number}.html", "source": source, "title": f"Jour {number}", "date": ""}
    content = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return SitePage(entry | {"day": number, "summary": ""}, content, "")


def notebook(text: str, figures: tuple = ()) -> SitePage:
    about = {"journal": {"file": "notebooks/01_un.ipynb", "number": 3, "line": 1, "cell": "c"}}
    made = page(1, text, figures=figures)
    for cell in made.notebook["cells"]:
        cell["metadata"] = about | {"tags": []}
    entry = {"file": "carnet-un.html", "source": "notebooks/01_un.ipynb", "title": "Un"}
    return SitePage(entry | {"notebook": "01_un.ipynb"}, made.notebook, "")


def read(folder, second: str, executed: str = "", figures: tuple = ("courbe",)):
    (folder / "journal").mkdir()
    (folder / "journal" / "photo.png").write_bytes(b"png")
    pages = [page(1, FIRST), page(2, SECOND, second, figures=figures)]
    return read_all(pages, [notebook(executed, ("courbe",))], folder, Assets())


def last_line(folder, text: str) -> str:
    shown, _ = read(folder, text)
    lines = render_document(Settings("J"), shown, TEMPLATES).splitlines()
    return next(line for line in lines if line.startswith("VOIR "))[5:]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("[](#courbe)", "[figure\u00a03](#courbe)"),
        ("[](#vue)", "[figure\u00a02](#vue)"),
        ("{numref}`vue`", "[figure\u00a02](#vue)"),
        ("{numref}`Fig. %s <vue>`", "[Fig. 2](#vue)"),
        ("[](#nombres)", "[tableau\u00a01](#nombres)"),
        ("[le tableau](#nombres)", "[le tableau](#nombres)"),
        ("[](#egalite)", "[l’équation\u00a0(1)](#egalite)"),
        ("{eq}`egalite`", "[(1)](#egalite)"),
        ("{ref}`ici`", "[la section «\u00a0Répartition\u00a0»](#repartition)"),
        ("{ref}`là <ici>`", "[là](#repartition)"),
        ("[](#suite)", "[la section «\u00a0Suite\u00a0»](#suite)"),
        ("[](jour-1.md)", "[Jour 1](#jour-1)"),
        ("[l'autre](jour-1.html#donnees)", "[l’autre](#donnees)"),
        ("[le carnet](../notebooks/01_un.ipynb)", "[le carnet](../notebooks/01_un.ipynb)"),
        ("[le carnet](carnet-un.html)", "[le carnet](../notebooks/01_un.ipynb)"),
        ("fin. [](#vue) suit", "fin. [Figure\u00a02](#vue) suit"),
    ],
)
def test_what_references_say_and_where_they_lead(tmp_path, written, expected):
    assert last_line(tmp_path, f"VOIR {written}") == expected


def test_links_of_the_site_lead_to_the_page_that_shows(tmp_path):
    text = "[](#nombres), [](#vue), [](jour-1.md), [c](carnet-un.html)"
    shown, executed = read(tmp_path, text, executed="[](#courbe) et [](#nombres)")
    photo = tmp_path / "courbe.png"
    photo.write_bytes(PNG)
    site = render_site(Settings("J"), shown, executed, {"courbe.png": photo}, Assets(), TEMPLATES)
    day, carnet = (site[f"journal/site/{f}"].decode() for f in ("jour-2.html", "carnet-un.html"))
    for address in ("jour-1.html#nombres", "#vue", "jour-1.html", "carnet-un.html"):
        assert f'href="{address}"' in day
    assert '<a href="#courbe">Figure\u00a03</a>' in carnet
    assert "<strong>Figure 3</strong>" in carnet  # as in the journal


PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes([0, 0, 0, 9]) * 2


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n\n[](#courbes)", "line 7: #courbes: no page shows it: did you mean 'courbe'?"),
        ("{numref}`rien`", "line 5: rien: no page shows it: "),
        (
            "[](jour-3.md)",
            "line 5: (jour-3.md): a file that is not published: expected {download}`jour-3.md`",
        ),
        ("[a](donnees.csv)", "line 5: (donnees.csv): a file that is not published"),
        ("(x)=\n\na [](#x)", "line 7: #x: expected a text, as in [text](#x)"),
        ("![a](absent.png)", "line 5: ![a](absent.png): no such file: did you mean 'photo.png'?"),
        ("![a](../../x.png)", "expected a file of the project"),
        ("![](photo.png)", "expected what it shows"),
        ("![{eval}`x`](photo.png)", "no role stands in a description: expected text"),
        ("```{image} photo.png\n:alt: {eval}`x`\n```", "no role stands in a description"),
        ("![a](https://a.org/b.png)", "an image from elsewhere: expected a file of the project"),
        ("![a](attachment:b.png)", "not pasted in this cell"),
        ("a[^1]\n\n[^2]: b", "line 5: [^1]: no such note: "),
    ],
)
def test_what_leads_nowhere_is_told_with_its_line(tmp_path, text, line):
    with pytest.raises(RequestError) as caught:
        read(tmp_path, text)
    (told,) = caught.value.mistakes
    assert told.startswith("journal/jour-2.md, line ")
    assert line in told


def test_a_figure_that_only_a_notebook_shows_cannot_be_referred_to(tmp_path):
    with pytest.raises(RequestError, match="#courbe: no page shows it"):
        read(tmp_path, "[](#courbe)", figures=())


def test_places_in_notebooks_are_told_by_cell(tmp_path):
    with pytest.raises(RequestError) as caught:
        read(tmp_path, "", executed="un\n\n{numref}`rien`")
    assert caught.value.mistakes[0].startswith("notebooks/01_un.ipynb, cell 3, line 3: rien: ")


def test_pages_say_how_to_cite_them_and_carry_what_zotero_reads(tmp_path):
    shown, executed = read(tmp_path, "Fin.")
    shown[0].entry["iso"] = "2026-11-21"
    photo = tmp_path / "courbe.png"
    photo.write_bytes(PNG)
    about = Settings("J", authors=(Author("Ada Lovelace"), Author("A. <Turing>")))
    site = render_site(about, shown, executed, {"courbe.png": photo}, Assets(), TEMPLATES)
    html = site["journal/site/jour-1.html"].decode()
    assert '<meta name="citation_title" content="Jour 1">' in html
    assert html.count('<meta name="citation_author"') == 2
    assert '<meta name="citation_publication_date" content="2026/11/21">' in html
    assert (
        "Pour citer\u00a0: Ada Lovelace, A. &lt;Turing&gt; (2026), <cite>Jour 1</cite>, J" in html
    )
