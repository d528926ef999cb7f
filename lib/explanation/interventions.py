"""Car or background? What becomes of the answers when one of them is taken away.

Unlike a map, which interprets a model, this changes what the model sees and counts its errors.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from lib import tolerance
from lib.explanation.differences import ABOVE, BELOW, POINTLESS, UNCLEAR
from lib.explanation.inference import GREY, for_inference, predict_classes
from lib.training.intervals import (
    CONFIDENCE,
    PairedDifference,
    holm,
    paired_difference,
    share_interval,
)
from lib.training.model import to_unit_range

PLAIN, NO_BACKGROUND, OTHER_BACKGROUND = "plain", "no background", "other background"
NO_CAR, NO_SIGNATURE = "no car", "no signature"
DONORS = 10  # images, those that fit best, among which that of another background is drawn


def interventions(
    images: Tensor, coverage: np.ndarray, donors: np.ndarray
) -> Iterator[tuple[str, Tensor]]:
    """Yield the name of each intervention and what it makes of images (N, 3, H, W).

    With c the coverage (N, H, W) of the car's box, x an image, g grey and y, c' those of its donor,
    whose own car turns grey: c x + (1 - c) g, c x + (1 - c)((1 - c') y + c' g), (1 - c) x + c g.
    """
    images, car = to_unit_range(images), torch.from_numpy(coverage)[:, None]
    yield PLAIN, images
    yield NO_BACKGROUND, torch.lerp(torch.full_like(images, GREY), images, car)
    empty = torch.lerp(images, torch.full_like(images, GREY), car)
    yield OTHER_BACKGROUND, torch.lerp(empty[donors], images, car)
    yield NO_CAR, empty


def choose_donors(coverage: np.ndarray, labels: np.ndarray, *, seed: int = 0) -> np.ndarray:
    """Choose for each image that which lends its background (N,): of another class, at random.

    It is one of the DONORS whose car, by its box (coverage: N, H, W), sticks out the least.
    """
    flat = coverage.reshape(len(coverage), -1)
    sticking = np.round((1 - flat) @ flat.T / flat.shape[1] / tolerance.TOLERANCE)
    other = labels[:, None] != labels
    order = np.argsort(np.where(other, sticking, np.inf), axis=1, kind="stable")
    choices = np.clip(other.sum(axis=1), 1, DONORS)
    return order[np.arange(len(labels)), np.random.default_rng(seed).integers(choices)]


def right_answers(
    model: nn.Module,
    images: Tensor,
    coverage: np.ndarray,
    labels: np.ndarray,
    *,
    unsigned: Tensor | None = None,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """Return, by intervention, whether the model is right on each image (N,).

    `unsigned` are the same images with cars that lack the signature of their make, if there are.
    """
    model, donors = for_inference(model), choose_donors(coverage, labels, seed=seed)
    right = {
        name: predict_classes(model, changed).classes == labels
        for name, changed in interventions(images, coverage, donors)
    }
    if unsigned is not None:
        right[NO_SIGNATURE] = predict_classes(model, unsigned).classes == labels
    return right


def measure_interventions(
    right: Mapping[str, Mapping[str, np.ndarray]], *, informative: bool = True
) -> pd.DataFrame:
    """Compare the answers of each model under each intervention with those to the plain images.

    `right` is given by model, then as `right_answers`; it is `informative` where some boxes leave
    something outside. Each (intervention, model) gives one row:
    its accuracy, low and high; but for PLAIN, the paired `change` with its interval (`change_low`,
    `change_high`), `p` of McNemar's exact test, corrected by Holm over the table, and a `verdict`.
    """
    keys = [(model, name) for name in next(iter(right.values())) for model in right]
    changed = [key for key in keys if key[1] != PLAIN]
    pairs = [paired_difference(right[model][name], right[model][PLAIN]) for model, name in changed]
    corrected, told = _verdicts(pairs, informative)
    measured = {
        key: {"change": pair.difference, "change_low": pair.low, "change_high": pair.high}
        | {"p": p, "verdict": verdict}
        for key, pair, p, verdict in zip(changed, pairs, corrected, told)
    }
    rows = []
    for model, name in keys:
        answers = right[model][name]
        low, high = share_interval(answers.mean(), len(answers))
        row = {"intervention": name, "model": model, "accuracy": float(answers.mean())}
        rows.append(row | {"low": low, "high": high} | measured.get((model, name), {}))
    return pd.DataFrame(rows)


def measure_leanings(
    right: Mapping[str, Mapping[str, np.ndarray]], *, informative: bool = True
) -> pd.DataFrame:
    """Tell by model whether it is right more often without the background or without the car.

    Columns: model, difference (the first accuracy minus the second), low, high, `p` of McNemar's
    exact test, corrected by Holm over the models, and `verdict`: ABOVE where the car counts more.
    """
    pairs = [paired_difference(found[NO_BACKGROUND], found[NO_CAR]) for found in right.values()]
    corrected, told = _verdicts(pairs, informative)
    rows = [(model, pair.difference, pair.low, pair.high) for model, pair in zip(right, pairs)]
    table = pd.DataFrame(rows, columns=["model", "difference", "low", "high"])
    return table.assign(p=corrected, verdict=told)


def _verdicts(pairs: Sequence[PairedDifference], informative: bool) -> tuple[np.ndarray, list[str]]:
    """Return the corrected p of a family of differences, and their verdicts."""
    corrected = holm([pair.p_value for pair in pairs])
    if not informative:
        return corrected, [POINTLESS] * len(pairs)
    return corrected, [
        (ABOVE if pair.only_first > pair.only_second else BELOW)
        if tolerance.below(p, 1 - CONFIDENCE)
        else UNCLEAR
        for pair, p in zip(pairs, corrected)
    ]
