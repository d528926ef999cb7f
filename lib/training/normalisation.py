"""What happens to images before the network: normalisation constants.

Works on uint8 images (N, 3, H, W). Knows nothing of files, of the network or of the training.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from lib.data.decoding import Images
from lib.training.model import NO_MEAN, NO_STD

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
_CHUNK = 1024  # images looked at together: the memory stays flat over a memory-mapped file


def normalisation_constants(
    normalisation: str, images: Tensor | Images
) -> tuple[Sequence[float], Sequence[float]]:
    """Return (mean, std) of the three channels, of images in [0, 1].

    "z-score" measures them on `images`, uint8 (N, 3, H, W), which must be training images only.
    """
    if normalisation == "ImageNet":
        return IMAGENET_MEAN, IMAGENET_STD
    if normalisation == "z-score":
        return channel_statistics(images)
    return NO_MEAN, NO_STD


def channel_statistics(images: Tensor | Images) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the exact (mean, std) of each channel of uint8 (N, 3, H, W), scaled to [0, 1].

    One pass that counts the 256 values: integers, so the same result on any device.
    """
    counts = torch.zeros(3, 256, dtype=torch.int64)
    for chunk in images.split(_CHUNK):
        for channel in range(3):
            values = chunk[:, channel].flatten()
            counts[channel] += torch.bincount(values, minlength=256).cpu()
    levels = np.arange(256) / 255
    shares = counts.numpy() / counts.sum(dim=1, keepdim=True).numpy()
    mean = shares @ levels
    std = np.sqrt(shares @ levels**2 - mean**2)
    return tuple(mean.tolist()), tuple(np.maximum(std, 1 / 255).tolist())
