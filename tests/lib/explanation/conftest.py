"""A tiny classifier, images at random, and images whose explanation is known."""

import pytest
import torch

from lib.explanation.inference import GREY
from tests.lib.explanation.toys import CLASSES, SIZE, Small, quadrant


@pytest.fixture
def model():
    return Small().eval()


@pytest.fixture
def images():
    return torch.rand((5, 3, SIZE, SIZE), generator=torch.Generator().manual_seed(1))


@pytest.fixture
def bright():
    """One image by class: quadrant k of image k is white, all else grey."""
    drawn = torch.full((CLASSES, 3, SIZE, SIZE), GREY)
    for place in range(CLASSES):
        drawn[place][:, quadrant(place)] = 1.0
    return drawn
