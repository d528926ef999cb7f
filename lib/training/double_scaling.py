"""What a second division of the images by 255 does to a training, and why.

`ToTensor` already divides by 255; dividing again is a frequent mistake, and the suspect for the
first score of our first journal. Verdicts follow from the criteria below. Accuracies are measured
as then, with the moving averages of batch normalisation, and as elsewhere in this journal, with
statistics that are measured for the weights.
"""

from dataclasses import dataclass, replace

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor

from lib.data.cars import Cars, open_images
from lib.data.image_cache import Images
from lib.tolerance import above, below
from lib.training.batch_statistics import measure_statistics, sample_batches
from lib.training.evaluation import evaluate
from lib.training.model import CarClassifier, best_device, build_model
from lib.training.training import Training, TrainingConfig, train

DIVISOR = 255.0
CHANCE_MULTIPLE = 2.0  # a model that learns does better than this many times chance
SLOWED_SHARE = 0.5  # a model below this share of another's accuracy is clearly behind it
UNDECIDED, COLLAPSED, SLOWED, COMPARABLE = "undecided", "collapsed", "slowed", "comparable"


@dataclass(frozen=True)
class DoubleScaling:
    """A short training with images divided twice, beside the same epochs of its reference.

    curves: one row per epoch: epoch, then train_accuracy and validation_accuracy, each with
        _reference and _double; validation with the moving averages of batch normalisation.
    recalibrated: validation accuracy of the double division after the last epoch, once the running
        statistics of its batch normalisations are measured for its weights.
    reference_recalibrated: the same for the reference, after as many epochs.
    single_std, double_std: standard deviation after the first batch normalisation, before training.
    variance_ratio: running variance of that layer after training, over the variance of its input.
    training, validation, repaired: verdicts on the training accuracy, on the validation accuracy
        and on the recalibrated one, each against the same measure of the reference.
    """

    curves: pd.DataFrame
    recalibrated: float
    reference_recalibrated: float
    single_std: float
    double_std: float
    variance_ratio: float
    training: str
    validation: str
    repaired: str


def examine_double_scaling(reference: Training, cars: Cars, epochs: int) -> DoubleScaling:
    """Train `epochs` epochs as `reference`, but on images divided twice, and compare.

    As many epochs of the reference are trained again, to be validated with moving averages. The
    weights are those of its first epochs, as long as no scheduler depends on their number.
    """
    config = replace(reference.config, epochs=epochs, divisor=DIVISOR, batch_statistics="averaged")
    double = train(cars, config, label="Double division par 255")
    short = train(cars, replace(config, divisor=reference.config.divisor), label="Référence")
    images = open_images(cars, cars.of("train"), config.image_size)
    model = double.model()
    kept = model.network.bn1.running_var.clone()
    recalibrated = _recalibrated_accuracy(model, cars, images, config)
    expected = _recalibrated_accuracy(short.model(), cars, images, config)
    curves = compare_curves(short.history, double.history)
    last, classes = curves.iloc[-1], len(cars.classes)
    return DoubleScaling(
        curves=curves,
        recalibrated=recalibrated,
        reference_recalibrated=expected,
        single_std=_initial_std(reference.config, classes, images),
        double_std=_initial_std(config, classes, images),
        variance_ratio=float((kept / model.network.bn1.running_var).median()),
        training=learning_verdict(
            last["train_accuracy_reference"], last["train_accuracy_double"], classes
        ),
        validation=learning_verdict(
            last["validation_accuracy_reference"], last["validation_accuracy_double"], classes
        ),
        repaired=learning_verdict(expected, recalibrated, classes),
    )


def compare_curves(reference: pd.DataFrame, double: pd.DataFrame) -> pd.DataFrame:
    """Put two histories side by side, over the epochs that both have."""
    columns = ["epoch", "train_accuracy", "validation_accuracy"]
    return reference[columns].merge(
        double[columns], on="epoch", suffixes=("_reference", "_double"), validate="one_to_one"
    )


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
def first_batchnorm_std(model: CarClassifier, images: Tensor) -> float:
    """Return the standard deviation after the first batch normalisation, in training mode.

    1 as long as the variance that enters it exceeds its epsilon. `images`: uint8 (N, 3, H, W).
    """
    layer = model.network.bn1
    entering = model.network.conv1(model.normalised(images))
    return float(F.batch_norm(entering, None, None, training=True, eps=layer.eps).std())


def _recalibrated_accuracy(
    model: CarClassifier, cars: Cars, images: Images, config: TrainingConfig
) -> float:
    """Measure the model's batch statistics, in place, and return its validation accuracy.

    On training images as they are: the trainings compared here have no augmentation.
    """
    sample = sample_batches(len(images), config.batch_size, config.seed)
    measure_statistics(model, (images[places] for places in sample))
    return evaluate(model, cars, "validation", config.image_size).accuracy


def _initial_std(config: TrainingConfig, classes: int, images: Images) -> float:
    model = build_model(classes, weights=config.weights, seed=config.seed, divisor=config.divisor)
    return first_batchnorm_std(model.to(best_device()), images[: config.batch_size])
