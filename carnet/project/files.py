"""Files that are whole or absent, and content hashes of files and folders."""

import contextlib
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from carnet.project.errors import InputError
from carnet.project.paths import store_folder

# A digest of this many hexadecimal characters names things in the store.
DIGEST_LENGTH = 20
# Names of files may hold bytes that are not UTF-8; written this way, they are valid JSON.
BYTES_OF_NAMES = "backslashreplace"
# What file managers leave in the folders that they show: no part of any data.
CLUTTER = {".DS_Store", "Thumbs.db", "desktop.ini", ".directory"}


def digest(value) -> str:
    """Return the hash of a JSON value (keys sorted) or of bytes."""
    data = value if isinstance(value, bytes) else canonical_json(value)
    return hashlib.sha256(data).hexdigest()[:DIGEST_LENGTH]


def canonical_json(value) -> bytes:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8", BYTES_OF_NAMES)


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a temporary sibling of `path`, then rename it: whole or absent.

    The temporary name keeps the suffix of `path`, which some writers look at.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}{path.suffix}")
    try:
        write(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def alone(
    lock: Path, waiting: Callable[[], None], stopped: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Have one process at a time do what the block does; the lock ends with its process.

    Args:
        waiting: called if another process is at it.
        stopped: whether to wait no longer.

    Raises:
        filelock.Timeout: it was stopped while it waited.
    """
    from filelock import FileLock, Timeout  # slow to import, for commands that do no work

    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock)
    try:
        held.acquire(blocking=False)
    except Timeout:
        waiting()
        held.acquire(cancel_check=stopped)
    try:
        yield
    finally:
        held.release()


def write_json(path: Path, value) -> None:
    """Write a JSON value, readable and whole or absent."""
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)
    data = f"{text}\n".encode("utf-8", BYTES_OF_NAMES)
    write_atomically(path, lambda temporary: temporary.write_bytes(data))


def write_sealed(path: Path, value: dict) -> None:
    """Write a JSON mapping with its own hash, so that damage to it is seen when it is read."""
    value = json.loads(canonical_json(value))  # as it will be read: its keys are text
    write_json(path, value | {"digest": digest(value)})


def read_sealed(path: Path) -> dict:
    """Return what `write_sealed` wrote; an empty mapping where there is none, or it is damaged."""
    known = read_json(path)
    seal = known.pop("digest", None) if isinstance(known, dict) else None
    return known if seal is not None and seal == digest(known) else {}


def remember(path: Path, value: dict) -> None:
    """Write a JSON mapping that only saves time; a store that cannot be written to does without."""
    with contextlib.suppress(OSError):
        write_sealed(path, value)


def read_json(path: Path, default=None):
    """Read a JSON file of the store; `default` where there is none, or it is damaged.

    What is not of the type of `default` is damaged.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
        return default
    return value if default is None or isinstance(value, type(default)) else default


def read_yaml(text: str | bytes):
    """Parse YAML.

    Raises:
        ValueError: it is not valid, in one line.
    """
    import yaml  # not needed in kernels

    # The parser in C, where PyYAML was built with it, reads ten times as fast.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        value = yaml.load(text, loader)
        json.dumps(value, default=str, skipkeys=True)  # refuses one that holds itself
        return value
    # ValueError: also for a date such as 2026-02-30.
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"not valid YAML ({' '.join(str(error).split())})") from None


def fingerprint(path: Path | str, files: Iterable[Path] | None = None) -> str:
    """Return the hash of the contents of a file, or of a folder's files with their names.

    `files` are those of the folder that count; by default, all.

    Contents are read once: a file whose size, times and inode have not changed keeps its hash.

    Raises:
        InputError: nothing is at `path`, or it cannot be read.
    """
    path = Path(path).resolve()
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    files = _files(path) if files is None else files
    memory = store_folder() / "fingerprints" / f"{digest(str(path))}.json"
    known = read_sealed(memory)
    try:
        entries = {str(file.relative_to(path)): _entry(file, known, path) for file in files}
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be read ({error.strerror})") from None
    if entries != known:
        remember(memory, entries)
    return digest({name: entry[1] for name, entry in entries.items()})


def _files(path: Path) -> list[Path]:
    """The files of a folder, those of linked folders included; a link that leads back is cut."""
    if path.is_file():
        return [path]
    found, seen = [], set()
    for folder, folders, names in os.walk(path, followlinks=True):
        seen.add(Path(folder).resolve())
        folders[:] = [name for name in folders if Path(folder, name).resolve() not in seen]
        kept = set(names) - CLUTTER
        found += [file for name in kept if (file := Path(folder, name)).is_file()]
    return sorted(found)


def _entry(file: Path, known: dict, root: Path) -> list:
    """Return [what stat says, content hash] of a file, the hash from `known` if stat agrees."""
    status = file.stat()
    state = [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]
    before = known.get(str(file.relative_to(root)))
    if before and before[0] == state:
        return before
    return [state, contents(file)]


def contents(file: Path) -> str:
    """Return the hash of what a file holds, read from the disk each time."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def contents_of(folder: Path) -> dict[str, str]:
    """Return the hash of each file under a folder of the store, by its path there.

    Files that `write_atomically` is about to rename are left out.
    """
    paths = sorted(path for path in folder.rglob("*") if not path.name.startswith("."))
    files = [path for path in paths if path.is_file()]
    return {path.relative_to(folder).as_posix(): contents(path) for path in files}


def changed_files(folder: Path, held: dict[str, str]) -> list[str]:
    """Return which files do not hold what they held when `contents_of` returned `held`."""
    changed = []
    for name, before in held.items():
        try:
            same = contents(folder / name) == before
        except OSError:  # gone, or the disk cannot read it
            same = False
        changed += [] if same else [name]
    return changed
