"""Four ways to train one epoch and measure validation: ours and the peers', with the same work.

Each is what its own documentation teaches, for ResNet-18 from random weights: images read from
disk and squeezed into squares, horizontal flip, rotation of 15 degrees at most, ImageNet's
normalisation, cross-entropy, then loss and accuracy on validation images. `LOOPS` makes the epoch
of each on a `Job`; with `in_memory`, the same steps on tensors that are there already.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision.datasets import StanfordCars
from torchvision.models import resnet18
from torchvision.transforms import v2

from lib.data.cars import Cars
from lib.training.augmentation import ROTATION_DEGREES
from lib.training.loop import SGD_MOMENTUM, TrainingLoop
from lib.training.model import best_device
from lib.training.normalisation import IMAGENET_MEAN, IMAGENET_STD
from lib.training.processes import join_processes
from lib.training.training import TrainingConfig

LEARNING_RATE = 1e-3
AUGMENTATION = ("HorizontalFlip", "RandomRotation")

Epoch = Callable[[], object]
Batches = Iterable[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Job:
    """The work: `cars` holds only the images to go through, of "train" and "validation".

    `folder` is for what the loops may write.
    """

    cars: Cars
    size: int
    batch: int
    folder: Path
    optimizer: str = "Adam"
    in_memory: bool = False

    @property
    def classes(self) -> int:
        return len(self.cars.classes)

    def rows(self, split: str) -> list[int]:
        """Return where the images of a split are in torchvision's data set."""
        return self.cars.frame.index[self.cars.frame["split"] == split].tolist()

    def batches_in_memory(self, split: str) -> list[tuple[Tensor, Tensor]]:
        """Return noise of the shape of the batches: arithmetic takes the same time on it."""
        device, draw = best_device(), torch.Generator().manual_seed(0)
        sizes = [len(rows) for rows in torch.tensor(self.rows(split)).split(self.batch)]
        return [
            (
                torch.randn(n, 3, self.size, self.size, generator=draw).to(device),
                torch.randint(self.classes, (n,), generator=draw).to(device),
            )
            for n in sizes
        ]


def ours(job: Job, workers: int) -> Epoch:
    """Return our epoch. It starts no worker; the first time in a store, this decodes the images."""
    config = TrainingConfig(
        image_size=job.size,
        batch_size=job.batch,
        learning_rate=LEARNING_RATE,
        optimizer=job.optimizer,
        normalisation="ImageNet",
        augmentation=() if job.in_memory else AUGMENTATION,
        threads=torch.get_num_threads(),
    )
    run = TrainingLoop(job.cars, config, job.folder, join_processes())
    return lambda: run.train_one_epoch(len(run.history) + 1)


def torchvision_reference(job: Job, workers: int) -> Epoch:
    """Return the epoch of torchvision's references/classification, written anew."""
    model = resnet18(num_classes=job.classes).to(best_device())
    kinds = {
        "Adam": lambda weights: torch.optim.Adam(weights, LEARNING_RATE),
        "SGD": lambda weights: torch.optim.SGD(weights, LEARNING_RATE, momentum=SGD_MOMENTUM),
    }
    optimizer = kinds[job.optimizer](model.parameters())
    train, validation = reference_loaders(job, workers)
    return lambda: _plain_epoch(model, optimizer, train, validation)


def reference_loaders(job: Job, workers: int) -> tuple[Batches, Batches]:
    """Return the batches of the two splits through StanfordCars, transforms and DataLoader."""
    if job.in_memory:
        return job.batches_in_memory("train"), job.batches_in_memory("validation")
    return tuple(
        DataLoader(
            Subset(
                StanfordCars(
                    job.cars.root, split="train", transform=reference_transform(job.size, trains)
                ),
                job.rows(split),
            ),
            batch_size=job.batch,
            shuffle=trains,
            num_workers=workers,
            pin_memory=best_device().type == "cuda",
        )
        for split, trains in (("train", True), ("validation", False))
    )


def reference_transform(size: int, trains: bool, *, normalise: bool = True) -> v2.Compose:
    """Return the transforms of one image, from Pillow to normalised floats (3, size, size)."""
    steps = [v2.Resize((size, size)), *(_augmentation() if trains else [])]
    steps += [v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True)]
    return v2.Compose(steps + [v2.Normalize(IMAGENET_MEAN, IMAGENET_STD)] * normalise)


def _augmentation() -> list[v2.Transform]:
    rotation = v2.RandomRotation(ROTATION_DEGREES, interpolation=v2.InterpolationMode.BILINEAR)
    return [v2.RandomHorizontalFlip(), rotation]


class Photographs(Dataset):
    """Some training images of StanfordCars, with the `transform` that timm sets."""

    def __init__(self, job: Job, split: str):
        self.photographs, self.rows = StanfordCars(job.cars.root, split="train"), job.rows(split)
        self.transform: Callable | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, row: int):
        image, label = self.photographs[self.rows[row]]
        return self.transform(image), label


def timm_loop(job: Job, workers: int) -> Epoch:
    """Return the epoch of timm: its model, loaders, prefetcher and optimizer."""
    from timm import create_model
    from timm.optim import create_optimizer_v2

    model = create_model("resnet18", num_classes=job.classes).to(best_device())
    kind, momentum = ("momentum", SGD_MOMENTUM) if job.optimizer == "SGD" else ("adam", 0.9)
    optimizer = create_optimizer_v2(
        model, opt=kind, lr=LEARNING_RATE, weight_decay=0.0, momentum=momentum
    )
    train, validation = _timm_loaders(job, workers)
    return lambda: _plain_epoch(model, optimizer, train, validation)


def _timm_loaders(job: Job, workers: int) -> tuple[Batches, Batches]:
    from timm.data import create_loader, create_transform

    if job.in_memory:
        return job.batches_in_memory("train"), job.batches_in_memory("validation")
    shape, squeeze = (3, job.size, job.size), {"crop_mode": "squash", "crop_pct": 1.0}
    train, validation = (
        create_loader(
            Photographs(job, split),
            input_size=shape,
            batch_size=job.batch,
            is_training=split == "train",
            num_workers=workers,
            persistent_workers=workers > 0,
            device=best_device(),
            **squeeze,
        )
        for split in ("train", "validation")
    )
    # Its transforms for training neither squeeze nor rotate alone: those for evaluation, and ours.
    transform = create_transform(shape, use_prefetcher=True, **squeeze)
    transform.transforms[1:1] = _augmentation()
    train.dataset.transform = transform
    return train, validation


def _plain_epoch(model: nn.Module, optimizer, train: Batches, validation: Batches) -> None:
    """Train as torchvision's reference and timm both do, and log loss and accuracy as they do."""
    device = best_device()
    model.train()
    for images, labels in train:
        images, labels = (part.to(device, non_blocking=True) for part in (images, labels))
        logits = model(images)
        loss = nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        _log(logits, labels, loss)
    model.eval()
    with torch.inference_mode():
        for images, labels in validation:
            images, labels = (part.to(device, non_blocking=True) for part in (images, labels))
            logits = model(images)
            _log(logits, labels, nn.functional.cross_entropy(logits, labels))


def _log(logits: Tensor, labels: Tensor, loss: Tensor) -> tuple[float, float]:
    return loss.item(), (logits.argmax(dim=1) == labels).float().mean().item()


def fastai_loop(job: Job, workers: int) -> Epoch:
    """Return the epoch of fastai's Learner, its transforms of images by batch."""
    from fastai.vision import all as fastai

    learner = fastai.Learner(
        _fastai_loaders(job, workers),
        resnet18(num_classes=job.classes),
        loss_func=fastai.CrossEntropyLossFlat(),
        opt_func=fastai.Adam if job.optimizer == "Adam" else partial(fastai.SGD, mom=SGD_MOMENTUM),
        wd=0.0,
        metrics=fastai.accuracy,
        path=job.folder,
    )

    def epoch() -> None:
        with learner.no_bar(), learner.no_logging():
            learner.fit(1, LEARNING_RATE)

    return epoch


def _fastai_loaders(job: Job, workers: int):
    from fastai.vision import all as fastai

    if job.in_memory:
        batches = [job.batches_in_memory(split) for split in ("train", "validation")]
        loaders = [DataLoader(split, batch_size=None) for split in batches]
        return fastai.DataLoaders(*loaders, device=best_device())
    frame = job.cars.frame
    frame = frame.assign(
        path=[str(job.cars.path(file)) for file in frame["file"]],
        is_valid=frame["split"] == "validation",
    )
    block = fastai.DataBlock(
        blocks=(fastai.ImageBlock, fastai.CategoryBlock(vocab=list(job.cars.classes))),
        get_x=fastai.ColReader("path"),
        get_y=fastai.ColReader("class_name"),
        splitter=fastai.ColSplitter(),
        item_tfms=fastai.Resize(job.size, method=fastai.ResizeMethod.Squish),
        batch_tfms=[
            fastai.Flip(),
            fastai.Rotate(max_deg=ROTATION_DEGREES, p=1.0),
            fastai.Normalize.from_stats(IMAGENET_MEAN, IMAGENET_STD),
        ],
    )
    return block.dataloaders(frame, bs=job.batch, num_workers=workers, device=best_device())


LOOPS = {
    "ours": ours,
    "torchvision": torchvision_reference,
    "timm": timm_loop,
    "fastai": fastai_loop,
}
