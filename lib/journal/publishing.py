"""Publishing documents: what is new replaces what was there, or nothing changes.

Every document is first written beside its place; only when all are there are they renamed.
What an earlier build published and this one no longer gives is removed.
"""

import os
import uuid
from collections.abc import Iterable
from pathlib import Path

from lib.journal.errors import InputError
from lib.journal.files import read_json, write_json

MANIFEST = "published.json"


def publish(documents: dict[str, bytes], output: Path, store: Path) -> list[str]:
    """Write `documents` (path under `output` -> bytes); return the paths that changed.

    Raises:
        InputError: the output folder cannot be written to.
    """
    changed = [name for name, data in documents.items() if _differs(output / name, data)]
    suffix = f".{uuid.uuid4().hex[:8]}.tmp"
    try:
        for name in changed:
            _write(output / f"{name}{suffix}", documents[name])
        for name in changed:
            (output / f"{name}{suffix}").replace(output / name)
    except OSError as error:
        reason = f"{error.strerror}: {error.filename}"
        raise InputError(f"--output {output}: cannot publish there ({reason})") from None
    finally:
        for name in changed:
            (output / f"{name}{suffix}").unlink(missing_ok=True)
    removed = _remove_old(documents, output, store)
    return changed + removed


def _differs(path: Path, data: bytes) -> bool:
    return not path.is_file() or path.read_bytes() != data


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _remove_old(documents: Iterable[str], output: Path, store: Path) -> list[str]:
    """Remove documents of the last build that this one does not give, per output folder."""
    manifest = read_json(store / MANIFEST, {})
    old = set(manifest.get(str(output), [])) - set(documents)
    for name in old:
        (output / name).unlink(missing_ok=True)
    names = sorted(documents)
    if manifest.get(str(output)) != names:
        write_json(store / MANIFEST, manifest | {str(output): names})
    return sorted(old)
