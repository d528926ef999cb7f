"""Durable folders for long work (trainings, searches, caches), named by what they depend on."""

import os
from collections.abc import Iterable
from pathlib import Path

from carnet.project.files import digest, read_json, write_json
from carnet.project.paths import ROOT, store_folder
from carnet.sources.code import dependencies


def working_folder(
    kind: str,
    inputs: dict,
    *,
    modules: Iterable[str] = (),
    packages: Iterable[str] = (),
    without: Iterable[str] = (),
) -> Path:
    """Return the folder runs/<kind>/<hash>, made if needed, for work that depends on `inputs`.

    The hash covers `inputs` (a JSON value), the code of the library `modules` and of what they
    import, comments apart, and the versions of `packages`. Modules named in `without` are left
    out: those whose effect `inputs` already hold, as a data set's fingerprint does. Work
    interrupted is found again at the same place, and so is work done; files in it must be written
    with `write_atomically`.
    """
    from importlib.metadata import version  # slow to import, for those who work in no folder

    key = {
        "inputs": inputs,
        "modules": dependencies(modules, ROOT, without=without).modules,
        "packages": {name: version(name) for name in sorted(packages)},
    }
    folder = store_folder() / kind / digest(key)
    if not (folder / "inputs.json").exists():
        write_json(folder / "inputs.json", key)
    _note_use(folder)
    return folder


def _note_use(folder: Path) -> None:
    """In a build, note that the run works in this folder, so that it is not pruned."""
    if run := os.environ.get("JOURNAL_RUN"):
        noted = Path(run) / "folders.json"
        place = folder.relative_to(store_folder()).as_posix()
        write_json(noted, sorted({place, *read_json(noted, [])}))
