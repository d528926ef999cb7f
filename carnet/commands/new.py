"""What a new day and a new notebook begin with. Both build as they are, with nothing to edit."""

import ast
import datetime
import json
import keyword
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import carnet
from carnet.project.errors import InputError, RequestError, nearest
from carnet.project.paths import Project
from carnet.sources.notebooks import FILE_NAME, Notebook, calls, find_name, read_notebooks
from carnet.sources.pages import DAY, Page, read_pages
from carnet.text.slugs import slug

LONGEST_NAME = 40
# Calls whose result is a number, which `fr` writes: what is known without running anything.
NUMBERS = {"float", "int", "len", "round"}

DAY_TEMPLATE = """---
title: {title}
date: {date}
summary: "À écrire : en une phrase, ce que la journée apporte."
---

## Déroulement de la journée

*À écrire : ce que nous voulions savoir ou faire, et qui s'en est chargé.*

## Ce que nous avons fait

*À écrire : ce qui a été essayé, dans l'ordre, et pourquoi.*

## Résultats

*À écrire : ce que montrent les sections de carnets ci-dessous, à choisir.*
{example}
## Difficultés rencontrées

*À écrire : ce qui n'a pas marché, et ce que nous en avons appris.*

## Conclusion de la journée

*À écrire : la réponse à la question du matin, et ce que nous ferons demain.*
"""

VALUE_TEMPLATE = """
Une valeur se cite dans le texte et suit le calcul : dans le carnet « {notebook} », `{result}` \
vaut {{eval}}`fr({notebook}.{result})`.
"""

TITLE_CELL = """# {title}

*À écrire : la question à laquelle ce carnet répond, et comment.*

En attendant, un exemple à remplacer : on lance un dé et on compte les faces."""

IMPORTS_CELL = """import numpy as np
from matplotlib import pyplot as plt

from carnet import {imports}"""

PARAMETERS_CELL = """n_throws = 600  # of the die
seed = 0  # of the draws"""

METHOD_CELL = """## Méthode

On tire {eval}`fr_plural(n_throws, "face")` au hasard, de 1 à 6, toutes également probables. Si le \
dé est bon, chacune sort environ {eval}`fr_plural(round(n_throws / 6), "fois", "fois")`."""

DRAWS_CELL = """throws = np.random.default_rng(seed).integers(1, 7, size=n_throws)
counts = np.bincount(throws, minlength=7)[1:]
record(mean=float(throws.mean()), most_frequent=int(counts.argmax()) + 1)"""

RESULT_CELL = """## Résultat

La moyenne des lancers est {eval}`fr(throws.mean())`, contre 3,5 attendus ; la face la plus \
fréquente, {eval}`fr(counts.argmax() + 1)`, est sortie \
{eval}`fr_plural(counts.max(), "fois", "fois")`."""

FIGURE_CELL = """fig, ax = plt.subplots(figsize=(8, 4), layout="constrained")
ax.bar(range(1, 7), counts, color="#0173b2")
ax.axhline(n_throws / 6, color="#8c8c8c", linestyle="--", label="effectif attendu")
ax.set(title="Lancers par face", xlabel="Face du dé", ylabel="Nombre de lancers")
ax.yaxis.get_major_locator().set_params(integer=True)
fig.legend(loc="outside lower center")
figure(
    fig,
    "{name}_faces",
    caption="Nombre de lancers de chaque face du dé",
    alt=f"Diagramme en barres des faces de 1 à 6 : de {{fr(counts.min())}} à "
    f"{{fr_plural(counts.max(), 'lancer')}} par face, pour {{fr(n_throws / 6, 0)}} attendus.",
)"""


def new_day(project: Project, date: datetime.date, title: str | None = None) -> Path:
    """Create the page of the next day, after the largest number there is; return its path.

    Raises:
        RequestError: the title is no line of text, or the page exists.
        InputError: the page cannot be written.
    """
    days = [DAY.fullmatch(path.stem) for path in project.pages.glob("jour-*.md")]
    number = 1 + max((int(day[1]) for day in days if day), default=0)
    about = json.dumps(_day_title(number, title), ensure_ascii=False)
    text = DAY_TEMPLATE.format(title=about, date=date.isoformat(), example=_example(project))
    return _create(project.pages / f"jour-{number}.md", text, project)


def _day_title(number: int, title: str | None) -> str:
    text = " ".join((title if title is not None else "titre à écrire").split())
    if not text or not text.isprintable():
        raise RequestError(
            [f"--title {title!r}: expected a line of text, such as 'une autre idée'"]
        )
    return text if re.match(rf"Jour {number}\b", text) else f"Jour {number} : {text}"


def _example(project: Project) -> str:
    """Embed what the newest notebook tells and cite a number: a page that already works."""
    notebooks, _ = read_notebooks(project.notebooks)
    pages, _ = read_pages(project.pages)
    newest_first = list(notebooks.values())[::-1]
    places = [place for notebook in newest_first[:1] for place in _to_tell(notebook, pages)]
    text = "".join(f"\n```{{embed}} {place}\n```\n" for place in places)
    found = ((notebook.name, name) for notebook in newest_first for name in _numbers(notebook))
    for notebook, result in [*found][:1]:
        text += VALUE_TEMPLATE.format(notebook=notebook, result=result)
    return text


def _to_tell(notebook: Notebook, pages: list[Page]) -> list[str]:
    """The sections that no page shows yet, or the last one; all where it has no sections."""
    shown = {
        embed.section.replace("’", "'")
        for page in pages
        for embed in page.embeds()
        if embed.notebook == notebook.name and embed.section
    }
    sections = [text for level, text, _ in notebook.headings() if level == 2]
    untold = [text for text in sections if text.replace("’", "'") not in shown]
    places = [f"{notebook.name}#{section}" for section in untold or sections[-1:]]
    return places or [notebook.name]


def _numbers(notebook: Notebook) -> Iterator[str]:
    """Names of results that are certainly numbers."""
    for cell in notebook.cells:
        for call in calls(cell["source"], "record") if cell["cell_type"] == "code" else ():
            yield from (item.arg for item in call.keywords if item.arg and _is_number(item.value))


def _is_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", None) in NUMBERS


def new_notebook(project: Project, name: str, needs: Sequence[str] = ()) -> Path:
    """Create notebooks/NN_name.ipynb with the next number; return its path.

    Raises:
        RequestError: a name that pages cannot use or that is taken, a need that is no notebook.
        InputError: the notebook cannot be written.
    """
    import nbformat

    files = [FILE_NAME.fullmatch(path.name) for path in project.notebooks.glob("*.ipynb")]
    taken = {file[2]: file[0] for file in files if file}
    needs = [find_name(need, taken) or need for need in needs]
    if mistakes := [*_bad_name(name, taken), *_bad_needs(needs, taken)]:
        raise RequestError(mistakes)
    number = 1 + max((int(file[1]) for file in files if file), default=0)
    text = nbformat.writes(_notebook(name, list(dict.fromkeys(needs)))) + "\n"
    return _create(project.notebooks / f"{number:02}_{name}.ipynb", text, project)


def _bad_name(name: str, taken: dict[str, str]) -> Iterator[str]:
    """Pages write NAME.result: a name is a Python name, and hides no other."""
    place = f"new notebook {name}"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or len(name) > LONGEST_NAME:
        yield (
            f"{place}: expected at most {LONGEST_NAME} lowercase letters without accents, digits "
            f"and _, a letter first{_suggestion(name)}"
        )
    elif keyword.iskeyword(name) or name in carnet.__all__:
        yield f"{place}: a word of Python or of carnet: did you mean 'carnet_{name}'?"
    elif name in taken:
        yield f"{place}: taken by notebooks/{taken[name]}: did you mean '{_free(name, taken)}'?"


def _suggestion(name: str) -> str:
    valid = slug(name, "_").lstrip("0123456789_")[:LONGEST_NAME]
    return f": did you mean '{valid}'?" if valid else ", such as 'ma_mesure'"


def _free(name: str, taken: dict[str, str]) -> str:
    return next(other for n in range(2, 999) if (other := f"{name}_{n}") not in taken)


def _bad_needs(needs: Sequence[str], taken: dict[str, str]) -> Iterator[str]:
    for need in needs:
        if need not in taken:
            yield f"--needs {need}: no such notebook: {nearest(need, taken)}"


def _notebook(name: str, needs: list[str]) -> dict:
    from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

    title = name.replace("_", " ").capitalize()
    imports = ["figure", "fr", "fr_plural", "record", *(["results"] if needs else [])]
    tag = {"tags": ["parameters"]}
    cells = [
        new_markdown_cell(TITLE_CELL.format(title=title), id="titre"),
        new_code_cell(IMPORTS_CELL.format(imports=", ".join(imports)), id="imports"),
        new_code_cell(PARAMETERS_CELL, id="parametres", metadata=tag),
        new_markdown_cell(METHOD_CELL, id="methode"),
        new_code_cell(DRAWS_CELL, id="tirages"),
        new_markdown_cell(RESULT_CELL, id="resultat"),
        new_code_cell(FIGURE_CELL.format(name=name), id="figure"),
    ]
    if needs:
        reading = "\n".join(f'{need}_results = results("{need}")' for need in needs)
        cells.insert(3, new_code_cell(reading, id="besoins"))
    return new_notebook(
        cells=cells,
        metadata={
            "journal": {"needs": needs},
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
    )


def _create(path: Path, text: str, project: Project) -> Path:
    """Write a file that does not exist yet, whole or not at all."""
    place = path.relative_to(project.root)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise RequestError([f"{place}: exists already, and is left as it is"]) from None
    except OSError as error:
        path.unlink(missing_ok=True)
        raise InputError(f"{place}: cannot be written ({error.strerror})") from None
    return place
