"""What the trials of a search measure, with how sure it is: effects, tests, importances.

Effects are read from the trials of the design alone: those drawn later prefer what seemed good, so
that a value would share the credit of those it was drawn with. All are compared at the first rung,
which all reached; a factor that cannot have acted by then is left out. Reads the trials of a
`Search`, and knows nothing of how they are run; `lib.report.search` says in French what follows.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import optuna
import pandas as pd
from optuna.importance import FanovaImportanceEvaluator
from scipy import stats

from lib.data.cars import Cars
from lib.search.search import Search
from lib.search.space import SearchSpace
from lib.tolerance import TOLERANCE, below, highest, levelled
from lib.training.configuration import TrainingConfig
from lib.training.evaluation import compare_answers, evaluate
from lib.training.intervals import CONFIDENCE, holm
from lib.training.loop import STEPS_PER_TRAINING
from lib.training.training import train

TRIAL_RESAMPLES = 100  # of the trials, to see how far an importance depends on each of them
TREES = 16  # of the forest of one resample; all resamples together have enough
PERMUTATIONS = 9999
PAIRED = ["difference", "low", "high", "p_value", "least_p"]
TRIALS_PER_FACTOR = 3  # of the design; with fewer, importances would tell of trials, not of factors


def varied_factors(space: SearchSpace) -> list[str]:
    """Return the names of the factors that have more than one value."""
    return [name for name, values in space.factors().items() if len(values) > 1]


def first_lowered_epoch(scheduler: str, config: TrainingConfig) -> int:
    """Return the first epoch, from 1, that a scheduler can train at a lower rate.

    ReduceLROnPlateau lowers the rate after one epoch that sets the loss to beat and one more than
    its patience that do not beat it.
    """
    if scheduler == "StepLR":
        return math.ceil(config.epochs / STEPS_PER_TRAINING) + 1
    return config.patience + 3


def compared_factors(search: Search) -> list[str]:
    """Return the names of the factors that vary and can make the compared accuracies differ.

    At the first rung, after 2/9 of a trial, no scheduler has lowered the rate: StepLR does after a
    third, and ReduceLROnPlateau waits for as long. They are kept only where nothing else varies.
    """
    names = varied_factors(search.space)
    return [name for name in names if name != "scheduler"] or names


def compared_accuracy(search: Search, trials: pd.DataFrame) -> pd.Series:
    """Return the validation accuracy of trials at the first rung, or where one diverged before."""
    return trials.curve.map(lambda curve: float(curve[: search.first_rung][-1]))


def factor_effects(search: Search) -> pd.DataFrame:
    """Return the mean accuracy by value: factor, value, trials, mean, low, high.

    (low, high) is the 95 % interval of the mean over the trials of the design, from the spread
    inside the values of the factor, as an analysis of variance has it.
    """
    accuracy = compared_accuracy(search, search.designed)
    rows = []
    for name in compared_factors(search):
        values = search.designed[name]
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

    factor, best and worst (values of highest and of lowest mean, several where they are equal),
    low and high (those means), spread (between them), p_value (permutation test of the variance
    between values), least_p (see `least_p`), corrected and least_corrected (both by Holm over the
    factors), established (corrected < 5 %). What a factor changes is set against what the others
    do: all trials have the same seed, so that of training again is not in it.
    """
    accuracy = compared_accuracy(search, search.designed).to_numpy()
    effects = factor_effects(search).dropna(subset="mean")
    rows = []
    for name in compared_factors(search):
        means = effects[effects.factor == name].set_index("value")["mean"]
        values = search.designed[name]
        found = {"factor": name, "low": means.min(), "high": means.max()}
        found["worst"], found["best"] = (
            means.index[(means - end).abs() <= TOLERANCE].tolist()
            for end in (means.min(), means.max())
        )
        found["p_value"] = _permutation_p(accuracy, values.to_numpy(), search.base.seed)
        rows.append(found | {"least_p": least_p(values.value_counts())})
    tests = pd.DataFrame(rows)
    tests["spread"] = tests.high - tests.low
    tests["corrected"] = holm(tests.p_value)
    tests["least_corrected"] = (tests.least_p * len(tests)).clip(upper=1)
    tests["established"] = [below(p, 1 - CONFIDENCE) for p in tests.corrected]
    return tests


def tests_within(search: Search, held: str) -> pd.DataFrame:
    """Test the other factors again at equal values of one: factor, p_value, corrected (Holm).

    The mean of each value of the factor `held` is taken away, and the permutations are among the
    trials of one value.
    """
    accuracy, strata = compared_accuracy(search, search.designed), search.designed[held]
    left = (accuracy - accuracy.groupby(strata).transform("mean")).to_numpy()
    names = [name for name in compared_factors(search) if name != held]
    p_values = [
        _permutation_p(left, search.designed[name].to_numpy(), search.base.seed, strata.to_numpy())
        for name in names
    ]
    return pd.DataFrame({"factor": names, "p_value": p_values, "corrected": holm(p_values)})


def least_p(sizes: Sequence[int]) -> float:
    """Return the smallest p that the permutation test can give with so many trials of each value.

    The trials are shared out in N! / (n₁! n₂! …) ways; values with as many trials as each other
    can be exchanged, which gives the same statistic. Nor can p be below 1 in so many permutations.

    >>> round(least_p([2, 2]), 4)
    0.3333
    """
    alike = math.prod(math.factorial(count) for count in Counter(sizes).values())
    ways = math.factorial(sum(sizes)) // math.prod(math.factorial(int(size)) for size in sizes)
    return max(alike / ways, 1 / (PERMUTATIONS + 1))


def _permutation_p(
    accuracy: np.ndarray, values: np.ndarray, seed: int, strata: np.ndarray | None = None
) -> float:
    """Return the share of permutations, inside strata if any, that separate the values as much."""
    groups = np.stack([values == value for value in pd.unique(values)]).astype(float)
    strata = np.zeros(len(values)) if strata is None else strata
    rng = np.random.default_rng(seed)
    shuffled = np.tile(accuracy, (1 + PERMUTATIONS, 1))
    for stratum in pd.unique(strata):
        rows = np.flatnonzero(strata == stratum)
        shuffled[1:, rows] = rng.permuted(shuffled[1:, rows], axis=1)
    between = ((shuffled @ groups.T) ** 2 / groups.sum(axis=1)).sum(axis=1)
    return float(np.mean(between >= between[0] * (1 - 1e-12)))


def enough_trials(search: Search) -> bool:
    """Tell whether the design has trials enough for importances."""
    return len(search.designed) >= TRIALS_PER_FACTOR * len(compared_factors(search))


def importances(search: Search) -> pd.DataFrame:
    """Return the share of each factor in the differences between trials, largest first.

    fANOVA by Optuna, on the accuracy of the trials of the design at the first rung: a random
    forest predicts the accuracy y, and the importance of a factor f is V_f / V, where V is the
    variance of the predictions over the whole space and V_f that of their mean given the value of
    f; they are then divided by their sum, so that they are relative to each other. Hutter, Hoos
    and Leyton-Brown, "An efficient approach for assessing hyperparameter importance", ICML 2014.
    To try: `importances(run_search(cars, space, base, n_trials=8))`.

    Columns factor, then over TRIAL_RESAMPLES resamples of the trials with replacement: importance
    (median; 0 where trials do not differ), low and high (80 % range), first (in how many the
    factor comes first).
    """
    rng = np.random.default_rng(search.base.seed)
    count = len(search.designed)
    shares = pd.DataFrame(
        [_fanova(search, rng.choice(count, count)) for _ in range(TRIAL_RESAMPLES)]
    )
    table = shares.quantile([0.5, 0.1, 0.9]).T.set_axis(["importance", "low", "high"], axis=1)
    telling = shares[shares.sum(axis=1) > TOLERANCE]
    first = [highest(row) for _, row in telling.iterrows()]
    table["first"] = [first.count(factor) for factor in table.index]
    order = np.argsort(-levelled(table[["importance"]].to_numpy().T)[0], kind="stable")
    return table.iloc[order].rename_axis("factor").reset_index()


def _fanova(search: Search, rows: np.ndarray) -> dict[str, float]:
    """Return fANOVA's importances on these rows of the trials, in the order of the factors.

    All are 0 where the trials have the same accuracy, which leaves nothing to share out.
    """
    names = compared_factors(search)
    params = search.designed[names].to_dict("records")
    accuracy = compared_accuracy(search, search.designed)
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
    evaluator = FanovaImportanceEvaluator(n_trees=TREES, seed=search.base.seed)
    try:
        found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    except RuntimeError:  # too few trials for any tree of the forest to split them
        return dict.fromkeys(names, 0.0)
    return {name: found[name] for name in names}


def rivals(search: Search, cars: Cars, count: int) -> pd.DataFrame:
    """Compare the best trial with the `count` next ones that went to their end, by pairs.

    On the same validation images, as `lib.training.intervals.paired_difference` does: trial,
    origin, accuracy, difference (that of the best less it), low, high, p_value, least_p, and
    corrected (by Holm over the rivals).
    """
    trials = search.complete.head(1 + count)
    best, *others = [_answers(search.config(trial), cars) for trial in trials.to_dict("records")]
    found = [asdict(compare_answers(best, other)) for other in others]
    named = trials[["trial", "origin", "accuracy"]].iloc[1:].reset_index(drop=True)
    table = pd.concat([named, pd.DataFrame(found, columns=PAIRED)], axis=1)
    return table.assign(corrected=holm(table.p_value))


def _answers(config: TrainingConfig, cars: Cars) -> dict[str, str]:
    model = train(cars, config, label="trial").model()
    return evaluate(model, cars, "validation", config.image_size).answers()
