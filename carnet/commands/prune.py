"""What neither the published journal nor a build with a profile would use, and its removal."""

from collections.abc import Callable, Iterable, Iterator
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
    runs, store = [], Store(project.store)
    for path in sorted(project.profiles.glob("*.yml")):
        try:
            request, unknown = make_request(project, path.stem, notebooks), ()
        except RequestError:
            request = make_request(project, path.stem, notebooks, data="any")
            notify(f"profile '{path.stem}' has no data: its runs on any data are kept")
            unknown = ("parameter data",)
        runs += usable(request, store, project.root, unknown)
    return runs


def usable(request: Request, store: Store, root: Path, unknown: Iterable[str]) -> Iterator[Run]:
    """Yield the runs that a build of `request` can use, at once or after it has run others.

    Where the results of others are missing, runs are compared without them, and without the inputs
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
    names = [name for name in inputs if not name.startswith("needs ") and name not in unknown]
    return {name: inputs[name] for name in names}


def unused(store: Store, used: Iterable[Run]) -> tuple[list[Path], list[Path]]:
    """Return the folders of the store that no run of `used` needs.

    First the other runs, with the work that only they have used; then unfinished work, which no
    run has used yet: a killed build or JupyterLab would resume from it.
    """
    kept = {run.folder for run in used} | {run.folder for run in store.current().values()}
    runs = {path for path in (store.folder / "notebooks").glob("*/*/") if path not in kept}
    work = {path.parent for path in store.folder.glob("*/*/inputs.json")}
    work -= _worked_in(kept, store)
    done = work & _worked_in(runs, store)
    return sorted(done) + sorted(runs), sorted(work - done)


def _worked_in(runs: Iterable[Path], store: Store) -> set[Path]:
    return {store.folder / name for run in runs for name in read_json(run / "folders.json", [])}


def size(folder: Path) -> int:
    """Return the bytes that the files of a folder hold."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
