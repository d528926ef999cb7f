"""What a model confuses, make by make: does it take a car for another of the same make?

Where the names of classes say no make, each class is its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.data.cars import makes_of
from lib.training.evaluation import Evaluation
from lib.training.intervals import share_interval


@dataclass(frozen=True)
class MakeErrors:
    """The errors of a model by make.

    table: one row per make: make, classes, images, accuracy (the class is right), recognised (the
        make is), best first.
    recognised: the share of all images whose make is right.
    errors: how many images have the wrong class. within: the share of these whose make is right
        (NaN without errors); low, high: its 95 % interval.
    chance: the same share, if each wrong answer were drawn among the other classes.
    """

    table: pd.DataFrame
    recognised: float
    errors: int
    within: float
    low: float
    high: float
    chance: float


def make_errors(evaluation: Evaluation, classes: Sequence[str]) -> MakeErrors:
    """Count the errors of an evaluation within makes and between them."""
    confusion, makes = evaluation.confusion, pd.Series(makes_of(classes))
    grouped, names = group_by_make(confusion, classes)
    images, right = grouped.sum(axis=1), np.diag(confusion)
    table = pd.DataFrame({"make": names, "classes": makes.groupby(makes).size().to_numpy()})
    table["images"] = images
    table["accuracy"] = pd.Series(right).groupby(makes).sum().to_numpy() / images.clip(1)
    table["recognised"] = np.diag(grouped) / images.clip(1)
    wrong = confusion.sum(axis=1) - right
    errors = int(wrong.sum())
    within = (np.trace(grouped) - right.sum()) / errors if errors else np.nan
    alike = makes.map(makes.value_counts()).to_numpy() - 1  # other classes of the make
    low, high = share_interval(within, errors) if errors else (np.nan, np.nan)
    return MakeErrors(
        table=table[images > 0].sort_values("accuracy", ascending=False, kind="stable"),
        recognised=float(np.trace(grouped) / confusion.sum()),
        errors=errors,
        within=float(within),
        low=low,
        high=high,
        chance=float((wrong * alike).sum() / errors / (len(classes) - 1)) if errors else np.nan,
    )


def group_by_make(confusion: np.ndarray, classes: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Add together the classes of a make: confusion (makes, makes) and names of the makes."""
    makes = makes_of(classes)
    by_true = pd.DataFrame(confusion, makes, makes).groupby(level=0).sum()
    grouped = by_true.T.groupby(level=0).sum().T
    return grouped.to_numpy(), list(grouped)
