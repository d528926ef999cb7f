"""Kernels of notebooks under way: a papermill engine that evaluates inline expressions too.

The values go where JupyterLab puts them: the cell's `user_expressions` metadata. Imported only
when a notebook is executed, because papermill is slow to import.
"""

import contextlib

import nbformat
import psutil
from jupyter_core.utils import ensure_async, run_sync
from nbclient.exceptions import CellExecutionError, DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

from carnet.execution.notebook import own_cells
from carnet.execution.signals import READY, RUNNING, STOPPING
from carnet.text.markdown import expressions

# The manager gives keys to the kernel, so that nobody reads their messages on the loopback.
ENCRYPTED = Config(KernelManager={"transport_encryption": "auto"})
# When it ends, ipykernel 7 flushes its streams through a thread that it may have just stopped, and
# then hangs for seconds, one time in six. The process's own streams flush without that thread.
OWN_STREAMS = "import sys; sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__"

SWEEPS = 5  # over all processes: one that is killed may have started another


def end_processes(run: str) -> None:
    """Kill a kernel and all that its cells started, whatever group or parent they are in.

    Each has in its environment the folder `run` that its kernel was given.
    """
    for _ in range(SWEEPS):
        found = [process for process in psutil.process_iter() if _run_of(process) == run]
        for process in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        if not found:
            break
        psutil.wait_procs(found, timeout=1)


def _run_of(process: psutil.Process) -> str | None:
    """Return the folder of the run that a process works for; None of others and of zombies."""
    try:
        return process.environ().get("JOURNAL_RUN")
    except (psutil.Error, OSError):
        return None


class CellError(Exception):
    """A cell or an inline expression failed.

    `index` is that of the cell as its author counts; `name` and `value` are the exception's.
    """

    def __init__(self, index: int, name: str, value: str):
        self.index, self.name, self.value = index, name, value


class JournalNotebookClient(PapermillNotebookClient):
    """Executes cells as papermill does, and the inline expressions of Markdown cells."""

    def execute(self, *, env, **options):
        """Execute the cells; the kernel lives until `end`."""
        self.run = env["JOURNAL_RUN"]
        self.on_cell_executed = self._refuse_exit
        RUNNING.add(self)
        return super().execute(cleanup_kc=False, env=env, **options)

    def end(self) -> None:
        """Shut the kernel down, if it started, in the thread that executed; wait for its end."""
        try:
            if self.km is not None:
                self._cleanup_kernel()
        finally:
            end_processes(self.run)
            RUNNING.discard(self)

    def kill(self) -> None:
        """Kill the kernel, from any thread; `execute` then raises DeadKernelError."""
        end_processes(self.run)

    def papermill_execute_cells(self):
        READY.set()
        super().papermill_execute_cells()
        if self.km.ipykernel:
            self.wait_for_reply(self.kc.execute(OWN_STREAMS, silent=True, store_history=False))

    async def async_execute_cell(self, cell, cell_index, *args, **options):
        try:
            if cell.cell_type == "markdown":
                await self._evaluate(cell)
                return cell
            return await super().async_execute_cell(cell, cell_index, *args, **options)
        except CellExecutionError as error:  # of SystemExit and magics, outputs show nothing
            raise self._error(cell, error.ename, error.evalue) from None
        except DeadKernelError:
            raise self._error(cell, "", "its kernel died (out of memory?)") from None

    execute_cell = run_sync(async_execute_cell)

    def _refuse_exit(self, cell, cell_index, execute_reply) -> None:
        """Refuse what `exit()` and `quit()` ask of a frontend: that the notebook ends here."""
        asked = [payload["source"] for payload in execute_reply["content"].get("payload", ())]
        if "ask_exit" in asked:
            raise self._error(cell, "", "exit() ends the notebook before its end")

    async def async_start_new_kernel(self, **options):
        await super().async_start_new_kernel(**options)
        if STOPPING.is_set():  # set before there was a process to kill
            self.kill()

    start_new_kernel = run_sync(async_start_new_kernel)

    async def _evaluate(self, cell) -> None:
        cell.metadata.pop("user_expressions", None)  # an editor may have saved some
        by_key = {str(i): found.code for i, found in enumerate(expressions(cell.source))}
        if not by_key:
            return
        message = await ensure_async(
            self.kc.execute("", silent=True, store_history=False, user_expressions=by_key)
        )
        reply = await self.async_wait_for_reply(message)
        found = reply["content"]["user_expressions"]
        for key, expression in by_key.items():
            if found[key]["status"] == "error":
                name, value = found[key]["ename"], found[key]["evalue"]
                raise self._error(cell, name, f"{{eval}}`{expression}`: {name}: {value}")
        cell.metadata["user_expressions"] = [
            {"expression": expression, "result": found[key]} for key, expression in by_key.items()
        ]

    def _error(self, cell, name: str, value: str) -> CellError:
        index = next(i for i, other in enumerate(own_cells(self.nb)) if other is cell)
        return CellError(index, name, value)


class JournalEngine(NBClientEngine):
    """Runs the kernel in the notebook's own folder, as JupyterLab does, with an environment."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man,
        kernel_name,
        *,
        folder,
        environment,
        log,
        target,
        at_exit,
        start_timeout=60,
        **_,
    ):
        client = JournalNotebookClient(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            timeout=None,
            resources={"metadata": {"path": folder}},
            config=ENCRYPTED,
        )
        at_exit.callback(client.end)
        # The notebook holds what cells print, the log what the kernel process writes about itself.
        with log.open("wb") as stream:
            try:
                return client.execute(env=environment, stderr=stream)
            except Exception:  # papermill writes only what ends
                nbformat.write(nb_man.nb, target)
                raise


papermill_engines.register("journal", JournalEngine)
