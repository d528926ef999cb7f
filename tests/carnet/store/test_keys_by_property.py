"""A key changes whenever what a notebook does changes, and not with what it only says.

Hypothesis makes small notebooks and changes of them; what a notebook does is found by executing its
cells here, without a kernel. More examples: pytest --hypothesis-profile=many, or see conftest.
"""

import ast
import copy
import os
import types
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from carnet.project.files import digest
from carnet.sources import packages
from carnet.sources.notebooks import Notebook
from carnet.store.keys import run_inputs
from carnet.text.markdown import expressions
from tests.carnet.conftest import code, markdown

PLACES = range(6)
TAGS = [[], ["skip-execution"], ["raises-exception"], ["hide-input"]]
VALUES = [1, True, 1.0, "1", 2, (1, 2), [1, 2], {"a": 1, "b": 2}, {"b": 2, "a": 1}, {1: "a"}, None]
VALUES += ["data.txt", ["data.txt"], {"deep": ["data.txt"]}]
STATEMENTS = ["a = 1", "a = 2", "b = a", "a = (a, b)", "a", "b", "x", "repr(x)", '"text"', "1 / 0"]
STATEMENTS += ["b = F", "a = setting", "a = read(x)", "b = read(x['deep'])"]
FIRST = """from lib.un import F
import os
a = b = 0
setting = os.environ.get("SETTING")
def read(v):
    if type(v) is not str:
        return [*map(read, v)]
    with open(v) as file:
        return file.read()
"""
LAST = ["a, b", "F, setting", "x", "read(x)"]


@dataclass(frozen=True)
class World:
    """All that a run can see; a change makes another one."""

    cells: list
    value: object
    number: str = "01"
    module: str = "F = 1\n"
    data: str = "1"
    setting: str | None = None

    def with_cell(self, place: int, change) -> "World":
        """Return this world with one cell changed; not that of the parameters' values."""
        cells = copy.deepcopy(self.cells)
        change(cells[place % len(cells)])
        return replace(self, cells=cells)


def codes() -> st.SearchStrategy:
    return st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=3).map("\n".join)


def cells() -> st.SearchStrategy:
    tagged = st.builds(
        lambda text, tags: code("c", text, tags=tags), codes(), st.sampled_from(TAGS)
    )
    shown = st.sampled_from(["a", "b", "x", "repr(x)"])
    return st.one_of(tagged, shown.map(lambda text: markdown("m", f"Prose {{eval}}`{text}` ici.")))


def worlds() -> st.SearchStrategy:
    own, first = code("p", "x = 0", tags=["parameters"]), code("f", FIRST)
    last = [code(f"l{place}", text, tags=["raises-exception"]) for place, text in enumerate(LAST)]
    return st.builds(
        lambda before, after, value: World([first, *before, own, *after, *last], value),
        st.lists(cells(), max_size=1),
        st.lists(cells(), max_size=3),
        st.sampled_from(VALUES),
    )


def swap_kind(cell: dict) -> None:
    """Turn code into an expression of prose, and back."""
    found = expressions(cell["source"]) if cell["cell_type"] == "markdown" else []
    if found:
        cell |= code("c", next(iter(found)).code)
    elif "\n" not in cell["source"] and "parameters" not in cell["metadata"].get("tags", []):
        cell |= markdown("m", f"{{eval}}`{cell['source']}`")


def is_expression(cell: dict) -> bool:
    try:
        ast.parse(cell["source"], mode="eval")
    except SyntaxError:
        return False
    return True


def moved(world: World, place: int) -> World:
    cells = list(world.cells)
    cells.append(cells.pop(place % len(cells)))
    return replace(world, cells=cells)


def retagged(place: int, tags: list) -> dict:
    def change(cell: dict) -> None:
        if "parameters" not in cell["metadata"].get("tags", []):
            cell["metadata"]["tags"] = tags

    return lambda world: world.with_cell(place, change)


def recoded(place: int, text: str):
    def change(cell: dict) -> None:
        if cell["cell_type"] == "code" and "parameters" not in cell["metadata"].get("tags", []):
            cell["source"] = text

    return lambda world: world.with_cell(place, change)


PLACE = st.sampled_from(PLACES)
CHANGES = {
    "code": st.builds(recoded, PLACE, codes()),
    "kind": PLACE.map(
        lambda place: (
            lambda w: (
                w.with_cell(place, swap_kind)
                if is_expression(w.cells[place % len(w.cells)])
                or w.cells[place % len(w.cells)]["cell_type"] == "markdown"
                else w
            )
        )
    ),
    "tags": st.builds(retagged, PLACE, st.sampled_from(TAGS)),
    "order": PLACE.map(lambda place: lambda world: moved(world, place)),
    "removal": PLACE.map(
        lambda place: lambda w: replace(w, cells=w.cells[: place + 1] + w.cells[place + 2 :])
    ),
    "parameter": st.sampled_from(VALUES).map(lambda v: lambda world: replace(world, value=v)),
    "module": st.sampled_from("12").map(lambda v: lambda w: replace(w, module=f"F = {v}\n")),
    "data": st.sampled_from("12").map(lambda v: lambda world: replace(world, data=v)),
    "variable": st.sampled_from("12").map(lambda v: lambda world: replace(world, setting=v)),
}


def said(place: int, where: str):
    """Add a comment, a blank line or prose, which says and does nothing."""

    def change(cell: dict) -> None:
        text = cell["source"]
        aside = "# pourquoi" if cell["cell_type"] == "code" else "Prose."
        blank = "\n\n" if cell["cell_type"] == "markdown" else "\n"
        cell["source"] = f"{aside}{blank}{text}" if where == "above" else f"{text}{blank}{aside}"

    return lambda world: world.with_cell(place, change)


NEUTRAL = {
    "comment or prose": st.builds(said, PLACE, st.sampled_from(["above", "below"])),
    "number": st.just(lambda world: replace(world, number="07")),
    "new prose": PLACE.map(
        lambda place: (
            lambda w: replace(
                w, cells=[*w.cells[:place], markdown("n", "Prose."), *w.cells[place:]]
            )
        )
    ),
    "docstring": st.just(
        lambda w: w if '"' in w.module else replace(w, module=f'"""Why."""\n\n{w.module}# F\n')
    ),
    "outputs": PLACE.map(
        lambda place: lambda w: w.with_cell(place, lambda cell: cell.update(outputs=[{"x": 1}]))
    ),
}


@dataclass
class Result:
    """What a notebook shows, cell by cell, and the first error that stops it."""

    shown: list = field(default_factory=list)
    stopped: bool = False


def execute(world: World) -> Result:
    """Execute cells in this process, as a kernel does."""
    result, names = Result(), {"__builtins__": {**__builtins__, "__import__": importer(world)}}
    for cell in world.cells:
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] == "markdown":
            for found in expressions(cell["source"]):
                show(result, "eval", found.code, names, tags)
        elif "skip-execution" not in tags:
            show(result, "code", cell["source"], names, tags)
            if "parameters" in tags:
                names["x"] = world.value
    return result


def importer(world: World):
    def load(name, *arguments):
        if name != "lib.un":
            return os
        module = types.ModuleType(name)
        exec(world.module, module.__dict__)
        return module

    return load


def show(result: Result, kind: str, text: str, names: dict, tags: list) -> None:
    if result.stopped:
        return
    tree = ast.parse(text)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    try:
        exec(compile(tree, kind, "exec"), names)
        value = eval(compile(ast.Expression(last.value), kind, "eval"), names) if last else None
        result.shown.append((kind, repr(value)))
    except Exception as error:
        result.shown.append((kind, type(error).__name__))
        result.stopped = kind == "eval" or "raises-exception" not in tags


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project in which worlds are laid out, one after another; notebooks run in its folder."""
    root = tmp_path_factory.mktemp("worlds")
    installed = packages.Environment({}, {}, {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNAL_STORE", str(root / "runs"))
        patch.setattr(packages, "environment", lambda: installed)
        patch.chdir(root)
        (root / "lib").mkdir()
        yield root


def lay_out(world: World, root: Path) -> tuple[str, Result]:
    """Return the key of a world's notebook, and what it does."""
    (root / "lib" / "un.py").write_text(world.module)
    (root / "data.txt").write_text(world.data)
    os.environ.pop("SETTING", None)
    if world.setting is not None:
        os.environ["SETTING"] = world.setting
    content = {"cells": copy.deepcopy(world.cells), "metadata": {}}
    notebook = Notebook(root / f"{world.number}_essai.ipynb", world.number, "essai", content)
    values = {"x": world.value} if notebook.parameters is not None else {}
    return digest(run_inputs(notebook, values, {}, root)), execute(world)


def sequences(kinds: dict) -> st.SearchStrategy:
    one = st.sampled_from(sorted(kinds)).flatmap(
        lambda kind: kinds[kind].map(lambda change: (kind, change))
    )
    return st.lists(one, min_size=1, max_size=3)


@pytest.mark.slow
@given(world=worlds(), changes=sequences(CHANGES))
def test_a_key_changes_whenever_what_a_notebook_does_changes(folder, world, changes):
    key, does = lay_out(world, folder)
    changed = world
    for _, change in changes:
        changed = change(changed)
    other_key, does_now = lay_out(changed, folder)
    if does != does_now:
        event("+".join(sorted({kind for kind, _ in changes})))
        assert key != other_key


@pytest.mark.slow
@given(world=worlds(), changes=sequences(NEUTRAL))
def test_a_key_does_not_change_with_what_a_notebook_only_says(folder, world, changes):
    key, does = lay_out(world, folder)
    changed = world
    for _, change in changes:
        changed = change(changed)
    assert lay_out(changed, folder) == (key, does)
