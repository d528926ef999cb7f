"""The hyperparameter search: its persistent Optuna study and its trials.

A trial is one training, judged and pruned on the validation split; the test split is never read.
A search that was killed goes on where it stopped, in the middle of a trial if need be, and gives
the same trials as one that was not. Knows nothing of notebooks; what the trials say is for
`lib.search_analysis`.
"""

import itertools
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
from filelock import FileLock
from optuna.distributions import BaseDistribution
from optuna.pruners import MedianPruner
from optuna.samplers import BaseSampler, TPESampler
from optuna.storages import BaseStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial, Trial, TrialState
from scipy.stats import qmc

from lib.data import Cars
from lib.journal import InputError, progress, working_folder
from lib.search_space import SearchSpace
from lib.training import TrainingConfig, train, training_folder

STARTUP_TRIALS = 6  # spread evenly over the values, before the sampler has something to learn
UNPRUNED_TRIALS = 4  # complete trials that the pruner waits for: the median of fewer is noise
DRAWS = 100  # attempts at a new configuration before taking the first one not yet tried

Objective = Callable[[Trial], float]


@dataclass(frozen=True)
class Search:
    """A finished search.

    trials: one row a trial: trial (from 1), a column for each factor, pruned, epochs, accuracy
    (validation, after the last epoch), curve (tuple: validation accuracy after each epoch).
    """

    space: SearchSpace
    base: TrainingConfig
    trials: pd.DataFrame = field(repr=False)

    @property
    def best(self) -> dict:
        """The complete trial of highest validation accuracy, the first one among equals."""
        complete = self.trials[~self.trials.pruned]
        return complete.loc[[complete.accuracy.idxmax()]].to_dict("records")[0]

    def best_config(self, *, epochs: int) -> TrainingConfig:
        """Return the configuration of the best trial, to be trained for `epochs`."""
        best = self.best
        settings = {name: best[name] for name in self.space.factors()}
        return replace(configure(self.base, settings), epochs=epochs)


def configure(base: TrainingConfig, settings: dict) -> TrainingConfig:
    """Return `base` with a value for each factor, as the training names them."""
    chosen = settings["augmentation"]
    return replace(base, **settings | {"augmentation": () if chosen == "none" else (chosen,)})


def search(
    cars: Cars,
    space: SearchSpace,
    base: TrainingConfig,
    *,
    n_trials: int,
    storage: str | None = None,
) -> Search:
    """Search `space` for the configuration of highest validation accuracy.

    Args:
        base: what no factor decides: the epochs of a trial, the seed, the first weights, ...
        n_trials: how many trials end, complete or pruned; fewer if the space has fewer
            configurations, since none is tried twice.
        storage: URL of a database that holds the study; by default a file of the working folder.

    Raises:
        InputError: `n_trials` below 1.
    """
    if n_trials < 1:
        raise InputError(f"n_trials={n_trials}: expected 1 or more")
    # The name of the base training stands for the data, its split, the first weights, the code.
    inputs = {"space": asdict(space), "training": training_folder(cars, base).name}
    folder = working_folder(
        "searches",
        inputs,
        modules=["lib.search"],
        packages=["optuna", "numpy", "scipy"],
        without=["lib.synthetic"],
    )
    # One process at a time works on a study, so a trial found under way is one that was killed.
    with FileLock(folder / "search.lock"):
        study = open_study(storage or journal_storage(folder / "study.log"), folder.name, base)
        study.sampler = TrialSeededSampler(space, base.seed)
        run_trials(study, min(n_trials, space.size), training_objective(cars, space, base))
    return Search(space, base, trials_frame(study, space, n_trials))


def journal_storage(path: Path) -> BaseStorage:
    """Open Optuna's journal file; what a killed process left half-written is dropped."""
    if path.exists():
        content = path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(path, whole)
    # Optuna's own locks outlive a killed process; this one goes with it.
    lock = FileLock(path.with_suffix(".lock"))
    return JournalStorage(JournalFileBackend(str(path), lock_obj=lock))


def open_study(storage: str | BaseStorage, name: str, base: TrainingConfig) -> optuna.Study:
    """Create or load the study `name`, which maximises the validation accuracy.

    A trial is pruned when its best accuracy so far is below the median of the complete trials at
    the same epoch, but not in the first third of its epochs.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruner = MedianPruner(
        n_startup_trials=UNPRUNED_TRIALS, n_warmup_steps=warmup_epochs(base.epochs)
    )
    return optuna.create_study(
        storage=storage, study_name=name, direction="maximize", pruner=pruner, load_if_exists=True
    )


def warmup_epochs(epochs: int) -> int:
    """Return the first epoch after which a trial can be pruned: past a third of its epochs."""
    return epochs // 3 + 1


def training_objective(cars: Cars, space: SearchSpace, base: TrainingConfig) -> Objective:
    """Return the objective: the validation accuracy after the last epoch of a training."""

    def objective(trial: Trial) -> float:
        config = configure(base, space.suggest(trial))
        label = f"Essai {trial.number + 1}"
        return train(
            cars, config, label=label, on_epoch=report_to(trial)
        ).history.validation_accuracy.iloc[-1]

    return objective


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


def run_trials(study: optuna.Study, n_trials: int, objective: Objective) -> None:
    """Run trials until `n_trials` have ended; a trial found under way goes on first.

    A trial that raises anything but `TrialPruned` is left under way, for the next call.
    """
    for number in progress(range(n_trials), "Recherche"):
        trial = _open_trial(study, number)
        if trial is None:
            continue
        try:
            value = objective(trial)
        except optuna.TrialPruned:
            study.tell(trial, state=TrialState.PRUNED)
        else:
            study.tell(trial, value)


def _open_trial(study: optuna.Study, number: int) -> Trial | None:
    """Return the trial `number`, new or under way; None if it has ended."""
    trials = study.get_trials(deepcopy=False)
    if number >= len(trials):
        return study.ask()
    return None if trials[number].state.is_finished() else Trial(study, trials[number]._trial_id)


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
        tried = {
            _key(other.params, search_space)
            for other in study.get_trials(deepcopy=False)
            if other.number != trial.number
        }
        for attempt in range(DRAWS):
            params = self._draw(study, trial, search_space, attempt)
            if _key(params, search_space) not in tried:
                return params
        grid = itertools.product(*(values.choices for values in search_space.values()))
        left = (dict(zip(search_space, values)) for values in grid)
        return next(params for params in left if _key(params, search_space) not in tried)

    def sample_independent(self, study, trial, param_name, param_distribution):
        raise InputError(f"'{param_name}' is no factor of the search space")

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
