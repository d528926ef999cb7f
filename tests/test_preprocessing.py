"""Normalisation constants and augmentation."""

import pytest
import torch

from lib.preprocessing import (
    AUGMENTATIONS,
    augment,
    build_augmentation,
    channel_statistics,
    epoch_seed,
    normalisation_constants,
)

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


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_augmentation_draws_for_each_image(name):
    """Images keep shape and type, equal images part ways, equal seeds agree."""
    transform = build_augmentation([name])
    same = IMAGES[:1].repeat(12, 1, 1, 1)
    torch.manual_seed(1)
    first = augment(same, transform)
    torch.manual_seed(1)
    assert torch.equal(first, augment(same, transform))
    assert first.shape == same.shape and first.dtype == torch.uint8
    assert len({image.numpy().tobytes() for image in first}) > 1


def test_augmentations_compose():
    """None without a name; flips alone keep the pixels."""
    assert build_augmentation([]) is None
    flipped = augment(IMAGES, build_augmentation(["VerticalFlip", "HorizontalFlip"]))
    assert torch.equal(flipped.flatten(2).sort().values, IMAGES.flatten(2).sort().values)


def test_epoch_seeds_differ():
    """By seed and by epoch."""
    assert len({epoch_seed(seed, epoch) for seed in range(5) for epoch in range(5)}) == 25
