"""Shares in the box, deletion and their intervals, on maps whose measure is known beforehand."""

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from carnet import InputError
from lib.explanation import measures

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
    return measures.box_coverage(pd.concat(frames), SIZE)


def test_coverage_of_aligned_boxes_is_exact():
    found = measures.box_coverage(boxes(), SIZE)
    assert found.shape == (COUNT, SIZE, SIZE)
    assert (found[:, :, : SIZE // 2] == 1).all()
    assert (found[:, :, SIZE // 2 :] == 0).all()


@pytest.mark.parametrize("size", [7, 16, 64])
def test_mean_coverage_is_the_box_ratio_at_any_size(size):
    frame = boxes(x1=8, x2=73, y1=5, y2=31)
    ratio = 66 * 27 / 5000
    np.testing.assert_allclose(measures.box_coverage(frame, size).mean(axis=(1, 2)), ratio)


def test_a_box_that_overruns_the_image_counts_for_what_is_inside():
    found = measures.box_coverage(boxes(x2=130, y2=50), SIZE)
    np.testing.assert_allclose(found, 1)


def test_shares_count_positive_attribution_only():
    maps = np.zeros((1, SIZE, SIZE), dtype=np.float32)
    maps[0, 0, 0], maps[0, 0, -1], maps[0, 1, 1], maps[0, 1, -1] = 3, 1, -5, -5
    coverage = measures.box_coverage(boxes().iloc[[0]], SIZE)
    assert measures.shares_in_boxes(maps, coverage) == pytest.approx(0.75)


def test_an_even_map_has_the_share_of_the_box(coverage):
    shares = measures.shares_in_boxes(np.ones((COUNT, SIZE, SIZE)), coverage)
    np.testing.assert_allclose(shares, 0.25)


def test_a_map_without_positive_values_has_no_share(coverage):
    shares = measures.shares_in_boxes(-np.ones((COUNT, SIZE, SIZE)), coverage)
    assert np.isnan(shares).all()


def noisy(maps, seed=0):
    return maps + 0.3 * np.random.default_rng(seed).random((COUNT, SIZE, SIZE))


def row(maps, coverage):
    return measures.measure_boxes({("v1", "Essai"): maps}, {"v1": coverage}).iloc[0]


def test_maps_on_the_cars_are_told_so(coverage):
    found = row(noisy(coverage), coverage)
    assert found.low <= found.share <= found.high
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
    coverage = measures.box_coverage(boxes(x1=26, x2=75), SIZE)
    found = row(noisy(coverage), coverage)
    assert found.verdict == "above"
    assert found.tracking == "unclear"
    assert found.swapped == pytest.approx(found.share)


def test_boxes_as_large_as_the_images_allow_no_conclusion():
    whole = measures.box_coverage(boxes(x2=100), SIZE)
    maps = {(model, "Essai"): noisy(0) for model in ("v1", "v2")}
    whole = {"v1": whole, "v2": whole}
    table = measures.measure_boxes(maps, whole)
    np.testing.assert_allclose(table.share, 1)
    assert set(table.verdict) | set(table.tracking) == {"pointless"}
    assert set(measures.compare_models(maps, whole, [("v1", "v2")]).verdict) == {"pointless"}


def test_maps_without_any_share_are_unclear_and_recorded_as_none(coverage):
    maps = {("v1", "Grad-CAM"): np.zeros((COUNT, SIZE, SIZE))}
    table = measures.measure_boxes(maps, {"v1": coverage})
    assert table.verdict[0] == "unclear"
    named = measures.named_results(table, ["share", "low", "verdict", "count"], "boite")
    assert named == {
        "boite_grad_cam_v1_share": None,
        "boite_grad_cam_v1_low": None,
        "boite_grad_cam_v1_verdict": "unclear",
        "boite_grad_cam_v1_count": 0,
    }


def test_maps_that_are_empty_for_some_images_are_left_out(coverage):
    maps = noisy(coverage)
    maps[0] = 0
    found = row(maps, coverage)
    assert found["count"] == COUNT - 1
    assert np.isfinite([found.share, found.low, found.high, found.swapped]).all()


def test_models_are_compared_by_method_that_both_have(coverage):
    maps = {
        ("v1", "Grad-CAM"): noisy(0),
        ("v1", "Occlusion"): noisy(0),
        ("v2", "Grad-CAM"): noisy(coverage, 1),
        ("v2", "Occlusion"): noisy(0, 1),
        ("v2", "Lime"): noisy(0, 2),
    }
    table = measures.compare_models(
        maps, {"v1": coverage, "v2": coverage}, [("v1", "v2"), ("v2", "v1")]
    )
    assert table.method.tolist() == ["Grad-CAM", "Grad-CAM", "Occlusion", "Occlusion"]
    assert table.reference.tolist()[:2] == ["v1", "v2"]
    assert table.model.tolist()[:2] == ["v2", "v1"]
    assert table.verdict.tolist()[:2] == ["above", "below"]
    assert set(table.verdict[2:]) == {"unclear"}
    assert table.change[0] == pytest.approx(-table.change[1])
    assert table.change[0] > 0.1


def test_models_may_see_images_of_different_sizes():
    frame = boxes()
    coverage = {"v1": measures.box_coverage(frame, 8), "v2": measures.box_coverage(frame, 12)}
    maps = {(model, "Essai"): covered for model, covered in coverage.items()}
    assert measures.measure_boxes(maps, coverage).share.tolist() == [1, 1]
    assert measures.compare_models(maps, coverage, [("v1", "v2")]).change.tolist() == [0]


def test_intervals_follow_their_seed_and_cover_the_mean():
    values = np.random.default_rng(3).normal(5, 1, 40)
    first, same, other = (measures.bootstrap_interval(values, seed=seed) for seed in (0, 0, 1))
    assert first == same != other
    assert first.low < first.mean < first.high
    # The percentile interval of a mean is close to the one of the normal law.
    assert first.high - first.low == pytest.approx(2 * 1.96 * values.std() / 40**0.5, rel=0.15)


@pytest.mark.parametrize("values", [[], [1.0], [np.nan, 1.0]])
def test_too_few_values_have_no_interval_and_no_sign(values):
    found = measures.bootstrap_interval(np.array(values))
    assert np.isnan(found.low) and np.isnan(found.high)
    assert found.sign == 0


@pytest.mark.parametrize(("count", "told"), [(9, "unclear"), (10, "above")])
def test_fewer_than_ten_images_conclude_nothing(count, told):
    found = measures.bootstrap_interval(np.linspace(1, 2, count))
    assert measures.verdict(found) == told


def test_equal_values_have_an_interval_of_no_width():
    found = measures.bootstrap_interval(np.full(5, 2.0))
    assert (found.mean, found.low, found.high, found.sign) == (2, 2, 2, 1)


class Corner(nn.Module):
    """A classifier that looks at the upper left quarter, in its `network`, and nothing else."""

    def __init__(self):
        super().__init__()
        self.network = Brightness()

    def forward(self, images):
        return self.network(images)


class Brightness(nn.Module):
    """Two classes told apart by the brightness of the upper left quarter."""

    def __init__(self):
        super().__init__()
        self.network = nn.AvgPool2d(SIZE // 2)  # what is traced to run faster, as in CarClassifier
        self.gain = nn.Parameter(torch.tensor(8.0))

    def forward(self, images):
        brightness = self.network(images)[:, :, 0, 0].mean(dim=1) - 0.5
        return torch.stack([self.gain * brightness, -self.gain * brightness], dim=1)


@pytest.fixture
def deletion():
    corner = np.zeros((COUNT, SIZE, SIZE))
    corner[:, : SIZE // 2, : SIZE // 2] = 1
    return measures.measure_deletion(
        {"v1": Corner()},
        {"v1": torch.ones(COUNT, 3, SIZE, SIZE)},
        {"v1": np.zeros(COUNT, dtype=int)},
        {("v1", "Juste"): corner, ("v1", "Fausse"): -corner},
        hidden=0.25,
        cells=4,
        draws=8,
    )


def test_deletion_tells_a_faithful_map_from_an_unfaithful_one(deletion):
    assert deletion.verdict.tolist() == ["above", "below"]
    assert deletion.fall[0] == pytest.approx(1 / (1 + np.exp(-8)) - 0.5, abs=1e-6)
    assert deletion.fall[1] == pytest.approx(0, abs=1e-6)
    assert deletion.random[0] == deletion.random[1]
    np.testing.assert_allclose(deletion.gain, deletion.fall - deletion.random)


@pytest.mark.parametrize("hidden", [0, 1, -0.5])
def test_deletion_refuses_a_share_out_of_range(hidden):
    with pytest.raises(InputError, match="expected a share between 0 and 1"):
        measures.measure_deletion({}, {}, {}, {}, hidden=hidden)


def test_cell_means_average_each_square():
    maps = np.arange(16.0).reshape(1, 4, 4)
    np.testing.assert_allclose(measures.cell_means(maps, 2), [[[2.5, 4.5], [10.5, 12.5]]])
    np.testing.assert_allclose(measures.cell_means(np.ones((2, 10, 10)), 4), np.ones((2, 4, 4)))


def test_highest_cells_marks_as_many_as_asked_even_among_equals():
    marked = measures.highest_cells(np.zeros((3, 4, 4)), 5)
    assert (marked.sum(axis=(1, 2)) == 5).all()
    values = np.array([[[1.0, 9.0], [3.0, 2.0]]])
    assert measures.highest_cells(values, 2).tolist() == [[[False, True], [True, False]]]
