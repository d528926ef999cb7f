"""Versions of the installed packages that code imports, directly or through other packages."""

import contextlib
import functools
import inspect
import platform
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from carnet.project.files import read_sealed, remember
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
def environment() -> Environment:
    """Read what is installed; remembered until a package is installed, upgraded or removed."""
    state = _state()
    memory = store_folder() / "environment.json"
    known = read_sealed(memory)
    if known.get("state") != state:
        known = {"state": state, **_read()}
        remember(memory, known)
    return Environment(known["distributions"], known["versions"], known["requires"])


def python_version() -> str:
    return f"{platform.python_implementation()} {platform.python_version()}"


def _state() -> list:
    """Installing anything changes the modification time of its folder."""
    folders = [Path(entry) for entry in sys.path if entry.endswith("-packages")]
    return [python_version(), *([str(f), f.stat().st_mtime_ns] for f in folders if f.is_dir())]


def _read() -> dict:
    import importlib.metadata  # slow to import, and remembered most of the time

    from packaging.utils import canonicalize_name

    versions, requires, distributions = {}, {}, {}
    for distribution in importlib.metadata.distributions():
        about = distribution.metadata  # parsed at each access
        name, required = canonicalize_name(about["Name"]), about.get_all("Requires-Dist")
        versions.setdefault(name, about["Version"])
        requires.setdefault(name, sorted(_requirements(required or distribution.requires or [])))
        for top in _import_names(distribution):
            distributions.setdefault(top, set()).add(name)
    imports = {top: sorted(names) for top, names in sorted(distributions.items())}
    return {"distributions": imports, "versions": versions, "requires": requires}


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
