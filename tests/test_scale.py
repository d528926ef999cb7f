"""Searches shared by processes and machines: a real Dask cluster, a real PostgreSQL."""

import gc
import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import optuna
import psutil
import pytest

from carnet import InputError, open_workers, work_through
from carnet.execution.addresses import check_storage
from lib.data.cars import load_cars
from lib.search.search import search
from tests.carnet.conftest import (
    SmallProject,
    code,
    make_project,
    parameters,
    write_notebook,
)
from tests.conftest import ROOT
from tests.fake_search import FEW, TINY
from tests.servers import PATIENCE_SECONDS, POSTGRES, DaskCluster, Postgres, Processes, wait_for

HAS_DASK = find_spec("distributed") is not None
HAS_POSTGRES = find_spec("psycopg") is not None and POSTGRES is not None

# `make test-scale` runs those that need what it installs; `make test` the others.
pytestmark = [
    pytest.mark.slow,
    # Optuna leaves the connections of a study to the collector of garbage.
    pytest.mark.filterwarnings("ignore:<psycopg:ResourceWarning"),
]


def needs_dask(test):
    skip = pytest.mark.skipif(not HAS_DASK, reason="distributed is not installed")
    return pytest.mark.scale(skip(test))


def needs_postgres(test):
    reason = "psycopg or PostgreSQL (apt install postgresql) is not installed"
    return pytest.mark.scale(pytest.mark.skipif(not HAS_POSTGRES, reason=reason)(test))


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> Iterator[Path]:
    """A store of its own for each test, and neither cluster nor database."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "store"))
    monkeypatch.delenv("JOURNAL_CLUSTER", raising=False)
    monkeypatch.delenv("JOURNAL_STORAGE", raising=False)
    yield tmp_path / "store"
    gc.collect()  # while the warnings above are ignored, not as pytest ends


@pytest.fixture
def processes() -> Iterator[Processes]:
    found = Processes()
    yield found
    found.kill()


@pytest.fixture
def cluster(processes, tmp_path, monkeypatch) -> DaskCluster:
    found = DaskCluster(processes, tmp_path)
    monkeypatch.setenv("JOURNAL_CLUSTER", found.address)
    return found


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A server in a folder that another user can reach, unlike those of pytest."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = Postgres(Path(folder))
        yield server
        server.stop()


TRIALS = {"n_trials": 4, "designed_trials": 3}
SEARCH = f"""
import sys
from lib.data.cars import load_cars
from lib.search.search import search
from tests.fake_search import FEW, TINY

if __name__ == "__main__":
    cars = load_cars(sys.argv[1], validation=0.25)
    search(cars, FEW, TINY, **{TRIALS}, parallel_trials=int(sys.argv[2]))
"""


@dataclass(frozen=True)
class Searches:
    """Runs the same small search in processes of their own, each with the store it is given."""

    processes: Processes
    folder: Path
    cars: Path

    def start(self, store: str, parallel: int = 1, **environment: str) -> subprocess.Popen:
        script = self.folder / "search.py"
        script.write_text(SEARCH)
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        place = {"JOURNAL_STORE": str(self.folder / store), "PYTHONPATH": path}
        arguments = [str(script), str(self.cars), str(parallel)]
        return self.processes.start(*arguments, env=os.environ | place | environment)

    def table(self, store: str, *arguments, **environment: str) -> bytes:
        """Return the bytes of the table of trials that a search ends with."""
        assert self.start(store, *arguments, **environment).wait(PATIENCE_SECONDS) == 0
        return self.kept(store)

    def kept(self, store: str) -> bytes:
        (path,) = self.folder.glob(f"{store}/searches/*/finished.json")
        return path.read_bytes()

    def wait_for_trials(self, store: str, count: int) -> None:
        """Wait until so many trials have begun."""
        wait_for(lambda: len([*self.folder.glob(f"{store}/trials/*")]) >= count)


@pytest.fixture
def searches(processes, tmp_path, tiny_cars_root) -> Searches:
    return Searches(processes, tmp_path, tiny_cars_root)


@pytest.fixture(scope="module")
def alone(tiny_cars_root, tmp_path_factory) -> bytes:
    """The table of the search in one process."""
    folder = tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNAL_STORE", str(folder / "one"))
        for name in ("JOURNAL_CLUSTER", "JOURNAL_STORAGE"):
            patch.delenv(name, raising=False)
        cars = load_cars(str(tiny_cars_root), validation=0.25)
        search(cars, FEW, TINY, **TRIALS, parallel_trials=1)
    return Searches(Processes(), folder, tiny_cars_root).kept("one")


def workers_of(search: subprocess.Popen) -> list[psutil.Process]:
    children = psutil.Process(search.pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def test_a_search_of_two_processes_finds_the_same_bytes_after_kills(searches, alone):
    """Those of one process: the same trials, the same curves, in the same order.

    The search is killed; as it resumes, one of its processes is, and replaced.
    """
    trials = json.loads(alone)["result"]["trials"]
    assert [trial["number"] for trial in trials] == [1, 2, 3, 4]
    assert [trial["generation"] for trial in trials] == [1, 1, 1, 2]
    killed = searches.start("killed", 2)
    searches.wait_for_trials("killed", 2)
    workers = workers_of(killed)
    killed.kill()
    psutil.wait_procs(workers, PATIENCE_SECONDS)
    assert not [*searches.folder.glob("killed/searches/*/finished.json")]
    resumed = searches.start("killed", 2)
    searches.wait_for_trials("killed", 3)
    wait_for(lambda: workers_of(resumed))[0].kill()
    assert resumed.wait(PATIENCE_SECONDS) == 0
    assert searches.kept("killed") == alone


@needs_dask
def test_a_search_on_dask_with_a_worker_killed_finds_the_same_bytes(searches, alone, cluster):
    first = cluster.add_worker()
    cluster.add_worker()
    begun = searches.start("dask")
    searches.wait_for_trials("dask", 1)
    first.kill()
    cluster.add_worker()
    assert begun.wait(PATIENCE_SECONDS) == 0
    assert searches.kept("dask") == alone


@needs_postgres
def test_a_database_shows_a_search_and_hides_its_password(searches, alone, postgres, tmp_path):
    """It changes nothing in what is found."""
    assert searches.table("shown", JOURNAL_STORAGE=postgres.url) == alone
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in written if re.search(rb"s(@|%40)cret", path.read_bytes())] == []
    url = postgres.url.replace("postgresql:", "postgresql+psycopg:")
    (name,) = optuna.get_all_study_names(url)
    study = optuna.load_study(study_name=name, storage=url)
    curves = [list(trial.intermediate_values.values()) for trial in study.trials]
    assert curves == [trial["curve"] for trial in json.loads(alone)["result"]["trials"]]


@needs_postgres
def test_a_wrong_password_is_one_line_without_it(postgres, monkeypatch):
    monkeypatch.setenv("JOURNAL_STORAGE", postgres.url.replace("s%40cret", "wr0ng"))
    with pytest.raises(InputError, match="password authentication failed") as caught:
        check_storage()
    assert "wr0ng" not in str(caught.value)
    assert "\n" not in str(caught.value)


@needs_dask
def test_workers_that_do_several_things_are_refused(cluster):
    cluster.add_worker(threads=2)
    refused = pytest.raises(InputError, match=r"runs 2 tasks at a time, expected 1: .*--nthreads 1")
    with refused, open_workers(1) as workers:
        list(work_through(workers, [os.getpid]))


WHO = "import os; from carnet import open_workers, record\n"
ASK = "with open_workers(1) as workers:\n    record(trial=workers.submit(os.getpid).result())\n"


@pytest.fixture
def scattered(tmp_path, monkeypatch) -> SmallProject:
    """A project of two notebooks, which tell the process that runs them; the first asks tasks."""
    monkeypatch.delenv("JOURNAL_STORE")
    project = make_project(tmp_path / "project")
    for pattern in ("notebooks/*", "journal/jour-*", "lib/double.py"):
        for path in project.root.glob(pattern):
            path.unlink()
    for name, asked in (("01_un", ASK), ("02_deux", "")):
        cells = [
            parameters("seconds = 0"),
            code("qui", f"{WHO}record(parent=os.getppid())\n{asked}"),
        ]
        cells.append(code("attendre", "import time; time.sleep(seconds)"))
        write_notebook(project.root / "notebooks" / f"{name}.ipynb", cells)
    (project.root / "journal/profils/synthetique.yml").write_text("description: rien\n")
    return project


def recorded(project: SmallProject) -> dict:
    paths = project.root.glob("runs/notebooks/*/*/results.json")
    return {path.parents[1].name: json.loads(path.read_text()) for path in paths}


@needs_dask
def test_notebooks_run_on_the_workers_and_leave_them_to_their_tasks(scattered, cluster):
    """A single worker runs a notebook and what this notebook asks of the cluster."""
    worker = cluster.add_worker().pid
    scattered.build("--only", "01", "--only", "02", "--cluster", cluster.address)
    assert recorded(scattered) == {
        "un": {"parent": worker, "trial": worker},
        "deux": {"parent": worker},
    }


@needs_dask
def test_independent_notebooks_run_on_different_workers(scattered, cluster):
    workers = {cluster.add_worker().pid, cluster.add_worker().pid}
    wait_for(lambda: (cluster.folder / "dask.log").read_text().count("Register worker") == 2)
    scattered.build("--only", "01", "--only", "02", "-p", "seconds=2", "--cluster", cluster.address)
    assert {results["parent"] for results in recorded(scattered).values()} == workers


@needs_dask
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_build_that_ends_ends_its_kernels_on_the_workers(scattered, cluster, processes, sign):
    worker = psutil.Process(cluster.add_worker().pid)
    command = [
        "build_journal.py",
        "--only",
        "02",
        "-p",
        "seconds=600",
        "--cluster",
        cluster.address,
    ]
    build = processes.start(*command, cwd=scattered.root)
    wait_for(worker.children)
    wait_for(lambda: list(scattered.root.glob("runs/staging/*/results.json")))
    build.send_signal(sign)
    build.wait(PATIENCE_SECONDS)
    wait_for(lambda: not worker.children())
    scattered.build("--only", "02", "--cluster", cluster.address)


@needs_dask
def test_a_notebook_whose_worker_dies_runs_on_another(scattered, cluster, processes):
    command = ["build_journal.py", "--only", "02", "-p", "seconds=5", "--cluster", cluster.address]
    told = scattered.root / "told"
    with told.open("wb") as log:
        build = processes.start(*command, cwd=scattered.root, stderr=log)
    wait_for(lambda: "the cluster has no worker yet" in told.read_text())
    first = cluster.add_worker()
    wait_for(lambda: list(scattered.root.glob("runs/staging/*/results.json")))
    first.kill()
    second = cluster.add_worker()
    assert build.wait(PATIENCE_SECONDS) == 0
    assert recorded(scattered)["deux"]["parent"] == second.pid
