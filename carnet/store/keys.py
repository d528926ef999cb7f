"""The run key: a hash of everything that a run depends on, and what differs between two runs.

Inputs are a flat mapping "what -> hash or value", so that two of them compare line by line.
Prose is not an input; results of needed notebooks count by content, not by how they were made.
"""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

from carnet.project.files import canonical_json, digest, fingerprint
from carnet.project.paths import ENGINE
from carnet.project.settings import Settings, read_settings
from carnet.sources import data, packages
from carnet.sources.code import Dependencies, dependencies, module_file, read_source
from carnet.sources.kernels import find_kernel
from carnet.sources.notebooks import Notebook
from carnet.sources.pages import Page
from carnet.sources.requests import is_path, located
from carnet.sources.variables import values_of
from carnet.store.runs import KEY_SHOWN, Run

# The rooms of the engine whose code decides how a notebook executes and what it shows.
EXECUTION = ("project", "text", "notebook", "execution")
CODE_SHOWN = 3
# What every notebook draws and writes its numbers with, through the engine.
RECORDING = ("babel", "matplotlib")


def run_inputs(notebook: Notebook, parameters: dict, needs: dict[str, str], root: Path) -> dict:
    """Return what a run of `notebook` depends on.

    Args:
        parameters: the values after profile and command line.
        needs: name of each needed notebook -> hash of its results.
        root: the project's folder, whose library the code imports.

    Raises:
        InputError: a parameter names a file or folder that does not exist.
    """
    reached = reach(notebook, root)
    kernel = find_kernel(notebook.kernel)
    installed = kernel.environment.versions_of({*reached.packages, *RECORDING})
    inputs = {f"code {i}": source.digest for i, source in enumerate(notebook.sources, 1)}
    folder = notebook.path.parent
    inputs |= {
        f"parameter {name}": _value(value, folder, root if name == data.PARAMETER else None)
        for name, value in parameters.items()
    }
    inputs |= {f"module {name}": code for name, code in reached.modules.items()}
    inputs |= {f"package {name}": version for name, version in installed.items()}
    variables = reached.variables.union(*(source.variables for source in notebook.sources))
    inputs |= {f"variable {name}": value for name, value in values_of(variables).items()}
    inputs |= {f"needs {name}": results for name, results in needs.items()}
    inputs["python"] = kernel.version
    inputs["kernel"] = kernel.name
    inputs["kernel command"] = kernel.command
    if (settings := folder / "matplotlibrc").is_file():
        inputs["matplotlibrc"] = fingerprint(settings)
    inputs["execution"] = _engine_digest(*(ENGINE / room for room in EXECUTION))
    if (language := read_settings(root).language) != Settings().language:
        inputs["language"] = language
    return inputs


def known_files(notebook: Notebook, parameters: dict, inputs: dict, root: Path) -> Iterator[Path]:
    """Yield the files and folders whose contents are in the key: of parameters and of modules.

    Of a folder of data, those that the project takes for data.
    """
    folder = notebook.path.parent
    for name, value in parameters.items():
        for path in map(Path, map(os.path.realpath, _paths(value, folder))):
            is_data = name == data.PARAMETER and path.is_dir()
            yield from (is_data and data.data_files(path, root)) or [path]
    for name in inputs:
        kind, _, module = name.partition(" ")
        if kind == "module" and (found := module_file(module, root)):
            yield found[0]


def known_folders(notebook: Notebook, parameters: dict) -> Iterator[Path]:
    """Yield the folders that parameters name: which files they hold is the key's matter."""
    for value in parameters.values():
        paths = map(Path, map(os.path.realpath, _paths(value, notebook.path.parent)))
        yield from (path for path in paths if path.is_dir())


def _paths(value, folder: Path) -> Iterator[str]:
    if isinstance(value, list | tuple | dict):
        items = value.values() if isinstance(value, dict) else value
        for item in items:
            yield from _paths(item, folder)
    elif is_path(value, folder):
        yield located(value, folder)


def reach(notebook: Notebook, root: Path) -> Dependencies:
    """Return the library modules and the packages that a notebook imports."""
    imports = {name for source in notebook.sources for name in source.imports}
    return dependencies(imports, root)


def _value(value, folder: Path, data_of: Path | None = None):
    """A path counts by its contents, wherever it is; a notebook's own is seen from its folder.

    A folder of data counts by the files that the project at `data_of` takes for data.

    JSON would take a tuple for a list, the keys of a dictionary for text, and forget their order.
    """
    if isinstance(value, list):
        return [_value(item, folder) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [_value(item, folder) for item in value]}
    if isinstance(value, dict):
        return {"mapping": [[repr(key), _value(item, folder)] for key, item in value.items()]}
    if not is_path(value, folder):
        return value
    path = Path(located(value, folder))
    files = data.data_files(path, data_of) if data_of and path.is_dir() else None
    return {"contents": fingerprint(path, files)}


def _engine_digest(*folders: Path) -> str:
    """Return the hash of what the Python files of some of the engine's folders do."""
    paths = sorted(path for folder in folders for path in folder.rglob("*.py"))
    return digest(
        {str(path.relative_to(ENGINE)): read_source(path, ENGINE.parent).digest for path in paths}
    )


def rendering_key(
    pages: list[Page],
    notebooks: dict[str, Notebook],
    runs: dict[str, Run],
    templates: Path,
) -> str:
    """Return the hash of everything that the published documents of any format depend on."""
    return digest(
        {
            "pages": [repr(page) for page in pages],
            "notebooks": {name: notebook.content for name, notebook in notebooks.items()},
            "runs": {name: run.record for name, run in runs.items()},
            "templates": fingerprint(templates),
            "engine": _engine_digest(ENGINE),
            "packages": packages.environment().versions_of(
                ["babel", "docutils", "myst_parser", "nbconvert", "pypdf", "PIL"]
            ),
        }
    )


def differences(before: dict, after: dict) -> list[str]:
    """Describe what differs between the inputs of two runs, one line each.

    Code that changed in many places is one line: an inserted cell renumbers all that follow.
    """
    names = [name for name in sorted({*before, *after}) if differ(name, before, after)]
    code = [name for name in names if name.startswith("code ")]
    if len(code) <= CODE_SHOWN:
        return [_difference(name, before, after) for name in names]
    rest = [_difference(name, before, after) for name in names if name not in code]
    return [f"{len(code)} code cells or expressions changed", *rest]


def differ(name: str, before: dict, after: dict) -> bool:
    """Whether a value differs as a key sees it: 1 is not 1.0, and null is not a missing value."""
    old, new = ([side[name]] if name in side else [] for side in (before, after))
    return canonical_json(old) != canonical_json(new)


def _difference(name: str, before: dict, after: dict) -> str:
    kind, _, rest = name.partition(" ")
    old, new = before.get(name), after.get(name)
    if kind == "code":
        return f"code cell or expression {rest} changed"
    if name not in before or name not in after:
        return f"{name} {'removed' if name in before else 'added'}"
    if is_contents(old) or is_contents(new):
        return f"contents of {name} changed"
    if kind in ("parameter", "package", "python") or name in ("kernel", "language"):
        return f"{name}: {shown_value(old)} → {shown_value(new)}"
    return f"results of {rest} changed" if kind == "needs" else f"{name} changed"


def shown_value(value):
    """Return a parameter as its notebook writes it, from the input that stands for it."""
    if isinstance(value, list):
        return [shown_value(item) for item in value]
    match value:
        case {"tuple": items}:
            return tuple(map(shown_value, items))
        case {"mapping": items}:
            return {ast.literal_eval(key): shown_value(item) for key, item in items}
        case {"contents": held}:
            return f"contents {held[:KEY_SHOWN]}"
    return value


def is_contents(value) -> bool:
    """Whether the input that stands for a parameter is what its path holds."""
    return isinstance(value, dict) and value.keys() == {"contents"}
