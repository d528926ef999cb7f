import os
import threading
import time
from contextlib import ExitStack, suppress

import nbformat
import pytest
from papermill.engines import NotebookExecutionManager

from carnet.execution.kernels import ENCRYPTED, JournalNotebookClient
from carnet.execution.notebook import Execution, execute
from carnet.execution.signals import RUNNING, STOPPING, stop
from carnet.project.errors import NotebookError
from carnet.sources.notebooks import Notebook
from tests.carnet.conftest import code, is_alive, write_notebook


class Asking(JournalNotebookClient):
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
    client.execute(env=os.environ | {"JOURNAL_RUN": "none"})
    client.end()
    assert client.answer["data"]["text/plain"] == "True"
    assert manager.nb.cells[0].outputs[0].text == "dit\n"


@pytest.mark.slow
@pytest.mark.parametrize("source", ["1 + 1", "1 / 0"])
def test_a_kernel_lives_until_its_run_is_over_and_no_longer(tmp_path, source):
    STOPPING.clear()
    write_notebook(tmp_path / "01_un.ipynb", [code("c", source)])
    notebook, folder = Notebook.read(tmp_path / "01_un.ipynb"), tmp_path / "run"
    folder.mkdir()
    with ExitStack() as at_exit:
        with suppress(NotebookError):
            execute(Execution(notebook, {}, {}, folder, tmp_path, tmp_path), at_exit)
        (client,) = RUNNING
        process = client.km.provisioner.process
        assert process.poll() is None
    assert process.poll() is not None
    assert not RUNNING


STARTED = """
import multiprocessing, os, subprocess, time
from pathlib import Path
fork = multiprocessing.get_context("fork").Process(target=time.sleep, args=(1000,))
fork.start()
own_session = subprocess.Popen(["sleep", "1000"], start_new_session=True)
orphan = subprocess.run("sleep 1000 >/dev/null & echo $!", shell=True, stdout=subprocess.PIPE)
pids = [os.getpid(), fork.pid, own_session.pid, int(orphan.stdout)]
Path("pids.tmp").write_text(" ".join(map(str, pids)))
Path("pids.tmp").rename("pids")
"""
ENDINGS = {"interrupted": "time.sleep(1000)", "dead": "os._exit(1)", "failed": "1 / 0", "done": ""}


@pytest.mark.slow
@pytest.mark.parametrize("last", ENDINGS.values(), ids=ENDINGS)
def test_what_cells_start_ends_with_their_kernel_however_it_ends(tmp_path, last):
    STOPPING.clear()
    write_notebook(tmp_path / "01_un.ipynb", [code("a", STARTED), code("b", last)])
    notebook, folder = Notebook.read(tmp_path / "01_un.ipynb"), tmp_path / "run"
    folder.mkdir()
    if last == ENDINGS["interrupted"]:
        threading.Thread(target=stop_once_there, args=(tmp_path / "pids",)).start()
    with ExitStack() as at_exit, suppress(NotebookError):
        execute(Execution(notebook, {}, {}, folder, tmp_path, tmp_path), at_exit)
    pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(pids) == 4
    assert not any(map(is_alive, pids))


def stop_once_there(path):
    while not path.exists():
        time.sleep(0.05)
    stop()
