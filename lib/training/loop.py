"""A training under way: one epoch after another, each followed by a checkpoint.

Knows nothing of where trainings are kept nor of who asked: `lib.training.training` is the way in.
"""

import copy
import io
import math
from collections.abc import Iterator
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.optim import lr_scheduler
from torch.utils.data import DataLoader

from carnet import InputError, write_atomically
from lib.data.cars import Cars, open_images
from lib.data.decoding import Images
from lib.training.augmentation import Augmentation
from lib.training.batch_statistics import measure_statistics, sample_batches
from lib.training.configuration import TrainingConfig
from lib.training.determinism import epoch_seed, set_determinism
from lib.training.losses import LOSSES, class_weights
from lib.training.meter import Meter
from lib.training.model import build_model, weights_digest
from lib.training.normalisation import normalisation_constants
from lib.training.processes import share_batch_statistics, share_of

SGD_MOMENTUM = 0.9
DECAY = 0.1  # both schedulers divide the learning rate by ten
STEPS_PER_TRAINING = 3  # StepLR divides the training in as many equal parts
EVALUATION_BATCH = 256
READERS = 2  # processes that read ahead of a GPU
CHECKPOINT = "checkpoint.pt"
CHANNELS_LAST = 64  # pixels: on smaller images weights outweigh pixels, and are kept as they are
HISTORY = (
    "epoch",
    "learning_rate",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
)
BESIDE = ("train_accuracy_averaged", "validation_accuracy_measured")  # of moving averages


class Diverged(InputError):
    """A loss is infinite or not a number; `row` is the row of history that says so."""

    def __init__(self, row: dict):
        self.row = row
        super().__init__(
            f"the training diverged: losses {row['train_loss']} and {row['validation_loss']} after "
            f"epoch {row['epoch']}; a learning_rate below {row['learning_rate']:g} may do better"
        )

    def __reduce__(self) -> tuple:
        return Diverged, (self.row,)  # raised in another process, it arrives as it was


class TrainingLoop:
    """A training under way: all that changes from one epoch to the next, and its checkpoint."""

    def __init__(self, cars: Cars, config: TrainingConfig, folder: Path, accelerator: Accelerator):
        self.config, self.folder, self.accelerator = config, folder, accelerator
        set_determinism(config.seed, max(1, config.threads // accelerator.num_processes))
        self.device = accelerator.device
        self.images, self.labels = _open_split(cars, "train", config.image_size)
        self.validation = _open_split(cars, "validation", config.image_size)
        classes = len(cars.classes)
        large = config.image_size >= CHANNELS_LAST
        self.layout = torch.channels_last if large else torch.contiguous_format  # the faster one
        mean, std = normalisation_constants(config.normalisation, self.images)
        self.model = build_model(
            classes,
            weights=config.weights,
            seed=config.seed,
            mean=mean,
            std=std,
            divisor=config.divisor,
        ).to(self.device, memory_format=self.layout)
        weights = class_weights(config.class_weights, self.labels.numpy(), classes)
        self.weights = weights.to(self.device)
        self.loss = LOSSES[config.loss]
        self.augmentation = Augmentation(config.augmentation)
        self.optimizer = _build_optimizer(self.model, config)
        self.scheduler = _build_scheduler(self.optimizer, config)
        self.history: list[dict] = []
        self._load_checkpoint()
        self.network = self._prepare()

    def _prepare(self) -> nn.Module:
        """Return the model as this device and the other processes train it; same weights."""
        if self.accelerator.num_processes > 1:
            self.model = share_batch_statistics(self.model)
        return self.accelerator.prepare(self.model)

    def train_one_epoch(self, epoch: int) -> None:
        """Go once through the training images, then measure on validation; adds to history.

        Raises:
            Diverged: a loss is infinite or no number.
        """
        learning_rate = self.optimizer.param_groups[0]["lr"]
        self.network.train()
        meter = Meter(self.accelerator)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(epoch_seed(self.config.seed, epoch))
            batches = _batches(len(self.labels), self.config.batch_size)
            for batch, images in self._seen(batches):
                self._step(batch, images, meter)
        if self.config.batch_statistics == "measured":
            self.measure_batch_statistics()
        measures = (epoch, learning_rate, *meter.values(), *self.validate())
        row = dict(zip(HISTORY, measures, strict=True))
        if not all(map(math.isfinite, measures)):
            raise Diverged(row)
        if self.config.batch_statistics == "averaged":
            row |= self._measure_beside()
        _step(self.scheduler, row["validation_loss"])
        self.history.append(row)

    def _read(self, batches: list[Tensor]) -> DataLoader:
        """Return this process's share of the images of each batch; read ahead for a GPU."""
        on_gpu = self.device.type == "cuda"
        return DataLoader(
            self.images,
            sampler=[batch[self._share(batch)] for batch in batches],
            batch_size=None,
            num_workers=READERS if on_gpu else 0,
            pin_memory=on_gpu,
            generator=torch.Generator(),  # it would draw from the global one
        )

    def _share(self, batch: Tensor) -> slice:
        return share_of(self.accelerator, len(batch))

    def _seen(self, batches: list[Tensor]) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield each batch with this process's share of its images, augmented."""
        for batch, images in zip(batches, self._read(batches)):
            # All processes make all the draws, so that each image has its own.
            draws = self.augmentation.draw(len(batch), self.config.image_size)
            images = self.augmentation.apply(self._on_device(images), draws[self._share(batch)])
            yield batch, self._laid_out(images)

    def measure_batch_statistics(self) -> None:
        """Give batch normalisation the statistics of the present weights; see batch_statistics."""
        images = self._read(self._sample())
        measure_statistics(self.model, (self._laid_out(self._on_device(seen)) for seen in images))

    def _sample(self) -> list[Tensor]:
        return sample_batches(len(self.labels), self.config.batch_size, self.config.seed)

    def _measure_beside(self) -> dict[str, float]:
        """Return the measures BESIDE of a training that goes on with its moving averages.

        With them, on the sample of training images; without them, on validation.
        """
        sample = torch.cat(self._sample())
        _, trained = self._scores(self.images[sample], self.labels[sample])
        averages = copy.deepcopy(self.model.state_dict())
        self.measure_batch_statistics()
        _, validated = self.validate()
        self.model.load_state_dict(averages)
        return dict(zip(BESIDE, (trained, validated), strict=True))

    def _step(self, batch: Tensor, images: Tensor, meter: Meter) -> None:
        """Change the weights by the gradient over a batch, of which `images` are this share."""
        share = self._share(batch)
        labels = self.labels[batch].to(self.device, non_blocking=True)
        weights = self.weights[labels]
        logits = self.network(images)
        labels, weights, total = labels[share], weights[share], weights.sum()
        losses = self.loss(logits, labels)
        self.optimizer.zero_grad()
        # Gradients are averaged over the processes, whose shares add up to the loss.
        part = (losses * weights).sum() / total * self.accelerator.num_processes
        self.accelerator.backward(part)
        self.optimizer.step()
        meter.add(logits, labels, losses, weights)

    def validate(self) -> tuple[float, float]:
        """Return the loss and the accuracy on the validation images."""
        return self._scores(*self.validation)

    @torch.inference_mode()
    def _scores(self, images: Images | Tensor, labels: Tensor) -> tuple[float, float]:
        self.model.eval()
        meter = Meter(self.accelerator)
        places = torch.arange(len(labels))[share_of(self.accelerator, len(labels))]
        for batch in places.split(EVALUATION_BATCH):
            seen = labels[batch].to(self.device)
            logits = self.model(self._laid_out(self._on_device(images[batch])))
            meter.add(logits, seen, self.loss(logits, seen), self.weights[seen])
        return meter.values()

    def _on_device(self, images: Tensor) -> Tensor:
        return images.to(self.device, non_blocking=True)

    def _laid_out(self, images: Tensor) -> Tensor:
        return images.contiguous(memory_format=self.layout)

    @property
    def checkpoint(self) -> Path:
        return self.folder / CHECKPOINT

    def save_checkpoint(self) -> None:
        """Keep all that the next epochs depend on; their random draws depend on the seed alone."""
        if not self.accelerator.is_main_process:
            return
        state = {name: part.state_dict() for name, part in self._parts().items()}
        state["history"] = self.history
        _save(self.checkpoint, state)

    def _load_checkpoint(self) -> None:
        for leftover in self.folder.glob(".*.pt"):  # of a process killed while it wrote
            leftover.unlink(missing_ok=True)  # by another process of this training
        if not self.checkpoint.is_file():
            return
        state = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        self.history = state["history"]
        for name, part in self._parts().items():
            part.load_state_dict(state[name])

    def _parts(self) -> dict:
        parts = {"model": self.model, "optimizer": self.optimizer, "scheduler": self.scheduler}
        return {name: part for name, part in parts.items() if part is not None}

    def finish(self) -> dict:
        """Save the model; return the history, with which the training can be marked as finished."""
        weights = {
            name: tensor.cpu().contiguous() for name, tensor in self.model.state_dict().items()
        }
        history = {
            "epochs": self.history,
            "weights_sha256": weights_digest(weights),
            "device": self.device.type,
            "processes": self.accelerator.num_processes,
        }
        if self.accelerator.is_main_process:
            _save(self.folder / "model.pt", weights)
        self.accelerator.wait_for_everyone()
        return history


def _open_split(cars: Cars, split: str, size: int) -> tuple[Images, Tensor]:
    """Return the images, squares of `size` pixels, and the labels, int64 (N,), of a split."""
    frame = cars.frame[cars.frame["split"] == split]
    if frame.empty:
        raise InputError(f"{cars.root}: no image in the split '{split}'")
    return open_images(cars, frame, size), torch.tensor(frame["label"].to_numpy())


def _batches(count: int, size: int) -> list[Tensor]:
    """Draw a random order of `count` indices, cut in batches.

    A last batch of one image is dropped: batch normalisation cannot train on it.
    """
    batches = list(torch.randperm(count).split(size))
    return batches if len(batches[-1]) > 1 else batches[:-1]


def _build_optimizer(model: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    if config.optimizer == "SGD":
        return torch.optim.SGD(
            model.parameters(), config.learning_rate, momentum=SGD_MOMENTUM, fused=True
        )
    return torch.optim.Adam(model.parameters(), config.learning_rate, fused=True)


def _build_scheduler(optimizer: torch.optim.Optimizer, config: TrainingConfig):
    if config.scheduler == "StepLR":
        step = math.ceil(config.epochs / STEPS_PER_TRAINING)
        return lr_scheduler.StepLR(optimizer, step_size=step, gamma=DECAY)
    if config.scheduler == "ReduceLROnPlateau":
        return lr_scheduler.ReduceLROnPlateau(optimizer, factor=DECAY, patience=config.patience)
    return None


def _step(scheduler, validation_loss: float) -> None:
    if isinstance(scheduler, lr_scheduler.ReduceLROnPlateau):
        scheduler.step(validation_loss)
    elif scheduler is not None:
        scheduler.step()


def _save(path: Path, value: dict) -> None:
    """Write a state whole or not at all.

    Through memory: given a path, torch.save would write its random name in the file, and it tells
    a full disk as an error of its own format.
    """
    buffer = io.BytesIO()
    torch.save(value, buffer)
    write_atomically(path, lambda temporary: temporary.write_bytes(buffer.getbuffer()))
