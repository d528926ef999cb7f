"""The runs of a notebook that the store holds, and what differs between two of them."""

from collections.abc import Iterator, Sequence

from carnet.project.errors import RequestError, nearest
from carnet.project.paths import Project
from carnet.sources.requests import find_notebook
from carnet.store.keys import differ, differences, shown_value
from carnet.store.provenance import other_cpu
from carnet.store.runs import KEY_SHOWN, Run, Store


def compare(project: Project, notebook: str, keys: Sequence[str] = ()) -> list[str]:
    """List the runs of a notebook or, given the keys of two, what differs between them.

    Args:
        notebook: its number or name.
        keys: the beginnings of two keys, or none.

    Raises:
        RequestError: there is no such notebook or run.
    """
    store, name = Store(project.store), find_notebook(project, notebook)
    if keys:
        before, after = (find_run(store, name, key) for key in keys)
        return list(changes(before, after)) or ["no difference"]
    return list(list_runs(store, name)) or [f"no run of '{name}' in the store"]


def list_runs(store: Store, name: str) -> Iterator[str]:
    """Yield the runs of a notebook, newest first, each with what differs from the one before."""
    runs = store.runs(name)
    published = store.current().get(name)
    for run, older in zip(runs, [*runs[1:], None]):
        mark = "  published" if published and run.folder == published.folder else ""
        begun = run.record["begun"].replace("T", " ")[:16]
        yield f"{run.short_key}  {begun}  {run.record['seconds']:.0f} s{mark}"
        if older:
            yield from (f"    {line}" for line in changes(older, run))


def changes(before: Run, after: Run) -> Iterator[str]:
    """Yield which inputs, CPU and results differ between two runs, one line each."""
    yield from _differences(before.inputs("parameter"), after.inputs("parameter"), "")
    yield from differences(_other_inputs(before), _other_inputs(after))
    if difference := other_cpu(before.cpu, after.cpu):
        yield difference
    yield from _differences(before.results, after.results, "result ")


def _other_inputs(run: Run) -> dict:
    inputs = run.record["inputs"].items()
    return {name: value for name, value in inputs if not name.startswith("parameter ")}


def _differences(before: dict, after: dict, kind: str) -> Iterator[str]:
    for name in sorted({*before, *after}):
        if differ(name, before, after):
            sides = [shown_value(side.get(name, "absent")) for side in (before, after)]
            texts = [f"{v:.6g}" if isinstance(v, float) else str(v) for v in sides]
            if texts[0] == texts[1]:  # they differ by the last digits, or by their type
                texts = [repr(value) for value in sides]
            old, new = (text if len(text) <= 60 else f"{text[:59]}…" for text in texts)
            yield f"{kind}{name}: {old} → {new}"


def find_run(store: Store, name: str, key: str) -> Run:
    """Return the run whose key begins with `key`.

    Raises:
        RequestError: there is none, or there are several.
    """
    keys = {run.key: run for run in store.runs(name)}
    found = [run for full, run in keys.items() if full.startswith(key)]
    if len(found) != 1:
        what = "several runs of" if found else "no run of"
        hint = nearest(key, [full[:KEY_SHOWN] for full in keys])
        raise RequestError([f"compare {key}: {what} '{name}' with such a key: {hint}"])
    return found[0]
