"""Installed kernels: how each is started, and the Python and packages that its notebooks get."""

import functools
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from carnet.project.errors import nearest
from carnet.project.files import digest
from carnet.sources import packages

# The names by which a kernel asks for the Python that starts it.
OWN = {"python", "python3", f"python3.{sys.version_info.minor}"}


@dataclass(frozen=True)
class Kernel:
    """A kernel as it is installed; `python` is another environment's, empty for the build's own."""

    name: str
    command: str
    python: str

    @property
    def version(self) -> str:
        return packages.python_version(self.python)

    @property
    def environment(self) -> packages.Environment:
        return packages.environment(self.python) if self.python else packages.environment()


def find_kernel(name: str) -> Kernel:
    """Return the kernel that Jupyter finds by this name.

    Raises:
        ValueError: there is none, or it does not begin with a Python, in one line.
    """
    from jupyter_core.paths import jupyter_path

    return _find(name.lower(), tuple(jupyter_path("kernels")))


@functools.cache
def _find(name: str, folders: tuple[str, ...]) -> Kernel:
    files = [path for folder in folders for path in sorted(Path(folder).glob("*/kernel.json"))]
    known = {path.parent.name.lower(): path for path in reversed(files)}
    if name not in known:
        if name == "python3":  # Jupyter has it wherever ipykernel is
            return Kernel(name, "", "")
        raise ValueError(f"no kernel '{name}' is installed: {nearest(name, [*known, 'python3'])}")
    where = f"kernel '{name}': {known[name]}"
    try:
        about = json.loads(known[name].read_text("utf-8"))
        python, *rest = about["argv"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{where}: not a kernel ({error!r})") from None
    return Kernel(name, digest([rest, about.get("env", {})]), _other_python(python, where))


def _other_python(python: str, where: str) -> str:
    """Return the path of a Python, empty for the build's own."""
    found = sys.executable if python in OWN else shutil.which(python)
    if found is None or "python" not in Path(found).name:
        raise ValueError(f"{where}: begins with `{python}`, expected the path of a Python")
    folders = {os.path.realpath(Path(path).parent) for path in (found, sys.executable)}
    return found if len(folders) > 1 else ""
