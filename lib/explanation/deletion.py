"""Does the model need what a map shows? Squares are hidden, and the probability watched.

Knows nothing of how maps are made.
"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
from torch import Tensor, nn

from carnet import InputError
from lib import tolerance
from lib.explanation.boxes import Coverage, Maps
from lib.explanation.differences import Mean, mean_of, verdicts
from lib.explanation.inference import cell_index, for_inference, probabilities

CONTROLS = ("random", "boxed", "other")  # what a map is compared with: see `measure_deletion`


def measure_deletion(
    models: Mapping[str, nn.Module],
    images: Mapping[str, Tensor],
    targets: Mapping[str, np.ndarray],
    maps: Maps,
    coverage: Coverage,
    *,
    hidden: float = 0.2,
    cells: int = 8,
    draws: int = 2,
    seed: int = 0,
) -> pd.DataFrame:
    """Hide what matters most by each map: how far does the probability of the class fall?

    Models, images (N, 3, H, W), targets (N,) and coverage of the boxes (N, H, W) are given by
    model, the same images for all; maps are those of all images or of the first ones. Images are
    cut into `cells` × `cells` squares; the share `hidden` of them with the highest attribution
    turns grey. The controls hide as many squares: `random`, scattered over the image; `boxed`,
    scattered over the car's box (both `draws` times, the same for all methods); `other`, those of
    the map of the next image. A map without any positive value marks nothing and is left out. Each
    (model, method) gives one row: the count of maps, the mean fall, that of each control, and for
    each control the mean paired difference with its interval (`over_random`...) and a verdict
    (`random_verdict`...); all are one family.

    The fall of an image x of class c is p(c | x) - p(c | x with the squares grey). After Samek et
    al., "Evaluating the visualization of what a deep neural network has learned", IEEE TNNLS, 2017,
    https://arxiv.org/abs/1509.06321 (removal by regions).

    >>> models, targets = {"v1": lib.training.model.build_model(2)}, {"v1": np.array([0])}
    >>> images, maps = {"v1": torch.zeros(1, 3, 32, 32)}, {("v1", "Lime"): np.ones((1, 32, 32))}
    >>> measure_deletion(models, images, targets, maps, {"v1": np.ones((1, 32, 32))}).method[0]
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
    controls = {
        name: _scattered(fall, coverage[name], cells, count, draws, seed)
        for name, fall in falls.items()
    }
    rows, gains = [], []
    for (model, method), found in maps.items():
        marked, fall = highest_cells(cell_means(found, cells), count), falls[model]
        hidden_alike = controls[model] | {"other": fall(np.roll(marked, 1, axis=0))}
        own = np.where((found > 0).any(axis=(1, 2)), fall(marked), np.nan)
        rows.append({"model": model, "method": method} | _row(own, hidden_alike, gains))
    told = np.array(verdicts(gains)).reshape(len(rows), len(CONTROLS))
    named = {f"{name}_verdict": told[:, place] for place, name in enumerate(CONTROLS)}
    return pd.DataFrame(rows).assign(**named)


def _row(own: np.ndarray, controls: Mapping[str, np.ndarray], gains: list[Mean]) -> dict:
    """Return the columns of a map, given the falls of the first images; adds to the `gains`.

    A fall is NaN where the map marks nothing; if none does, the controls are those of all images.
    """
    marking = np.isfinite(own)
    row = {"count": int(marking.sum()), "fall": mean_of(own).mean}
    for name in CONTROLS:
        falls = controls[name][: len(own)]
        gains.append(mean_of(own - falls))
        kept = falls[marking] if marking.any() else falls
        row |= {name: float(kept.mean())} | gains[-1].columns(f"over_{name}")
    return row


def _fall(
    model: nn.Module, images: Tensor, targets: np.ndarray
) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from the hidden cells (n, c, c) of the first n images to the falls (n,)."""
    model, rows = for_inference(model), np.arange(len(images))
    whole = probabilities(model, images)[rows, targets]

    def fall(hidden: np.ndarray) -> np.ndarray:
        n = len(hidden)
        return whole[:n] - probabilities(model, images[:n], hidden)[rows[:n], targets[:n]]

    return fall


def _scattered(
    fall: Callable[[np.ndarray], np.ndarray],
    coverage: np.ndarray,
    cells: int,
    count: int,
    draws: int,
    seed: int,
) -> dict[str, np.ndarray]:
    """Return the mean falls (N,) where cells are hidden at random, anywhere or first in the box."""
    inside = cell_means(coverage, cells) > 0.5
    noise = np.random.default_rng(seed).random((draws, *inside.shape))
    return {
        name: np.mean([fall(highest_cells(draw + first, count)) for draw in noise], axis=0)
        for name, first in (("random", 0), ("boxed", inside))
    }


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
