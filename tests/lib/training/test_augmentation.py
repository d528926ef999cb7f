"""Augmentation of batches, against torchvision's transforms of single images."""

import pytest
import torch
from torchvision.transforms import v2

from lib.training.augmentation import AUGMENTATIONS, ROTATION_DEGREES, Augmentation

PER_IMAGE = {
    "HorizontalFlip": v2.RandomHorizontalFlip(),
    "VerticalFlip": v2.RandomVerticalFlip(),
    "RandomRotation": v2.RandomRotation(
        ROTATION_DEGREES, interpolation=v2.InterpolationMode.BILINEAR
    ),
    "AutoAugment": v2.AutoAugment(v2.AutoAugmentPolicy.IMAGENET),
}


def some_images(count: int = 40, side: int = 21) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    shape = (count, 3, side, side)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)


def augmented(images: torch.Tensor, names, seed: int) -> torch.Tensor:
    augmentation = Augmentation(names)
    torch.manual_seed(seed)
    return augmentation.apply(images, augmentation.draw(len(images), images.shape[-1]))


@pytest.mark.parametrize(
    "names", [*([name] for name in AUGMENTATIONS), ["RandomRotation", "HorizontalFlip"], PER_IMAGE]
)
@pytest.mark.parametrize("side", [21, 32])
def test_a_batch_gets_what_torchvision_gives_each_image(names, side):
    """From the same seed, to the byte."""
    images = some_images(side=side)
    transform = v2.Compose([PER_IMAGE[name] for name in AUGMENTATIONS if name in names])
    torch.manual_seed(5)
    expected = torch.stack([transform(image) for image in images])
    assert torch.equal(augmented(images, names, seed=5), expected)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_each_image_has_its_own_draws(name):
    same = some_images(1).repeat(12, 1, 1, 1)
    found = augmented(same, [name], seed=1)
    assert found.shape == same.shape and found.dtype == torch.uint8
    assert len({image.numpy().tobytes() for image in found}) > 1
    assert torch.equal(same, some_images(1).repeat(12, 1, 1, 1))  # left as they were


def test_a_part_of_the_draws_gives_that_part_of_the_batch():
    images, augmentation = some_images(), Augmentation(AUGMENTATIONS)
    draws = augmentation.draw(len(images), images.shape[-1])
    whole = augmentation.apply(images, draws)
    assert torch.equal(augmentation.apply(images[7:20], draws[7:20]), whole[7:20])
    assert len(augmentation.apply(images[:0], [])) == 0


def test_no_augmentation_changes_nothing():
    images = some_images(3)
    assert torch.equal(augmented(images, [], seed=0), images)
