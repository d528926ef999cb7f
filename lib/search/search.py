"""The hyperparameter search: generations of trials, each judged among its own.

A trial is one training, judged on the validation split; the test split is never read. The first
generation is a design, the next ones are drawn from the results of those before them. All trials
of a generation train up to a rung, the best third goes on to the next: synchronous successive
halving (Jamieson & Talwalkar, "Non-stochastic best arm identification and hyperparameter
optimization", AISTATS 2016). So what a search finds depends on its inputs alone: not on how many
processes train, which one ends first, nor on which was killed. Knows nothing of notebooks; what
the trials say is for `lib.search.analysis`.
"""

import contextlib
import math
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace

import pandas as pd

from carnet import (
    InputError,
    cluster_address,
    kept,
    open_workers,
    progress,
    storage_url,
    work_through,
)
from lib.data.cars import Cars
from lib.search.design import design
from lib.search.space import SearchSpace, configure, described
from lib.search.study import StudyRecord, draw
from lib.search.trial import DESIGNED, DRAWN, SearchTrial, TrialWork
from lib.training.configuration import TrainingConfig
from lib.training.loop import STEPS_PER_TRAINING
from lib.training.model import best_device
from lib.training.training import training_work

MOST_TRIALS = 10_000  # beyond all reason, such as of a number typed twice
REDUCTION = 3  # one trial in so many goes on past a rung


@dataclass(frozen=True)
class Search:
    """A finished search.

    trials: one row per trial: trial (from 1), generation (from 1), origin (`DESIGNED`, `DRAWN`, or
    the name of a reference), a column for each factor, pruned, epochs, accuracy (validation, after
    the last epoch), curve (tuple: validation accuracy after each epoch).
    """

    space: SearchSpace
    base: TrainingConfig
    trials: pd.DataFrame = field(repr=False)

    @property
    def designed(self) -> pd.DataFrame:
        """The trials of the design: those that say what factors do."""
        return self.trials[self.trials.origin == DESIGNED]

    @property
    def complete(self) -> pd.DataFrame:
        """The trials that went to their end, best first, the first ones among equals."""
        complete = self.trials[~self.trials.pruned]
        return complete.sort_values(["accuracy", "trial"], ascending=[False, True])

    @property
    def best(self) -> dict:
        """The complete trial of highest validation accuracy.

        Raises:
            InputError: no trial is complete.
        """
        if self.complete.empty:
            raise InputError(
                f"n_trials={len(self.trials)}: every trial diverged or was pruned; expected one "
                "that ends: more trials, or lower learning rates"
            )
        return self.complete.head(1).to_dict("records")[0]

    @property
    def first_rung(self) -> int:
        """The epoch after which trials are first judged, which all of them reach."""
        return [*rungs(self.base.epochs), self.base.epochs][0]

    def values(self, factor: str) -> list:
        """Return the values of a factor: those of the space, then those of references beside it."""
        return list(dict.fromkeys([*self.space.factors()[factor], *self.trials[factor]]))

    def config(self, trial: dict) -> TrainingConfig:
        """Return the configuration of a trial, a row of `trials`."""
        return configure(self.base, {name: trial[name] for name in self.space.factors()})

    def best_config(self, *, epochs: int, least_size: int = 1) -> TrainingConfig:
        """Return the configuration of the best trial, to be trained for `epochs`.

        Its images have `least_size` pixels a side or more: those of trials may be small to be soon
        seen.
        """
        best = self.config(self.best)
        best = replace(best, image_size=max(best.image_size, least_size))
        return of_length(best, epochs)


@dataclass(frozen=True)
class SearchPlan:
    """What the trials of a search depend on, beside what trainings give.

    sizes: the number of trials of each generation, references apart. epochs: of a whole trial.
    references: configurations tried beside the design, by name.
    """

    space: SearchSpace
    seed: int
    epochs: int
    sizes: tuple[int, ...]
    references: Mapping[str, dict]

    def generation(self, trials: list[SearchTrial]) -> list[SearchTrial]:
        """Return the trials that come after `trials`, all of which have ended."""
        number = trials[-1].generation + 1 if trials else 1
        size = self.sizes[number - 1]
        if trials:
            named = [(DRAWN, s) for s in draw(self.space, trials, size, self.seed)]
        else:
            named = [(DESIGNED, s) for s in design(self.space, size, self.seed)]
            tried = [settings for _, settings in named]
            named += [(name, s) for name, s in self.references.items() if s not in tried]
        first = len(trials) + 1
        return [SearchTrial(first + i, number, *one) for i, one in enumerate(named)]


# Takes trials up to an epoch, and yields each as it arrives there, in any order.
Advance = Callable[[list[SearchTrial], int], Iterable[SearchTrial]]
Watch = Callable[[SearchTrial], None]


def search(
    cars: Cars,
    space: SearchSpace,
    base: TrainingConfig,
    *,
    n_trials: int,
    designed_trials: int = 27,
    generation_trials: int = 3,
    references: Mapping[str, Mapping] | None = None,
    parallel_trials: int = 0,
) -> Search:
    """Search `space` for the configuration of highest validation accuracy.

    Trials train on the workers of the cluster that JOURNAL_CLUSTER names, else in processes of
    this machine. The database that JOURNAL_STORAGE names shows them as an Optuna study.

    Args:
        base: what no factor decides: the epochs of a trial, the seed, the first weights, ...
        n_trials: how many trials there are, references apart; fewer if the space has fewer
            configurations, since none is tried twice.
        designed_trials: how many of them are the design, the first generation.
        generation_trials: how many are in each generation after it.
        references: settings of trainings tried beside the design, by name.
        parallel_trials: how many processes train; 0 for as many as this machine's CPU has cores
            for, or a single one where a GPU computes. It changes no result.

    Raises:
        InputError: a number out of its range, a cluster or database out of reach.
    """
    least = {"n_trials": 1, "designed_trials": 1, "generation_trials": 1, "parallel_trials": 0}
    for name, minimum in least.items():
        if (value := locals()[name]) < minimum:
            raise InputError(f"{name}={value}: expected {minimum} or more")
    if n_trials > MOST_TRIALS:
        raise InputError(f"n_trials={n_trials}: expected {MOST_TRIALS:,} at most")
    sizes = generation_sizes(min(n_trials, space.size), designed_trials, generation_trials)
    beside = {name: described(each, space) for name, each in (references or {}).items()}
    plan = SearchPlan(space, base.seed, base.epochs, sizes, beside)
    base = of_length(base, base.epochs)
    # The name of the base training stands for the data, its split, the first weights, the code.
    inputs = asdict(plan) | {"training": training_work(cars, base).folder.name}
    work = kept("searches", inputs, of=[search], without=["lib.data.synthetic"])
    with work:
        if not work.finished:
            watch = watcher(plan, cars, base, work.folder.name)
            with trainers(cars, base, parallel_trials) as advance:
                work.finish(trials=[asdict(trial) for trial in carry_out(plan, advance, watch)])
    trials = [SearchTrial(**row) for row in work.result["trials"]]
    found = Search(space, base, frame_of(trials, space))
    for trial in found.trials.to_dict("records"):
        training_work(cars, found.config(trial))  # this run has worked there, by its workers
    return found


def of_length(config: TrainingConfig, epochs: int) -> TrainingConfig:
    """Return a configuration for so many epochs, a third of which are a plateau, as StepLR's step.

    With a patience longer than the training, ReduceLROnPlateau would be another name of "none".
    """
    return replace(config, epochs=epochs, patience=max(epochs // STEPS_PER_TRAINING, 1) - 1)


def generation_sizes(n_trials: int, designed: int, following: int) -> tuple[int, ...]:
    """Return the number of trials of each generation.

    >>> generation_sizes(34, designed=27, following=3)
    (27, 3, 3, 1)
    """
    first = min(n_trials, designed)
    whole, rest = divmod(n_trials - first, following)
    return (first, *[following] * whole, *[rest] * bool(rest))


def rungs(epochs: int) -> list[int]:
    """Return the epochs after which a trial of so many can be pruned: at 2/9 and 2/3 of them."""
    return sorted({math.ceil(2 * epochs / 9), math.ceil(2 * epochs / 3)} - {epochs})


def carry_out(plan: SearchPlan, advance: Advance, watch: Watch) -> list[SearchTrial]:
    """Return the trials of a search, all ended; `watch` is told of each change of one."""
    trials: list[SearchTrial] = []
    for _ in plan.sizes:
        trials += (going := plan.generation(trials))
        for trial in going:
            watch(trial)
        for epoch in [*rungs(plan.epochs), plan.epochs]:
            for trial in advance(going, epoch) if going else ():
                watch(trial)
            judged, going = going, _judge(going, last=epoch == plan.epochs)
            for trial in judged:
                watch(trial)
    return trials


def _judge(trials: list[SearchTrial], *, last: bool) -> list[SearchTrial]:
    """Say of trials of one generation at one epoch whether they have ended; return who goes on."""
    sound = [trial for trial in trials if not trial.diverged]
    best = sorted(sound, key=lambda trial: (-trial.curve[-1], trial.number))
    going = sound if last else best[: max(len(trials) // REDUCTION, 1)]
    for trial in trials:
        if last or trial not in going:
            trial.pruned = trial not in going
    return [] if last else going


def watcher(plan: SearchPlan, cars: Cars, base: TrainingConfig, name: str) -> Watch:
    """Return what writes trials in the database, if there is one, and tidies up after them."""
    url = storage_url()
    record = StudyRecord(url, name, plan.space, [*plan.references.values()]) if url else None

    def watch(trial: SearchTrial) -> None:
        if record:
            record.write(trial)
        if trial.ended:
            TrialWork(cars, configure(base, trial.settings), plan.epochs).forget_checkpoint()

    return watch


@contextlib.contextmanager
def trainers(cars: Cars, base: TrainingConfig, processes: int):
    """Yield the `Advance` that trains: on the cluster, in processes, or in this one."""
    if not processes:
        cores = max((os.cpu_count() or 1) // base.threads, 1)
        processes = 1 if best_device().type == "cuda" else cores
    alone = processes == 1 and not cluster_address()
    with contextlib.nullcontext() if alone else open_workers(processes) as workers:

        def advance(trials: list[SearchTrial], epoch: int) -> Iterable[SearchTrial]:
            longest_first = sorted(trials, key=lambda t: (-t.settings["image_size"], t.number))
            tasks = [TrialWork(cars, configure(base, t.settings), epoch) for t in longest_first]
            label = f"search, generation {trials[0].generation}, epoch {epoch}, trial"
            done = work_through(workers, tasks)
            for place, reached in progress(done, label, total=len(tasks)):
                trial = longest_first[place]
                trial.curve, trial.diverged = reached["curve"], reached["diverged"]
                yield trial

        yield advance


def frame_of(trials: Iterable[SearchTrial], space: SearchSpace) -> pd.DataFrame:
    """Return trials as `Search.trials` describes them."""
    return pd.DataFrame(
        {
            "trial": trial.number,
            "generation": trial.generation,
            "origin": trial.origin,
            **{name: trial.settings[name] for name in space.factors()},
            "pruned": trial.pruned,
            "epochs": len(trial.curve),
            "accuracy": trial.curve[-1],
            "curve": tuple(trial.curve),
        }
        for trial in trials
    )
