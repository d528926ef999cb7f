"""The hyperparameter search: its persistent Optuna study and its trials.

A trial is one training, judged and pruned on the validation split; the test split is never read.
A search that was killed resumes where it stopped, in the middle of a trial if need be, and gives
the same trials as one that was not: so it is as long as one trial runs at a time, for the next
ones are drawn from what has ended. Knows nothing of notebooks; what the trials say is for
`lib.search.analysis`.
"""

import itertools
import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
from optuna.distributions import BaseDistribution
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import FrozenTrial, Trial, TrialState
from scipy.stats import qmc

from carnet import InputError, cluster_address, kept, storage_url
from lib.data.cars import Cars
from lib.search.space import SearchSpace, configure
from lib.search.study import Objective, StudyPlan, run_trials
from lib.training.configuration import TrainingConfig
from lib.training.loop import Diverged
from lib.training.training import train, training_work

STARTUP_TRIALS = 6  # spread evenly over the values, before the sampler has something to learn
REDUCTION = 3  # one trial in so many goes on past a rung
DRAWS = 100  # attempts at a new configuration before taking the first one not yet tried


@dataclass(frozen=True)
class Search:
    """A finished search.

    trials: one row per trial: trial (from 1), a column for each factor, pruned, epochs, accuracy
    (validation, after the last epoch), curve (tuple: validation accuracy after each epoch).
    """

    space: SearchSpace
    base: TrainingConfig
    trials: pd.DataFrame = field(repr=False)

    @property
    def best(self) -> dict:
        """The complete trial of highest validation accuracy, the first one among equals.

        Raises:
            InputError: no trial is complete.
        """
        complete = self.trials[~self.trials.pruned]
        if complete.empty:
            raise InputError(
                f"n_trials={len(self.trials)}: every trial diverged or was pruned; expected one "
                "that ends: more trials, or lower learning rates"
            )
        return complete.loc[[complete.accuracy.idxmax()]].to_dict("records")[0]

    def config(self, trial: dict) -> TrainingConfig:
        """Return the configuration of a trial, a row of `trials`."""
        return configure(self.base, {name: trial[name] for name in self.space.factors()})

    def best_config(self, *, epochs: int) -> TrainingConfig:
        """Return the configuration of the best trial, to be trained for `epochs`."""
        return replace(self.config(self.best), epochs=epochs)


def search(
    cars: Cars, space: SearchSpace, base: TrainingConfig, *, n_trials: int, parallel_trials: int = 1
) -> Search:
    """Search `space` for the configuration of highest validation accuracy.

    The study is a file of the working folder, or in the database that JOURNAL_STORAGE names. Other
    searches of the same study, wherever they run, share its trials.

    Args:
        base: what no factor decides: the epochs of a trial, the seed, the first weights, ...
        n_trials: how many trials of the study end, complete or pruned; fewer if the space has
            fewer configurations, since none is tried twice.
        parallel_trials: how many run at the same time, each in a process of this machine; what a
            parallel search finds depends on which trials end first. With JOURNAL_CLUSTER, as many
            as that Dask cluster has workers instead.

    Raises:
        InputError: `n_trials` or `parallel_trials` below 1, a cluster or database out of reach.
    """
    for name, value in (("n_trials", n_trials), ("parallel_trials", parallel_trials)):
        if value < 1:
            raise InputError(f"{name}={value}: expected 1 or more")
    # The name of the base training stands for the data, its split, the first weights, the code.
    inputs = {"space": asdict(space), "training": training_work(cars, base).folder.name}
    work = kept("searches", inputs, of=[search], without=["lib.data.synthetic"])
    plan = plan_study(
        work.folder, space, base, min(n_trials, space.size), TrainingObjective(cars, space, base)
    )
    study = run_trials(plan, parallel_trials if parallel_trials > 1 or cluster_address() else None)
    found = Search(space, base, trials_frame(study, space, n_trials))
    for trial in found.trials.to_dict("records"):
        training_work(cars, found.config(trial))  # this run has worked there, by its workers
    return found


def plan_study(
    folder: Path, space: SearchSpace, base: TrainingConfig, n_trials: int, objective: Objective
) -> StudyPlan:
    """Say what the study of a search is, which maximises the validation accuracy."""
    return StudyPlan(
        name=folder.name,
        folder=folder,
        url=storage_url(),
        sampler=TrialSeededSampler(space, base.seed),
        pruner=HalvingPruner(rungs(base.epochs)),
        draw=space.suggest,
        objective=objective,
        n_trials=n_trials,
    )


def rungs(epochs: int) -> list[int]:
    """Return the epochs after which a trial of so many can be pruned: at 2/9 and 2/3 of them."""
    return sorted({math.ceil(2 * epochs / 9), math.ceil(2 * epochs / 3)} - {epochs})


class HalvingPruner(BasePruner):
    """Asynchronous successive halving, from the trials' curves alone.

    After Li et al., MLSys 2020, but a trial that was stopped is never resumed. At a rung, a
    trial goes on if it is in the best third of those that came there, or the best of fewer than
    three. Optuna's `SuccessiveHalvingPruner` judges alike, but notes on a trial that it was judged
    before the trial ends: after a kill in between, the trial would go on.
    """

    def __init__(self, rungs: list[int]):
        self.rungs = rungs

    def prune(self, study: optuna.Study, trial: FrozenTrial) -> bool:
        step = trial.last_step
        if step not in self.rungs:
            return False
        curves = [other.intermediate_values for other in study.get_trials(deepcopy=False)]
        scores = sorted((curve[step] for curve in curves if step in curve), reverse=True)
        return trial.intermediate_values[step] < scores[max(len(scores) // REDUCTION, 1) - 1]


@dataclass(frozen=True)
class TrainingObjective:
    """The objective: the validation accuracy after the last epoch of a training.

    A training that diverges ends its trial, as the pruner would.
    """

    cars: Cars
    space: SearchSpace
    base: TrainingConfig

    def __call__(self, trial: Trial) -> float:
        config = configure(self.base, self.space.suggest(trial))
        label, on_epoch = f"Essai {trial.number + 1}", report_to(trial)
        try:
            training = train(self.cars, config, label=label, on_epoch=on_epoch)
        except Diverged as diverged:
            on_epoch(diverged.row["epoch"], diverged.row)
            raise optuna.TrialPruned from None
        return training.history.validation_accuracy.iloc[-1]


def report_to(trial: Trial) -> Callable[[int, dict], None]:
    """Return what a training calls after each epoch: report to the pruner, stop if it says so.

    A training that resumes replays its epochs; those that the study already knows are not
    reported again.
    """
    known = trial.study.get_trials(deepcopy=False)[trial.number].intermediate_values
    last = max(known, default=0)

    def on_epoch(epoch: int, row: dict) -> None:
        if epoch > last:
            trial.report(row["validation_accuracy"], step=epoch)
        if epoch >= last and trial.should_prune():
            raise optuna.TrialPruned

    return on_epoch


def trials_frame(study: optuna.Study, space: SearchSpace, n_trials: int) -> pd.DataFrame:
    """Return the first `n_trials` trials that ended, as `Search.trials` describes them."""
    ended = [t for t in study.get_trials(deepcopy=False)[:n_trials] if t.state.is_finished()]
    return pd.DataFrame([_row(trial, space) for trial in ended])


def _row(trial: FrozenTrial, space: SearchSpace) -> dict:
    curve = tuple(trial.intermediate_values[step] for step in sorted(trial.intermediate_values))
    return {
        "trial": trial.number + 1,
        **{name: trial.params[name] for name in space.factors()},
        "pruned": trial.state == TrialState.PRUNED,
        "epochs": len(curve),
        "accuracy": trial.value,
        "curve": curve,
    }


class TrialSeededSampler(BaseSampler):
    """TPE (Bergstra et al., NeurIPS 2011) whose draws can be made again after a kill.

    The first trials are spread evenly over the values instead, so that each is seen. The draw of
    a trial depends only on the seed, its number and the trials before it, not on how many numbers
    this process drew before. No configuration is drawn twice.
    """

    def __init__(self, space: SearchSpace, seed: int):
        self.space = space
        self.seed = seed

    def infer_relative_search_space(self, study, trial) -> dict[str, BaseDistribution]:
        return self.space.distributions()

    def sample_relative(self, study, trial, search_space) -> dict:
        drawn = {name: trial.params[name] for name in search_space if name in trial.params}
        if drawn.keys() == search_space.keys():  # by a process that was killed later
            return drawn
        tried = {
            _key(other.params, search_space)
            for other in study.get_trials(deepcopy=False)
            if other.number != trial.number
        }
        return next(
            params
            for params in self._candidates(study, trial, search_space)
            if drawn.items() <= params.items() and _key(params, search_space) not in tried
        )

    def _candidates(self, study, trial, search_space) -> Iterator[dict]:
        """Yield draws, then every configuration, should no draw do."""
        for attempt in range(DRAWS):
            yield self._draw(study, trial, search_space, attempt)
        for values in itertools.product(*(values.choices for values in search_space.values())):
            yield dict(zip(search_space, values))

    def sample_independent(self, study, trial, param_name, param_distribution):
        raise InputError(f"'{param_name}' is not a factor of the search space")

    def _draw(self, study, trial, search_space, attempt: int) -> dict:
        if trial.number < STARTUP_TRIALS:
            return self._spread(trial.number, search_space, attempt)
        entropy = np.random.SeedSequence([self.seed, trial.number, attempt])
        tpe = TPESampler(seed=int(entropy.generate_state(1)[0]), n_startup_trials=0)
        return tpe.sample_relative(study, trial, search_space)

    def _spread(self, number: int, search_space, attempt: int) -> dict:
        """Return point `number` of a Latin hypercube: all values of a factor as often."""
        rng = np.random.default_rng([self.seed, attempt])
        points = qmc.LatinHypercube(len(search_space), rng=rng).random(STARTUP_TRIALS)
        return {
            name: distribution.choices[int(place * len(distribution.choices))]
            for (name, distribution), place in zip(search_space.items(), points[number])
        }


def _key(params: dict, search_space: dict) -> str:
    return json.dumps([params.get(name) for name in search_space])
