"""Publishing documents: what is new replaces what was there, or nothing changes.

All that changes is first written to one folder under the output, beside copies of what it
replaces; then every document is renamed into its place. A failure half-way is undone at once, a
kill by the next build (`recover`). A manifest in the store remembers, for each output folder, what
was published and from what (the rendering key of each format).
"""

import shutil
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path

from carnet.project.errors import InputError
from carnet.project.files import read_sealed, write_atomically, write_sealed

MANIFEST = "published.json"
STAGING = ".publishing"


def is_published(keys: dict[str, str], output: Path, store: Path, places: Collection[str]) -> bool:
    """Tell whether what `keys` (by format) give in `places` is published and untouched since."""
    known = _known(output, store)
    return known["keys"].items() >= keys.items() and all(
        _state(output / name) == state
        for name, state in known["documents"].items()
        if _is_in(name, places)
    )


def published_formats(output: Path, store: Path) -> set[str]:
    """Return the formats that builds have published in a folder."""
    return set(_known(output, store)["keys"])


def _known(output: Path, store: Path) -> dict:
    """What is remembered of an output folder."""
    known = read_sealed(store / MANIFEST).get(str(output), {})
    return {"keys": known.get("keys", {}), "documents": known.get("documents", {})}


def publish(
    documents: dict[str, bytes],
    output: Path,
    store: Path,
    keys: dict[str, str] | None = None,
    places: Collection[str] = (),
) -> list[str]:
    """Write `documents` (path under `output` -> bytes), which `keys` (by format) give; return the
    paths that changed.

    What an earlier build published in one of `places`, files or folders, and this one does not
    give, is removed.

    Raises:
        InputError: the output folder cannot be written to; nothing in it has changed.
    """
    new = {name: data for name, data in documents.items() if differs(output / name, data)}
    known = _known(output, store)["documents"]
    gone = [name for name in sorted(known.keys() - documents) if _is_in(name, places)]
    old = [name for name in gone if (output / name).is_file()]
    try:
        if new or old:
            _replace_all(new, old, output)
    except OSError as error:
        raise _refused(output, "cannot publish", error) from None
    _remember([*documents, *(known.keys() - documents - set(gone))], output, store, keys or {})
    return [*new, *old]


def check_writable(output: Path) -> None:
    """Check, before anything runs, that documents can be written under a folder.

    Raises:
        InputError: they cannot.
    """
    folder = next(each for each in (output, *output.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        message = f"--output {output}: cannot be written to ({error.strerror}: {folder})"
        raise InputError(message) from None


def differs(path: Path, data: bytes) -> bool:
    """Tell whether a file is absent or holds anything but `data`."""
    return not path.is_file() or path.read_bytes() != data


def recover(output: Path) -> None:
    """Undo a publication that was killed half-way: what was there before it is back.

    Raises:
        InputError: the output folder cannot be written to.
    """
    try:
        if (output / STAGING).is_dir():
            _undo(output)
    except OSError as error:
        raise _refused(output, "cannot undo an interrupted publication", error) from None


def _refused(output: Path, what: str, error: OSError) -> InputError:
    return InputError(f"--output {output}: {what} there ({error.strerror}: {error.filename})")


def _replace_all(new: dict[str, bytes], old: list[str], output: Path) -> None:
    """Write the files `new`, remove the files `old`; or change nothing.

    The plan is written once all is ready to be renamed.
    """
    folder = output / STAGING
    before = [name for name in [*new, *old] if (output / name).is_file()]
    try:
        for name, data in new.items():
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            _write(folder / "new" / name, data)
        for name in before:
            _write(folder / "before" / name, (output / name).read_bytes())
        write_sealed(folder / "plan.json", {"new": list(new), "before": before})
        for name in new:
            (folder / "new" / name).replace(output / name)
        for name in old:
            (output / name).unlink(missing_ok=True)
    except BaseException:
        _undo(output)
        raise
    _forget(folder)


def _undo(output: Path) -> None:
    folder = output / STAGING
    plan = {"new": [], "before": []} | read_sealed(folder / "plan.json")
    for name in plan["before"]:
        if (folder / "before" / name).is_file():  # else an undo, killed too, put it back
            (folder / "before" / name).replace(output / name)
    for name in set(plan["new"]) - set(plan["before"]):
        (output / name).unlink(missing_ok=True)
    _forget(folder)


def _forget(folder: Path) -> None:
    """From here on there is nothing to undo: the plan goes before the rest."""
    (folder / "plan.json").unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    write_atomically(path, lambda temporary: temporary.write_bytes(data))


def _is_in(name: str, places: Collection[str]) -> bool:
    return any(f"{name}/".startswith(f"{place}/") for place in places)


def _remember(names: Iterable[str], output: Path, store: Path, keys: dict[str, str]) -> None:
    """The keys of formats that were not given stay: they tell what those documents are."""
    about = {
        "keys": _known(output, store)["keys"] | keys,
        "documents": {name: _state(output / name) for name in names},
    }
    write_sealed(store / MANIFEST, read_sealed(store / MANIFEST) | {str(output): about})


def _state(path: Path) -> list | None:
    """What tells that a file has not been touched."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns, status.st_ino]
