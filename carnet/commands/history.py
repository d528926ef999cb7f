"""What the store remembers: the runs of a notebook compared, and what nothing uses any more."""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from carnet.execution.plan import explain
from carnet.project.errors import RequestError, nearest
from carnet.project.files import canonical_json, read_json
from carnet.sources.requests import Request
from carnet.store.keys import differ, differences, run_inputs
from carnet.store.runs import Run, Store

KEY_SHOWN = 8


def tell_history(store: Store, name: str) -> Iterator[str]:
    """Tell the runs of a notebook, newest first, each with what differs from the one before."""
    runs = store.runs(name)
    published = store.current().get(name)
    for run, older in zip(runs, [*runs[1:], None]):
        mark = "  published" if published and run.folder == published.folder else ""
        begun = run.record["begun"].replace("T", " ")[:16]
        yield f"{run.key[:KEY_SHOWN]}  {begun}  {run.record['seconds']:.0f} s{mark}"
        if older:
            yield from (f"    {line}" for line in changes(older, run))


def changes(before: Run, after: Run) -> Iterator[str]:
    """Tell which inputs and which results differ between two runs, one line each."""
    yield from _differences(before.inputs("parameter"), after.inputs("parameter"), "")
    yield from differences(_but_parameters(before), _but_parameters(after))
    yield from _differences(before.results, after.results, "result ")


def _but_parameters(run: Run) -> dict:
    inputs = run.record["inputs"].items()
    return {name: value for name, value in inputs if not name.startswith("parameter ")}


def _differences(before: dict, after: dict, kind: str) -> Iterator[str]:
    for name in sorted({*before, *after}):
        if differ(name, before, after):
            sides = [side.get(name, "absent") for side in (before, after)]
            texts = [f"{v:.6g}" if isinstance(v, float) else str(v) for v in sides]
            if texts[0] == texts[1]:  # they differ by the last digits, or by their type
                texts = [repr(value) for value in sides]
            yield f"{kind}{name}: {' → '.join(map(_short, texts))}"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"


def find_run(store: Store, name: str, key: str) -> Run:
    """Return the run whose key begins with `key`.

    Raises:
        RequestError: there is none, or there are several.
    """
    keys = {run.key: run for run in store.runs(name)}
    found = [run for full, run in keys.items() if full.startswith(key)]
    if len(found) != 1:
        what = "several runs" if found else "no run"
        hint = nearest(key, [full[:KEY_SHOWN] for full in keys])
        raise RequestError([f"compare: {what} of '{name}' begin with '{key}': {hint}"])
    return found[0]


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
    runs = {path for path in (store.folder / "notebooks").glob("*/*") if path not in kept}
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
