"""Execute notebooks one after the other; print how many seconds their kernels lived.

    python kernels.py NOTEBOOK...

A kernel's life is its start, its cells and its end; nothing else is counted.
"""

import sys
import time
from pathlib import Path

sys.modules.setdefault("rfc3987_syntax", None)  # an optional checker, slow to import

import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402


def lifetime(path: Path) -> float:
    """Return the seconds that the kernel of a notebook lives."""
    notebook = nbformat.read(path, as_version=4)
    started = time.perf_counter()
    NotebookClient(notebook, kernel_name="python3").execute()
    return time.perf_counter() - started


if __name__ == "__main__":
    print(sum(lifetime(Path(name)) for name in sys.argv[1:]))
