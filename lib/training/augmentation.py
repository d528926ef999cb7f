"""Augmentation of whole batches, each image with its own random draws.

The draws are those that the transforms of torchvision make for one image after another, from the
same generator, so a batch gets what they would give each of its images; the pixels are computed
for all images at once, on the device that holds them. Works on uint8 tensors (N, 3, H, W).
"""

from collections import defaultdict
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import grid_sample
from torchvision.transforms import v2

ROTATION_DEGREES = 15
FLIPPED = 0.5  # probability
CACHED_PIXELS = 200_000  # of the images that a CPU's cache holds between two steps


class Flip:
    """Turns an image over, along `dim`, or leaves it."""

    def __init__(self, dim: int):
        self.dim = dim

    def draw(self, side: int) -> bool:
        return bool(torch.rand(1) < FLIPPED)

    def apply(self, images: Tensor, draws: Sequence[bool]) -> Tensor:
        turned = [image.flip(self.dim) if flip else image for image, flip in zip(images, draws)]
        return torch.stack(turned)


class Rotation:
    """Turns an image about its centre; bilinear, the corners that appear are black."""

    def draw(self, side: int) -> float:
        return float(torch.empty(1).uniform_(-ROTATION_DEGREES, ROTATION_DEGREES))

    def apply(self, images: Tensor, draws: Sequence[float]) -> Tensor:
        # As torchvision: what comes from outside is black, and edges fade into it twice.
        seen = torch.ones_like(images[:, :1])
        turned, seen = grid_sample(
            torch.cat([images, seen], dim=1).float(),
            _turned_places(draws, *images.shape[-2:]).to(images.device),
            mode="bilinear",
            align_corners=False,
        ).split([3, 1], dim=1)
        return (turned * seen).round_().to(images.dtype)


class AutoAugment(v2.AutoAugment):
    """One of the 25 pairs of operations learnt on ImageNet for each image.

    Cubuk et al., 2019, https://arxiv.org/abs/1805.09501. Images that drew the same operation go
    through torchvision's implementation of it together.
    """

    def draw(self, side: int) -> list[tuple[str, float]]:
        """Draw up to two operations with their magnitudes."""
        policy = self._policies[int(torch.randint(len(self._policies), ()))]
        return [
            (operation, self._magnitude(operation, level, side))
            for operation, probability, level in policy
            if torch.rand(()) <= probability
        ]

    def _magnitude(self, operation: str, level: int | None, side: int) -> float:
        magnitudes_of, signed = self._AUGMENTATION_SPACE[operation]
        magnitudes = magnitudes_of(10, side, side)
        if magnitudes is None:
            return 0.0
        negative = signed and torch.rand(()) <= 0.5
        return float(magnitudes[level]) * (-1 if negative else 1)

    def apply(self, images: Tensor, draws: Sequence[list[tuple[str, float]]]) -> Tensor:
        images = images.clone()
        for step in range(2):
            alike = defaultdict(list)
            for row, operations in enumerate(draws):
                if step < len(operations):
                    alike[operations[step]].append(row)
            for (operation, magnitude), rows in alike.items():
                images[rows] = self._apply_image_or_video_transform(
                    images[rows], operation, magnitude, self.interpolation, self._fill
                )
        return images


AUGMENTATIONS = {
    "HorizontalFlip": lambda: Flip(dim=-1),
    "VerticalFlip": lambda: Flip(dim=-2),
    "RandomRotation": Rotation,
    "AutoAugment": AutoAugment,
}


class Augmentation:
    """The augmentations of these names, in the order of `AUGMENTATIONS`; none leave images be."""

    def __init__(self, names: Sequence[str]):
        self.steps = [make() for name, make in AUGMENTATIONS.items() if name in names]

    def draw(self, count: int, side: int) -> list[tuple]:
        """Make the draws of `count` images of `side` × `side` pixels, one after another."""
        return [tuple(step.draw(side) for step in self.steps) for _ in range(count)]

    def apply(self, images: Tensor, draws: Sequence[tuple]) -> Tensor:
        """Return the images, uint8 (N, 3, side, side), changed as drawn; on any device."""
        if not self.steps:
            return images
        side = images.shape[-1]
        count = len(images) if images.is_cuda else max(1, CACHED_PIXELS // side**2)
        changed = torch.empty_like(images)
        for start in range(0, len(images), count):
            part = slice(start, start + count)
            changed[part] = self._apply(images[part], draws[part])
        return changed

    def _apply(self, images: Tensor, draws: Sequence[tuple]) -> Tensor:
        for step, step_draws in zip(self.steps, zip(*draws)):
            images = step.apply(images, step_draws)
        return images


def _turned_places(degrees: Sequence[float], height: int, width: int) -> Tensor:
    """Return where each pixel comes from, as `grid_sample` counts: float (N, height, width, 2)."""
    angles = torch.tensor(degrees, dtype=torch.float64).deg2rad()
    cos, sin = angles.cos().float().view(-1, 1), angles.sin().float().view(-1, 1)
    x = torch.linspace((1 - width) / 2, (width - 1) / 2, width)  # from the centre
    y = torch.linspace((1 - height) / 2, (height - 1) / 2, height)
    half_width, half_height = 0.5 * width, 0.5 * height
    along_x = torch.stack([x * (cos / half_width), x * (sin / half_height)], dim=-1)
    along_y = torch.stack([y * (-sin / half_width), y * (cos / half_height)], dim=-1)
    return along_x[:, None] + along_y[:, :, None]
