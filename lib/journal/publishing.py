"""Publishing documents: what is new replaces what was there, or nothing changes.

Every document is first written beside its place; only when all are there are they renamed.
What an earlier build published and this one no longer gives is removed. A manifest in the store
remembers, for each output folder, what was published and from what (the rendering key).
"""

import os
import uuid
from pathlib import Path

from lib.journal.errors import InputError
from lib.journal.files import read_json, write_json

MANIFEST = "published.json"


def is_published(key: str, output: Path, store: Path) -> bool:
    """Tell whether what `key` gives is published and untouched since."""
    known = read_json(store / MANIFEST, {}).get(str(output), {})
    return known.get("key") == key and all(
        _state(output / name) == state for name, state in known["documents"].items()
    )


def publish(documents: dict[str, bytes], output: Path, store: Path, key: str = "") -> list[str]:
    """Write `documents` (path under `output` -> bytes); return the paths that changed.

    Raises:
        InputError: the output folder cannot be written to.
    """
    changed = [name for name, data in documents.items() if differs(output / name, data)]
    suffix = f".{uuid.uuid4().hex[:8]}.tmp"
    try:
        for name in changed:
            _write(output / f"{name}{suffix}", documents[name])
        for name in changed:
            (output / f"{name}{suffix}").replace(output / name)
        removed = _remove_old(documents, output, store)
    except OSError as error:
        reason = f"{error.strerror}: {error.filename}"
        raise InputError(f"--output {output}: cannot publish there ({reason})") from None
    finally:
        for name in changed:
            (output / f"{name}{suffix}").unlink(missing_ok=True)
    _remember(documents, output, store, key)
    return changed + removed


def differs(path: Path, data: bytes) -> bool:
    """Tell whether a file is absent or holds anything but `data`."""
    return not path.is_file() or path.read_bytes() != data


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _remove_old(documents: dict[str, bytes], output: Path, store: Path) -> list[str]:
    """Remove documents of the last build that this one does not give."""
    known = read_json(store / MANIFEST, {}).get(str(output), {})
    old = sorted(set(known.get("documents", [])) - set(documents))
    for name in old:
        (output / name).unlink(missing_ok=True)
    return old


def _remember(documents: dict[str, bytes], output: Path, store: Path, key: str) -> None:
    manifest = read_json(store / MANIFEST, {})
    states = {name: _state(output / name) for name in documents}
    write_json(store / MANIFEST, manifest | {str(output): {"key": key, "documents": states}})


def _state(path: Path) -> list | None:
    """What tells that a file has not been touched."""
    try:
        status = path.stat()
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns, status.st_ino]
