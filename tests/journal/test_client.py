import nbformat
import pytest
from papermill.engines import NotebookExecutionManager

from lib.journal.client import ENCRYPTED, JournalClient


class Asking(JournalClient):
    """Asks the kernel, once its cells have run, whether its streams are the process's own."""

    def set_widgets_metadata(self):
        question = {"own": "(sys.stdout, sys.stderr) == (sys.__stdout__, sys.__stderr__)"}
        message = self.kc.execute("import sys", silent=True, user_expressions=question)
        self.answer = self.wait_for_reply(message)["content"]["user_expressions"]["own"]


@pytest.mark.slow
def test_a_kernel_ends_without_the_streams_whose_thread_it_stops():
    cell = nbformat.v4.new_code_cell("print('dit')")
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {}})
    manager = NotebookExecutionManager(notebook, progress_bar=False)
    manager.notebook_start()
    client = Asking(manager, kernel_name="python3", config=ENCRYPTED)
    client.execute()
    client.end()
    assert client.answer["data"]["text/plain"] == "True"
    assert manager.nb.cells[0].outputs[0].text == "dit\n"
