"""Versions of the installed packages that code imports, directly or through other packages."""

import contextlib
import functools
import inspect
import json
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from carnet.project.errors import InputError
from carnet.project.files import digest, read_sealed, remember
from carnet.project.paths import store_folder


@dataclass(frozen=True)
class Environment:
    """What is installed: import name -> distributions, and each one's version and requirements."""

    distributions: dict[str, list[str]]
    versions: dict[str, str]
    requires: dict[str, list[str]]

    def versions_of(self, imports: Iterable[str]) -> dict[str, str]:
        """Return distribution -> version for top-level import names and all they require."""
        todo = [name for top in imports for name in self.distributions.get(top, [])]
        found = {}
        while todo:
            name = todo.pop()
            if name in self.versions and name not in found:
                found[name] = self.versions[name]
                todo += self.requires[name]
        return dict(sorted(found.items()))


@functools.cache
def environment(python: str = "") -> Environment:
    """Read what is installed for this Python, or for that of another environment.

    Remembered until a package is installed, upgraded or removed.
    """
    path = _ask(python)[1] if python else sys.path
    state = _state(python, path)
    memory = store_folder() / "environments" / f"{digest(python)}.json"
    known = read_sealed(memory)
    if known.get("state") != state:
        known = {"state": state, **_read(path)}
        remember(memory, known)
    return Environment(known["distributions"], known["versions"], known["requires"])


def python_version(python: str = "") -> str:
    """Return the version of this Python, or of another by the path of its executable."""
    if python:
        return _ask(python)[0]
    return f"{platform.python_implementation()} {platform.python_version()}"


@functools.cache
def _ask(python: str) -> list:
    """Ask another Python for its version and for where it looks for packages.

    Raises:
        InputError: it does not answer.
    """
    code = "import json, platform as p, sys; v = p.python_implementation(), p.python_version(); "
    command = [python, "-c", f"{code}print(json.dumps([' '.join(v), sys.path[1:]]))"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise InputError(f"{python}: this Python of a kernel does not answer ({error})") from None


def _state(python: str, path: list[str]) -> list:
    """Installing anything changes the modification time of its folder."""
    folders = [Path(entry) for entry in path if entry.endswith("-packages")]
    times = [[str(f), f.stat().st_mtime_ns] for f in folders if f.is_dir()]
    return [python_version(python), *times]


def _read(path: list[str]) -> dict:
    import importlib.metadata  # slow to import, and remembered most of the time

    from packaging.utils import canonicalize_name

    versions, requires, distributions = {}, {}, {}
    for distribution in importlib.metadata.distributions(path=path):
        about = distribution.metadata  # parsed at each access
        name, required = canonicalize_name(about["Name"]), about.get_all("Requires-Dist")
        versions.setdefault(name, about["Version"] + _local_files(distribution))
        requires.setdefault(name, sorted(_requirements(required or distribution.requires or [])))
        for top in _import_names(distribution):
            distributions.setdefault(top, set()).add(name)
    imports = {top: sorted(names) for top, names in sorted(distributions.items())}
    return {"distributions": imports, "versions": versions, "requires": requires}


def _local_files(distribution) -> str:
    """What tells apart two installations of one version from a local folder or archive.

    Those of an editable one are not installed: their code is followed where it is.
    """
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    editable = origin.get("dir_info", {}).get("editable")
    if editable or not origin.get("url", "").startswith("file:"):
        return ""
    return f"+{digest((distribution.read_text('RECORD') or '').encode())[:8]}"


def _import_names(distribution) -> set[str]:
    """Names that a distribution lets import: those it declares, or those of its files.

    As importlib.metadata.packages_distributions of Python 3.12, which in 3.11 misses compiled
    modules, and parses all metadata once more.
    """
    if declared := (distribution.read_text("top_level.txt") or "").split():
        return set(declared)
    files = distribution.files or []
    names = {f.parts[0] if len(f.parts) > 1 else inspect.getmodulename(f) for f in files}
    return {name for name in names if name and "." not in name}


def _requirements(lines: Iterable[str]) -> set[str]:
    """Names required without an extra; one that a marker rules out is simply not installed.

    A line of no valid form, which pip refuses to install, is left out.
    """
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    names = set()
    for line in lines:
        with contextlib.suppress(InvalidRequirement):
            requirement = Requirement(line)
            if "extra" not in str(requirement.marker or ""):
                names.add(canonicalize_name(requirement.name))
    return names
