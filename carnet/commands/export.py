"""A journal as one archive that others can read without the engine: an RO-Crate in a ZIP file.

The same runs give the same bytes: nothing in it depends on when or where it is written.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

from carnet.commands.build import Journal
from carnet.project.errors import RequestError
from carnet.project.files import write_atomically
from carnet.publication.crate import NAME, WORKFLOW, describe, run_file
from carnet.sources.code import module_file
from carnet.store.runs import Run

# What people wrote, beside notebooks and the code they import.
PATTERNS = (
    "README.md",
    "LICENSE",
    "journal.yml",
    "build_journal.py",
    "pyproject.toml",
    "environment.yml",
    "requirements*.txt",
    "journal/*.md",
    "journal/profils/*.yml",
    "journal/gabarits/**/*",
)
KEPT = ("notebook.ipynb", "results.json", "record.json")  # of a run, beside its images


def export(journal: Journal, file: Path) -> int:
    """Write a journal that is up to date to a ZIP file; return the number of files in it.

    It holds what people wrote, the pages that come of it in Markdown and HTML, and of each run the
    executed notebook, the results, the figures and the record, as `ro-crate-metadata.json` tells.

    Raises:
        RequestError: the name is not that of a ZIP file, or notebooks would run.
    """
    reasons, runs = journal.explain()
    stale = [f"{name}: {'; '.join(lines)}" for name, lines in reasons.items() if lines]
    if file.suffix != ".zip":
        raise RequestError([f"export {file}: expected a name that ends with .zip"])
    if stale or not runs:
        stale = stale or ["the journal has no notebook"]
        raise RequestError(["export: not up to date, run `carnet build` first", *stale])
    files = dict(sorted([*_sources(journal, runs), *_made(journal, runs)]))
    about = describe(journal.settings, journal.request.notebooks, runs, files)
    files[NAME] = _json(about)
    write_atomically(file, lambda path: path.write_bytes(_archive(files)))
    return len(files)


def _json(value) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True).encode()


def _sources(journal: Journal, runs: dict[str, Run]) -> Iterator[tuple[str, bytes]]:
    """Yield what people wrote: path in the crate, contents."""
    root = journal.project.root
    paths = {path for pattern in PATTERNS for path in root.glob(pattern)}
    paths |= {root / name for name in (journal.settings.bibliography, *journal.shown)}
    modules = (name for run in runs.values() for name in run.inputs("module"))
    paths |= {found[0] for name in modules if (found := module_file(name, root))}
    for path in paths:
        if path.is_file() and path.is_relative_to(root):
            yield path.relative_to(root).as_posix(), path.read_bytes()
    for notebook in journal.request.notebooks.values():
        yield f"notebooks/{notebook.path.name}", notebook.path.read_bytes()


def _made(journal: Journal, runs: dict[str, Run]) -> Iterator[tuple[str, bytes]]:
    """Yield what was computed from it."""
    plan = {notebook.path.name: notebook.needs for notebook in journal.request.notebooks.values()}
    yield WORKFLOW, _json({"notebooks": plan})
    yield from journal.render(runs, {"markdown", "html"}).items()
    for run in runs.values():
        for name in KEPT:
            yield run_file(run, name), (run.folder / name).read_bytes()


def _archive(files: dict[str, bytes]) -> bytes:
    """Return a ZIP file whose entries have no date of their own."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
