"""Car or background: what is changed, and what follows for a classifier whose needs are known."""

import numpy as np
import pytest
import torch
from torch import nn

from lib.explanation.interventions import (
    NO_BACKGROUND,
    NO_CAR,
    NO_SIGNATURE,
    OTHER_BACKGROUND,
    PLAIN,
    choose_donors,
    interventions,
    measure_interventions,
    measure_leanings,
    right_answers,
)

SIZE, COUNT, GREY = 8, 12, 0.5
LABELS = np.arange(COUNT) % 2


@pytest.fixture
def coverage():
    """The car fills the left half, and of the last image all but the last column."""
    found = np.zeros((COUNT, SIZE, SIZE), dtype=np.float32)
    found[:, :, : SIZE // 2] = 1
    found[-1, :, :-1] = 1
    return found


@pytest.fixture
def images(coverage):
    """Cars as bright as their class, before backgrounds as bright as the place of the image."""
    cars = torch.from_numpy(0.2 + 0.6 * LABELS).float()[:, None, None, None]
    backgrounds = (torch.arange(COUNT) / 100)[:, None, None, None]
    car = torch.from_numpy(coverage)[:, None]
    return (car * cars + (1 - car) * backgrounds).expand(-1, 3, -1, -1)


def test_interventions_change_what_they_say(images, coverage):
    donors = np.roll(np.arange(COUNT), 1)
    found = dict(interventions(images, coverage, donors))
    assert list(found) == [PLAIN, NO_BACKGROUND, OTHER_BACKGROUND, NO_CAR]
    left, right = np.s_[2, :, :, : SIZE // 2], np.s_[2, :, :, SIZE // 2 :]
    assert torch.equal(found[PLAIN], images)
    assert torch.equal(found[NO_BACKGROUND][left], images[left])
    assert (found[NO_BACKGROUND][right] == GREY).all()
    assert torch.equal(found[NO_CAR][right], images[right])
    assert (found[NO_CAR][left] == GREY).all()
    assert torch.equal(found[OTHER_BACKGROUND][left], images[left])
    assert torch.equal(found[OTHER_BACKGROUND][2, :, :, -1], images[1, :, :, -1])


def test_the_car_of_the_donor_is_never_seen(images, coverage):
    donors = np.full(COUNT, COUNT - 1)
    found = dict(interventions(images, coverage, donors))[OTHER_BACKGROUND]
    assert (found[0, :, :, SIZE // 2 : -1] == GREY).all()
    assert torch.equal(found[0, :, :, -1], images[-1, :, :, -1])


def test_donors_are_of_another_class_and_their_cars_stick_out_least(coverage):
    donors = choose_donors(np.concatenate([coverage] * 3), np.tile(LABELS, 3))
    assert (np.tile(LABELS, 3)[donors] != np.tile(LABELS, 3)).all()
    assert not set(donors) & {11, 23, 35}  # whose cars are the largest
    assert len(set(donors)) > 5


def test_donors_are_found_among_few_images(coverage):
    assert choose_donors(coverage[:2], np.array([0, 1])).tolist() == [1, 0]
    assert choose_donors(coverage[:2], np.array([0, 0])).shape == (2,)  # of one class: any


class Half(nn.Module):
    """Tells two classes apart by the brightness of one half, in its `network`."""

    def __init__(self, first_column):
        super().__init__()
        self.network = nn.AvgPool2d(SIZE // 2)
        self.weight, self.column = nn.Parameter(torch.ones(())), first_column

    def forward(self, images):
        brightness = self.network(images)[:, :, :, self.column].mean(dim=(1, 2)) - 0.5
        return self.weight * torch.stack([-brightness, brightness], dim=1)


def test_a_model_that_sees_the_car_needs_no_background(images, coverage):
    right = {"v1": right_answers(Half(0), images, coverage, LABELS)}
    table = measure_interventions(right).set_index("intervention")
    assert table.accuracy.to_dict() == {
        PLAIN: 1, NO_BACKGROUND: 1, OTHER_BACKGROUND: 1, NO_CAR: 0.5
    }  # fmt: skip
    assert np.isnan(table.change[PLAIN])
    assert table.verdict[NO_BACKGROUND] == "unclear"
    assert table.change[NO_CAR] == -0.5
    assert table.p[NO_CAR] == pytest.approx(3 * 2 / 2**6)  # six of twelve, by Holm over three
    assert measure_leanings(right).verdict.tolist() == ["above"]


def test_signatures_count_where_there_are_some(images, coverage):
    right = right_answers(Half(0), images, coverage, LABELS, unsigned=1 - images)
    assert not right[NO_SIGNATURE].any()
    table = measure_interventions({"v1": right}).set_index("intervention")
    assert table.verdict[NO_SIGNATURE] == "below"


def test_each_model_has_its_row_and_all_are_one_family(images, coverage):
    right = {"v1": right_answers(Half(0), images, coverage, LABELS)}
    right["v2"] = {name: ~found for name, found in right["v1"].items()}
    table = measure_interventions(right)
    assert table.model.tolist() == ["v1", "v2"] * 4
    assert table.p.tolist()[-2:] == pytest.approx([6 * 2 / 2**6] * 2)
    assert measure_leanings(right).verdict.tolist() == ["unclear", "unclear"]


def test_boxes_as_large_as_the_images_allow_no_conclusion(images, coverage):
    right = {"v1": right_answers(Half(0), images, np.ones_like(coverage), LABELS)}
    told = measure_interventions(right, informative=False).verdict.dropna()
    assert set(told) == set(measure_leanings(right, informative=False).verdict) == {"pointless"}
