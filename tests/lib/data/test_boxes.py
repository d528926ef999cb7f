"""The car's box relative to its image."""

import numpy as np
import pandas as pd

from lib.data.boxes import box_height, box_width, coverage


def boxed(*boxes: tuple[int, int, int, int]) -> pd.DataFrame:
    """Return images of 100 by 50 pixels with these boxes."""
    frame = pd.DataFrame(boxes, columns=["x1", "y1", "x2", "y2"]).assign(width=100, height=50)
    return frame.assign(box_ratio=box_width(frame) * box_height(frame))


def test_box_counts_both_ends_and_only_what_is_inside():
    frame = boxed((1, 1, 100, 50), (26, 1, 75, 50), (51, 26, 150, 99), (200, 1, 300, 50))
    assert list(box_width(frame)) == [1, 0.5, 0.5, 0]
    assert list(box_height(frame)) == [1, 1, 0.5, 1]
    assert list(frame["box_ratio"]) == [1, 0.5, 0.25, 0]


def test_coverage_is_the_share_of_boxes_at_each_point():
    shares = coverage(boxed((1, 1, 100, 50), (1, 1, 50, 25)), cells=2)
    np.testing.assert_allclose(shares, [[1, 0.5], [0.5, 0.5]])
