"""What would run, and whether the published journal is what the current inputs give."""

import dataclasses
import functools
import io
import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path

from carnet.commands.build import Journal, Options, run, succeeded
from carnet.commands.compare import differing
from carnet.commands.console import Console
from carnet.execution.order import Outcome
from carnet.project.paths import store_at
from carnet.publication.documents import IMAGES, PDF_DOCUMENT, steady
from carnet.store.provenance import cpu_kind, other_cpu
from carnet.store.runs import Run, Store


def explain(journal: Journal) -> Iterator[str]:
    """Yield a line for each notebook: up to date, or why it would run. Runs nothing."""
    reasons, runs = journal.explain()
    for name, lines in reasons.items():
        state = "; ".join(lines) or "up to date"
        elsewhere = name in runs and other_cpu(runs[name].cpu, cpu_kind())
        yield f"{journal.labels()[name]}  {state}{f'; {elsewhere}' if elsewhere else ''}"


def check(journal: Journal, formats: set[str]) -> Iterator[str]:
    """Yield what is out of date and why, without running anything."""
    explained, runs = journal.explain()
    reasons = {name: lines for name, lines in explained.items() if lines}
    for name, lines in reasons.items():
        pages = [page.name for page in journal.pages if name in page.notebooks()]
        shown = f" (shown by {', '.join(pages)})" if pages else ""
        yield f"{journal.labels()[name]}{shown}: {'; '.join(lines)}"
    if reasons:
        return
    shown = {name: run for name, run in runs.items() if name in explained}
    documents = list(unlike_published(journal, shown, formats - {"pdf"}))
    yield from _with_results(journal.store.current(), shown, documents, formats)
    if "pdf" in formats and not journal.pdf_is_published(runs):
        there = (journal.project.output / PDF_DOCUMENT).is_file()
        state = "older than the current inputs, or edited" if there else "not published"
        yield f"{PDF_DOCUMENT}: {state}"


def made_elsewhere(journal: Journal) -> Iterator[str]:
    """Yield the up-to-date runs that were made on another kind of CPU."""
    _, runs = journal.explain()
    for name, shown in runs.items():
        if difference := other_cpu(shown.cpu, cpu_kind()):
            yield f"{journal.labels()[name]}: {difference}"


def check_from_scratch(journal: Journal, options: Options, console: Console) -> list[str]:
    """Build in a temporary store, and return what differs from what is published: where no format
    is asked for, recorded values and figures.

    Raises:
        JournalError: a notebook failed; the store keeps it.
    """
    before = journal.store.current()
    with tempfile.TemporaryDirectory() as folder, store_at(folder):
        again = dataclasses.replace(journal, store=Store(Path(folder)))
        outcome = run(again, options, console)
        _keep_failed(outcome, journal.store)
        runs = succeeded(outcome)
        documents = list(unlike_published(again, runs, options.formats))
        return _with_results(before, runs, documents, options.formats)


def _keep_failed(outcome: Outcome, store: Store) -> None:
    """Keep what failed in a temporary store, which is about to be removed."""
    for name, error in outcome.failed.items():
        if getattr(error, "kept", None):
            staged = store.stage(name)
            shutil.copytree(error.kept.parent, staged, dirs_exist_ok=True)
            error.kept = store.keep_failed(staged, name) / error.kept.name


def unlike_published(journal: Journal, runs: dict[str, Run], formats: set[str]) -> Iterator[str]:
    """Yield which published documents are not, byte for byte, what `runs` give; figures alone
    where no format is asked for. A folder that is not there is one line.

    The commit that a page was built from and the time of a run may be others: they were true then.
    """
    documents, absent = journal.render(runs, formats) if formats else _figures(runs), set()
    for name, data in documents.items():
        path = journal.project.output / name
        if not path.is_file():
            absent.add(_absent(path).relative_to(journal.project.output).as_posix())
        elif steady(path.read_bytes()) != steady(data):
            figure = path.suffix == ".png" and _figure_difference(path.read_bytes(), data)
            yield f"{name}: {figure or 'differs from what the current inputs give'}"
    yield from (f"{name}: not published" for name in sorted(absent))


def _figures(runs: dict[str, Run]) -> dict[str, bytes]:
    paths = (path for run in runs.values() for path in run.images())
    return {f"{IMAGES}/{path.name}": path.read_bytes() for path in paths}


def _absent(path: Path) -> Path:
    """Return a file that is not there, or the outermost of its folders that is not."""
    return path if path.parent.is_dir() else _absent(path.parent)


def _figure_difference(before: bytes, after: bytes) -> str:
    """Describe by how much two pictures differ."""
    from PIL import Image, ImageChops

    try:
        old, new = (Image.open(io.BytesIO(data)).convert("RGBA") for data in (before, after))
    except (OSError, SyntaxError, ValueError, struct.error):  # what Pillow raises on damage
        return "the published file is not a valid image"
    if old.size != new.size:
        return f"the figure is {new.width} × {new.height} pixels, not {old.width} × {old.height}"
    bands = ImageChops.difference(old, new).split()
    difference = functools.reduce(ImageChops.lighter, bands)
    changed = sum(difference.histogram()[1:]) / (old.width * old.height)
    if not changed:
        return "the same pixels in different bytes"
    return f"{changed:.2%} of the figure's pixels differ, by {difference.getextrema()[1]} at most"


def _with_results(
    before: dict[str, Run], after: dict[str, Run], documents: list[str], formats: set[str]
) -> list[str]:
    """Return the documents that differ, the recorded values that explain it first.

    Values that no document shows count only where no document is asked for.
    """
    values = list(unlike_results(before, after)) if documents or not formats else []
    return [*values, *documents]


def unlike_results(before: dict[str, Run], after: dict[str, Run]) -> Iterator[str]:
    """Yield which results differ between the runs of two builds, with both values."""
    for name in before:
        if name in after:
            results = differing(before[name].results, after[name].results)
            yield from (f"{name}.{result} {values}" for result, values in results)
