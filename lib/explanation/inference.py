"""Forward passes for explanations: probabilities of images, whole or with some squares hidden.

Images are uint8 in [0, 255] or floats in [0, 1], (N, 3, H, W), as `CarClassifier` takes them.
Knows nothing of attribution, training, data sets or the journal.
"""

import copy
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import psutil
import torch
from torch import Tensor, nn
from torch.fx.experimental import optimization

from carnet import InputError
from lib.training.model import build_model, to_unit_range

GREY = 0.5  # what a hidden pixel becomes, in [0, 1]
BATCH_SIZE = 64  # images that gradients go through together

# What a forward pass may take. It is a constant, so that the batches, hence the last bits of the
# maps, do not follow the memory of the day; only where that is short are they smaller.
PASS_BYTES = {"cpu": 2**27, "cuda": 2**32}  # a CPU is fastest in its caches
PIXEL_BYTES = 256  # that ResNet-18 takes for each pixel of an image, rounded up
FREE_SHARE = 4  # a pass takes one part in so many of the free memory at most

FROM_THE_TOP = ("fc", "layer4", "layer3", "layer2", "layer1", "bn1", "conv1")  # of ResNet-18


@dataclass(frozen=True)
class Prediction:
    """Predicted classes (N,) from 0 and their softmax probabilities (N,)."""

    classes: np.ndarray
    confidences: np.ndarray


@torch.inference_mode()
def probabilities(model: nn.Module, images: Tensor, hidden: np.ndarray | None = None) -> np.ndarray:
    """Return the softmax probabilities (N, classes) of images (N, 3, H, W).

    `hidden` (N, cells, cells) marks squares that turn grey before the model sees the images.
    """
    device, side, shares = device_of(model), images.shape[-1], []
    for place in torch.arange(len(images)).split(images_per_pass(side, device)):
        batch = to_unit_range(images[place[0] : place[-1] + 1].to(device))
        if hidden is not None:
            index = cell_index(side, hidden.shape[-1])
            pixels = torch.from_numpy(hidden[place][:, None, index][..., index])
            batch = batch.masked_fill(pixels.to(device), GREY)
        shares.append(model(_laid_out(batch)).softmax(dim=1))
    return torch.cat(shares).cpu().numpy()


def images_per_pass(side: int, device: torch.device) -> int:
    """Return how many images of `side` × `side` pixels go through the model together."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
    else:
        free = psutil.virtual_memory().available
    budget = min(PASS_BYTES[device.type], free // FREE_SHARE)
    return max(1, budget // (PIXEL_BYTES * side**2))


def for_inference(model: nn.Module) -> nn.Module:
    """Return a copy of a classifier that gives the same scores sooner, in evaluation mode.

    In its `network`, torch.fx folds batch normalisations into convolutions and, on a CPU, lays the
    weights out as oneDNN computes, once and not at each pass.
    """
    on_cpu = device_of(model).type == "cpu"
    quicken = optimization.optimize_for_inference if on_cpu else optimization.fuse
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # what torch says of its own code
        fast = copy.deepcopy(model).eval()
        fast.network = quicken(fast.network)
    return fast


def predict_classes(model: nn.Module, images: Tensor) -> Prediction:
    """Predict the class of each image (N, 3, H, W), and how sure the model is."""
    shares = probabilities(model, images)
    return Prediction(shares.argmax(axis=1), shares.max(axis=1))


def randomised(model: nn.Module, *, down_to: str = "conv1", seed: int = 0) -> nn.Module:
    """Return a copy of a classifier with weights drawn again, as before any training.

    They are those of the layers FROM_THE_TOP `down_to` one of them; by default, of all.
    """
    drawn = copy.deepcopy(model)
    fresh = build_model(len(model.network.fc.bias), seed=seed).network
    for layer in FROM_THE_TOP[: FROM_THE_TOP.index(down_to) + 1]:
        state = fresh.get_submodule(layer).state_dict()
        drawn.network.get_submodule(layer).load_state_dict(state)
    return drawn.eval()


def device_of(model: nn.Module) -> torch.device:
    """Return the device that the weights of a model are on."""
    return next(model.parameters()).device


def cell_index(size: int, cells: int) -> np.ndarray:
    """Return the cell, from 0 to `cells` - 1, of each of `size` pixels in a row.

    Raises:
        InputError: there are more cells than pixels, or none.
    """
    if not 1 <= cells <= size:
        raise InputError(f"cells={cells}: expected from 1 to the {size} pixels of a side")
    return np.arange(size) * cells // size


def batches(
    model: nn.Module, images: Tensor, targets: np.ndarray, size: int = BATCH_SIZE
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches of images and targets where the model is; the images are copies."""
    device = device_of(model)
    classes = torch.as_tensor(targets, dtype=torch.long, device=device)
    for batch, chosen in zip(images.split(size), classes.split(size), strict=True):
        yield _laid_out(to_unit_range(batch.to(device, copy=True))), chosen


def _laid_out(images: Tensor) -> Tensor:
    """Lay images out in memory as convolutions go fastest on their device: same values."""
    on_cpu = images.device.type == "cpu"
    return images.contiguous(
        memory_format=torch.channels_last if on_cpu else torch.contiguous_format
    )
