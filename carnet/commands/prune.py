"""What neither the published journal nor a build with a profile would use, and its removal."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from carnet.execution.plan import explain
from carnet.project.errors import RequestError
from carnet.project.files import canonical_json, read_json
from carnet.project.paths import Project
from carnet.sources.notebooks import read_notebooks
from carnet.sources.requests import Request, make_request
from carnet.store.keys import run_inputs
from carnet.store.runs import Run, Store


def used_by_profiles(project: Project, notify: Callable[[str], None]) -> list[Run]:
    """Return the runs that a build with one of the profiles can use.

    Args:
        notify: called with a line about each profile that has no data.

    Raises:
        RequestError: a notebook or a profile is wrong, so that this cannot be known.
    """
    notebooks, mistakes = read_notebooks(project.notebooks)
    if mistakes:
        raise RequestError(mistakes)
    runs = []
    for path in sorted(project.profiles.glob("*.yml")):
        request, unknown = _request(project, path.stem, notebooks, notify)
        runs += usable(request, Store(project.store), project.root, unknown=unknown)
    return runs


def _request(
    project: Project, profile: str, notebooks: dict, notify: Callable[[str], None]
) -> tuple[Request, list[str]]:
    """The request of a profile, and the inputs it leaves open: where it has no data, these."""
    try:
        return make_request(project, profile, notebooks), []
    except RequestError:
        request = make_request(project, profile, notebooks, data="any")
        notify(f"profile '{profile}' has no data: its runs on any data are kept")
        return request, ["parameter data"]


def usable(request: Request, store: Store, root: Path, *, unknown: Iterable[str]) -> Iterator[Run]:
    """Yield the runs that a build of `request` can use, at once or after it has run others.

    A run that waits for the results of others is compared without them, and without the inputs
    named in `unknown`.
    """
    _, fresh = explain(request, store, root)
    for name, notebook in request.notebooks.items():
        if name in fresh:
            yield fresh[name]
            continue
        inputs = _known(run_inputs(notebook, request.parameters[name], {}, root), unknown)
        for run in store.runs(name):
            if canonical_json(_known(run.record["inputs"], unknown)) == canonical_json(inputs):
                yield run


def _known(inputs: dict, unknown: Iterable[str]) -> dict:
    return {
        name: value
        for name, value in inputs.items()
        if not name.startswith("needs ") and name not in unknown
    }


@dataclass(frozen=True)
class Unused:
    """Folders of the store: those that unused runs alone have needed, and unfinished work, in
    which no run that ended has worked (a killed build goes on from it, and JupyterLab too)."""

    folders: list[Path]
    unfinished: list[Path]


def unused(store: Store, used: Iterable[Run]) -> Unused:
    """Return the folders of the store that no run of `used` is or has worked in."""
    kept = {run.folder for run in used} | {run.folder for run in store.current().values()}
    runs = {path for path in (store.folder / "notebooks").glob("*/*/") if path not in kept}
    work = {path.parent for path in store.folder.glob("*/*/inputs.json")}
    work -= _worked_in(kept, store)
    done = work & _worked_in(runs, store)
    return Unused(sorted(done) + sorted(runs), sorted(work - done))


def _worked_in(runs: Iterable[Path], store: Store) -> set[Path]:
    return {store.folder / place for run in runs for place in read_json(run / "folders.json", [])}


def size(folder: Path) -> int:
    """Return the bytes that the files of a folder hold."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
