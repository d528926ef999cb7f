"""Searches shared by processes and machines: a real Dask cluster, a real PostgreSQL."""

import json
import os
import re
import signal
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from carnet import InputError
from carnet.execution.addresses import check_storage
from lib.data.cars import load_cars
from lib.search.search import search, trials_frame
from lib.search.study import StudyPlan, run_trials
from tests.carnet.conftest import (
    SmallProject,
    code,
    make_project,
    parameters,
    write_notebook,
)
from tests.fake_search import FEW, SPACE, TINY, Watched, plan_fake
from tests.servers import PATIENCE_SECONDS, POSTGRES, DaskCluster, Postgres, Processes, wait_for

HAS_DASK = find_spec("distributed") is not None
HAS_POSTGRES = find_spec("psycopg") is not None and POSTGRES is not None

# `make test-scale` runs those that need what it installs; `make test` the others.
pytestmark = pytest.mark.slow


def needs_dask(test):
    skip = pytest.mark.skipif(not HAS_DASK, reason="distributed is not installed")
    return pytest.mark.scale(skip(test))


def needs_postgres(test):
    reason = "psycopg or PostgreSQL (apt install postgresql) is not installed"
    return pytest.mark.scale(pytest.mark.skipif(not HAS_POSTGRES, reason=reason)(test))


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch) -> Path:
    """A store of its own for each test, and neither cluster nor database."""
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "store"))
    monkeypatch.delenv("JOURNAL_CLUSTER", raising=False)
    monkeypatch.delenv("JOURNAL_STORAGE", raising=False)
    return tmp_path / "store"


@pytest.fixture
def watched(tmp_path) -> Watched:
    return Watched(tmp_path / "watched", seconds=0.5)


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


def check_whole(study, n_trials: int) -> None:
    """Each trial ended, and none is like another."""
    frame = trials_frame(study, SPACE, n_trials)
    assert len(study.trials) == len(frame) == n_trials
    assert not frame[list(SPACE.factors())].duplicated().any()


def run_twice(watched: Watched, n_trials: int) -> set[int]:
    """Return the trials that more than one process has begun."""
    return {number for number in range(n_trials) if len(watched.processes(number)) > 1}


def kill_in_trial(watched: Watched, number: int) -> int:
    """Kill the process that runs trial `number` once it has run an epoch; return its id."""
    (pid,) = wait_for(lambda: watched.processes(number, epoch=2))
    os.kill(pid, signal.SIGKILL)
    return pid


def search_beside(plan: StudyPlan, processes: int) -> tuple[threading.Thread, list]:
    """Run the trials of a study in a thread; return it, and where its study will be."""
    found = []
    thread = threading.Thread(target=lambda: found.append(run_trials(plan, processes)))
    thread.start()
    return thread, found


def test_local_processes_share_the_trials_and_lose_only_those_of_a_killed_one(tmp_path, watched):
    """Two processes run different trials at the same time; when one dies, both are replaced."""
    watched.held.touch()
    thread, found = search_beside(plan_fake(tmp_path / "study", 5, on_epoch=watched), 2)
    wait_for(lambda: len({pid for *_, pid in watched.seen()} - {os.getpid()}) == 2)
    watched.held.unlink()
    killed = kill_in_trial(watched, 1)
    thread.join()
    check_whole(found[0], 5)
    assert watched.processes(1) > {killed}
    assert len(run_twice(watched, 5)) <= 2


def test_two_searches_of_one_file_share_its_trials(tmp_path, watched, processes):
    """One of them is killed in a trial: the other ends it, with the same parameters."""
    plan = plan_fake(tmp_path / "study", 8, on_epoch=watched)
    searches = [processes.search(plan) for _ in range(2)]
    killed = kill_in_trial(watched, 3)
    before = plan.open().study.trials[3].params
    (left,) = [search for search in searches if search.pid != killed]
    assert left.wait(PATIENCE_SECONDS) == 0
    study = plan.open().study
    check_whole(study, 8)
    assert run_twice(watched, 8) == {3}
    assert study.trials[3].params == before


@needs_postgres
def test_two_searches_of_one_database_share_its_trials(
    tmp_path, watched, processes, postgres, monkeypatch
):
    """As above, with a folder for each search: they share the database only."""
    monkeypatch.setenv("JOURNAL_STORAGE", postgres.url)
    plans = [plan_fake(tmp_path / name / "study", 8, on_epoch=watched) for name in "ab"]
    searches = [processes.search(plan) for plan in plans]
    killed = kill_in_trial(watched, 3)
    before = plans[0].open().study.trials[3].params
    (left,) = [search for search in searches if search.pid != killed]
    assert left.wait(PATIENCE_SECONDS) == 0
    study = plans[0].open().study
    check_whole(study, 8)
    assert run_twice(watched, 8) == {3}
    assert study.trials[3].params == before
    assert not list(tmp_path.rglob("study.log"))


@needs_postgres
def test_a_database_gives_the_trials_of_a_file(tiny_cars_root, postgres, monkeypatch, store):
    """One trial at a time, and what a notebook reads is the same."""
    cars = load_cars(str(tiny_cars_root), validation=0.25)
    in_file = search(cars, FEW, TINY, n_trials=3)
    monkeypatch.setenv("JOURNAL_STORAGE", postgres.url)
    assert search(cars, FEW, TINY, n_trials=3).trials.equals(in_file.trials)


@needs_postgres
def test_a_wrong_password_is_one_line_without_it(postgres, monkeypatch):
    monkeypatch.setenv("JOURNAL_STORAGE", postgres.url.replace("s%40cret", "wr0ng"))
    with pytest.raises(InputError, match="password authentication failed") as caught:
        check_storage()
    assert "wr0ng" not in str(caught.value)
    assert "\n" not in str(caught.value)


@needs_dask
def test_a_killed_worker_loses_only_its_trial_and_a_new_one_takes_part(tmp_path, watched, cluster):
    for _ in range(2):
        cluster.add_worker()
    thread, found = search_beside(plan_fake(tmp_path / "study", 8, on_epoch=watched), 1)
    killed = kill_in_trial(watched, 1)
    watched.held.touch()
    third = cluster.add_worker().pid
    wait_for(lambda: third in {pid for *_, pid in watched.seen()})
    watched.held.unlink()
    thread.join()
    check_whole(found[0], 8)
    assert run_twice(watched, 8) == {1}
    assert watched.processes(1) > {killed}
    assert len({pid for *_, pid in watched.seen()}) == 3


@needs_dask
def test_a_cluster_and_a_database_give_the_notebook_its_trials(
    tiny_cars_root, tmp_path, cluster, monkeypatch, request
):
    """Real trainings: their workers keep them in the store, and the study is read as usual."""
    if HAS_POSTGRES:
        monkeypatch.setenv("JOURNAL_STORAGE", request.getfixturevalue("postgres").url)
    cluster.add_worker()
    cars = load_cars(str(tiny_cars_root), validation=0.25)
    base = replace(TINY, seed=1, epochs=1)  # too few to prune
    trials = search(cars, FEW, base, n_trials=2).trials
    monkeypatch.delenv("JOURNAL_CLUSTER")
    monkeypatch.delenv("JOURNAL_STORAGE", raising=False)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in written if re.search(rb"s(@|%40)cret", path.read_bytes())] == []
    # The trainings are found, so that this process has none to run.
    monkeypatch.setattr("lib.training.training.TrainingLoop", None)
    assert search(cars, FEW, base, n_trials=2).trials.equals(trials)


@needs_dask
def test_workers_that_do_several_things_are_refused(tmp_path, cluster):
    cluster.add_worker(threads=2)
    plan = plan_fake(tmp_path / "study", 2)
    with pytest.raises(InputError, match=r"runs 2 tasks at a time, expected 1: .*--nthreads 1"):
        run_trials(plan, 1)


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
