"""Two measures of attribution maps: do they fall on the car, does the model need what they show?

Knows nothing of how maps are made. A verdict is ABOVE or BELOW where the 95 % bootstrap interval
of a mean paired difference leaves out 0 by more than `lib.tolerance` allows for rounding, over at
least FEWEST images; `lib.report.explanation` says it in French.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from torch import Tensor, nn

from carnet import InputError, slug
from lib import tolerance
from lib.data.sizes import boxes_known
from lib.explanation.methods import cell_index, for_inference, probabilities
from lib.training.intervals import CONFIDENCE

Maps = Mapping[tuple[str, str], np.ndarray]  # (model, method) -> maps (N, H, W)
Coverage = Mapping[str, np.ndarray]  # model -> how much of each pixel lies in the box (N, H, W)

BOOTSTRAP_RESAMPLES = 2000
FEWEST = 10  # images below which a bootstrap interval is too narrow to conclude from
ABOVE, BELOW, UNCLEAR = "above", "below", "unclear"
POINTLESS = "pointless"  # all boxes cover their images: there is nothing outside to compare with


@dataclass(frozen=True)
class Interval:
    """A mean and its 95 % bootstrap interval; `count` values were finite."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def sign(self) -> int:
        """1 or -1 where the interval lies above or below 0 by more than rounding, else 0."""
        return int(tolerance.above(self.low, 0)) - int(tolerance.below(self.high, 0))

    def columns(self, name: str, prefix: str = "") -> dict[str, float]:
        """Return the mean as the column `name`, the bounds as `prefix` + "low" and "high"."""
        return {name: self.mean, f"{prefix}low": self.low, f"{prefix}high": self.high}


def bootstrap_interval(values: np.ndarray, *, seed: int = 0) -> Interval:
    """Return the mean of the finite `values` with its percentile bootstrap interval.

    It is NaN below two values. Efron & Tibshirani, An Introduction to the Bootstrap, 1993.
    """
    values = values[np.isfinite(values)]
    mean = float(values.mean()) if len(values) else np.nan
    if len(values) < 2:
        return Interval(mean, np.nan, np.nan, len(values))
    low, high = stats.bootstrap(
        (values,),
        np.mean,
        n_resamples=BOOTSTRAP_RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return Interval(mean, float(low), float(high), len(values))


def named_results(table: pd.DataFrame, columns: Sequence[str], prefix: str) -> dict:
    """Return each cell as a named value, such as {"boite_grad_cam_v1_low": 0.61}; None for NaN."""
    values = {}
    for row in table.to_dict("records"):
        name = slug(f"{prefix} {row['method']} {row['model']}", "_")
        for column in columns:
            values[f"{name}_{column}"] = None if pd.isna(row[column]) else row[column]
    return values


def box_coverage(frame: pd.DataFrame, size: int) -> np.ndarray:
    """Return how much of each pixel lies in the box, (N, size, size) in [0, 1], images squared.

    `frame` has width, height and x1, y1, x2, y2 in pixels from 1, both ends included, as in
    Stanford Cars; so the mean over an image is the box-to-image ratio.
    """
    columns = _overlap((frame.x1 - 1) / frame.width, frame.x2 / frame.width, size)
    rows = _overlap((frame.y1 - 1) / frame.height, frame.y2 / frame.height, size)
    return rows[:, :, None] * columns[:, None, :]


def _overlap(start: pd.Series, end: pd.Series, size: int) -> np.ndarray:
    """Share of each of `size` pixels between `start` and `end` (shares of the side): (N, size)."""
    edges = np.arange(size + 1)
    low = np.maximum(edges[:-1], start.to_numpy()[:, None] * size)
    high = np.minimum(edges[1:], end.to_numpy()[:, None] * size)
    return np.clip(high - low, 0, 1)


def shares_in_boxes(maps: np.ndarray, coverage: np.ndarray) -> np.ndarray:
    """Return the share (N, M) of the positive part of each of N maps in each of M boxes.

    A map without any positive value has no share: NaN.
    """
    positive = np.clip(maps, 0, None).reshape(len(maps), -1).astype(np.float64)
    total = positive.sum(axis=1, keepdims=True)
    inside = positive @ coverage.reshape(len(coverage), -1).T
    return np.divide(inside, total, out=np.full(inside.shape, np.nan), where=total > 0)


def measure_boxes(maps: Maps, coverage: Coverage, *, seed: int = 0) -> pd.DataFrame:
    """Measure the share of the positive attribution that falls in the car's box.

    `coverage` is given by model, since models may see images of different sizes. Each (model,
    method) gives one row: share, its interval (low, high), `uniform` (what an even map would give:
    the box-to-image ratio), `swapped` (what the same maps give in the boxes of the other images, so
    what comes of habits such as looking at the centre), the mean paired difference with `uniform`
    (excess), the number of maps that have a share, and two verdicts: `verdict` on the difference
    with `uniform`, `tracking` on the one with `swapped`.
    """
    rows = []
    for (model, method), found in maps.items():
        shares = shares_in_boxes(found, coverage[model])
        own, other = np.diag(shares), _mean_off_diagonal(shares)
        ratio = coverage[model].mean(axis=(1, 2))
        share = bootstrap_interval(own, seed=seed)
        excess = bootstrap_interval(own - ratio, seed=seed)
        tracking = bootstrap_interval(own - other, seed=seed)
        rows.append(
            {
                "model": model,
                "method": method,
                **share.columns("share"),
                "uniform": float(ratio.mean()),
                "swapped": float(np.nanmean(other)) if share.count else np.nan,
                **excess.columns("excess", "excess_"),
                "count": share.count,
                "verdict": verdict(excess, boxes_known(ratio)),
                "tracking": verdict(tracking, boxes_known(ratio)),
            }
        )
    return pd.DataFrame(rows)


def _mean_off_diagonal(shares: np.ndarray) -> np.ndarray:
    count = len(shares)
    return (shares.sum(axis=1) - np.diag(shares)) / max(count - 1, 1)


def verdict(difference: Interval, informative: bool = True) -> str:
    """Return ABOVE or BELOW where the interval of a difference leaves out 0, else UNCLEAR."""
    if not informative:
        return POINTLESS
    if difference.count < FEWEST:
        return UNCLEAR
    return {1: ABOVE, -1: BELOW, 0: UNCLEAR}[difference.sign]


def compare_models(
    maps: Maps, coverage: Coverage, pairs: Sequence[tuple[str, str]], *, seed: int = 0
) -> pd.DataFrame:
    """Compare the shares in the box of pairs of models, by method that both have.

    Each pair and method gives one row: `reference` and `model`, the first and the second of the
    pair, the mean paired change from one to the other with its interval, and a verdict.
    """
    shares = {
        (model, method): np.diag(shares_in_boxes(found, coverage[model]))
        for (model, method), found in maps.items()
    }
    rows = []
    for method in dict.fromkeys(method for _, method in maps):
        for first, second in pairs:
            if (first, method) in shares and (second, method) in shares:
                paired = shares[second, method] - shares[first, method]
                change = bootstrap_interval(paired, seed=seed)
                known = boxes_known(coverage[second].mean(axis=(1, 2)))
                row = {"reference": first, "model": second, "method": method}
                rows.append(row | change.columns("change") | {"verdict": verdict(change, known)})
    return pd.DataFrame(rows)


def measure_deletion(
    models: Mapping[str, nn.Module],
    images: Mapping[str, Tensor],
    targets: Mapping[str, np.ndarray],
    maps: Maps,
    *,
    hidden: float = 0.2,
    cells: int = 8,
    draws: int = 5,
    seed: int = 0,
) -> pd.DataFrame:
    """Hide what matters most by each map: how far does the probability of the class fall?

    Models, images (N, 3, H, W) and targets (N,) are given by model, the same images for all. They
    are cut into `cells` × `cells` squares; the share `hidden` of them with the highest
    attribution turns grey. The control hides as many squares at random (`draws` times, the same for
    all methods): same amount, same shapes. Each (model, method) gives one row: the mean fall, the
    fall at random, the paired difference with its interval, a verdict.

    The fall of an image x of class c is p(c | x) - p(c | x with the squares grey); the gain is the
    fall by the map minus the mean fall at random. After Samek et al., "Evaluating the visualization
    of what a deep neural network has learned", IEEE TNNLS, 2017, https://arxiv.org/abs/1509.06321
    (removal by regions).

    >>> models, targets = {"v1": lib.training.model.build_model(2)}, {"v1": np.array([0])}
    >>> images, maps = {"v1": torch.zeros(1, 3, 32, 32)}, {("v1", "Lime"): np.ones((1, 32, 32))}
    >>> measure_deletion(models, images, targets, maps).method[0]
    'Lime'

    Raises:
        InputError: `hidden` is not between 0 and 1.
    """
    if not 0 < hidden < 1:
        raise InputError(f"hidden={hidden}: expected a share between 0 and 1, such as 0.2")
    count = max(1, round(hidden * cells**2))
    falls = {
        name: _fall(models[name], images[name], targets[name])
        for name in dict.fromkeys(model for model, _ in maps)
    }
    n_images = len(next(iter(images.values())))
    noise = np.random.default_rng(seed).random((draws, n_images, cells, cells))
    at_random = {
        name: np.mean([fall(highest_cells(draw, count)) for draw in noise], axis=0)
        for name, fall in falls.items()
    }
    rows = []
    for (model, method), found in maps.items():
        fall = falls[model](highest_cells(cell_means(found, cells), count))
        gain = bootstrap_interval(fall - at_random[model], seed=seed)
        rows.append(
            {
                "model": model,
                "method": method,
                "fall": float(fall.mean()),
                "random": float(at_random[model].mean()),
                **gain.columns("gain"),
                "verdict": verdict(gain),
            }
        )
    return pd.DataFrame(rows)


def _fall(
    model: nn.Module, images: Tensor, targets: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from hidden cells (N, c, c) to the falls (N,) of the probability."""
    model, rows = for_inference(model), np.arange(len(images))
    whole = probabilities(model, images)[rows, targets]
    return lambda hidden: whole - probabilities(model, images, hidden)[rows, targets]


def cell_means(maps: np.ndarray, cells: int) -> np.ndarray:
    """Return the means (N, cells, cells) of maps (N, H, H) over `cells` × `cells` squares."""
    belongs = np.eye(cells)[cell_index(maps.shape[-1], cells)]  # (H, cells)
    means = belongs / belongs.sum(axis=0)
    return means.T @ maps.astype(np.float64) @ means


def highest_cells(values: np.ndarray, count: int) -> np.ndarray:
    """Mark the `count` highest of values (N, c, c), the first of those equal but for rounding."""
    flat = values.reshape(len(values), -1)
    order = np.argsort(-tolerance.levelled(flat), axis=1, kind="stable")[:, :count]
    marked = np.zeros(flat.shape, dtype=bool)
    np.put_along_axis(marked, order, True, axis=1)
    return marked.reshape(values.shape)
