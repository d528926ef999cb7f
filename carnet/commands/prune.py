"""What neither the published journal nor a build with a profile would use, and its removal."""

import contextlib
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import click

from carnet.commands.build import build_lock
from carnet.commands.console import Console, notify
from carnet.execution.plan import explain
from carnet.project.errors import RequestError
from carnet.project.files import canonical_json, read_json
from carnet.project.paths import Project
from carnet.sources.notebooks import read_notebooks
from carnet.sources.requests import Request, make_request
from carnet.store.keys import run_inputs
from carnet.store.runs import Run, Store


def prune(project: Project, *, yes: bool, unfinished: bool) -> None:
    """List what nothing uses, each folder with its size, and remove it once that is confirmed.

    Args:
        yes: do not ask.
        unfinished: also remove the work of killed builds and of JupyterLab.

    Raises:
        RequestError: what is used cannot be known, or there is no terminal to ask in.
    """
    store = Store.of(project)
    with contextlib.ExitStack() as builds:
        for each in (store, *store.others()):  # a build of theirs may be about to use a run
            builds.enter_context(build_lock(each, Console.waiting))
        used = used_by_profiles(project, notify=notify)
        folders, left = unused(store, used)
        if unfinished and not _is_shared(store):
            folders, left = folders + left, []
        for folder in folders:
            click.echo(_listed(folder, store))
        if left:
            notify(f"unfinished work, kept ({_megabytes(left)}; --unfinished removes it):")
        for folder in left:
            notify(_listed(folder, store))
        if not folders:
            click.echo("nothing to remove")
        elif yes or _confirmed(f"Remove these {len(folders)} folders ({_megabytes(folders)})?"):
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
            store.set_used(filter(Path.is_dir, store.used() & set(own_runs(store, used))))


def _is_shared(store: Store) -> bool:
    """Whether unfinished work may be another journal's: nobody can tell whose it is."""
    if shared := any(each.used() for each in store.others()):
        notify("other journals share this store: unfinished work is kept, it may be theirs")
    return shared


def _listed(folder: Path, store: Store) -> str:
    return f"{_megabytes([folder]):>10}  {folder.relative_to(store.folder).as_posix()}"


def _megabytes(folders: list[Path]) -> str:
    return f"{sum(map(size, folders)) / 1e6:.1f} MB"


def _confirmed(question: str) -> bool:
    try:
        return click.confirm(question)
    except click.Abort:
        if sys.stdin.isatty():  # Ctrl-C
            raise
        click.echo()  # after the question
        raise RequestError(["prune: no terminal to confirm in: use --yes"]) from None


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
    runs, store = [], Store.of(project)
    for profile in sorted(path.stem for path in project.profiles.glob("*.yml")) or [None]:
        try:
            request, unknown = make_request(project, profile, notebooks), ()
        except RequestError:
            request = make_request(project, profile, notebooks, data="any")
            notify(f"profile '{profile}' has no data: its runs on any data are kept")
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
    """Return the folders of the store that no run of `used` needs, nor any other journal's.

    First the other runs, with the work that only they have used; then unfinished work, which no
    run has used yet: a killed build or JupyterLab would resume from it.
    """
    kept = own_runs(store, used).union(*(each.used() for each in store.others()))
    runs = {path for path in (store.folder / "notebooks").glob("*/*/") if path not in kept}
    work = {path.parent for path in store.folder.glob("*/*/inputs.json")}
    work -= _worked_in(kept, store)
    done = work & _worked_in(runs, store)
    return sorted(done) + sorted(runs), sorted(work - done)


def own_runs(store: Store, used: Iterable[Run]) -> set[Path]:
    """Return the folders of `used` and of the runs that the journal shows."""
    return {run.folder for run in (*used, *store.current().values())}


def _worked_in(runs: Iterable[Path], store: Store) -> set[Path]:
    return {store.folder / name for run in runs for name in read_json(run / "folders.json", [])}


def size(folder: Path) -> int:
    """Return the bytes that the files of a folder hold."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
