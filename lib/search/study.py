"""An Optuna study that several processes share, on one machine or more, and its trials.

It is kept in a journal file or in PostgreSQL. Whoever runs trials of it takes the first one that
nobody runs, or draws the next one; so two searches of one study share its trials and none is run
twice. A trial is claimed while it runs by a lock that ends with its process, so the trial of a
process that died is free at once, and whoever takes it goes on with it. Knows nothing of what a
trial computes.
"""

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import optuna
import sqlalchemy
from filelock import FileLock, Timeout
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState

from carnet import WorkerPool, open_workers, progress

# A machine that vanishes without a word gives its locks back within a minute.
KEEPALIVE = (
    "tcp_keepalives_idle = 30",
    "tcp_keepalives_interval = 10",
    "tcp_keepalives_count = 3",
)
UNPOOLED = {"poolclass": sqlalchemy.NullPool}  # nothing to close, and nothing left open

PATIENCE_SECONDS = 0.5  # between two looks at the trials that others run

Objective = Callable[[Trial], float]


@dataclass(frozen=True)
class StudyPlan:
    """All that a process needs to take part in a study, wherever it is.

    folder: keeps the study's journal file and its locks, where there is no database at `url`.
    draw: gives a new trial all its parameters.
    objective: what the study maximises.
    n_trials: the first ones of the study, which are to end.
    """

    name: str
    folder: Path
    url: str | None = field(repr=False)  # it may hold a password
    sampler: BaseSampler
    pruner: BasePruner
    draw: Callable[[Trial], object]
    objective: Objective
    n_trials: int

    def open(self) -> "SharedStudy":
        """Create or load the study."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        locks = DatabaseLocks(self.url) if self.url else FileLocks(self.folder)
        with locks.hold("open", wait=True):  # two processes would make the same tables
            study = optuna.create_study(
                storage=self._storage(),
                study_name=self.name,
                sampler=self.sampler,
                pruner=self.pruner,
                direction="maximize",
                load_if_exists=True,
            )
        return SharedStudy(self, study, locks)

    def _storage(self) -> BaseStorage:
        if self.url:
            return RDBStorage(self.url, engine_kwargs=dict(UNPOOLED))
        return journal_storage(self.folder / "study.log")

    def run_next(self) -> bool:
        """Run a trial in this process, a worker; return False if there is none to run."""
        return self.open().run_next()


def run_trials(plan: StudyPlan, processes: int | None = None) -> optuna.Study:
    """Run trials of a study until all have ended, by whomever.

    Args:
        processes: how many at the same time, each in a process of its own or, with
            JOURNAL_CLUSTER, on a worker of the cluster. By default one, in this process.
    """
    shared = plan.open()
    if processes is None:
        _wait_for_trials(shared, lambda left: shared.run_next() or time.sleep(PATIENCE_SECONDS))
    else:
        with open_workers(processes) as workers:
            _wait_for_trials(shared, WorkerPool(workers, plan.run_next).keep_busy)
    return shared.study


def _wait_for_trials(shared: "SharedStudy", work: Callable[[int], object]) -> None:
    """Call `work` with the number of trials left, for as long as there are some."""
    n_trials = shared.plan.n_trials
    for number in progress(range(n_trials), "Recherche"):
        while (ended := shared.ended()) <= number:
            work(n_trials - ended)


@dataclass(frozen=True)
class SharedStudy:
    """A study that this process has open, with the locks that it shares with others."""

    plan: StudyPlan
    study: optuna.Study
    locks: "FileLocks | DatabaseLocks"

    def ended(self) -> int:
        """Return how many trials have ended, complete or pruned."""
        return sum(trial.state.is_finished() for trial in self._trials())

    def run_next(self) -> bool:
        """Run the next trial; return False if each has ended or is being run.

        A trial that raises anything but `TrialPruned` is left under way, for the next who comes.
        """
        with contextlib.ExitStack() as claims:
            with self.locks.hold(f"{self.plan.name}/draw", wait=True):
                trial = self._find(claims) or self._ask(claims)
            if trial is None:
                return False
            try:
                value = self.plan.objective(trial)
            except optuna.TrialPruned:
                self.study.tell(trial, state=TrialState.PRUNED)
            else:
                self.study.tell(trial, value)
        return True

    def _find(self, claims: contextlib.ExitStack) -> Trial | None:
        """Claim the first trial under way that nobody runs."""
        for trial in self._trials():
            if trial.state.is_finished() or not self._claim(trial.number, claims):
                continue
            if not self._trials()[trial.number].state.is_finished():  # since we looked
                found = Trial(self.study, trial._trial_id)
                self.plan.draw(found)  # what its process had no time to draw
                return found
        return None

    def _ask(self, claims: contextlib.ExitStack) -> Trial | None:
        if len(self._trials()) >= self.plan.n_trials:
            return None
        trial = self.study.ask()
        self._claim(trial.number, claims)
        self.plan.draw(trial)
        return trial

    def _claim(self, number: int, claims: contextlib.ExitStack) -> bool:
        name = f"{self.plan.name}/trial-{number}"
        return claims.enter_context(self.locks.hold(name, wait=False))

    def _trials(self) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False)[: self.plan.n_trials]


class FileLocks:
    """Locks of the processes that see a folder; each ends with the process that holds it."""

    def __init__(self, folder: Path):
        self.folder = folder

    @contextlib.contextmanager
    def hold(self, name: str, *, wait: bool) -> Iterator[bool]:
        """Hold a lock, and say whether it is held: it may not be, if not to `wait` for it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.folder / f"{Path(name).name}.lock")
        with contextlib.ExitStack() as held:
            with contextlib.suppress(Timeout):
                held.enter_context(lock.acquire(timeout=-1 if wait else 0))
            yield lock.is_locked


class DatabaseLocks:
    """Locks of the processes that see a PostgreSQL database.

    Each has a connection of its own, with which it ends.
    """

    def __init__(self, url: str):
        self.engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT", **UNPOOLED)

    @contextlib.contextmanager
    def hold(self, name: str, *, wait: bool) -> Iterator[bool]:
        """Hold a lock, and say whether it is held: it may not be, if not to `wait` for it."""
        digest = hashlib.sha256(f"journal/{name}".encode()).digest()
        number = int.from_bytes(digest[:8], signed=True)
        call = "SELECT pg_advisory_lock(%s)" if wait else "SELECT pg_try_advisory_lock(%s)"
        with self.engine.connect() as connection:
            for setting in KEEPALIVE:
                connection.exec_driver_sql(f"SET {setting}")
            held = connection.exec_driver_sql(call, (number,)).scalar() is not False
            if not held:
                connection.close()
            yield held


def journal_storage(path: Path) -> BaseStorage:
    """Open Optuna's journal file."""
    return JournalStorage(JournalFileBackend(str(path), lock_obj=JournalLock(path)))


class JournalLock:
    """The lock of those who write in a journal file.

    Optuna's own locks outlive a killed process; this one goes with it, and whoever has it next
    drops the line that such a process left half-written.
    """

    def __init__(self, path: Path):
        self.path = path
        self.lock = FileLock(path.with_suffix(".lock"))

    def acquire(self) -> bool:
        self.lock.acquire()
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.path, whole)
        return True

    def release(self) -> None:
        self.lock.release()
