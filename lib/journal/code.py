"""What code depends on: the modules and packages it imports, and a hash of what it does.

Code is compared by syntax tree, without comments and docstrings. Nothing is imported or run.
"""

import ast
import atexit
import contextlib
import functools
import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from lib.journal.files import digest, read_json, write_json
from lib.journal.paths import store_folder


@dataclass(frozen=True)
class Source:
    """What one piece of code does (`digest`) and the modules that it names in imports."""

    digest: str
    imports: frozenset[str]


@functools.cache
def _read(path: Path, modified: int, size: int) -> Source:
    return parse(path.read_bytes(), module=_module_name(path))


def read_source(path: Path) -> Source:
    """Parse a Python file, once for as long as it does not change."""
    status = path.stat()
    return _read(path, status.st_mtime_ns, status.st_size)


def parse(code: str | bytes, module: str = "") -> Source:
    """Parse Python code; `module` is its own dotted name, for relative imports.

    Code that is no plain Python (a cell with a magic) is hashed as its text.
    """
    text = hashlib.sha256(f"{module}\n{code}".encode()).hexdigest()
    known = _memory()
    if text not in known:
        source = _parse(code, module)
        known[text] = [source.digest, sorted(source.imports)]
    does, imports = known[text]
    return Source(does, frozenset(imports))


def _parse(code: str, module: str) -> Source:
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return Source(digest(code if isinstance(code, bytes) else code.encode()), frozenset())
    imports = frozenset(_imports(tree, module))
    return Source(digest(ast.dump(_without_docstrings(tree)).encode()), imports)


@functools.cache
def _memory() -> dict[str, list]:
    """What earlier processes parsed, by the hash of its text: parsing takes most of a no-op build.

    Holds only for one version of Python and of this module; written when the process ends.
    """
    memory = store_folder() / "sources.json"
    by = [sys.version, digest(Path(__file__).read_bytes())]
    known = read_json(memory, {})
    if known.get("by") != by:
        known = {"by": by, "sources": {}}
    atexit.register(_keep, memory, known, len(known["sources"]))
    return known["sources"]


def _keep(memory: Path, known: dict, before: int) -> None:
    """Write what was parsed anew; a store that is gone or full only costs the next build time."""
    if len(known["sources"]) > before and memory.parent.is_dir():
        with contextlib.suppress(OSError):
            write_json(memory, known)


def _without_docstrings(tree: ast.AST) -> ast.AST:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(body[0]):
            node.body = body[1:]
    return tree


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


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


def _module_name(path: Path) -> str:
    """The dotted name of a file of the project's library, from the last folder called lib."""
    parts = path.with_suffix("").parts
    start = len(parts) - 1 - parts[::-1].index("lib") if "lib" in parts else len(parts) - 1
    return ".".join(parts[start:])


def module_file(name: str, root: Path) -> Path | None:
    """Return the file of module `name` if it belongs to the library under `root`."""
    if name.split(".")[0] != "lib":
        return None
    base = root.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


@dataclass(frozen=True)
class Dependencies:
    """The library modules (name -> hash) and installed top-level packages that code reaches."""

    modules: dict[str, str]
    packages: frozenset[str]


def dependencies(
    imports: Iterable[str], root: Path, *, without: Iterable[str] = ()
) -> Dependencies:
    """Follow imports through the library under `root`, directly and through other modules.

    The engine is left out, for how it executes notebooks has its own hash, and so are the modules
    and packages named in `without`.
    """
    left_out = ("lib.journal", *without)
    modules, packages, todo = {}, set(), sorted(imports)
    while todo:
        name = todo.pop()
        if name in modules or any(f"{name}.".startswith(f"{out}.") for out in left_out):
            continue
        path = module_file(name, root)
        if path:
            source = read_source(path)
            modules[name] = source.digest
            todo += [*source.imports, name.rpartition(".")[0]]
        elif name and not name.startswith("lib.") and name != "lib":
            packages.add(name.split(".")[0])
    return Dependencies(
        dict(sorted(modules.items())), frozenset(packages - sys.stdlib_module_names)
    )
