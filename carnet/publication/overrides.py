"""Templates of a project's own, journal/gabarits/, in place of the engine's of the same names."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from carnet.project.errors import nearest
from carnet.project.files import CLUTTER, digest, fingerprint
from carnet.project.paths import TEMPLATES, Project

FOLDER = "gabarits"


def templates_of(project: Project) -> Path:
    """Return the folder of templates: the engine's, or a copy with some of them replaced."""
    own = project.pages / FOLDER
    if not own.is_dir():
        return TEMPLATES
    merged = project.store / "templates" / digest([fingerprint(TEMPLATES), fingerprint(own)])
    if not merged.is_dir():
        partial = merged.with_suffix(".partial")
        for folder in (TEMPLATES, own):
            shutil.copytree(folder, partial, dirs_exist_ok=True)
        partial.rename(merged)
    return merged


def unknown_templates(project: Project) -> Iterator[str]:
    """Yield one line for each file of journal/gabarits/ that would replace nothing."""
    known = {path.relative_to(TEMPLATES).as_posix() for path in _files(TEMPLATES)}
    for path in _files(project.pages / FOLDER):
        name = path.relative_to(project.pages / FOLDER).as_posix()
        if name not in known:
            yield f"journal/{FOLDER}/{name}: replaces no template: {nearest(name, known)}"


def _files(folder: Path) -> list[Path]:
    files = (path for path in sorted(folder.rglob("[!.]*")) if path.is_file())
    return [path for path in files if path.name not in CLUTTER]
