"""What the trials of a search measure, with how sure it is: tables, effects, importances.

Trials that were pruned count too: all are compared at the last epoch that all of them reached,
else a bad value would look better for having its worst trials removed. A factor that cannot have
acted by that epoch is left out. Reads the trials of a `Search`, and knows nothing of how they are
run; `lib.report.search` says in French what follows.
"""

import math

import numpy as np
import optuna
import pandas as pd
from optuna.importance import FanovaImportanceEvaluator
from scipy import stats

from lib.search.search import Search
from lib.search.space import SearchSpace
from lib.tolerance import TOLERANCE, below, highest, levelled
from lib.training.intervals import CONFIDENCE, holm
from lib.training.loop import PLATEAU_PATIENCE, STEPS_PER_TRAINING

TRIAL_RESAMPLES = 20  # of the trials, to see how far an importance depends on each of them
PERMUTATIONS = 1999


def varied_factors(space: SearchSpace) -> list[str]:
    """Return the names of the factors that have more than one value."""
    return [name for name, values in space.factors().items() if len(values) > 1]


def first_lowered_epoch(scheduler: str, epochs: int) -> int:
    """Return the first epoch, from 1, that a scheduler can train at a lower rate.

    `epochs` is the length of the training. ReduceLROnPlateau lowers the rate after one epoch that
    sets the loss to beat and one more than its patience that do not beat it.
    """
    if scheduler == "StepLR":
        return math.ceil(epochs / STEPS_PER_TRAINING) + 1
    return PLATEAU_PATIENCE + 3


def schedulers_act(search: Search) -> bool:
    """Tell whether a scheduler can have lowered the rate of the epochs that trials compare."""
    epoch = common_epoch(search.trials)
    return any(
        first_lowered_epoch(name, search.base.epochs) <= epoch for name in search.space.scheduler
    )


def compared_factors(search: Search) -> list[str]:
    """Return the names of the factors that vary and can make the compared accuracies differ.

    Until one of them lowers the rate, schedulers make no difference; they are kept only where
    nothing else varies.
    """
    names = varied_factors(search.space)
    if schedulers_act(search) or names == ["scheduler"]:
        return names
    return [name for name in names if name != "scheduler"]


def common_epoch(trials: pd.DataFrame) -> int:
    """Return the last epoch that all trials reached."""
    return int(trials.epochs.min())


def compared_accuracy(trials: pd.DataFrame) -> pd.Series:
    """Return the validation accuracy of each trial at the last epoch that all reached."""
    return trials.curve.str[common_epoch(trials) - 1].astype(float)


def factor_effects(search: Search) -> pd.DataFrame:
    """Return the mean accuracy by value: factor, value, trials, mean, low, high.

    Accuracies are compared at the common epoch; (low, high) is the 95 % interval of the mean over
    the trials, from the spread inside the values of the factor, as an analysis of variance has it.
    """
    accuracy = compared_accuracy(search.trials)
    rows = []
    for name in compared_factors(search):
        values = search.trials[name]
        half = _half_widths(accuracy, values)
        for value in search.space.factors()[name]:
            mean = accuracy[values == value].mean()
            width = half.get(value, math.nan)
            rows.append((name, value, (values == value).sum(), mean, mean - width, mean + width))
    effects = pd.DataFrame(rows, columns=["factor", "value", "trials", "mean", "low", "high"])
    effects[["low", "high"]] = effects[["low", "high"]].clip(0, 1)  # accuracies are shares
    return effects


def _half_widths(accuracy: pd.Series, values: pd.Series) -> pd.Series:
    """Return half the interval of the mean of each value; missing if no value has two trials."""
    groups = accuracy.groupby(values)
    freedom = len(accuracy) - groups.ngroups
    if freedom < 1:
        return pd.Series(dtype=float)
    inside = math.sqrt(((accuracy - groups.transform("mean")) ** 2).sum() / freedom)
    return stats.t.ppf((1 + CONFIDENCE) / 2, freedom) * inside / np.sqrt(groups.size())


def effect_tests(search: Search) -> pd.DataFrame:
    """Return, for each factor, how far its values differ and whether chance explains it.

    factor, best (value of highest mean), spread (between the highest and the lowest mean),
    p_value (permutation test of the variance between values, corrected by Holm over the factors),
    beyond_noise (p_value < 5 %).
    """
    accuracy = compared_accuracy(search.trials).to_numpy()
    effects = factor_effects(search).dropna(subset="mean")
    rows = []
    for name in compared_factors(search):
        means = effects[effects.factor == name].set_index("value")["mean"]
        p_value = _permutation_p(accuracy, search.trials[name].to_numpy(), search.base.seed)
        rows.append((name, highest(means), means.max() - means.min(), p_value))
    tests = pd.DataFrame(rows, columns=["factor", "best", "spread", "p_value"])
    tests["p_value"] = holm(tests.p_value)
    tests["beyond_noise"] = [below(p, 1 - CONFIDENCE) for p in tests.p_value]
    return tests


def _permutation_p(accuracy: np.ndarray, values: np.ndarray, seed: int) -> float:
    """Return the share of permutations of the trials that separate the values as much."""
    groups = np.stack([values == value for value in pd.unique(values)]).astype(float)
    sizes = groups.sum(axis=1)
    rng = np.random.default_rng(seed)
    shuffled = np.stack([accuracy, *(rng.permutation(accuracy) for _ in range(PERMUTATIONS))])
    between = ((shuffled @ groups.T) ** 2 / sizes).sum(axis=1)
    return float(np.mean(between >= between[0] * (1 - 1e-12)))


def importances(search: Search) -> pd.DataFrame:
    """Return the share of each factor in the differences between trials, largest first.

    fANOVA by Optuna, on the accuracy at the common epoch: a random forest predicts the accuracy y,
    and the importance of a factor f is V_f / V, where V is the variance of the predictions over
    the whole space and V_f that of their mean given the value of f; they are then divided by their
    sum. Hutter, Hoos and Leyton-Brown, "An efficient approach for assessing hyperparameter
    importance", ICML 2014. To try: `importances(run_search(cars, space, base, n_trials=8))`.

    Columns factor, importance (sum 1, or all 0 where the trials do not differ), low and
    high (80 % range over resamples of the trials with replacement), first (share of the resamples
    in which the factor comes first).
    """
    rng = np.random.default_rng(search.base.seed)
    rows = np.arange(len(search.trials))
    samples = [rng.choice(rows, len(rows)) for _ in range(TRIAL_RESAMPLES)]
    shares = pd.DataFrame([_fanova(search, sample) for sample in samples])
    table = pd.DataFrame({"importance": pd.Series(_fanova(search, rows))})
    table["low"], table["high"] = shares.quantile(0.1), shares.quantile(0.9)
    telling = shares[shares.sum(axis=1) > TOLERANCE]
    first = pd.Series([highest(row) for _, row in telling.iterrows()], dtype=object)
    table["first"] = first.value_counts() / TRIAL_RESAMPLES
    table = table.fillna({"first": 0.0})
    order = np.argsort(-levelled(table[["importance"]].to_numpy().T)[0], kind="stable")
    return table.iloc[order].rename_axis("factor").reset_index()


def _fanova(search: Search, rows: np.ndarray) -> dict[str, float]:
    """Return fANOVA's importances on these rows of the trials, in the order of the factors.

    All are 0 where the trials have the same accuracy, which leaves nothing to share out.
    """
    names = compared_factors(search)
    params = search.trials[names].to_dict("records")
    accuracy = compared_accuracy(search.trials)
    if accuracy.iloc[rows].nunique() == 1:
        return dict.fromkeys(names, 0.0)
    study = optuna.create_study(direction="maximize")
    distributions = search.space.distributions()
    study.add_trials(
        optuna.trial.create_trial(
            params=params[row],
            distributions={name: distributions[name] for name in names},
            value=accuracy.iloc[row],
        )
        for row in rows
    )
    evaluator = FanovaImportanceEvaluator(seed=search.base.seed)
    try:
        found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    except RuntimeError:  # too few trials for any tree of the forest to split them
        return dict.fromkeys(names, 0.0)
    return {name: found[name] for name in names}
