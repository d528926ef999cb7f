"""What maps and their measures cost: beside Captum, one image at a time, and a forward pass.

    python benchmarks explainability [--data DIR]

The weights are random and so are the pixels: the speed depends on neither.
"""

from collections.abc import Iterator
from functools import partial

import numpy as np
import torch
from captum.attr import Occlusion
from table import Row, take_turns
from torch import Tensor, nn

from lib.explanation import inference
from lib.explanation import methods as explain
from lib.explanation.deletion import measure_deletion
from lib.training.model import best_device, build_model

CLASSES = 196
DRAWS = 2  # of the control of the measure of faithfulness


def rows(*, quick: bool = False) -> Iterator[Row]:
    """Yield the ratios of occlusion, of Grad-CAM, of the measure of faithfulness."""
    model = build_model(CLASSES).to(best_device()).eval()
    for side, count in [(32, 1)] if quick else [(64, 36), (224, 1)]:
        yield occlusion_row(model, _images(count, side), rounds=1 if quick else 3)
    yield grad_cam_row(model, _images(*(4, 32) if quick else (64, 64)), rounds=1 if quick else 5)
    yield deletion_row(model, _images(*(12, 32) if quick else (500, 64)), rounds=1 if quick else 3)


def _images(count: int, side: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand((count, 3, side, side), generator=generator)


def _targets(images: Tensor) -> np.ndarray:
    return np.arange(len(images)) % CLASSES


def occlusion_row(model: nn.Module, images: Tensor, *, rounds: int) -> Row:
    """Compare occlusion with Captum's best setting, on the model as it is, for the same maps.

    The settings that are tried: all images together with 4 windows a pass, an image at a time
    with 16 windows, or all of them.
    """
    side, targets, every = images.shape[-1], _targets(images), len(images)
    width, step, windows = explain.occlusion_windows(side, 0.2, 0.1)

    def captum(together: int, per_pass: int) -> np.ndarray:
        options = {
            "sliding_window_shapes": (3, width, width),
            "strides": (3, step, step),
            "baselines": inference.GREY,
            "perturbations_per_eval": per_pass,
        }
        given = images.to(inference.device_of(model)).split(together)
        classes = torch.as_tensor(targets, device=given[0].device).split(together)
        maps = [
            Occlusion(model).attribute(batch, target=some, **options)[:, 0]
            for batch, some in zip(given, classes)
        ]
        return torch.cat(maps).detach().cpu().numpy()

    def ours() -> np.ndarray:
        return explain.occlusion(model, images, targets, window=0.2, stride=0.1)

    settings = dict.fromkeys([(every, 4), (1, 16), (1, windows)])
    contestants = {
        f"{together} × {per_pass}": partial(captum, together, per_pass)
        for together, per_pass in settings
    }
    error = np.abs(ours() - captum(1, 16)).max() / np.abs(ours()).max()
    times = take_turns({"ours": ours} | contestants, rounds=rounds)
    best = min(contestants, key=times.median)
    return Row(
        f"occlusion, {side} px: Captum at its best / ours",
        times.ratio(best, "ours"),
        at_least=0.9,
        read="How many times longer Captum takes for the same maps of the unfolded model, at the "
        f"best of {len(contestants)} settings (images × windows a forward pass): {best}.",
        raw=f"{len(images)} images × {windows} windows: {times}; largest difference {error:.1e} "
        "of the largest value",
    )


def grad_cam_row(model: nn.Module, images: Tensor, *, rounds: int) -> Row:
    """Compare Grad-CAM of many images with TorchCAM's one image at a time."""
    targets = _targets(images)

    def together() -> np.ndarray:
        return explain.grad_cam(model, images, targets)

    def one_by_one() -> np.ndarray:
        pairs = zip(images.split(1), np.split(targets, len(targets)))
        return np.concatenate([explain.grad_cam(model, *pair) for pair in pairs])

    error = np.abs(together() - one_by_one()).max() / together().max()
    times = take_turns({"together": together, "one by one": one_by_one}, rounds=rounds)
    return Row(
        f"Grad-CAM, {images.shape[-1]} px: one by one / together",
        times.ratio("one by one", "together"),
        at_least=1,
        read="How many times longer TorchCAM takes with an image at a time.",
        raw=f"{len(images)} images: {times}; largest difference {error:.1e} of the largest value",
    )


def deletion_row(model: nn.Module, images: Tensor, *, rounds: int) -> Row:
    """Compare the measure of faithfulness with as many forward passes as it has perturbations."""
    targets = _targets(images)
    maps = np.random.default_rng(0).random((len(images), *images.shape[-2:]), dtype=np.float32)
    passes = 1 + 2 * DRAWS + 2  # the images as they are; controls by draws; the map, another's

    def measure() -> None:
        given = ({"m": model}, {"m": images}, {"m": targets}, {("m", "map"): maps}, {"m": maps})
        measure_deletion(*given, draws=DRAWS)

    plain = inference.for_inference(model)

    def forward() -> None:
        for _ in range(passes):
            inference.probabilities(plain, images)

    measure(), forward()  # what the first call alone costs
    times = take_turns({"measure": measure, "forward passes": forward}, rounds=rounds)
    return Row(
        f"faithfulness of {len(images)} images: measure / its forward passes",
        times.ratio("measure", "forward passes"),
        at_most=1.1,
        read=f"The measure with its {passes} perturbations over as many plain forward passes of "
        "the same images: 1 when nothing but the network takes time.",
        raw=f"{images.shape[-1]} px: {times}",
    )
