"""A papermill engine whose client also evaluates the inline expressions of Markdown cells.

The values go where JupyterLab puts them: the cell's `user_expressions` metadata. Imported only
when a notebook is executed: papermill is slow to import.
"""

from typing import ClassVar

from jupyter_core.utils import ensure_async, run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

from carnet.execution.execute import READY, STOPPING, own_cells
from carnet.text.markdown import expressions

# Keys that the manager gives to the kernel: what they say on the loopback cannot be read.
ENCRYPTED = Config(KernelManager={"transport_encryption": "auto"})
# Asked to end, ipykernel 7 flushes its streams through a thread that it may have just stopped, and
# then hangs for seconds: one time in six here. The process's own streams flush without it.
OWN_STREAMS = "import sys; sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__"


class ExpressionError(Exception):
    """An inline expression failed; `index` is that of its cell, as `own_cells` counts."""

    def __init__(self, index: int, expression: str, name: str, value: str):
        super().__init__(f"{{eval}}`{expression}`: {name}: {value}")
        self.index = index
        self.name = name


class JournalClient(PapermillNotebookClient):
    """Executes cells as papermill does, Markdown cells included."""

    running: ClassVar[set["JournalClient"]] = set()

    def execute(self, **options):
        """Execute the cells and leave the kernel to `end`."""
        self.running.add(self)
        return super().execute(cleanup_kc=False, **options)

    def end(self) -> None:
        """Ask the kernel to end, if it started, and wait until it has; in the same thread."""
        try:
            if self.km is not None:
                self._cleanup_kernel()
        finally:
            self.running.discard(self)

    def kill(self) -> None:
        """End the kernel at once, from any thread; `execute` then raises DeadKernelError."""
        manager = self.km  # which `end` may take away meanwhile
        process = getattr(manager and manager.provisioner, "process", None)
        if process is not None:
            process.kill()

    def papermill_execute_cells(self):
        READY.set()
        super().papermill_execute_cells()
        if self.km.ipykernel:
            self.wait_for_reply(self.kc.execute(OWN_STREAMS, silent=True, store_history=False))

    async def async_execute_cell(self, cell, cell_index, *args, **options):
        if cell.cell_type == "markdown":
            await self._evaluate(cell)
            return cell
        return await super().async_execute_cell(cell, cell_index, *args, **options)

    execute_cell = run_sync(async_execute_cell)

    async def async_start_new_kernel(self, **options):
        await super().async_start_new_kernel(**options)
        if STOPPING.is_set():  # asked while there was no process to end yet
            self.kill()

    start_new_kernel = run_sync(async_start_new_kernel)

    async def _evaluate(self, cell) -> None:
        cell.metadata.pop("user_expressions", None)  # what an editor may have left there
        asked = {str(i): found.code for i, found in enumerate(expressions(cell.source))}
        if not asked:
            return
        message = await ensure_async(
            self.kc.execute("", silent=True, store_history=False, user_expressions=asked)
        )
        reply = await self.async_wait_for_reply(message)
        found = reply["content"]["user_expressions"]
        for key, expression in asked.items():
            if found[key]["status"] == "error":
                index = next(i for i, other in enumerate(own_cells(self.nb)) if other is cell)
                raise ExpressionError(index, expression, found[key]["ename"], found[key]["evalue"])
        cell.metadata["user_expressions"] = [
            {"expression": expression, "result": found[key]} for key, expression in asked.items()
        ]


class JournalEngine(NBClientEngine):
    """Runs the kernel in the notebook's own folder, as JupyterLab does, with an environment."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man, kernel_name, *, folder, environment, log, ending, start_timeout=60, **_
    ):
        client = JournalClient(
            nb_man,
            kernel_name=kernel_name,
            startup_timeout=start_timeout,
            timeout=None,
            resources={"metadata": {"path": folder}},
            config=ENCRYPTED,
        )
        ending.callback(client.end)
        # What cells print is in the notebook; the log is for what the kernel says of itself.
        with log.open("wb") as stream:
            return client.execute(env=environment, stderr=stream)


papermill_engines.register("journal", JournalEngine)


def kill_kernels() -> None:
    """End the kernels of every notebook under way."""
    for client in list(JournalClient.running):
        client.kill()
