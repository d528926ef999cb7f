"""Training of the car classifier: deterministic, checkpointed each epoch, never repeated.

    training = train(load_cars("synthetique"), TrainingConfig(epochs=10))
    model = training.model()

A training is kept under the hash of its configuration, data, split and code. It sees the splits
"train" and "validation" only, never "test". While it is under way, `job.json` in its folder says
what is trained, on what, and how far it is. Knows nothing of figures or notebooks.
"""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from accelerate import Accelerator

from carnet import Work, fingerprint, kept, progress
from lib.data.cars import Cars
from lib.training.configuration import TrainingConfig
from lib.training.determinism import set_determinism
from lib.training.loop import BESIDE, HISTORY, Diverged, TrainingLoop
from lib.training.model import CarClassifier, is_weights_path, load_trained
from lib.training.processes import join_processes

JOB = "job.json"


@dataclass(frozen=True)
class Training:
    """A finished training. `reference` names it for other notebooks; see `load_trained`.

    `history` has one row per epoch: epoch (from 1), learning_rate, train_loss, train_accuracy
    (both measured during the epoch, on augmented images, while the weights change),
    validation_loss, validation_accuracy (both measured after it). With moving averages of batch
    normalisation, also train_accuracy_averaged, of a sample of training images after the epoch, and
    validation_accuracy_measured, with the statistics of the weights.
    """

    config: TrainingConfig
    folder: Path
    history: pd.DataFrame
    reference: dict

    def model(self) -> CarClassifier:
        """Return the trained model, in evaluation mode on the device that computes."""
        return load_trained(self.reference)


def train(
    cars: Cars,
    config: TrainingConfig,
    *,
    label: str = "training",
    on_epoch: Callable[[int, dict], None] | None = None,
) -> Training:
    """Train a classifier, go on with an interrupted training, or load a finished one.

    The weights that are kept are those after the last epoch, for every model: validation then
    chooses nothing inside a training, and its score of a model is not the best of several.

    Args:
        label: what is trained, for the progress bar.
        on_epoch: called with (epoch, its row of history) for each epoch, those already done
            included; what it raises stops the training, which the caller may resume. No job is
            left for others then.

    Raises:
        InputError: weights out of reach, a split without images, a training that diverges.
    """
    work, accelerator = training_work(cars, config), join_processes()
    # Whether it trains here or not: so what then measures the model gives the same bytes.
    set_determinism(config.seed, config.threads)
    # One lock for the processes that train together; none continues before it is held.
    with work if accelerator.is_main_process else nullcontext():
        accelerator.wait_for_everyone()
        history = _train(cars, config, work, accelerator, label, on_epoch)
    reference = {"training": work.folder.name, "weights_sha256": history["weights_sha256"]}
    beside = BESIDE if config.batch_statistics == "averaged" else ()
    frame = pd.DataFrame(history["epochs"], columns=[*HISTORY, *beside])
    return Training(config, work.folder, frame, reference)


def _train(
    cars: Cars,
    config: TrainingConfig,
    work: Work,
    accelerator: Accelerator,
    label: str,
    on_epoch: Callable[[int, dict], None] | None,
) -> dict:
    """Return the history of a training, the epochs that are missing trained first."""
    history = work.result
    loop = None if history else TrainingLoop(cars, config, work.folder, accelerator)
    shown = partial(with_score, label, loop.history if loop else ())
    for epoch in progress(range(1, config.epochs + 1), shown):
        if loop and epoch > len(loop.history):
            if not on_epoch and accelerator.is_main_process:
                work.write(JOB, _job(cars, config, loop.history))
            try:
                loop.train_one_epoch(epoch)
            except Diverged:
                (work.folder / JOB).unlink(missing_ok=True)  # it would diverge again
                raise
            loop.save_checkpoint()
        if on_epoch:
            on_epoch(epoch, (loop.history if loop else history["epochs"])[epoch - 1])
    return _finish(loop, work) if loop else history


def with_score(label: str, history: Sequence[dict]) -> str:
    """Say that epochs are counted, and the accuracy on validation after the last one."""
    score = f" · val {history[-1]['validation_accuracy']:.0%}" if history else ""
    return f"{label}, epoch{score}"


def _finish(loop: TrainingLoop, work: Work) -> dict:
    history = loop.finish()
    if loop.accelerator.is_main_process:
        work.finish(loop.checkpoint.name, JOB, **history)
    loop.accelerator.wait_for_everyone()
    return history


def _job(cars: Cars, config: TrainingConfig, history: list[dict]) -> dict:
    """Return the arguments of `load_cars` and of `TrainingConfig`, valid in any folder, and what
    has been done.
    """
    settings = asdict(config)
    if is_weights_path(config.weights):
        settings["weights"] = str(Path(config.weights).expanduser().absolute())
    return {"data": cars.arguments, "config": settings, "epochs": history}


def history_of(work: Work) -> list[dict]:
    """Return a row for each epoch that has ended, here or in another process."""
    return (work.result or work.read(JOB, {})).get("epochs", [])


def training_work(cars: Cars, config: TrainingConfig) -> Work:
    """Return where a training is kept, under all that its result depends on."""
    settings = asdict(config)
    if is_weights_path(config.weights):
        settings["weights"] = fingerprint(Path(config.weights).expanduser())
    seen = cars.frame.loc[cars.frame["split"] != "test", ["split", "file", "label"]]
    split = hashlib.sha256(seen.to_csv(index=False).encode()).hexdigest()
    inputs = {"config": settings, "data": cars.fingerprint, "split": split}
    # The data set's fingerprint holds what was drawn.
    return kept("trainings", inputs, of=[train], without=["lib.data.synthetic"])
