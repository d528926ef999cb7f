"""From command line and profile to the parameters of each notebook; all mistakes at once."""

import contextlib
import graphlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from carnet.project.errors import RequestError, collecting, nearest
from carnet.project.files import read_yaml
from carnet.project.paths import Project
from carnet.sources.kernels import find_kernel
from carnet.sources.notebooks import Notebook, find_name, json_value, read_notebooks, unreadable

PATH_START = re.compile(r"~|\.{0,2}[/\\]|[A-Za-z]:[/\\]")
SEPARATORS = re.compile(r"[./\\~\s]*")
PROFILE_KEYS = {"description", "data", "parameters"}


@dataclass(frozen=True)
class Request:
    """What to build: the notebooks in an order that respects needs, with parameters."""

    notebooks: dict[str, Notebook]
    parameters: dict[str, dict]
    asked: list[str]


def make_request(
    project: Project,
    profile: str | None,
    notebooks: dict[str, Notebook],
    *,
    data: str | None = None,
    assignments: Iterable[str] = (),
    only: Iterable[str] = (),
) -> Request:
    """Check a request and resolve the parameters of each notebook.

    Args:
        profile: name of a file of journal/profils/; None for the notebooks' own values.
        notebooks: all of the project's, by name.
        data: folder that replaces the profile's data.
        assignments: "NAME=VALUE", set in every notebook asked for that declares NAME, or
            "NOTEBOOK.NAME=VALUE" for one; values are written as in YAML.
        only: numbers or names of the notebooks to which the assignments apply, with what they need.

    Raises:
        RequestError: with all the mistakes of the request.
    """
    mistakes = []
    unread = unreadable(project.notebooks, notebooks)
    asked = _Asked(project, _ordered(notebooks, unread, mistakes), mistakes)
    if profile is not None:
        asked.apply_profile(profile, data_given=data is not None)
    if data is not None:
        asked.apply_data(data, "--data")
    names = dict.fromkeys(asked.find(text, "--only") for text in only)
    names = [name for name in names if name] or list(asked.notebooks)
    reached = with_needs(names, asked.notebooks)
    for text in assignments:
        asked.apply_assignment(text, reached)
    for notebook in notebooks.values():
        with collecting(mistakes, f"notebooks/{notebook.path.name}"):
            find_kernel(notebook.kernel)
    if mistakes:
        raise RequestError(list(dict.fromkeys(mistakes)))
    return Request(asked.notebooks, asked.parameters, names)


def with_needs(names: Iterable[str], notebooks: dict[str, Notebook]) -> list[str]:
    """Return `names` and all that they need, in the order of `notebooks`: needs first."""
    wanted = set(names)
    for name in reversed(notebooks):
        if name in wanted:
            wanted.update(notebooks[name].needs)
    return [name for name in notebooks if name in wanted]


def _ordered(
    notebooks: dict[str, Notebook], unread: set[str], mistakes: list[str]
) -> dict[str, Notebook]:
    """Sort by needs, then by number."""
    sorter = graphlib.TopologicalSorter()
    for name, notebook in notebooks.items():
        for need in notebook.needs:
            if need not in {*notebooks, *unread}:
                where = f"notebooks/{notebook.path.name}: needs '{need}': no such notebook"
                mistakes.append(f"{where}: {nearest(need, notebooks)}")
        sorter.add(name, *(need for need in notebook.needs if need in notebooks))
    try:
        sorter.prepare()
    except graphlib.CycleError as error:
        mistakes.append(f"dependency cycle between notebooks: {' → '.join(error.args[1])}")
        return notebooks
    names = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready(), key=lambda name: int(notebooks[name].number))
        names += ready
        sorter.done(*ready)
    return {name: notebooks[name] for name in names}


class _Asked:
    """The parameters of each notebook as they are set, and the mistakes found meanwhile."""

    def __init__(self, project: Project, notebooks: dict[str, Notebook], mistakes: list[str]):
        self.project, self.notebooks, self.mistakes = project, notebooks, mistakes
        self.parameters = {n: dict(book.parameters or {}) for n, book in notebooks.items()}

    def apply_profile(self, name: str, *, data_given: bool) -> None:
        root, where, before = self.project.root, f"journal/profils/{name}.yml", len(self.mistakes)
        settings = self._read_profile(name, where)
        readable = len(self.mistakes) == before
        if (data := settings.get("data")) is not None:
            self.apply_data(_data_folder(str(data), root), where)
        asked = self._mapping(settings.get("parameters"), f"{where}: parameters")
        for notebook, values in asked.items():
            values = self._mapping(values, f"{where}: parameters: {notebook}")
            if notebook in unreadable(self.project.notebooks, self.notebooks):
                continue
            if notebook != "all" and notebook not in self.parameters:
                hint = nearest(notebook, [*self.parameters, "all"])
                self.mistakes.append(f"{where}: no notebook '{notebook}': {hint}")
                continue
            for key, value in values.items():
                names = list(self.parameters) if notebook == "all" else [notebook]
                self._assign(names, key, _resolved(value, root), f"{where}: {notebook}.{key}")
        wanted = not data_given and any("data" in values for values in self.parameters.values())
        if readable and wanted and "data" not in settings:
            self.mistakes.append(f"--data: profile '{name}' has no data: expected --data DIR")

    def _read_profile(self, name: str, where: str) -> dict:
        path = self.project.profiles / f"{name}.yml"
        if not path.is_file():
            hint = nearest(name, [file.stem for file in path.parent.glob("*.yml")])
            self.mistakes.append(f"--profile: no profile '{name}' in journal/profils: {hint}")
            return {}
        settings = {}
        with collecting(self.mistakes, where):
            settings = self._mapping(read_yaml(path.read_bytes()), where)
        for key in settings.keys() - PROFILE_KEYS:
            self.mistakes.append(f"{where}: unknown key '{key}': {nearest(key, PROFILE_KEYS)}")
        return settings

    def _mapping(self, value, where: str) -> dict:
        """Return `value` if it is a mapping; nothing stands for an empty one."""
        if isinstance(value, dict):
            return value
        if value is not None:
            self.mistakes.append(f"{where}: {value!r}: expected a mapping, lines `name: value`")
        return {}

    def apply_data(self, data: str, where: str) -> None:
        folder = Path(data)
        if "://" in data:
            self.mistakes.append(f"{where}: {data}: an address: download it, then give its folder")
            return
        if PATH_START.match(data) and not (folder.is_dir() and any(folder.iterdir())):
            found = f"{data} is empty" if folder.is_dir() else f"no folder {data}"
            self.mistakes.append(f"{where}: {found}: expected a folder that holds the data set")
            return
        for values in self.parameters.values():
            if "data" in values:
                values["data"] = data

    def apply_assignment(self, text: str, names: list[str]) -> None:
        """Set NAME=VALUE in the notebooks `names`, or NOTEBOOK.NAME=VALUE in one."""
        where = f"-p {text}"
        left, equals, right = text.partition("=")
        if not equals:
            self.mistakes.append(f"{where}: expected NAME=VALUE or NOTEBOOK.NAME=VALUE")
            return
        notebook, dot, key = left.rpartition(".")
        with collecting(self.mistakes, where):
            value = _resolved(read_yaml(right), Path.cwd())
            self._assign([_find(notebook, self.notebooks)] if dot else names, key, value, where)

    def _assign(self, names: list[str], key: str, value, where: str) -> None:
        """Set a parameter in those of the notebooks `names` that declare it."""
        declaring = [name for name in names if key in self.parameters[name]]
        if not declaring:
            known = {key for name in names for key in self.parameters[name]}
            who = f"notebook '{names[0]}' has no" if len(names) == 1 else "no notebook has a"
            hint = nearest(key, known) if known else "no cell is tagged 'parameters'"
            self.mistakes.append(f"{where}: {who} parameter '{key}': {hint}")
        for name in declaring:
            with collecting(self.mistakes, where):
                self.parameters[name][key] = _of_type(value, self.parameters[name][key])

    def find(self, text: str, where: str) -> str | None:
        """Return the name of the notebook that `text` names or numbers."""
        with collecting(self.mistakes, where):
            return _find(text, self.notebooks)


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

    It names a file or folder that is there, seen from `base`: a regular expression or "km/h" is
    not one, nor is a separator alone.
    """
    return (
        isinstance(value, str)
        and not SEPARATORS.fullmatch(value)
        and os.path.exists(located(value, base))  # noqa: PTH110
    )


def located(path: str, base: Path) -> str:
    """Return where a path that a person wrote leads, seen from `base`; of any text."""
    return os.path.join(base, os.path.expanduser(path))  # noqa: PTH111, PTH118


def _resolved(value, base: Path):
    """Return `value` with its paths seen from `base`: those that hold a separator, at any depth.

    A name alone may be any word; beside the notebook it is a path, and means the same there.
    """
    if isinstance(value, list):
        return [_resolved(item, base) for item in value]
    if isinstance(value, dict):
        return {key: _resolved(item, base) for key, item in value.items()}
    if is_path(value, base) and ("/" in value or "\\" in value):
        return os.path.realpath(located(value, base))
    return value


def _data_folder(text: str, base: Path) -> str:
    """Return a profile's data: a path where it begins as one, else perhaps a name."""
    start = PATH_START.match(text)
    return os.path.realpath(located(text, base)) if start else _resolved(text, base)


def find_notebook(project: Project, text: str) -> str:
    """Return the name of the notebook that `text` names or numbers.

    Raises:
        RequestError: there is none.
    """
    notebooks, mistakes = read_notebooks(project.notebooks)
    if not mistakes:
        with collecting(mistakes, "compare"):
            return _find(text, notebooks)
    raise RequestError(mistakes)


def _find(text: str, notebooks: dict[str, Notebook]) -> str:
    files = {name: notebook.path.name for name, notebook in notebooks.items()}
    if name := find_name(text, files):
        return name
    hint = nearest(text, [file.removesuffix(".ipynb") for file in files.values()])
    raise ValueError(f"no notebook '{text}': {hint}")
