"""How evenly the images of a data set are spread over groups: classes, years, makes.

Works on frames of `lib.data.cars`; the verdicts are in `lib.report.statistics`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import entropy

from carnet import InputError

# The official subsets: the validation split is taken from the official training images.
SUBSETS = {"train": ("train", "validation"), "test": ("test",)}


@dataclass(frozen=True)
class Balance:
    """How evenly images are spread over groups; only groups that have images count.

    `counts` is the number of images of each group, largest first.

    >>> Balance(pd.Series({"sedan": 3, "coupe": 1})).ratio
    3.0
    """

    counts: pd.Series

    @property
    def images(self) -> int:
        return int(self.counts.sum())

    @property
    def groups(self) -> int:
        return len(self.counts)

    @property
    def entropy(self) -> float:
        """Shannon's entropy over its maximum, -Σ p ln p / ln K for K groups: 1 where even."""
        if self.groups < 2:
            return 1.0
        return float(entropy(self.counts) / np.log(self.groups))

    @property
    def effective(self) -> float:
        """The number of even groups that would have the same entropy, exp(-Σ p ln p)."""
        return float(np.exp(entropy(self.counts)))

    @property
    def ratio(self) -> float:
        """The images of the largest group over those of the smallest."""
        return float(self.counts.max() / self.counts.min())

    @property
    def majority(self) -> float:
        """The share of the largest group: the accuracy of always answering it."""
        return float(self.counts.max() / self.images)


def balance(frame: pd.DataFrame, by: str) -> Balance:
    """Count images by a column ("class_name", "year", "make"); ties in the order of names.

    Raises:
        InputError: no image.
    """
    if frame.empty:
        raise InputError("no image to count: the data set is empty")
    counts = frame[by].value_counts().sort_index()
    return Balance(counts.sort_values(ascending=False, kind="stable"))


def subsets(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the images of each official subset that has any, by its name in SUBSETS."""
    parts = {name: frame[frame["split"].isin(splits)] for name, splits in SUBSETS.items()}
    return {name: part for name, part in parts.items() if len(part)}


def counts_by_subset(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """Count images by a column (rows, largest first) and official subset (columns)."""
    counts = {name: part[by].value_counts() for name, part in subsets(frame).items()}
    order = balance(frame, by).counts.index
    return pd.DataFrame(counts).reindex(order).fillna(0).astype(int)


def evenly_spaced(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return at most `count` rows, evenly spaced in the order of the labels."""
    ordered = frame.sort_values("label", kind="stable")
    positions = np.linspace(0, len(frame) - 1, min(count, len(frame))).round().astype(int)
    return ordered.iloc[positions]


def class_examples(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the first training image of at most `count` classes, evenly spaced by label."""
    training = frame[frame["split"] == "train"]
    return evenly_spaced(training.groupby("label", as_index=False).first(), count)
