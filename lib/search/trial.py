"""A trial of a search: one training, taken from epoch to epoch by whichever process is free."""

from collections.abc import Sequence
from dataclasses import dataclass

from carnet import Work, kept
from lib.data.cars import Cars
from lib.training.configuration import TrainingConfig
from lib.training.loop import CHECKPOINT, Diverged
from lib.training.training import train, training_work

DESIGNED, DRAWN = "design", "sampler"  # origins of trials; a reference has its name


@dataclass
class SearchTrial:
    """What is known of a trial.

    number (from 1), generation (from 1), origin, settings (the value of each factor), curve
    (validation accuracy after each epoch so far, the one in which it diverged included), diverged,
    pruned (None as long as it is under way).
    """

    number: int
    generation: int
    origin: str
    settings: dict
    curve: Sequence[float] = ()
    diverged: bool = False
    pruned: bool | None = None

    @property
    def ended(self) -> bool:
        return self.pruned is not None


class _Reached(Exception):
    """The epoch up to which a training was to go."""


@dataclass(frozen=True)
class TrialWork:
    """The unit of work of a search: a training up to an epoch, of which only what is missing is
    done. Picklable, for processes elsewhere.
    """

    cars: Cars
    config: TrainingConfig
    epoch: int

    def __call__(self) -> dict:
        """Return curve and diverged, as a trial has them."""
        inputs = {"training": self.training.folder.name, "epoch": self.epoch}
        with kept("trials", inputs, of=[TrialWork], without=["lib.data.synthetic"]) as work:
            if not work.finished:
                work.finish(**self._train())
        return work.result

    @property
    def training(self) -> Work:
        return training_work(self.cars, self.config)

    def forget_checkpoint(self) -> None:
        """Remove what a training would go on from, when it will not."""
        (self.training.folder / CHECKPOINT).unlink(missing_ok=True)

    def _train(self) -> dict:
        curve, diverged = [], False

        def follow(epoch: int, row: dict) -> None:
            curve.append(row["validation_accuracy"])
            if epoch == self.epoch < self.config.epochs:
                raise _Reached

        try:
            train(self.cars, self.config, label="trial", on_epoch=follow)
        except _Reached:
            pass
        except Diverged as found:
            curve.append(found.row["validation_accuracy"])
            diverged = True
        return {"curve": curve, "diverged": diverged}
