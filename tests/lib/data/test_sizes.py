"""Sizes of images, and boxes that say nothing."""

import numpy as np
import pandas as pd
import pytest

from lib.data.sizes import aspect_ratio, boxes_known, size_spread, small_share


def test_shapes_and_small_sides():
    frame = pd.DataFrame({"width": [448, 300, 224], "height": [224, 100, 448]})
    assert aspect_ratio(frame).tolist() == [2, 3, 0.5]
    assert small_share(frame) == pytest.approx(1 / 3)


def test_spread_compares_the_95th_percentile_of_areas_to_the_5th():
    frame = pd.DataFrame({"width": np.arange(1, 102), "height": 10})
    assert size_spread(frame) == pytest.approx(96 / 6)


@pytest.mark.parametrize(("ratio", "known"), [([1, 1], False), ([1, 0.5], True)])
def test_boxes_as_large_as_all_images_say_nothing(ratio, known):
    assert boxes_known(np.array(ratio)) is known
    assert boxes_known(pd.Series(ratio)) is known
