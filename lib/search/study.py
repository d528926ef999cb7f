"""Optuna's part of a search: it draws the later trials, and keeps the record of all of them."""

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution
from optuna.samplers import TPESampler
from optuna.trial import TrialState, create_trial

from lib.search.space import SearchSpace
from lib.search.trial import SearchTrial

DRAWS = 100  # attempts at a new configuration before taking any that is not yet tried

optuna.logging.set_verbosity(optuna.logging.WARNING)


def draw(space: SearchSpace, trials: list[SearchTrial], count: int, seed: int) -> list[dict]:
    """Return `count` configurations not yet tried, which the results of `trials` make promising.

    TPE (Bergstra et al., "Algorithms for hyper-parameter optimization", NeurIPS 2011) by Optuna.
    They depend on nothing but the arguments; those that are drawn count as bad for the next ones,
    so that they differ.
    """
    entropy = np.random.SeedSequence([seed, len(trials)])
    sampler = TPESampler(n_startup_trials=0, seed=int(entropy.generate_state(1)[0]))
    study = optuna.create_study(direction="maximize", sampler=sampler)
    fixed = {name: values[0] for name, values in space.factors().items()}
    study.add_trials(_frozen(trial, space) for trial in trials if space.holds(trial.settings))
    tried, drawn = [trial.settings for trial in trials], []
    for _ in range(DRAWS):
        if len(drawn) == count:
            return drawn
        settings = fixed | study.ask(space.distributions()).params
        if settings not in [*tried, *drawn]:
            drawn.append(settings)
    others = space.untried([*tried, *drawn], seed)
    return [*drawn, *(settings for settings, _ in zip(others, range(count - len(drawn))))]


def _frozen(trial: SearchTrial, space: SearchSpace) -> optuna.trial.FrozenTrial:
    distributions = space.distributions()
    return create_trial(
        state=TrialState.PRUNED if trial.pruned else TrialState.COMPLETE,
        params={name: trial.settings[name] for name in distributions},
        distributions=distributions,
        value=trial.curve[-1],
        intermediate_values=dict(enumerate(trial.curve, 1)),
    )


class StudyRecord:
    """A search as an Optuna study in a database, for whoever looks at it while it proceeds.

    It is written, never read: what was there of the same search is replaced.

    Args:
        url: where, as Optuna reads it.
        space, references: the values that trials may have; references may be beside the space.
    """

    def __init__(self, url: str, name: str, space: SearchSpace, references: list[dict]):
        self.distributions = {
            factor: CategoricalDistribution(
                dict.fromkeys([*values, *(settings[factor] for settings in references)])
            )
            for factor, values in space.factors().items()
        }
        storage = optuna.storages.RDBStorage(url)
        if name in optuna.get_all_study_names(storage):
            optuna.delete_study(study_name=name, storage=storage)
        self.study = optuna.create_study(storage=storage, study_name=name, direction="maximize")
        self.written: dict[int, optuna.Trial] = {}

    def write(self, trial: SearchTrial) -> None:
        """Write what is new of a trial: its settings, epochs, end."""
        if trial.number not in self.written:
            self.study.enqueue_trial(trial.settings, user_attrs={"origin": trial.origin})
            self.written[trial.number] = self.study.ask(self.distributions)
        written = self.written[trial.number]
        known = self.study.get_trials(deepcopy=False)[written.number]
        for epoch, accuracy in enumerate(trial.curve, 1):
            if epoch not in known.intermediate_values:
                written.report(accuracy, epoch)
        if trial.ended and not known.state.is_finished():
            state = TrialState.PRUNED if trial.pruned else TrialState.COMPLETE
            value = None if trial.pruned else trial.curve[-1]
            self.study.tell(written, value, state=state)
