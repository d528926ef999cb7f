"""The runs of a notebook that the store holds, with their scores, and how two of them differ."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence

from carnet.project.errors import RequestError, nearest
from carnet.project.paths import Project
from carnet.sources.code import names_read
from carnet.sources.pages import Page, read_pages
from carnet.sources.requests import find_notebook
from carnet.store.keys import differ, differences, shown_value
from carnet.store.provenance import other_cpu
from carnet.store.runs import KEY_SHOWN, Run, Store

SCORES = 4  # columns of a list of runs
SHOWN = 60  # characters of a value


def compare(project: Project, notebook: str, keys: Sequence[str] = ()) -> list[str]:
    """List the runs of a notebook or, given the keys of two, what differs between them.

    Args:
        notebook: its number or name.
        keys: the beginnings of two keys, or none.

    Raises:
        RequestError: there is no such notebook or run.
    """
    store, name = Store.of(project), find_notebook(project, notebook)
    if keys:
        before, after = (find_run(store, name, key) for key in keys)
        return list(changes(before, after)) or ["no difference"]
    scores = cited(name, read_pages(project.pages)[0])
    return list(list_runs(store, name, scores)) or [f"no run of '{name}' in the store"]


def cited(name: str, pages: Iterable[Page]) -> list[str]:
    """Return the results of a notebook that pages cite, in reading order: what it is judged by."""
    found = []
    for _, expression in (each for page in pages for each in page.expressions()):
        with contextlib.suppress(ValueError):  # a page under way
            found += sorted(names_read(expression.code).get(name, ()))
    return list(dict.fromkeys(found))


def list_runs(store: Store, name: str, scores: Sequence[str] = ()) -> Iterator[str]:
    """Yield a header, then the runs of a notebook, newest first, each with the numbers among its
    `scores` and what differs from the one before."""
    runs = store.runs(name)
    numbers = [s for s in scores if any(_is_number(run.results.get(s)) for run in runs)][:SCORES]
    rows = [["run", "begun", "took", *numbers, ""], *(_row(run, numbers, store) for run in runs)]
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    for line, run, older in zip(lines, [None, *runs], [None, *runs[1:], None]):
        if runs:
            yield line
        if older:
            yield from (f"    {change}" for change in changes(older, run))


def _row(run: Run, numbers: Sequence[str], store: Store) -> list[str]:
    begun = run.record["begun"].replace("T", " ")[:16]
    values = [run.results.get(number) for number in numbers]
    shown = [f"{value:.4g}" if _is_number(value) else "—" for value in values]
    mark = "published" if run == store.current().get(run.name) else ""
    return [run.short_key, begun, f"{run.record['seconds']:.0f} s", *shown, mark]


def _is_number(value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def changes(before: Run, after: Run) -> Iterator[str]:
    """Yield which inputs, CPU and results differ between two runs, one line each."""
    parameters = differing(before.inputs("parameter"), after.inputs("parameter"))
    yield from (f"{name}: {values}" for name, values in parameters)
    yield from differences(_other_inputs(before), _other_inputs(after))
    if difference := other_cpu(before.cpu, after.cpu):
        yield difference
    results = differing(before.results, after.results)
    yield from (f"result {name}: {values}" for name, values in results)


def _other_inputs(run: Run) -> dict:
    inputs = run.record["inputs"].items()
    return {name: value for name, value in inputs if not name.startswith("parameter ")}


def differing(before: dict, after: dict) -> Iterator[tuple[str, str]]:
    """Yield the names whose values differ, each with both values, as in `0.732 → 0.401`."""
    for name in sorted({*before, *after}):
        if differ(name, before, after):
            sides = [shown_value(side.get(name, "absent")) for side in (before, after)]
            texts = [f"{v:.6g}" if isinstance(v, float) else str(v) for v in sides]
            if texts[0] == texts[1]:  # they differ by the last digits, or by their type
                texts = [repr(value) for value in sides]
            yield name, " → ".join(_cut(texts))


def _cut(texts: list[str]) -> Iterator[str]:
    """Yield long texts from a little before where they differ."""
    shortest = min(map(len, texts))
    same = next((i for i in range(shortest) if len({text[i] for text in texts}) > 1), shortest)
    begin = max(same - SHOWN // 3, 0) if max(map(len, texts)) > SHOWN else 0
    for text in texts:
        before, after = "…" if begin else "", "…" if len(text) > begin + SHOWN else ""
        yield f"{before}{text[begin : begin + SHOWN]}{after}"


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
