"""Executing one notebook with papermill: its parameters, its environment, its errors."""

import json
import os
import sys
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from carnet.project.errors import NotebookError
from carnet.sources.notebooks import Notebook

# Set when the build is interrupted: from then on no kernel goes on.
STOPPING = threading.Event()
READY = threading.Event()  # what executes is imported, and a first kernel has started or failed to

# Tags of the cells that papermill adds: parameters, and on a failure where it is.
ADDED = {"injected-parameters", "papermill-error-cell-tag"}


@dataclass(frozen=True)
class Execution:
    """What one execution needs to know."""

    notebook: Notebook
    parameters: dict
    needs: dict[str, Path]
    folder: Path
    root: Path
    store: Path

    def changed_parameters(self) -> dict:
        """The parameters whose value is not the notebook's own; papermill injects these."""
        defaults = self.notebook.parameters or {}
        return {n: value for n, value in self.parameters.items() if value != defaults[n]}

    @property
    def progress(self) -> Path:
        """Where the kernel says how far it is."""
        return self.folder / "progress.json"

    @property
    def log(self) -> Path:
        """What the kernel says of itself, for the day that it fails."""
        return self.folder / "kernel.log"

    def environment(self) -> dict[str, str]:
        """The kernel's environment: where to write, and what makes it deterministic."""
        paths = [str(self.root), os.environ.get("PYTHONPATH", "")]
        return {
            # Threads that wait soon sleep: else two kernels slow each other several times over.
            "GOMP_SPINCOUNT": "3000",
            **os.environ,
            "JOURNAL_RUN": str(self.folder),
            "JOURNAL_STORE": str(self.store),
            "JOURNAL_NEEDS": json.dumps({name: str(path) for name, path in self.needs.items()}),
            "JOURNAL_PROGRESS": str(self.progress),
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
            "PYTHONHASHSEED": "0",
            "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }


def execute(execution: Execution, ending: ExitStack) -> None:
    """Execute a notebook into execution.folder/notebook.ipynb.

    Its kernel ends when `ending` closes, which is for the same thread to do: what comes next can
    begin meanwhile.

    Raises:
        NotebookError: a cell or an inline expression failed; the message names it.
    """
    import papermill
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    from carnet.execution.client import ExpressionError

    if STOPPING.is_set():
        raise NotebookError(f"notebooks/{execution.notebook.path.name}: stopped")
    notebook, target = execution.notebook, execution.folder / "notebook.ipynb"
    try:
        papermill.execute_notebook(
            notebook.path,
            target,
            execution.changed_parameters(),
            engine_name="journal",
            kernel_name=notebook.kernel,
            progress_bar=False,
            request_save_on_cell_execute=False,
            folder=str(notebook.path.parent),
            environment=execution.environment(),
            log=execution.log,
            ending=ending,
        )
    except PapermillExecutionError as error:
        cells = own_cells(json.loads(target.read_text("utf-8")))
        failed = [index for index, cell in enumerate(cells) if _failed(cell)][-1]
        raise _error_at(notebook, failed, error.ename, error.evalue) from None
    except ExpressionError as error:
        raise _error_at(notebook, error.index, error.name, str(error)) from None
    except NoSuchKernel:
        message = f"notebooks/{notebook.path.name}: no kernel '{notebook.kernel}' is installed"
        raise NotebookError(message) from None
    except DeadKernelError:
        message = f"notebooks/{notebook.path.name}: its kernel died (out of memory?)"
        raise NotebookError(message) from None
    except RuntimeError as error:  # of nbclient, about a kernel that is not heard of
        message = f"notebooks/{notebook.path.name}: its kernel did not start: {error}"
        raise NotebookError(message) from None
    finally:
        execution.progress.unlink(missing_ok=True)
    execution.log.unlink()  # it may still grow: a kernel has things to say as it ends
    clean(target)


def _failed(cell: dict) -> bool:
    return any(output["output_type"] == "error" for output in cell.get("outputs", []))


def own_cells(content: dict) -> list[dict]:
    """The cells of an executed notebook without those that papermill adds."""
    return [cell for cell in content["cells"] if not ADDED.intersection(_tags(cell))]


def _tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])


def _error_at(notebook: Notebook, index: int, name: str, value: str) -> NotebookError:
    """Name the cell as the author counts it."""
    last = value.strip().splitlines()[-1] if value.strip() else ""
    place = f"notebooks/{notebook.path.name}, cell {index + 1} « {notebook.heading_above(index)} »"
    if name == "InputError":
        return NotebookError(f"{place}: {last}", bad_input=True)
    return NotebookError(f"{place}: {name}: {last}")


def clean(path: Path) -> None:
    """Remove from an executed notebook what differs from run to run: times and random ids."""
    content = json.loads(path.read_text("utf-8"))
    content["metadata"].pop("papermill", None)
    for cell in content["cells"]:
        for key in ("papermill", "execution"):
            cell["metadata"].pop(key, None)
        if "injected-parameters" in _tags(cell):
            cell["id"] = "injected-parameters"
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(text + "\n", "utf-8")


def stop() -> None:
    """End the kernels of every notebook under way, and those that are being started."""
    STOPPING.set()
    if "carnet.execution.client" in sys.modules:
        from carnet.execution.client import kill_kernels

        kill_kernels()
