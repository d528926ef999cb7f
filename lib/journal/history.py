"""What the store remembers: the runs of a notebook compared, and what nothing uses any more."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from lib.journal.errors import RequestError, nearest
from lib.journal.files import read_json
from lib.journal.keys import differ
from lib.journal.store import Run, Store

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
    """Tell which parameters and which results differ between two runs, one line each."""
    yield from _differences(before.inputs("parameter"), after.inputs("parameter"), "")
    yield from _differences(before.results, after.results, "result ")


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


def unused(store: Store, used: Iterable[Run]) -> list[Path]:
    """Return the folders of the store that no run of `used` is or has worked in."""
    kept = {run.folder for run in used} | {run.folder for run in store.current().values()}
    runs = [path for path in (store.folder / "notebooks").glob("*/*") if path not in kept]
    worked_in = {
        store.folder / place for run in kept for place in read_json(run / "folders.json", [])
    }
    work = {path.parent for path in store.folder.glob("*/*/inputs.json")} - worked_in
    return sorted(runs) + sorted(work)


def size(folder: Path) -> int:
    """Return the bytes that the files of a folder hold."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def remove(folders: Iterable[Path]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
