"""Notes what the Python processes of a run read and write, for the run to depend on it.

Python imports this module when it starts: the folder is on the PYTHONPATH of kernels, and so of
what their cells start. Audit events report files and folders; functions that read files in C,
unseen by Python, are wrapped once their module is imported. Each thing is one line of JSON in the
file JOURNAL_READS: what was done, the path, and what stat said at that moment.
"""

import functools
import importlib.machinery
import importlib.util
import json
import os
import re
import stat
import sys

# Modules whose functions read, or write, files that their arguments name.
READERS = {
    "pyarrow._csv": ("open_csv", "read_csv"),
    "pyarrow._json": ("open_json", "read_json"),
    "pyarrow.dataset": ("dataset", "parquet_dataset"),
    "pyarrow.feather": ("read_table",),
    "pyarrow.lib": ("OSFile", "memory_map"),
    "pyarrow.orc": ("ORCFile.__init__", "read_table"),
    "pyarrow.parquet.core": ("ParquetFile.__init__", "read_metadata", "read_schema", "read_table"),
    "safetensors._safetensors_rust": ("safe_open",),
    "scipy.io._fast_matrix_market": ("mminfo", "mmread"),
    "torch.jit._serialization": ("load",),
    "torchvision.io.image": ("read_file",),
}
WRITERS = {
    "pyarrow.feather": ("write_feather",),
    "pyarrow.parquet.core": ("write_table",),
    "safetensors._safetensors_rust": ("serialize_file",),
    "scipy.io._fast_matrix_market": ("mmwrite",),
    "torch.serialization": ("save",),
}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
CAN_BE_BASE = 1 << 10  # of a class's flags
WRITING_MODES = ("w", "wb", "a", "ab")
# What looks for modules, or for the lines that a warning shows: code is followed as it is executed.
LOOKING_FOR_CODE = ("importlib", "pkgutil", "tokenize")
LEFT_OUT = (f"{os.path.dirname(os.__file__)}{os.sep}", "/proc/", "/sys/", "/dev/")


class Notes:
    """Writes each thing once, as it happens: a process may be killed at any moment."""

    def __init__(self, log: str):
        self.log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.noted = set()

    def note(self, what: str, path, folder: str | None = None) -> None:
        is_path = isinstance(path, (str, bytes, os.PathLike)) and path != ":memory:"
        if not is_path or (what, path) in self.noted:  # a file descriptor, a database of no file
            return
        self.noted.add((what, path))
        full = os.path.abspath(os.path.join(folder or "", os.fsdecode(path)))
        if not full.startswith(LEFT_OUT) and "-packages" + os.sep not in full:
            line = json.dumps([what, full, _state(full)]) + "\n"
            os.write(self.log, line.encode())

    def opened(self, path, mode, flags) -> None:
        if flags & WRITING != os.O_RDWR and flags & WRITING:
            self.note("write", path)
        elif not _looks_for_code():
            self.note("read", path)
            if flags & WRITING:
                self.note("write", path)

    def listed(self, path) -> None:
        if not _looks_for_code():
            self.note("list", "." if path is None else path)

    def executed(self, code) -> None:
        if not code.co_filename.startswith("<"):
            self.note("code", code.co_filename)

    def loaded(self, library) -> None:
        if isinstance(library, str) and os.sep in library:  # else one of the system's, by name
            self.note("read", library)

    def started(self, words, folder=None) -> None:
        """Note the files that the command of another program names: it may read them."""
        words = [words] if isinstance(words, (str, bytes)) else list(words)
        for word in map(os.fsdecode, words):
            for part in (word, *re.split(r"""[\s'"=<>|;]+""", word)):
                full = os.path.join(os.fsdecode(folder or ""), part)
                if os.path.isfile(full):
                    self.note("name", full)


def _looks_for_code() -> bool:
    name = sys._getframe(3).f_code.co_filename
    return any(part in name for part in LOOKING_FOR_CODE)


def _state(path: str) -> list | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return [stat.S_IFMT(status.st_mode), status.st_size, status.st_mtime_ns]


def watch(notes: Notes) -> None:
    """Note what audit events report; what goes wrong here never stops a cell."""

    def moved(source, target, *_) -> None:
        notes.note("write", target)

    events = {
        "ctypes.dlopen": notes.loaded,
        "exec": notes.executed,
        "import": lambda module, file, *_: notes.note("read", file),
        "open": notes.opened,
        "os.exec": lambda program, words, *_: notes.started(words),
        "os.link": moved,
        "os.listdir": notes.listed,
        "os.mkdir": lambda path, *_: notes.note("write", path),
        "os.posix_spawn": lambda program, words, *_: notes.started(words),
        "os.rename": moved,
        "os.scandir": notes.listed,
        "os.symlink": moved,
        "os.system": notes.started,
        "sqlite3.connect": lambda path: notes.note("read", path),
        "subprocess.Popen": lambda program, words, folder, *_: notes.started(words, folder),
    }

    def hook(event: str, arguments: tuple) -> None:
        if event in events:
            try:
                events[event](*arguments)
            except Exception:
                return

    sys.addaudithook(hook)


class Wrapping:
    """Finds the modules of `READERS` and `WRITERS`, and wraps their functions once imported."""

    def __init__(self, notes: Notes):
        self.notes, self.left = notes, {*READERS, *WRITERS}

    def find_spec(self, name, path=None, target=None):
        if name not in self.left:
            return None
        self.left.remove(name)
        spec = importlib.util.find_spec(name)
        if spec and hasattr(spec.loader, "exec_module"):
            execute = spec.loader.exec_module
            spec.loader.exec_module = lambda module: (execute(module), self.wrap(module))[0]
        return spec

    def wrap(self, module) -> None:
        for what, table in (("read", READERS), ("write", WRITERS)):
            for name in table.get(module.__name__, ()):
                *owners, last = name.split(".")
                owner = functools.reduce(getattr, owners, module)
                if function := getattr(owner, last, None):  # another version may lack it
                    setattr(owner, last, self.noting(function, what))

    def noting(self, function, what: str):
        """Wrap a function, or a class: others may ask whether something is one of it."""
        if getattr(function, "__flags__", 0) & CAN_BE_BASE:
            body = {"__init__": self.noting(lambda *arguments, **named: None, what)}
            return type(function.__name__, (function,), body)

        @functools.wraps(function, updated=())
        def call(*arguments, **named):
            given = [*arguments, *named.values()]
            modes = [one for one in given if type(one) is str and one in WRITING_MODES]
            writes = what == "write" or modes
            paths = [path for one in given for path in (one if type(one) is list else [one])]
            if not writes:
                self.note_files("read", paths)
            result = function(*arguments, **named)
            if writes:
                self.note_files("write", paths)
            return result

        return call

    def note_files(self, what: str, paths: list) -> None:
        for path in paths:
            if isinstance(path, (str, os.PathLike)) and os.path.exists(path):
                self.notes.note(what, path)


def _import_next() -> None:
    """Import the module of the same name that this one hides, if there is one."""
    here = os.path.dirname(os.path.abspath(__file__))
    others = [path for path in sys.path if os.path.abspath(path) != here]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
    if spec:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if "JOURNAL_READS" in os.environ:
    notes = Notes(os.environ["JOURNAL_READS"])
    watch(notes)
    sys.meta_path.insert(0, Wrapping(notes))
_import_next()
