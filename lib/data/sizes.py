"""The sizes of images, and what boxes say of the size of the cars in them.

Works on frames of `lib.data.cars`, from the columns width, height (pixels) and box_ratio.
"""

import numpy as np
import pandas as pd

RESNET_INPUT = 224  # pixels: the side of the images on which torchvision's ResNets were trained
WHOLE_IMAGE = 0.999  # share of the image from which a box leaves nothing outside


def aspect_ratio(frame: pd.DataFrame) -> pd.Series:
    """Return width over height of each image."""
    return frame["width"] / frame["height"]


def size_spread(frame: pd.DataFrame) -> float:
    """Return the area of large images over that of small ones (95th over 5th percentile)."""
    area = frame["width"] * frame["height"]
    return float(area.quantile(0.95) / area.quantile(0.05))


def small_share(frame: pd.DataFrame) -> float:
    """Return the share of images of which a side is shorter than ResNet's usual input."""
    return float((frame[["width", "height"]].min(axis=1) < RESNET_INPUT).mean())


def boxes_known(ratio: pd.Series | np.ndarray) -> bool:
    """Return whether boxes say anything, from their shares of the image: not if all are whole."""
    return bool((ratio < WHOLE_IMAGE).any())
