"""What the project itself says of a folder of data: which files count, whether they are sound.

The module that `data` names in journal.yml is asked, by its functions `data_files(folder)` and
`check_data(folder)`; in a project that names none, all files of the folder count.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType

from carnet.project.errors import RequestError
from carnet.project.settings import FILE, read_settings

PARAMETER = "data"  # the parameter that --data sets


def data_files(folder: Path, root: Path) -> list[Path] | None:
    """Return the files of a folder that are data; None where the project does not say.

    Raises:
        InputError: the folder holds no data set of the project.
    """
    found = _module(root)
    return found and found.data_files(folder)


def check_data(folder: Path, root: Path) -> str | None:
    """Have the project look at all data of a folder; return what they are, in one line.

    Raises:
        InputError: with all their faults.
    """
    found = _module(root)
    return found and found.check_data(folder)


def _module(root: Path) -> ModuleType | None:
    """Return the project's module that knows its data, if there is one."""
    name = read_settings(root).data
    if not name:
        return None
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise RequestError([f"{FILE}: data: {name}: {error}"]) from None
