"""What a second division of the images by 255 does to a training, and why.

`ToTensor` already divides by 255; dividing again is a frequent mistake, and the suspect for the
first score of our first journal. Verdicts follow from the criteria below. Whether the network
learns is one question, asked of its accuracy in training mode; another is whether the accuracy that
is measured with fixed weights collapses, and until when: with the moving averages of batch
normalisation, as then, and with statistics that are measured for the weights, as elsewhere in this
journal.
"""

from dataclasses import dataclass, replace

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lib.data.cars import Cars, open_images
from lib.data.decoding import Images
from lib.tolerance import above, below
from lib.training.batch_statistics import measure_statistics, sample_batches
from lib.training.model import CarClassifier, best_device, build_model
from lib.training.training import Training, TrainingConfig

DIVISOR = 255.0
CHANCE_MULTIPLE = 2.0  # a model that learns does better than this many times chance
SLOWED_SHARE = 0.5  # a model below this share of another's accuracy is clearly behind it
UNDECIDED, COLLAPSED, SLOWED, COMPARABLE = "undecided", "collapsed", "slowed", "comparable"
CURVES = {  # columns of a history, beside each other in the curves
    "train_accuracy": "learnt",
    "train_accuracy_averaged": "averaged",
    "validation_accuracy": "validated",
    "validation_accuracy_measured": "measured",
}


@dataclass(frozen=True)
class DoubleScaling:
    """A training with images divided twice, beside one that differs in nothing else.

    curves: one row per epoch: epoch, then accuracies, each with _reference and _double: learnt (in
        training mode, during the epoch), averaged (of training images, after it, with moving
        averages), validated (the same on validation), measured (on validation, with the statistics
        of the weights).
    single_std, double_std: standard deviations after the first and after the second batch
        normalisation, before training.
    variance_ratio: running variance of that layer after training, over the variance of its input.
    training: verdict on what was learnt at the last epoch, against the reference.
    collapsed, reference_collapsed: the epochs whose averaged accuracy is at chance.
    repaired: verdict on the measured accuracy at the last of `collapsed`, against the reference;
        None where nothing collapsed.
    """

    curves: pd.DataFrame
    single_std: tuple[float, float]
    double_std: tuple[float, float]
    variance_ratio: float
    training: str
    collapsed: list[int]
    reference_collapsed: list[int]
    repaired: str | None


def divided_once_and_twice(config: TrainingConfig) -> list[TrainingConfig]:
    """Return the two configurations to compare, which are otherwise as `config`."""
    return [replace(config, batch_statistics="averaged", divisor=by) for by in (1.0, DIVISOR)]


def examine_double_scaling(cars: Cars, reference: Training, double: Training) -> DoubleScaling:
    """Compare the trainings of `divided_once_and_twice`."""
    config = reference.config
    curves = compare_curves(reference.history, double.history)
    classes, last = len(cars.classes), curves.iloc[-1]
    collapsed = collapsed_epochs(curves, "double", classes)
    images = open_images(cars, cars.of("train"), config.image_size)
    return DoubleScaling(
        curves=curves,
        single_std=_initial_stds(config, classes, images),
        double_std=_initial_stds(double.config, classes, images),
        variance_ratio=_variance_ratio(double, images),
        training=learning_verdict(last["learnt_reference"], last["learnt_double"], classes),
        collapsed=collapsed,
        reference_collapsed=collapsed_epochs(curves, "reference", classes),
        repaired=_repaired(curves, collapsed[-1], classes) if collapsed else None,
    )


def compare_curves(reference: pd.DataFrame, double: pd.DataFrame) -> pd.DataFrame:
    """Put two histories side by side: the `curves` of a `DoubleScaling`."""
    one, other = (
        history[["epoch", *CURVES]].rename(columns=CURVES) for history in (reference, double)
    )
    return one.merge(other, on="epoch", suffixes=("_reference", "_double"), validate="one_to_one")


def collapsed_epochs(curves: pd.DataFrame, side: str, num_classes: int) -> list[int]:
    """Return the epochs after which training images are recognised as by chance, as averaged."""
    at_chance = [not above(it, CHANCE_MULTIPLE / num_classes) for it in curves[f"averaged_{side}"]]
    return curves.loc[at_chance, "epoch"].tolist()


def _repaired(curves: pd.DataFrame, epoch: int, num_classes: int) -> str:
    row = curves.set_index("epoch").loc[epoch]
    return learning_verdict(row["measured_reference"], row["measured_double"], num_classes)


def learning_verdict(reference: float, other: float, num_classes: int) -> str:
    """Compare the accuracy of a variant with the reference's.

    UNDECIDED where the reference itself stays at chance; else COLLAPSED (the variant stays at
    chance), SLOWED (below half of the reference) or COMPARABLE.
    """
    chance = CHANCE_MULTIPLE / num_classes
    if not above(reference, chance):
        return UNDECIDED
    if not above(other, chance):
        return COLLAPSED
    return SLOWED if below(other, SLOWED_SHARE * reference) else COMPARABLE


@torch.inference_mode()
def batchnorm_stds(model: CarClassifier, images: Tensor) -> tuple[float, float]:
    """Return the standard deviation after the first two batch normalisations, in training mode.

    1 as long as the variance that enters exceeds their epsilon. `images`: uint8 (N, 3, H, W).
    """
    network = model.network
    first = _batch_norm(network.bn1, network.conv1(model.normalised(images)))
    then = network.layer1[0].conv1(network.maxpool(F.relu(first)))
    return float(first.std()), float(_batch_norm(network.layer1[0].bn1, then).std())


def _batch_norm(layer: nn.BatchNorm2d, entering: Tensor) -> Tensor:
    """Normalise by the statistics of the batch; the layer's moving averages stay as they are."""
    return F.batch_norm(entering, None, None, training=True, eps=layer.eps)


def _variance_ratio(training: Training, images: Images) -> float:
    """Return how many times too large the first layer's running variance is: median of channels."""
    model, config = training.model(), training.config
    averaged = model.network.bn1.running_var.clone()
    sample = sample_batches(len(images), config.batch_size, config.seed)
    measure_statistics(model, (images[places] for places in sample))
    return float((averaged / model.network.bn1.running_var).median())


def _initial_stds(config: TrainingConfig, classes: int, images: Images) -> tuple[float, float]:
    model = build_model(classes, weights=config.weights, seed=config.seed, divisor=config.divisor)
    return batchnorm_stds(model.to(best_device()), images[: config.batch_size])
