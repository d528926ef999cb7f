"""Executing one notebook with papermill: its parameters, its environment, its errors."""

import copy
import importlib.util
import json
import os
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from carnet.execution.signals import STOPPING
from carnet.project.errors import NotebookError
from carnet.sources.forms import INJECTED, PAPERMILL_TAGS, tags_of
from carnet.sources.notebooks import Notebook, is_parameters

STARTUP = Path(__file__).parents[1] / "notebook" / "startup"
OWN_SETTINGS = ("PYTHONSTARTUP",)


def matplotlib_settings() -> str:
    """Return matplotlib's own settings; a file `matplotlibrc` beside the notebook goes before."""
    package = importlib.util.find_spec("matplotlib")
    return str(Path(package.origin).parent / "mpl-data" / "matplotlibrc") if package else ""


@dataclass(frozen=True)
class Execution:
    """What one execution needs to know."""

    notebook: Notebook
    parameters: dict
    needs: dict[str, Path]
    folder: Path
    root: Path
    store: Path

    @property
    def where(self) -> str:
        """How error messages name the notebook."""
        return f"notebooks/{self.notebook.path.name}"

    def changed_parameters(self) -> dict:
        """The parameters whose value is not the notebook's own; these are set after its own."""
        defaults = self.notebook.parameters or {}
        given = self.parameters.items()  # compared as written: 1 is not True, order counts
        return {name: value for name, value in given if repr(value) != repr(defaults[name])}

    def source(self):
        """Return the notebook to execute, as nbformat has it: parameters as Python writes them."""
        import nbformat

        content = copy.deepcopy(self.notebook.content)
        if changed := self.changed_parameters():
            lines = [f"{name} = {value!r}" for name, value in changed.items()]
            cell = nbformat.v4.new_code_cell("\n".join(["# Parameters", *lines]), id=INJECTED)
            cell["metadata"]["tags"] = [INJECTED]
            index = next(i for i, own in enumerate(content["cells"]) if is_parameters(own))
            content["cells"].insert(index + 1, cell)
        return nbformat.from_dict(content)

    @property
    def progress(self) -> Path:
        """Where the kernel reports its progress."""
        return self.folder / "progress.json"

    @property
    def log(self) -> Path:
        """What the kernel process writes about itself; kept if the execution fails."""
        return self.folder / "kernel.log"

    @property
    def reads(self) -> Path:
        """Where the processes of the run note what they read; not among its files."""
        return self.folder.with_name(f"{self.folder.name}-reads")

    def environment(self) -> dict[str, str]:
        """The kernel's environment: where to write, and what makes it deterministic.

        The settings and start-up files of the user do not reach it.
        """
        paths = [str(STARTUP), str(self.root), os.environ.get("PYTHONPATH", "")]
        given = {name: value for name, value in os.environ.items() if name not in OWN_SETTINGS}
        return {
            # Threads that wait soon sleep: otherwise two kernels slow each other several times over
            "GOMP_SPINCOUNT": "3000",
            **given,
            "IPYTHONDIR": str(self.store / "ipython"),
            "MATPLOTLIBRC": matplotlib_settings(),
            "JOURNAL_READS": str(self.reads),
            "JOURNAL_RUN": str(self.folder),
            "JOURNAL_ROOT": str(self.root),
            "JOURNAL_STORE": str(self.store),
            "JOURNAL_NEEDS": json.dumps({name: str(path) for name, path in self.needs.items()}),
            "JOURNAL_PROGRESS": str(self.progress),
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
            "PYTHONHASHSEED": "0",
            "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }


def execute(execution: Execution, at_exit: ExitStack) -> None:
    """Execute a notebook into execution.folder/notebook.ipynb.

    Args:
        at_exit: ends the kernel when the caller closes it, in the same thread; the next notebook
            can begin meanwhile.

    Raises:
        NotebookError: a cell or an inline expression failed, or the kernel did; the message says
            where.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient.exceptions import DeadKernelError

    from carnet.execution.kernels import CellError

    where, target = execution.where, execution.folder / "notebook.ipynb"
    if STOPPING.is_set():
        raise NotebookError(f"{where}: stopped")
    try:
        _run_papermill(execution, target, at_exit)
    except CellError as error:
        raise _cell_error(execution, error) from None
    except NoSuchKernel:
        kernel = execution.notebook.kernel
        raise NotebookError(f"{where}: no kernel '{kernel}' is installed") from None
    except DeadKernelError:
        raise NotebookError(f"{where}: its kernel died (out of memory?)") from None
    except RuntimeError as error:  # nbclient's, about a kernel that does not answer
        raise NotebookError(f"{where}: its kernel did not start: {error}") from None
    finally:
        execution.progress.unlink(missing_ok=True)
    execution.log.unlink()  # before the kernel ends, which may still write to it
    clean(target)


def _run_papermill(execution: Execution, target: Path, at_exit: ExitStack) -> None:
    import papermill

    notebook = execution.notebook
    # Errors of other cells are a CellError; those of cells tagged raises-exception are shown.
    with suppress(papermill.PapermillExecutionError):
        papermill.execute_notebook(
            execution.source(),
            target,
            engine_name="journal",
            kernel_name=notebook.kernel,
            progress_bar=False,
            request_save_on_cell_execute=False,
            folder=str(notebook.path.parent),
            environment=execution.environment(),
            log=execution.log,
            target=target,
            at_exit=at_exit,
        )


def _cell_error(execution: Execution, error) -> NotebookError:
    """Name the cell as the author counts it."""
    heading = execution.notebook.heading_above(error.index)
    where = f"{execution.where}, cell {error.index + 1} « {heading} »"
    last = (error.value.strip().splitlines() or [""])[-1]
    if error.name == "InputError":
        return NotebookError(f"{where}: {last}", bad_input=True)
    return NotebookError(": ".join(filter(None, [where, error.name, last])))


def own_cells(content: dict) -> list[dict]:
    """Return the cells of an executed notebook without those that the execution added."""
    return [cell for cell in content["cells"] if not PAPERMILL_TAGS.intersection(tags_of(cell))]


def clean(path: Path) -> None:
    """Remove what differs from run to run, and what papermill says above errors."""
    content = json.loads(path.read_text("utf-8"))
    content["metadata"].pop("papermill", None)
    marks = PAPERMILL_TAGS - {INJECTED}
    content["cells"] = [cell for cell in content["cells"] if not marks.intersection(tags_of(cell))]
    for cell in content["cells"]:
        for key in ("papermill", "execution"):
            cell["metadata"].pop(key, None)
    text = json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True)
    path.write_text(text + "\n", "utf-8")
