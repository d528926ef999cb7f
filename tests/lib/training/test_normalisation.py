"""Normalisation constants."""

import pytest
import torch

from lib.training.normalisation import channel_statistics, normalisation_constants

IMAGES = torch.randint(
    0, 256, (6, 3, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
)


def test_channel_statistics_are_exact():
    """The same mean and standard deviation as in floating point."""
    mean, std = channel_statistics(IMAGES)
    scaled = IMAGES.double() / 255
    assert mean == pytest.approx(scaled.mean(dim=(0, 2, 3)).tolist(), rel=1e-12)
    assert std == pytest.approx(scaled.std(dim=(0, 2, 3), correction=0).tolist(), rel=1e-9)


def test_constant_channel_divides_by_no_zero():
    """A black data set keeps a usable standard deviation."""
    assert min(channel_statistics(torch.zeros_like(IMAGES))[1]) > 0


def test_normalisations():
    """Each name gives its constants."""
    assert normalisation_constants("none", IMAGES) == ((0, 0, 0), (1, 1, 1))
    assert normalisation_constants("ImageNet", IMAGES)[0] == (0.485, 0.456, 0.406)
    assert normalisation_constants("z-score", IMAGES) == channel_statistics(IMAGES)
