"""Shares of attribution in the box, on maps whose measure is known beforehand."""

import numpy as np
import pandas as pd
import pytest

from carnet import InputError
from lib.explanation.boxes import (
    box_coverage,
    in_random_order,
    measure_boxes,
    shares_in_boxes,
)

SIZE, COUNT = 16, 12


def boxes(**columns):
    """Frames of 100 × 50 images whose box is the left half of the width, unless told otherwise."""
    whole = {"width": 100, "height": 50, "x1": 1, "y1": 1, "x2": 50, "y2": 50}
    return pd.DataFrame([whole | columns] * COUNT)


@pytest.fixture
def coverage():
    """A box a quarter of the image large, in one of four places by turns."""
    places = [{"x1": 1 + 50 * (n % 2), "x2": 50 + 50 * (n % 2)} for n in range(COUNT)]
    heights = [{"y1": 1 + 25 * (n // 2 % 2), "y2": 25 + 25 * (n // 2 % 2)} for n in range(COUNT)]
    frames = [boxes(**a, **b).iloc[[0]] for a, b in zip(places, heights)]
    return box_coverage(pd.concat(frames), SIZE)


def test_coverage_of_aligned_boxes_is_exact():
    found = box_coverage(boxes(), SIZE)
    assert found.shape == (COUNT, SIZE, SIZE)
    assert (found[:, :, : SIZE // 2] == 1).all()
    assert (found[:, :, SIZE // 2 :] == 0).all()


@pytest.mark.parametrize("size", [7, 16, 64])
def test_mean_coverage_is_the_box_ratio_at_any_size(size):
    frame = boxes(x1=8, x2=73, y1=5, y2=31)
    ratio = 66 * 27 / 5000
    np.testing.assert_allclose(box_coverage(frame, size).mean(axis=(1, 2)), ratio)


def test_a_box_that_overruns_the_image_counts_for_what_is_inside():
    found = box_coverage(boxes(x2=130, y2=50), SIZE)
    np.testing.assert_allclose(found, 1)


def test_shares_count_positive_attribution_only():
    maps = np.zeros((1, SIZE, SIZE), dtype=np.float32)
    maps[0, 0, 0], maps[0, 0, -1], maps[0, 1, 1], maps[0, 1, -1] = 3, 1, -5, -5
    coverage = box_coverage(boxes().iloc[[0]], SIZE)
    assert shares_in_boxes(maps, coverage) == pytest.approx(0.75)


def test_an_even_map_has_the_share_of_the_box(coverage):
    shares = shares_in_boxes(np.ones((COUNT, SIZE, SIZE)), coverage)
    np.testing.assert_allclose(shares, 0.25)


def test_a_map_without_positive_values_has_no_share(coverage):
    shares = shares_in_boxes(-np.ones((COUNT, SIZE, SIZE)), coverage)
    assert np.isnan(shares).all()


def noisy(maps, seed=0):
    return maps + 0.3 * np.random.default_rng(seed).random((COUNT, SIZE, SIZE))


def row(maps, coverage):
    return measure_boxes({("v1", "Essai"): maps}, {"v1": coverage}).iloc[0]


def test_maps_on_the_cars_are_told_so(coverage):
    found = row(noisy(coverage), coverage)
    assert found.excess_low <= found.share - found.uniform <= found.excess_high
    assert found.uniform == pytest.approx(0.25)
    assert (found.verdict, found.tracking) == ("above", "above")
    assert found["count"] == COUNT


def test_maps_beside_the_cars_are_told_so(coverage):
    found = row(noisy(1 - coverage), coverage)
    assert (found.verdict, found.tracking) == ("below", "below")


def test_maps_that_ignore_the_cars_are_unclear(coverage):
    found = row(noisy(0), coverage)
    assert (found.verdict, found.tracking) == ("unclear", "unclear")


def test_a_habit_of_the_centre_beats_the_even_map_and_does_not_follow_the_car():
    coverage = box_coverage(boxes(x1=26, x2=75), SIZE)
    found = row(noisy(coverage), coverage)
    assert found.verdict == "above"
    assert found.tracking == "unclear"
    assert found.swapped == pytest.approx(found.share)


def test_boxes_as_large_as_the_images_allow_no_conclusion():
    whole = box_coverage(boxes(x2=100), SIZE)
    maps = {(model, "Essai"): noisy(0) for model in ("v1", "v2")}
    whole = {"v1": whole, "v2": whole}
    table = measure_boxes(maps, whole)
    np.testing.assert_allclose(table.share, 1)
    assert set(table.verdict) | set(table.tracking) == {"pointless"}


def test_maps_without_any_share_are_unclear(coverage):
    found = row(np.zeros((COUNT, SIZE, SIZE)), coverage)
    assert (found.verdict, found.tracking, found["count"]) == ("unclear", "unclear", 0)
    assert np.isnan(found.share)


def test_maps_that_are_empty_for_some_images_are_left_out(coverage):
    maps = noisy(coverage)
    maps[0] = 0
    found = row(maps, coverage)
    assert found["count"] == COUNT - 1
    assert np.isfinite([found.share, found.gain_low, found.gain_high, found.swapped]).all()


def test_slow_methods_explain_the_first_images_only(coverage):
    maps = {("v1", "Lente"): noisy(coverage)[:10], ("v1", "Rapide"): noisy(coverage)}
    table = measure_boxes(maps, {"v1": coverage})
    assert table["count"].tolist() == [10, COUNT]
    alone = measure_boxes({("v1", "Lente"): noisy(coverage)[:10]}, {"v1": coverage[:10]})
    assert table.share[0] == alone.share[0]
    assert table.swapped[0] == alone.swapped[0]


def test_models_may_see_images_of_different_sizes():
    frame = boxes()
    coverage = {"v1": box_coverage(frame, 8), "v2": box_coverage(frame, 12)}
    maps = {(model, "Essai"): covered for model, covered in coverage.items()}
    assert measure_boxes(maps, coverage).share.tolist() == [1, 1]


def test_the_order_of_images_follows_its_seed():
    frame = boxes().assign(place=range(COUNT))
    first, same, other = (in_random_order(frame, 2, seed=seed) for seed in (0, 0, 1))
    assert first.equals(same)
    assert not first.equals(other)
    assert sorted(first.place) == list(range(COUNT))
    assert first.index.tolist() == list(range(COUNT))


@pytest.mark.parametrize("count", [1, 0, -3])
def test_a_sample_of_one_is_refused(count):
    with pytest.raises(InputError, match=f"n_sample={count}: expected at least 2"):
        in_random_order(boxes(), count)
