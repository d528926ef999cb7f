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
    """Read what is installed for this Python, or for that of another environment."""
    path, version = _ask(python)[1] if python else sys.path, python_version(python)
    distributions, versions, requires = {}, {}, {}
    for folder in filter(Path.is_dir, map(Path, path)):
        for about in _installed(folder.resolve(), version):
            versions.setdefault(about["name"], about["version"])
            requires.setdefault(about["name"], about["requires"])
            for top in about["imports"]:
                distributions.setdefault(top, set()).add(about["name"])
    return Environment(
        {top: sorted(distributions[top]) for top in distributions}, versions, requires
    )


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


def _installed(folder: Path, python: str) -> list[dict]:
    """Return what the packages of a folder say of themselves.

    Remembered until one is installed, upgraded or removed, which changes the time of the folder.
    """
    state = [python, folder.stat().st_mtime_ns]
    memory = store_folder() / "environments" / f"{digest(str(folder))}.json"
    known = read_sealed(memory)
    if known.get("state") != state:
        from importlib.metadata import distributions  # slow to import, and seldom needed

        packages = [_about(found) for found in distributions(path=[str(folder)])]
        known = {"state": state, "packages": packages}
        remember(memory, known)
    return known["packages"]


def _about(distribution) -> dict:
    from packaging.utils import canonicalize_name

    about = distribution.metadata  # parsed at each access
    required = about.get_all("Requires-Dist") or distribution.requires or []
    return {
        "name": canonicalize_name(about["Name"]),
        "version": about["Version"] + _local_files(distribution),
        "requires": sorted(_requirements(required)),
        "imports": sorted(_import_names(distribution)),
    }


def _local_files(distribution) -> str:
    """What distinguishes two installations of one version from a local folder or archive.

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
