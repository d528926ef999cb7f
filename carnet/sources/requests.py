"""From what the operator asks to the parameters of each notebook, every mistake told at once."""

import contextlib
import graphlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from carnet.project.errors import RequestError, nearest
from carnet.project.paths import Project
from carnet.sources.notebooks import Notebook, find_name, json_value, read_notebooks

PATH_START = re.compile(r"~|\.{0,2}[/\\]|[A-Za-z]:[/\\]")
PROFILE_KEYS = {"description", "data", "parameters"}


@dataclass(frozen=True)
class Request:
    """What a build is to make: the notebooks in an order that respects needs, with parameters."""

    notebooks: dict[str, Notebook]
    parameters: dict[str, dict]
    asked: list[str]


def make_request(
    project: Project,
    profile: str,
    notebooks: dict[str, Notebook],
    *,
    data: str | None = None,
    assignments: Iterable[str] = (),
    only: Iterable[str] = (),
) -> Request:
    """Check a request and resolve the parameters of each notebook.

    Args:
        profile: name of a file of journal/profils/.
        notebooks: all of the project's, by name.
        data: folder that replaces the profile's data.
        assignments: "NAME=VALUE", set in every notebook asked for that declares NAME, or
            "NOTEBOOK.NAME=VALUE" for one; values are written as in YAML.
        only: numbers or names of the notebooks to which the assignments apply.

    Raises:
        RequestError: with all the mistakes of the request.
    """
    mistakes = []
    ordered = _ordered(notebooks, mistakes)
    before = len(mistakes)
    settings = _read_profile(project.profiles, profile, mistakes)
    readable = len(mistakes) == before
    parameters = {name: dict(notebook.parameters or {}) for name, notebook in ordered.items()}
    named = dict.fromkeys(_find(text, notebooks, mistakes) for text in only)
    asked = [name for name in named if name] or list(ordered)

    _apply_profile(settings, f"journal/profils/{profile}.yml", parameters, project.root, mistakes)
    if data is not None:
        _apply_data(data, parameters, mistakes)
    elif readable and "data" not in settings and any("data" in p for p in parameters.values()):
        mistakes.append(f"--data: profile '{profile}' names no data, expected --data DIR")
    for text in assignments:
        _apply_assignment(text, asked, notebooks, parameters, mistakes)
    if not mistakes:
        mistakes += _missing_paths(parameters, ordered)
    if mistakes:
        raise RequestError(list(dict.fromkeys(mistakes)))
    return Request(ordered, parameters, asked)


def _ordered(notebooks: dict[str, Notebook], mistakes: list[str]) -> dict[str, Notebook]:
    """Sort by needs, then by number."""
    sorter = graphlib.TopologicalSorter()
    for name, notebook in notebooks.items():
        for need in notebook.needs:
            if need not in notebooks:
                place = f"notebooks/{notebook.path.name}: needs '{need}', which is no notebook"
                mistakes.append(f"{place}: {nearest(need, notebooks)}")
        sorter.add(name, *(need for need in notebook.needs if need in notebooks))
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        mistakes.append(f"notebooks need each other in a circle: {' → '.join(error.args[1])}")
        return notebooks
    names = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda name: int(notebooks[name].number))
        names += ready
        sorter.done(*ready)
    return {name: notebooks[name] for name in names}


def _read_profile(folder: Path, name: str, mistakes: list[str]) -> dict:
    path = folder / f"{name}.yml"
    if not path.is_file():
        names = [file.stem for file in folder.glob("*.yml")]
        mistakes.append(
            f"--profile: no profile '{name}' in journal/profils: {nearest(name, names)}"
        )
        return {}
    place = f"journal/profils/{name}.yml"
    try:
        settings = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, ValueError) as error:
        mistakes.append(f"{place}: no YAML ({' '.join(str(error).split())})")
        return {}
    settings = _mapping(settings, place, mistakes)
    for key in settings.keys() - PROFILE_KEYS:
        mistakes.append(f"{place}: unknown key '{key}': {nearest(key, PROFILE_KEYS)}")
    return settings


def _mapping(value, place: str, mistakes: list[str]) -> dict:
    """Return `value` if it is a mapping; nothing stands for an empty one."""
    if isinstance(value, dict):
        return value
    if value is not None:
        mistakes.append(f"{place}: {value!r}: expected a mapping, lines `name: value`")
    return {}


def _apply_profile(
    settings: Mapping, place: str, parameters: dict, root: Path, mistakes: list[str]
) -> None:
    if (data := settings.get("data")) is not None:
        _apply_data(_resolved(str(data), root), parameters, mistakes, place=place)
    asked = _mapping(settings.get("parameters"), f"{place}: parameters", mistakes)
    for name, values in asked.items():
        values = _mapping(values, f"{place}: parameters: {name}", mistakes)
        if name == "all":
            _apply_to_all(values, place, parameters, root, mistakes)
        elif name not in parameters:
            mistakes.append(f"{place}: no notebook '{name}': {nearest(name, [*parameters, 'all'])}")
        else:
            for key, value in values.items():
                value = _resolved(value, root)
                _assign(name, key, value, f"{place}: {name}.{key}", parameters, mistakes)


def _apply_to_all(
    values: Mapping, place: str, parameters: dict, root: Path, mistakes: list[str]
) -> None:
    for key, value in values.items():
        _assign_where_declared(
            list(parameters),
            key,
            _resolved(value, root),
            f"{place}: all.{key}",
            parameters,
            mistakes,
        )


def _apply_data(data: str, parameters: dict, mistakes: list[str], place: str = "--data") -> None:
    if is_path(data, Path.cwd()) and not Path(data).is_dir():
        mistakes.append(f"{place}: no folder {data}: expected a folder that holds the data set")
        return
    for values in parameters.values():
        if "data" in values:
            values["data"] = data


def _apply_assignment(
    text: str, asked: list[str], notebooks: dict, parameters: dict, mistakes: list[str]
) -> None:
    place = f"-p {text}"
    left, equals, right = text.partition("=")
    if not equals:
        mistakes.append(f"{place}: expected NAME=VALUE or NOTEBOOK.NAME=VALUE")
        return
    try:
        value = _resolved(yaml.safe_load(right), Path.cwd())
    except (yaml.YAMLError, ValueError):  # the latter for a date such as 2026-02-30
        mistakes.append(f"{place}: the value is not written as in YAML")
        return
    notebook, dot, name = left.rpartition(".")
    if not dot:
        _assign_where_declared(asked, name, value, place, parameters, mistakes)
    elif found := _find(notebook, notebooks, mistakes, place=place):
        _assign(found, name, value, place, parameters, mistakes)


def _assign_where_declared(
    names: list[str], key: str, value, place: str, parameters: dict, mistakes: list[str]
) -> None:
    declaring = [name for name in names if key in parameters[name]]
    if not declaring:
        known = {key for name in names for key in parameters[name]}
        mistakes.append(f"{place}: no notebook has a parameter '{key}': {nearest(key, known)}")
    for name in declaring:
        _assign(name, key, value, place, parameters, mistakes)


def _assign(
    notebook: str, key: str, value, place: str, parameters: dict, mistakes: list[str]
) -> None:
    values = parameters[notebook]
    if key not in values:
        hint = nearest(key, values) if values else "it has no cell tagged 'parameters'"
        mistakes.append(f"{place}: notebook '{notebook}' has no parameter '{key}': {hint}")
        return
    try:
        values[key] = _of_type(value, values[key])
    except ValueError as error:
        mistakes.append(f"{place}: {error}")


def _of_type(value, default):
    """Return `value` if it has the type of `default`; an integer serves as a float."""
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if isinstance(default, float) and isinstance(value, str):
        with contextlib.suppress(ValueError):  # YAML 1.1 reads 1e-3 as text
            value = float(value)
    if isinstance(value, list) and _is_uniform(default):
        value = [_of_type(item, default[0]) for item in value]
    if default is not None and type(value) is not type(default):
        expected = f"expected {type(default).__name__}, such as {default!r}"
        raise ValueError(f"{value!r} is of type {type(value).__name__}, {expected}")
    return json_value(value)


def _is_uniform(default) -> bool:
    """Whether a default is a list whose items all have one type, which others must then have."""
    return isinstance(default, list) and len(set(map(type, default))) == 1


def is_path(value, base: Path) -> bool:
    """Whether a parameter's value is a path, whose contents count and not its name.

    It begins as one (./ ../ ~/ / or a drive), or holds a separator and is there, seen from `base`:
    "km/h" is none.
    """
    if not isinstance(value, str) or not ("/" in value or "\\" in value):
        return False
    return bool(PATH_START.match(value)) or (base / value).exists()


def _missing_paths(parameters: dict[str, dict], notebooks: dict[str, Notebook]) -> Iterator[str]:
    for name, values in parameters.items():
        folder = notebooks[name].path.parent
        for key, value in values.items():
            for path in value if isinstance(value, list) else [value]:
                if is_path(path, folder) and not (folder / path).exists():
                    yield f"{name}.{key}: no file or folder {path}"


def _resolved(value, base: Path):
    if isinstance(value, list):
        return [_resolved(item, base) for item in value]
    return str((base / Path(value).expanduser()).resolve()) if is_path(value, base) else value


def find_notebook(project: Project, text: str) -> str:
    """Return the name of the notebook that `text` names or numbers.

    Raises:
        RequestError: there is none.
    """
    notebooks, mistakes = read_notebooks(project.notebooks)
    name = None if mistakes else _find(text, notebooks, mistakes, place="compare")
    if name is None:
        raise RequestError(mistakes)
    return name


def _find(text: str, notebooks: dict, mistakes: list[str], place: str = "--only") -> str | None:
    """Return the name of the notebook that `text` names or numbers."""
    files = {name: notebook.path.name for name, notebook in notebooks.items()}
    name = find_name(text, files)
    if name is None:
        choices = [file.removesuffix(".ipynb") for file in files.values()]
        mistakes.append(f"{place}: no notebook '{text}': {nearest(text, choices)}")
    return name
