"""Attribution maps: which pixels a classifier relies on for the class that it predicts.

Every method returns float32 maps of shape (N, H, W) with one sign convention: a positive value
speaks for the explained class, a negative one against it. The explained class is the one in
`targets`, usually the predicted class; what is explained is its score before the softmax.

Images are uint8 in [0, 255] or floats in [0, 1], (N, 3, H, W), as `CarClassifier` takes them.
Knows nothing of training, data sets, figures or the journal. Global random states are put back.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
import torch
from captum.attr import GradientShap, Lime, Occlusion
from torch import Tensor, nn
from torch.nn.functional import interpolate
from torchcam.methods import GradCAM

from carnet import InputError, nearest
from lib.explanation.inference import (
    BATCH_SIZE,
    GREY,
    batches,
    cell_index,
    device_of,
    for_inference,
    images_per_pass,
)
from lib.training.model import to_unit_range

LAYERS = {"layer1": 4, "layer2": 8, "layer3": 16, "layer4": 32}  # of ResNet-18: pixels a cell side


def map_side(image_size: int, layer: str) -> int:
    """Return how many cells a side Grad-CAM has on a layer of ResNet-18, before it is enlarged.

    Raises:
        InputError: no layer of that name.
    """
    if layer not in LAYERS:
        raise InputError(f"layer={layer}: no such layer of ResNet-18; {nearest(layer, LAYERS)}")
    return -(-image_size // LAYERS[layer])


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
        InputError: no layer of that name.
    """
    maps, _ = [], map_side(images.shape[-1], layer)
    with GradCAM(model, model.network.get_submodule(layer)) as extractor:
        for batch, classes in batches(model, images, targets):
            scores = model(batch.requires_grad_())
            (coarse,) = extractor(classes.tolist(), scores, normalized=False)
            maps.append(enlarge(coarse, images.shape[-1]))
    return _stack(maps)


def enlarge(maps: Tensor, size: int) -> Tensor:
    """Enlarge maps (N, h, w) to (N, size, size), bilinearly."""
    return interpolate(maps[:, None], (size, size), mode="bilinear", align_corners=False)[:, 0]


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
    for batch, classes in batches(model, images, targets, size=count):
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
        for batch, classes in batches(model, images, targets):
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
    explainer = Lime(for_inference(model))
    with seeded(seed):
        maps = [
            explainer.attribute(
                image,
                baselines=GREY,
                target=target,
                feature_mask=squares,
                n_samples=samples,
                perturbations_per_eval=BATCH_SIZE,
            )[:, 0]
            for image, target in batches(model, images, targets, size=1)
        ]
    return _stack(maps)


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


def _stack(maps: Iterable[Tensor]) -> np.ndarray:
    """Join maps made in batches into one float32 array, out of the graph."""
    return torch.cat([found.detach().float().cpu() for found in maps]).numpy()
