"""Attribution maps: which pixels a classifier relies on for the class that it predicts.

Every method returns float32 maps of shape (N, H, W) with one sign convention: a positive value
speaks for the explained class, a negative one against it. The explained class is the one in
`targets`, usually the predicted class; what is explained is its score before the softmax.

Images are uint8 in [0, 255] or floats in [0, 1], (N, 3, H, W), as `CarClassifier` takes them.
Knows nothing of training, data sets, figures or the journal. Global random states are put back.
"""

import copy
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
import psutil
import torch
from captum.attr import GradientShap, Lime, Occlusion
from torch import Tensor, nn
from torch.fx.experimental import optimization
from torch.nn.functional import interpolate
from torchcam.methods import GradCAM

from carnet import InputError
from lib.training.model import to_unit_range

GREY = 0.5  # what a hidden pixel becomes, in [0, 1]
BATCH_SIZE = 64  # images that gradients go through together

# What a forward pass may take. It is a constant, so that the batches, hence the last bits of the
# maps, do not follow the memory of the day; only where that is short are they smaller.
PASS_BYTES = {"cpu": 2**27, "cuda": 2**32}  # a CPU is fastest in its caches
PIXEL_BYTES = 256  # that ResNet-18 takes for each pixel of an image, rounded up
FREE_SHARE = 4  # a pass takes one part in so many of the free memory at most


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


def device_of(model: nn.Module) -> torch.device:
    """Return the device that the weights of a model are on."""
    return next(model.parameters()).device


def feature_layer(model: nn.Module, name: str) -> nn.Module:
    """Return the layer `name` of the network inside a classifier.

    Raises:
        InputError: the network has no such layer.
    """
    layers = dict(model.network.named_children())
    if name not in layers:
        raise InputError(
            f"layer={name}: the network has no such layer; choose among {list(layers)}"
        )
    return layers[name]


def grad_cam(
    model: nn.Module, images: Tensor, targets: np.ndarray, *, layer: str = "layer4"
) -> np.ndarray:
    """Grad-CAM through TorchCAM: never negative, as coarse as `layer`, enlarged to the image.

    The map is max(0, sum over k of a_k F_k), where F_k is channel k of the layer and a_k the mean
    over its pixels of the gradient of the score s_c by F_k. It keeps its scale (no stretching to
    [0, 1], which would move its zero).
    Selvaraju et al., ICCV 2017, https://arxiv.org/abs/1610.02391, equations 1 and 2.

        maps = grad_cam(model, images, predict_classes(model, images).classes, layer="layer3")

    Raises:
        InputError: the network has no such layer.
    """
    maps = []
    with GradCAM(model, feature_layer(model, layer)) as extractor:
        for batch, classes in _batches(model, images, targets):
            scores = model(batch.requires_grad_())
            (coarse,) = extractor(classes.tolist(), scores, normalized=False)
            maps.append(enlarge(coarse, images.shape[-1]))
    return _stack(maps)


def enlarge(maps: Tensor, size: int) -> Tensor:
    """Enlarge maps (N, h, w) to (N, size, size), bilinearly."""
    return interpolate(maps[:, None], (size, size), mode="bilinear", align_corners=False)[:, 0]


def map_side(model: nn.Module, image_size: int, layer: str = "layer4") -> int:
    """Return how many cells a side Grad-CAM has before it is enlarged.

    Raises:
        InputError: the network has no such layer.
    """
    sides = []
    handle = feature_layer(model, layer).register_forward_hook(
        lambda module, inputs, output: sides.append(output.shape[-1])
    )
    try:
        probabilities(model, torch.full((1, 3, image_size, image_size), GREY))
    finally:
        handle.remove()
    return sides[0]


def occlusion(
    model: nn.Module,
    images: Tensor,
    targets: np.ndarray,
    *,
    window: float = 0.2,
    stride: float = 0.1,
) -> np.ndarray:
    """Occlusion through Captum: by how much the score falls when a grey square hides a place.

    `window` and `stride` are shares of the side of the image. Where W(p) are the squares that cover
    pixel p, and x_w is the image x with the square w in grey, the map is
    A(p) = mean over w in W(p) of s_c(x) - s_c(x_w).
    Zeiler & Fergus, ECCV 2014, https://arxiv.org/abs/1311.2901, section 4.2.

        maps = occlusion(model, images, predict_classes(model, images).classes)

    Raises:
        InputError: not 0 < stride <= window <= 1.
    """
    side, maps = images.shape[-1], []
    width, step, _ = occlusion_windows(side, window, stride)
    explainer, count = Occlusion(for_inference(model)), images_per_pass(side, device_of(model))
    for batch, classes in _batches(model, images, targets, size=count):
        attribution = explainer.attribute(
            batch,
            baselines=GREY,
            target=classes,
            sliding_window_shapes=(3, width, width),
            strides=(3, step, step),
            perturbations_per_eval=max(1, count // len(batch)),
        )
        maps.append(attribution[:, 0])
    return _stack(maps)


def occlusion_windows(side: int, window: float, stride: float) -> tuple[int, int, int]:
    """Return the width of the hidden square and its step, in pixels, and how many there are.

    Raises:
        InputError: not 0 < stride <= window <= 1.
    """
    if not 0 < stride <= window <= 1:
        raise InputError(f"window={window}, stride={stride}: expected 0 < stride <= window <= 1")
    width, step = (max(1, round(share * side)) for share in (window, stride))
    return width, step, (-(-(side - width) // step) + 1) ** 2


def gradient_shap(
    model: nn.Module,
    images: Tensor,
    targets: np.ndarray,
    *,
    references: Tensor,
    samples: int = 10,
    seed: int = 0,
) -> np.ndarray:
    """GradientShap through Captum: gradients on the way from reference images, times the change.

    `references` (M, 3, h, w) are the images that stand for "no information", resized if need be;
    `samples` draws a path and a reference for each. The map is the mean over these of
    (x - r) * grad s_c(r + u (x - r)), u uniform in [0, 1], r a reference; channels are summed.
    Lundberg & Lee, NeurIPS 2017, https://arxiv.org/abs/1705.07874; as expected gradients: Erion et
    al., 2021, https://arxiv.org/abs/1906.10670.

        maps = gradient_shap(model, images, targets, references=training_images[:50])
    """
    explainer, maps, references = GradientShap(model), [], to_unit_range(references)
    if references.shape[-1] != images.shape[-1]:
        references = interpolate(references, images.shape[-2:], mode="bilinear", antialias=True)
    with seeded(seed):
        for batch, classes in _batches(model, images, targets):
            attribution = explainer.attribute(
                batch, baselines=references.to(batch.device), n_samples=samples, target=classes
            )
            maps.append(attribution.sum(dim=1))
    return _stack(maps)


def lime(
    model: nn.Module,
    images: Tensor,
    targets: np.ndarray,
    *,
    cells: int = 8,
    samples: int = 100,
    seed: int = 0,
) -> np.ndarray:
    """Lime through Captum: weights of a sparse linear model of the score, one for each square.

    The image is cut into `cells` × `cells` squares; `samples` times a random half turns grey. The
    map is the w that minimises sum over z of p(z) (s_c(x_z) - w·z)² + penalty |w|, where z tells by
    0 and 1 which squares are left in x_z, and p(z) weighs it by its closeness to x.
    Ribeiro et al., KDD 2016, https://arxiv.org/abs/1602.04938, equation 1.

        maps = lime(model, images, targets, cells=8, samples=500)

    Raises:
        InputError: there are more cells than pixels a side.
    """
    index = torch.from_numpy(cell_index(images.shape[-1], cells))
    squares = (index[:, None] * cells + index)[None, None].to(device_of(model))
    with seeded(seed):
        maps = [
            Lime(model).attribute(
                image,
                baselines=GREY,
                target=target,
                feature_mask=squares,
                n_samples=samples,
                perturbations_per_eval=BATCH_SIZE,
            )[:, 0]
            for image, target in _batches(model, images, targets, size=1)
        ]
    return _stack(maps)


def cell_index(size: int, cells: int) -> np.ndarray:
    """Return the cell, from 0 to `cells` - 1, of each of `size` pixels in a row.

    Raises:
        InputError: there are more cells than pixels, or none.
    """
    if not 1 <= cells <= size:
        raise InputError(f"cells={cells}: expected from 1 to the {size} pixels of a side")
    return np.arange(size) * cells // size


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the random numbers that Captum draws (torch's and numpy's), then put them back."""
    state = np.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            np.random.seed(seed)
            yield
    finally:
        np.random.set_state(state)


def stratified_sample(frame: pd.DataFrame, count: int, *, seed: int = 0) -> pd.DataFrame:
    """Draw `count` rows of `frame` at random, as many of each label as can be, all if too few.

    Raises:
        InputError: `count` is below 2, too few to tell how much it varies.
    """
    if count < 2:
        raise InputError(f"n_sample={count}: expected at least 2 images")
    shuffled = frame.sample(frac=1, random_state=seed)
    rank = shuffled.groupby("label").cumcount()
    return shuffled.loc[rank.sort_values(kind="stable").index[:count]].reset_index(drop=True)


def choose_examples(right: np.ndarray, *, each: int = 2) -> np.ndarray:
    """Return the places of the first `each` right and the first `each` wrong predictions.

    Where one kind is too rare, the other fills up. `right` (N,) is in a random order already.
    """
    places = np.concatenate([np.flatnonzero(right), np.flatnonzero(~right)])
    n_right = int(right.sum())
    n_wrong = len(right) - n_right
    from_right = min(n_right, max(each, 2 * each - n_wrong))
    from_wrong = min(n_wrong, 2 * each - from_right)
    return np.concatenate([places[:from_right], places[n_right : n_right + from_wrong]])


def _batches(
    model: nn.Module, images: Tensor, targets: np.ndarray, size: int = BATCH_SIZE
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches of images and targets where the model is; the images are copies."""
    device = device_of(model)
    classes = torch.as_tensor(targets, dtype=torch.long, device=device)
    for batch, chosen in zip(images.split(size), classes.split(size), strict=True):
        yield _laid_out(to_unit_range(batch.to(device, copy=True))), chosen


def _laid_out(images: Tensor) -> Tensor:
    return images.contiguous(memory_format=_layout(images.device))


def _layout(device: torch.device) -> torch.memory_format:
    """Return how images and weights lie in memory: as convolutions go fastest, same values."""
    return torch.channels_last if device.type == "cpu" else torch.contiguous_format


def _stack(maps: Iterable[Tensor]) -> np.ndarray:
    """Join maps made in batches into one float32 array, out of the graph."""
    return torch.cat([found.detach().float().cpu() for found in maps]).numpy()
