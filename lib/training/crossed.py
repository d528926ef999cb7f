"""Which of several changes counts: two factors crossed, each cell trained with several seeds.

    configs = crossed(base, augmentation=("HorizontalFlip",), batch_sizes=(64, 32), seeds=2)
    effects(crossed_runs(train_together(cars, configs)), (64, 32))

All are measured on the same validation images, so the intervals are those of training again, with
other first weights and draws; not those of other images.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from carnet import InputError
from lib.tolerance import TOLERANCE
from lib.training.configuration import TrainingConfig
from lib.training.intervals import CONFIDENCE, holm
from lib.training.training import Training

CONTRASTS = {  # of the cells (augmented or not) × (second batch size or first): signs of the means
    "augmentation": ((-1, -1), (1, 1)),
    "batch_size": ((-1, 1), (-1, 1)),
    "interaction": ((1, -1), (-1, 1)),
}


def crossed(
    base: TrainingConfig,
    *,
    augmentation: tuple[str, ...],
    batch_sizes: tuple[int, int],
    seeds: int,
) -> list[TrainingConfig]:
    """Return the trainings of the four cells, `seeds` of each, the first seed that of `base`.

    Raises:
        InputError: fewer than 2 seeds, or twice the same batch size.
    """
    if seeds < 2:
        raise InputError(f"seeds={seeds}: expected 2 or more, to tell an effect from chance")
    if len(set(batch_sizes)) < 2:
        raise InputError(
            f"batch_size={batch_sizes[0]} in both models: expected two values to cross"
        )
    cells = itertools.product(((), augmentation), batch_sizes, range(base.seed, base.seed + seeds))
    return [
        replace(base, augmentation=names, batch_size=size, seed=seed) for names, size, seed in cells
    ]


def crossed_runs(trainings: Sequence[Training]) -> pd.DataFrame:
    """Return one row per training: augmented (bool), batch_size, seed, accuracy (of validation)."""
    return pd.DataFrame(
        {
            "augmented": bool(it.config.augmentation),
            "batch_size": it.config.batch_size,
            "seed": it.config.seed,
            "accuracy": it.history["validation_accuracy"].iloc[-1],
        }
        for it in trainings
    )


def effects(runs: pd.DataFrame, batch_sizes: Sequence[int]) -> pd.DataFrame:
    """Return how far each change moves the accuracy, from the rows of `crossed_runs`.

    effect (of CONTRASTS), difference, low, high (95 % for all three together, by Bonferroni),
    p_value (Student's t, corrected by Holm over the three), least (the smallest difference that
    Holm's first step tells from chance: half of the interval). With m the means of the cells of r
    runs, s their standard deviation within cells, of 4(r - 1) degrees of freedom: difference =
    Σ c·m / 2 and its error s / √r, as an analysis of variance of 2 × 2 cells has it; Fisher, "The
    design of experiments", 1935.
    """
    cells = runs.groupby(["augmented", "batch_size"])["accuracy"]
    means = cells.mean().unstack()[list(batch_sizes)].to_numpy()
    repeats, freedom = int(cells.size().iloc[0]), len(runs) - means.size
    within = math.sqrt(((runs["accuracy"] - cells.transform("mean")) ** 2).sum() / freedom)
    error = max(within / math.sqrt(repeats), TOLERANCE)
    differences = np.array([(np.array(signs) * means).sum() / 2 for signs in CONTRASTS.values()])
    each = (1 - CONFIDENCE) / len(CONTRASTS)
    least = float(stats.t.isf(each / 2, freedom)) * error
    table = pd.DataFrame({"effect": list(CONTRASTS), "difference": differences})
    table["low"], table["high"] = differences - least, differences + least
    table["p_value"] = holm(2 * stats.t.sf(np.abs(differences) / error, freedom))
    return table.assign(least=least)
