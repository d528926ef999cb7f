"""Do attribution maps fall on the car? Their positive part, inside and outside of its box.

Knows nothing of how maps are made.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from carnet import InputError
from lib.data.sizes import boxes_known
from lib.explanation.differences import mean_of, verdicts

Maps = Mapping[tuple[str, str], np.ndarray]  # (model, method) -> maps (N, H, W)
Coverage = Mapping[str, np.ndarray]  # model -> how much of each pixel lies in the box (N, H, W)


def in_random_order(frame: pd.DataFrame, n_sample: int, *, seed: int = 0) -> pd.DataFrame:
    """Shuffle the rows of `frame`, of which the first `n_sample` are for the slow methods.

    Raises:
        InputError: `n_sample` is below 2, too few to tell how much it varies.
    """
    if n_sample < 2:
        raise InputError(f"n_sample={n_sample}: expected at least 2 images")
    return frame.sample(frac=1, random_state=seed).reset_index(drop=True)


def box_coverage(frame: pd.DataFrame, size: int) -> np.ndarray:
    """Return how much of each pixel lies in the box, (N, size, size) in [0, 1], images squared.

    `frame` has width, height and x1, y1, x2, y2 in pixels from 1, both ends included, as in
    Stanford Cars; so the mean over an image is the box-to-image ratio. The values are float32.
    """
    columns = _overlap((frame.x1 - 1) / frame.width, frame.x2 / frame.width, size)
    rows = _overlap((frame.y1 - 1) / frame.height, frame.y2 / frame.height, size)
    return rows[:, :, None] * columns[:, None, :]


def _overlap(start: pd.Series, end: pd.Series, size: int) -> np.ndarray:
    """Share of each of `size` pixels between `start` and `end` (shares of the side): (N, size)."""
    edges = np.arange(size + 1)
    low = np.maximum(edges[:-1], start.to_numpy()[:, None] * size)
    high = np.minimum(edges[1:], end.to_numpy()[:, None] * size)
    return np.clip(high - low, 0, 1).astype(np.float32)


def shares_in_boxes(maps: np.ndarray, coverage: np.ndarray) -> np.ndarray:
    """Return the share (N, M) of the positive part of each of N maps in each of M boxes.

    A map without any positive value has no share: NaN.
    """
    positive = np.clip(maps, 0, None).reshape(len(maps), -1).astype(np.float64)
    total = positive.sum(axis=1, keepdims=True)
    inside = positive @ coverage.reshape(len(coverage), -1).T
    return np.divide(inside, total, out=np.full(inside.shape, np.nan), where=total > 0)


def measure_boxes(maps: Maps, coverage: Coverage) -> pd.DataFrame:
    """Measure the share of the positive attribution that falls in the car's box.

    `coverage` is given by model, since models may see images of different sizes; maps are those of
    all its images or of the first ones. Each (model, method) gives one row: share; `uniform` (what
    an even map would give: the box-to-image ratio); `swapped` (what the same maps give in the boxes
    of the other images, so what comes of habits such as looking at the centre); the mean paired
    differences with these, `excess` and `gain`, each with its interval; the number of maps that
    have a share; and two verdicts, which are one family: `verdict` on `excess`, `tracking` on
    `gain`.
    """
    rows, excesses, gains = [], [], []
    for (model, method), found in maps.items():
        boxes = coverage[model][: len(found)]
        shares, ratio = shares_in_boxes(found, boxes), boxes.mean(axis=(1, 2))
        own, other = np.diag(shares), _mean_off_diagonal(shares)
        excesses.append(mean_of(own - ratio))
        gains.append(mean_of(own - other))
        measured = np.isfinite(own)
        means = {"share": own, "uniform": ratio, "swapped": other}
        rows.append(
            {"model": model, "method": method, "count": int(measured.sum())}
            | {
                name: float(np.mean(values[measured])) if measured.any() else np.nan
                for name, values in means.items()
            }
            | excesses[-1].columns("excess")
            | gains[-1].columns("gain")
        )
    known = any(boxes_known(boxes.mean(axis=(1, 2))) for boxes in coverage.values())
    told = verdicts([*excesses, *gains], informative=known)
    table = pd.DataFrame(rows)
    return table.assign(verdict=told[: len(rows)], tracking=told[len(rows) :])


def _mean_off_diagonal(shares: np.ndarray) -> np.ndarray:
    count = len(shares)
    return (shares.sum(axis=1) - np.diag(shares)) / max(count - 1, 1)
