"""What the project itself says of a folder of data: which files count, whether they are sound.

A project whose package `lib.data` has `data_files(folder)` and `check_data(folder)` is asked; in
any other, all files of the folder count.
"""

import importlib
from pathlib import Path
from types import ModuleType

PARAMETER = "data"  # the parameter that --data sets
PACKAGE = "lib.data"


def data_files(folder: Path, root: Path) -> list[Path] | None:
    """Return the files of a folder that are data; None where the project does not say.

    Raises:
        InputError: the folder holds no data set of the project.
    """
    found = _package(root)
    return found and found.data_files(folder)


def check_data(folder: Path, root: Path) -> str | None:
    """Have the project look at all data of a folder; return what they are, in one line.

    Raises:
        InputError: with all their faults.
    """
    found = _package(root)
    return found and found.check_data(folder)


def _package(root: Path) -> ModuleType | None:
    """Return the project's package, if it is there and can be asked."""
    path = root.joinpath(*PACKAGE.split("."), "__init__.py")
    if not path.is_file() or "data_files" not in path.read_text("utf-8"):
        return None
    module = importlib.import_module(PACKAGE)
    return module if Path(module.__file__).samefile(path) else None
