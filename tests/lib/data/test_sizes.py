"""Sizes of images, and of the cars' boxes relative to them."""

import numpy as np
import pandas as pd
import pytest

from lib.data.sizes import (
    aspect_ratio,
    box_height,
    box_width,
    boxes_known,
    coverage,
    size_spread,
)


def test_shapes_are_widths_over_heights():
    frame = pd.DataFrame({"width": [448, 300, 224], "height": [224, 100, 448]})
    assert aspect_ratio(frame).tolist() == [2, 3, 0.5]


def test_spread_compares_the_95th_percentile_of_areas_to_the_5th():
    frame = pd.DataFrame({"width": np.arange(1, 102), "height": 10})
    assert size_spread(frame) == pytest.approx(96 / 6)


@pytest.mark.parametrize(("ratio", "known"), [([1, 1], False), ([1, 0.5], True)])
def test_boxes_as_large_as_all_images_say_nothing(ratio, known):
    assert boxes_known(np.array(ratio)) is known
    assert boxes_known(pd.Series(ratio)) is known


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
