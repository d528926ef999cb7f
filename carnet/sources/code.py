"""What code depends on: the modules and packages it imports, and a hash of what it does.

Code is compared by syntax tree, without comments and docstrings. Nothing is imported or run.
"""

import ast
import atexit
import contextlib
import functools
import hashlib
import importlib.util
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from carnet.project.files import digest, read_sealed, remember
from carnet.project.paths import store_folder
from carnet.sources.variables import variables_read

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
PYTHON_MAGICS = ("time", "timeit", "capture", "prun")
# What parsing raises for text that is not Python, or is nested deeper than Python itself reads.
UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)


@dataclass(frozen=True)
class Source:
    """What one piece of code does (`digest`), the modules that it names in imports, the environment
    variables that it reads by name, and whether it could be read as Python."""

    digest: str
    imports: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    is_python: bool = True


@functools.cache
def _read(path: Path, folder: Path, modified: int, size: int) -> Source:
    return parse(path.read_bytes(), ".".join(path.relative_to(folder).with_suffix("").parts))


def read_source(path: Path, folder: Path) -> Source:
    """Parse a Python file, once for as long as it does not change; imports begin at `folder`."""
    status = path.stat()
    return _read(path, folder, status.st_mtime_ns, status.st_size)


def parse(code: str | bytes, module: str = "") -> Source:
    """Parse Python code; `module` is its own dotted name, for relative imports.

    A cell or an expression has no module. A cell in IPython's own syntax is hashed as its text, and
    so is code that is not valid Python.
    """
    text = hashlib.sha256(f"{module}\n{code}".encode()).hexdigest()
    known = _memory()
    if text not in known:
        source = _parse(code, module)
        names = sorted(source.imports), sorted(source.variables)
        known[text] = [source.digest, *names, source.is_python]
    does, imports, variables, is_python = known[text]
    return Source(does, frozenset(imports), frozenset(variables), is_python)


def _parse(code: str | bytes, module: str) -> Source:
    text = code if isinstance(code, bytes) else code.encode()
    tree = _tree(code)
    if tree is not None:
        with contextlib.suppress(RecursionError):  # Python runs deeper trees than it can write out
            text = ast.dump(_without_docstrings(tree, module)).encode()
    elif isinstance(code, str):
        tree = _ipython_tree(code)
    if tree is None:
        return Source(digest(text), is_python=False)
    return Source(digest(text), frozenset(_imports(tree, module)), frozenset(variables_read(tree)))


def _tree(code: str | bytes) -> ast.Module | None:
    try:
        with _silence():
            return ast.parse(code)
    except UNREADABLE:
        return None


def _silence() -> warnings.catch_warnings:
    """Hide what Python and IPython warn of in the code of others: its kernel will say it."""
    return warnings.catch_warnings(action="ignore")


def cell_tree(code: str) -> ast.Module | None:
    """Parse a cell, in IPython's own syntax too (%magics, !commands, help?); None if it is neither.

    What %time and the like run is in the tree; a cell in another language only calls its magic.
    """
    tree = _tree(code)
    return _ipython_tree(code) if tree is None else tree


def _ipython_tree(code: str) -> ast.Module | None:
    from IPython.core.inputtransformer2 import TransformerManager  # slow to import, seldom needed

    with _silence():
        tree = _tree(TransformerManager().transform_cell(code))
    for line, *bodies in _python_magics(tree) if tree else ():
        parts = [_line_tree(line), *map(cell_tree, bodies)]
        if None in parts:
            return None
        tree.body += [statement for part in parts for statement in part.body]
    return tree


def _python_magics(tree: ast.Module) -> Iterator[list[str]]:
    """Return the texts, a line and perhaps a cell, of each call of a magic that runs Python."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    for call in calls:
        if getattr(call.func, "attr", "") in ("run_line_magic", "run_cell_magic"):
            name, *texts = (getattr(argument, "value", None) for argument in call.args)
            if name in PYTHON_MAGICS and all(isinstance(text, str) for text in texts):
                yield texts


def _line_tree(line: str) -> ast.Module:
    """Parse what a magic runs after its options, such as `-n 10 f()`."""
    while (tree := cell_tree(line)) is None:
        line = line.strip().partition(" ")[2]
    return tree


@functools.cache
def _memory() -> dict[str, list]:
    """What earlier processes parsed, by the hash of its text: parsing takes most of a no-op build.

    Holds only for one version of Python and of this module; written when the process ends.
    """
    memory = store_folder() / "sources.json"
    by = [sys.version, digest(Path(__file__).read_bytes())]
    known = read_sealed(memory)
    if known.get("by") != by:
        known = {"by": by, "sources": {}}
    atexit.register(_save, memory, known, len(known["sources"]))
    return known["sources"]


def _save(memory: Path, known: dict, before: int) -> None:
    """Write what was parsed anew; a store that is gone or full only costs the next build time."""
    if len(known["sources"]) > before and memory.parent.is_dir():
        remember(memory, known)


def _without_docstrings(tree: ast.Module, module: str) -> ast.Module:
    """Remove docstrings; a string alone in a cell is not one, for it is the cell's output."""
    for node in ast.walk(tree):
        shown = isinstance(node, ast.Module) and not module and len(node.body) == 1
        if (
            isinstance(node, DOCUMENTED)
            and ast.get_docstring(node, False) is not None
            and not shown
        ):
            node.body = node.body[1:]
    return tree


def _imports(tree: ast.AST, module: str) -> Iterable[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*package, *([node.module] if node.module else [])])
            yield base
            # `from lib import data` names the module lib.data as well as the package lib.
            yield from (f"{base}.{alias.name}" for alias in node.names)


def module_file(name: str, root: Path) -> tuple[Path, Path] | None:
    """Return the file of module `name` and the folder where its imports begin, if it is no
    installed package: beside notebooks, in the project's library, where kernels look first; then
    in a folder of PYTHONPATH, or one that a package was installed from to be edited there.
    """
    top = name.partition(".")[0]
    local = None if (root / top).is_dir() else _local_folder(top)
    for folder in filter(None, (root / "notebooks", root, local)):
        base = folder.joinpath(*name.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return path, folder
    return None


@functools.cache
def _local_folder(package: str) -> Path | None:
    """Return the folder that holds a top-level package or module which is not installed."""
    if not package or package in sys.stdlib_module_names:
        return None
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError, AttributeError):
        return None
    if spec is None or not spec.has_location or "-packages" in spec.origin:
        return None
    return Path(spec.origin).parents[1 if spec.submodule_search_locations else 0]


def names_read(expression: str) -> dict[str, set[str]]:
    """Return the names that an expression reads from outside, each with the attributes it reads.

    Raises:
        ValueError: it is not a Python expression.
    """
    try:
        nodes = list(ast.walk(ast.parse(expression, mode="eval")))
    except UNREADABLE as error:
        reason = getattr(error, "msg", error)
        raise ValueError(f"not a Python expression ({reason})") from None
    names = [node for node in nodes if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    bound |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    read = {node.id: set() for node in names}
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            read[node.value.id].add(node.attr)
    return {name: attributes for name, attributes in read.items() if name not in bound}


@dataclass(frozen=True)
class Dependencies:
    """What code reaches: library modules (name -> hash), the top-level names of installed packages,
    and the environment variables that the modules read."""

    modules: dict[str, str]
    packages: frozenset[str]
    variables: frozenset[str]


def dependencies(
    imports: Iterable[str], root: Path, *, without: Iterable[str] = ()
) -> Dependencies:
    """Follow imports through the library under `root`, directly and through other modules.

    The engine, which has its own hash in run keys, is left out, and so are the modules and packages
    named in `without`.
    """
    left_out = ("carnet", *without)
    modules, packages, variables, todo = {}, set(), set(), sorted(imports)
    while todo:
        name = todo.pop()
        if not name or name in modules or any(f"{name}.".startswith(f"{out}.") for out in left_out):
            continue
        if found := module_file(name, root):
            source = read_source(*found)
            modules[name] = source.digest
            variables |= source.variables
            todo += [*source.imports, name.rpartition(".")[0]]
        elif not module_file(top := name.split(".")[0], root):
            packages.add(top)
    return Dependencies(
        dict(sorted(modules.items())),
        frozenset(packages - sys.stdlib_module_names),
        frozenset(variables),
    )
