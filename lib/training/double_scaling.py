"""What a second division of the images by 255 does to a training, and why.

`ToTensor` already divides by 255; dividing again is a frequent mistake, and the suspect for the
first score of our first journal. Verdicts are in French, from the criteria below.
"""

from dataclasses import dataclass, replace

import pandas as pd
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.optim.swa_utils import update_bn

from carnet import fr_percent, fr_plural
from lib.data.cars import Cars, open_images
from lib.data.image_cache import Images
from lib.training.evaluation import evaluate
from lib.training.model import CarClassifier, best_device, build_model
from lib.training.training import Training, TrainingConfig, train

DIVISOR = 255.0
CHANCE_MULTIPLE = 2.0  # a model that learns does better than this many times chance
SLOWED_SHARE = 0.5  # a model below this share of another's accuracy is clearly behind it
UNDECIDED, COLLAPSED, SLOWED, COMPARABLE = "indécidable", "effondré", "ralenti", "comparable"


@dataclass(frozen=True)
class DoubleScaling:
    """A short training with images divided twice, beside the same epochs of its reference.

    curves: epoch, then train_accuracy and validation_accuracy, with _reference and _double.
    recalibrated, reference_recalibrated: validation accuracy of the double division, and of its
    reference after as many epochs, once the running statistics of their batch normalisations are
    measured anew. single_std and double_std: standard deviation after
    the first batch normalisation, before training. variance_ratio: running variance kept by that
    layer after training, over the variance of what enters it. training, validation and repaired:
    verdicts on training accuracy, on validation accuracy and on it recalibrated, each against
    the same measure of the reference.
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

    @property
    def conclusion(self) -> str:
        """French sentences: does the double division explain the first journal's score?"""
        return f"{_LEARNS[self.training]} {_predicts(self.validation, self.repaired)}".strip()

    @property
    def reference_note(self) -> str:
        """French sentence: what recalibration gives the reference, and what it tells of it."""
        last = self.curves.iloc[-1]
        late = self.reference_recalibrated > last["validation_accuracy_reference"]
        told = "aussi étaient en retard" if late else "n’étaient donc pas en retard"
        return (
            "Recalculées de même, celles du modèle de référence donnent "
            f"{fr_percent(self.reference_recalibrated, 1)} : ses moyennes mobiles {told} après "
            f"{fr_plural(int(last['epoch']), 'époque')}."
        )


def examine_double_scaling(reference: Training, cars: Cars, epochs: int) -> DoubleScaling:
    """Train `epochs` epochs as `reference`, but on images divided twice, and compare.

    As many epochs of the reference are trained again, for its recalibration. They are those of
    its history as long as no scheduler depends on their number.
    """
    config = replace(reference.config, epochs=epochs, divisor=DIVISOR)
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
    """Say in one French word how the accuracy of a variant compares with the reference's.

    "indécidable" where the reference itself stays at chance; else "effondré" (the variant stays
    at chance), "ralenti" (below half of the reference) or "comparable".
    """
    chance = CHANCE_MULTIPLE / num_classes
    if reference <= chance:
        return UNDECIDED
    if other <= chance:
        return COLLAPSED
    return SLOWED if other < SLOWED_SHARE * reference else COMPARABLE


@torch.inference_mode()
def first_batchnorm_std(model: CarClassifier, images: Tensor) -> float:
    """Standard deviation after the first batch normalisation, on one batch as in training.

    1 as long as the variance that enters it exceeds its epsilon. `images`: uint8 (N, 3, H, W).
    """
    layer = model.network.bn1
    entering = model.network.conv1(model.normalised(images))
    return float(F.batch_norm(entering, None, None, training=True, eps=layer.eps).std())


@torch.no_grad()
def recalibrate(model: CarClassifier, images: Tensor | Images, batch_size: int) -> None:
    """Measure the running statistics of batch normalisation anew, on uint8 training images.

    The model is changed in place, by `torch.optim.swa_utils.update_bn`; no weight moves.
    """
    update_bn(images.split(batch_size), model)


def _recalibrated_accuracy(
    model: CarClassifier, cars: Cars, images: Images, config: TrainingConfig
) -> float:
    """Recalibrate the model, in place, and return its validation accuracy."""
    recalibrate(model, images, config.batch_size)
    return evaluate(model, cars, "validation", config.image_size).accuracy


def _initial_std(config: TrainingConfig, classes: int, images: Images) -> float:
    model = build_model(classes, weights=config.weights, seed=config.seed, divisor=config.divisor)
    return first_batchnorm_std(model.to(best_device()), images[: config.batch_size])


_LEARNS = {
    UNDECIDED: "L’essai ne permet pas de conclure : le modèle de référence lui-même n’a pas encore "
    "dépassé le hasard sur l’entraînement.",
    COLLAPSED: "L’hypothèse est soutenue ici : divisées deux fois, les images n’apprennent rien "
    "au réseau, dont l’exactitude d’entraînement reste au niveau du hasard.",
    SLOWED: "L’hypothèse n’est soutenue qu’en partie : la double division ralentit nettement "
    "l’apprentissage, sans le réduire au hasard.",
    COMPARABLE: "L’hypothèse n’est pas soutenue ici : malgré la double division, le réseau "
    "apprend ; son exactitude d’entraînement dépasse nettement le hasard et reste du même ordre "
    "que celle du modèle de référence.",
}


def _predicts(validation: str, repaired: str) -> str:
    """Tell what becomes of the predictions, where they fail although the network learns or not."""
    if validation != COLLAPSED:
        return ""
    if repaired in (SLOWED, COMPARABLE):
        return (
            "Les prédictions, elles, s’effondrent à la validation, mais par les seules moyennes "
            "mobiles de la normalisation par lots : recalculées, elles rendent au réseau "
            "ce qu’il a appris."
        )
    return (
        "Les prédictions s’effondrent à la validation, et recalculer les moyennes mobiles de la "
        "normalisation par lots n’y suffit pas."
    )
