"""Who may import whom: read from the syntax tree of every module and notebook."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from carnet.sources.notebooks import read_notebooks

ROOT = Path(__file__).parents[1]
# The rooms of the engine and of the subject, lowest first: each may import those before its own.
# Rooms of one line stand side by side, and do not import each other.
ROOMS = {
    "carnet": [
        {"project"},
        {"text"},
        {"sources"},
        {"store"},
        {"notebook"},
        {"execution"},
        {"publication"},
        {"commands"},
    ],
    "lib": [{"data"}, {"training"}, {"explanation", "search"}, {"report"}, {"figures"}],
}


def imported_by(text: str, package: str) -> Iterator[str]:
    """Yield the full names of the modules that some code imports, wherever in it.

    Args:
        package: the one that holds the code, from which relative names count.
    """
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level]
            base = ".".join([*above * (node.level > 0), *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def module_of(name: str) -> str:
    """Return the module of ours that an imported name is in: itself, or the one that defines it."""
    if name.partition(".")[0] not in ROOMS:
        return name
    path = ROOT.joinpath(*name.split("."))
    there = path.is_dir() or path.with_suffix(".py").is_file()
    return name if there else name.rpartition(".")[0]


def imports() -> Iterator[tuple[str, str]]:
    """Yield (importing module or notebook, imported module) for what the project holds."""
    for path in [*ROOT.glob("carnet/**/*.py"), *ROOT.glob("lib/**/*.py")]:
        name = name_of(path)
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        for imported in imported_by(path.read_text("utf-8"), package):
            yield name, module_of(imported)
    for notebook in read_notebooks(ROOT / "notebooks")[0].values():
        for source in notebook.sources:
            for imported in source.imports:
                yield f"notebooks.{notebook.name}", module_of(imported)


IMPORTS = sorted(set(imports()))


def floor(name: str) -> tuple[str, int] | None:
    """Return the package of a module and how high its room is; None outside the rooms."""
    package, _, rest = name.partition(".")
    room = rest.partition(".")[0]
    floors = [level for level, rooms in enumerate(ROOMS.get(package, [])) if room in rooms]
    return (package, floors[0]) if floors else None


def is_upward(importing: str, imported: str) -> bool:
    """Whether a module imports from a room above its own, or beside it."""
    here, there = floor(importing), floor(imported)
    if not here or not there or here[0] != there[0]:
        return False
    same_room = importing.split(".")[1] == imported.split(".")[1]
    return there[1] >= here[1] and not same_room


def broken(importing: str, imported: str) -> str | None:
    """Return the rule that an import breaks; None where it breaks none."""
    if importing.startswith("carnet") and imported.partition(".")[0] in ("lib", "notebooks"):
        return "the engine knows no subject"
    if not importing.startswith("carnet") and imported.startswith("carnet."):
        return "the subject and the notebooks import the names of carnet/__init__.py"
    if is_upward(importing, imported):
        return "a room imports from those below it"
    return None


def test_nothing_breaks_a_rule():
    found = [f"{a} imports {b}: {rule}" for a, b in IMPORTS if (rule := broken(a, b))]
    assert found == []


@pytest.mark.parametrize("package", ROOMS)
def test_every_room_has_its_place(package):
    folders = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
    floors = [room for rooms in ROOMS[package] for room in rooms]
    assert folders - {"journal"} == set(floors)
    assert len(floors) == len(set(floors))


@pytest.mark.parametrize(
    ("importing", "imported", "is_broken"),
    [
        ("carnet.store.keys", "lib.data", True),
        ("carnet", "lib", True),
        ("lib.data.cars", "carnet", False),
        ("lib.data.cars", "carnet.project.errors", True),
        ("notebooks.modele", "carnet.notebook.recording", True),
        ("notebooks.modele", "lib.figures.training", False),
        ("carnet.sources.code", "carnet.store.runs", True),
        ("carnet.store.runs", "carnet.sources.code", False),
        ("carnet", "carnet.notebook.recording", False),
        ("carnet.store.keys", "carnet.store.runs", False),
        ("lib.search.study", "lib.explanation.cache", True),
        ("lib.report.search", "lib.search.study", False),
        ("lib.data.cars", "torch", False),
    ],
)
def test_the_rules(importing, imported, is_broken):
    assert (broken(importing, imported) is not None) == is_broken


def test_imports_are_found_wherever_they_stand():
    text = "import a.b\ndef f():\n    from . import x\n    from ..store import y\nfrom c import d"
    assert set(imported_by(text, "carnet.sources")) == {
        "a.b",
        "carnet.sources.x",
        "carnet.store.y",
        "c.d",
    }


def test_the_modules_and_the_notebooks_are_read():
    importing = {name for name, _ in IMPORTS}
    assert {"carnet.commands.cli", "lib.training.loop", "notebooks.statistiques"} <= importing
    assert ("carnet.commands.cli", "carnet.commands.build") in IMPORTS
