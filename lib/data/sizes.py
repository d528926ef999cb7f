"""The sizes of images, and those of the cars in them, by their boxes.

Works on frames with the columns of `Cars.frame`. Box coordinates count pixels from 1, both ends
inside; what overruns the image does not count.
"""

import numpy as np
import pandas as pd

WHOLE_IMAGE = 0.999  # share of the image from which a box leaves nothing outside


def aspect_ratio(frame: pd.DataFrame) -> pd.Series:
    """Return width over height of each image."""
    return frame["width"] / frame["height"]


def size_spread(frame: pd.DataFrame) -> float:
    """Return the area of large images over that of small ones (95th over 5th percentile)."""
    area = frame["width"] * frame["height"]
    return float(area.quantile(0.95) / area.quantile(0.05))


def boxes_known(ratio: pd.Series | np.ndarray) -> bool:
    """Return whether boxes say anything, from their shares of the image: not if all are whole."""
    return bool((ratio < WHOLE_IMAGE).any())


def box_width(frame: pd.DataFrame) -> pd.Series:
    """Return the share of each image's width that the box covers."""
    return _side(frame, "x1", "x2", "width")


def box_height(frame: pd.DataFrame) -> pd.Series:
    """Return the share of each image's height that the box covers."""
    return _side(frame, "y1", "y2", "height")


def coverage(frame: pd.DataFrame, cells: int = 60) -> np.ndarray:
    """Return the share of images whose box covers each point of the image: (cells, cells).

    Rows go down and columns right, in image sizes: all images are brought to one square.
    """
    across = _covered(frame, "x1", "x2", "width", cells)  # (N, cells)
    down = _covered(frame, "y1", "y2", "height", cells)
    return down.T @ across / len(frame)


def _side(frame: pd.DataFrame, first: str, last: str, side: str) -> pd.Series:
    inside = frame[last].clip(upper=frame[side]) - frame[first].clip(lower=1) + 1
    return inside.clip(lower=0) / frame[side]


def _covered(frame: pd.DataFrame, first: str, last: str, side: str, cells: int) -> np.ndarray:
    points = (np.arange(cells) + 0.5) / cells
    start = ((frame[first] - 1) / frame[side]).to_numpy()[:, None]
    end = (frame[last] / frame[side]).to_numpy()[:, None]
    return ((points >= start) & (points < end)).astype(float)
