"""Environment variables that code reads: which it names, and what stands for their values."""

import ast
import os
from collections.abc import Iterable, Iterator

from carnet.project.files import digest


def variables_read(tree: ast.AST) -> Iterator[str]:
    """Yield the environment variables that code reads by a text, or by a name that stands for one.

    So does X where the same code says X = "JOURNAL".
    """
    nodes, texts = list(ast.walk(tree)), {}
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts[node.targets[0].id] = getattr(node.value, "value", None)
    for key in filter(None, map(_looked_up, nodes)):
        text = texts.get(key.id) if isinstance(key, ast.Name) else getattr(key, "value", None)
        if isinstance(text, str):
            yield text


def _looked_up(node: ast.AST) -> ast.AST | None:
    """Return the key of os.environ[key], os.environ.get(key), os.getenv(key), key in os.environ."""
    match node:
        case (
            ast.Subscript(value=owner, slice=key)
            | ast.Call(func=ast.Attribute(value=owner), args=[key, *_])
            | ast.Compare(left=key, comparators=[owner])
        ) if _last_name(owner) == "environ":
            return key
        case ast.Call(func=function, args=[key, *_]) if _last_name(function) == "getenv":
            return key
    return None


def _last_name(node: ast.AST) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


def values_of(variables: Iterable[str]) -> dict[str, str | None]:
    """Return name -> hash of the value of environment variables, None where one is not set.

    The engine's own, which no result depends on, are left out; values may be secret.
    """
    names = sorted(name for name in variables if not name.startswith("JOURNAL_"))
    return {name: digest(os.environ[name]) if name in os.environ else None for name in names}
