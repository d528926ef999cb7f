"""Execute notebooks one after the other; print how many seconds their kernels lived.

    python kernels.py NOTEBOOK...

A kernel's life is its start, its cells and its end; nothing else is counted, nor the seconds for
which one kernel in six hangs at its end, which the engine prevents (see OWN_STREAMS).
"""

import sys
import time
from pathlib import Path

sys.modules.setdefault("rfc3987_syntax", None)  # an optional checker, slow to import

import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402

from carnet.execution.kernels import OWN_STREAMS  # noqa: E402


def lifetime(path: Path) -> float:
    """Return the seconds that the kernel of a notebook lives."""
    notebook = nbformat.read(path, as_version=4)
    started = time.perf_counter()
    client = NotebookClient(notebook, kernel_name="python3")
    with client.setup_kernel():
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        client.wait_for_reply(client.kc.execute(OWN_STREAMS, silent=True))
    return time.perf_counter() - started


if __name__ == "__main__":
    print(sum(lifetime(Path(name)) for name in sys.argv[1:]))
