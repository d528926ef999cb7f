"""What measured facts say of a training: verdicts in French, each from a stated criterion.

The criteria are the constants below, which the notebooks quote. Knows nothing of how models are
trained; it is given histories and scores.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import theilslopes

from carnet import fr, fr_percent, fr_points
from lib.tolerance import TOLERANCE, above, below, lowest
from lib.training.evaluation import Evaluation

OVERFITTING_GAP = 0.10  # training accuracy minus test accuracy above which a model overfits
UNDERFITTING_ACCURACY = 0.80  # training accuracy below which a model underfits
TREND_EPOCHS = 4  # the last epochs, whose validation losses give the trend
TREND_SLOPE = 0.05  # change per epoch, as a share of the range of the loss, that is no trend yet

OVERFITS, UNDERFITS, BALANCED = "surapprentissage", "sous-apprentissage", "équilibre"


@dataclass(frozen=True)
class Diagnosis:
    """The verdicts on one training, with the measures behind them.

    gap is training accuracy minus test accuracy; slope the change of the validation loss per
    epoch, as a share of its range, over the last epochs (NaN where they are too few). The loss
    still falls only if its lowest value is one of these. The sentences answer the first journal's
    explanations: has the model had the time to converge, can it learn with these
    hyperparameters, has it enough images?
    """

    gap: float
    slope: float
    fit: str
    trend: str
    verdict: str
    convergence: str
    learning: str
    images: str


def diagnose(history: pd.DataFrame, train: Evaluation, test: Evaluation) -> Diagnosis:
    """Explain the score of a model from its history and its evaluations on train and test."""
    gap = train.accuracy - test.accuracy
    losses = history["validation_loss"].to_numpy()
    slope, best = relative_slope(losses), lowest(pd.Series(losses))
    recent = best >= len(losses) - TREND_EPOCHS
    fit, trend = _fit(train.accuracy, gap), _trend(slope, recent)
    return Diagnosis(
        gap=gap,
        slope=slope,
        fit=fit,
        trend=trend,
        verdict=_verdict(fit, train.accuracy, test.accuracy),
        convergence=_convergence(trend, slope, history["epoch"].iloc[best], recent),
        learning=_learning(train.accuracy),
        images=_images(gap),
    )


def relative_slope(losses: np.ndarray) -> float:
    """Return the Theil-Sen slope of the last losses (E,) per epoch, over the range of all of them.

    The median of (L_j - L_i) / (j - i) over all pairs i < j of the last TREND_EPOCHS epochs: one
    outlying epoch does not make a trend. NaN with fewer losses than TREND_EPOCHS. Sen, "Estimates
    of the regression coefficient based on Kendall's tau", JASA, 1968.

    >>> relative_slope(np.array([3.0, 2.5, 2.0, 1.5, 1.0]))
    -0.25
    """
    last = losses[-TREND_EPOCHS:]
    if len(last) < TREND_EPOCHS:
        return float("nan")
    spread = float(np.ptp(losses))
    return float(theilslopes(last).slope) / spread if spread > TOLERANCE else 0.0


def _fit(train_accuracy: float, gap: float) -> str:
    if above(gap, OVERFITTING_GAP):
        return OVERFITS
    return UNDERFITS if below(train_accuracy, UNDERFITTING_ACCURACY) else BALANCED


def _trend(slope: float, recent: bool) -> str:
    if np.isnan(slope):
        return "inconnue"
    if below(slope, -TREND_SLOPE) and recent:
        return "en baisse"
    return "en hausse" if above(slope, TREND_SLOPE) else "stable"


def _verdict(fit: str, train_accuracy: float, test_accuracy: float) -> str:
    gap = fr_points(train_accuracy - test_accuracy)
    scores = (
        f"exactitude de {fr_percent(train_accuracy, 1)} sur l’entraînement et de "
        f"{fr_percent(test_accuracy, 1)} sur le test, soit {gap} d’écart"
    )
    unfinished = below(train_accuracy, UNDERFITTING_ACCURACY)
    also = ", sans même avoir fini d’apprendre ce qu’il a vu" if unfinished else ""
    return {
        OVERFITS: f"Le modèle surapprend{also} : {scores}.",
        UNDERFITS: f"Le modèle sous-apprend : {scores} seulement.",
        BALANCED: f"Le modèle ne surapprend ni ne sous-apprend : {scores}.",
    }[fit]


def _convergence(trend: str, slope: float, best_epoch: int, recent: bool) -> str:
    """Tell the trend; `best_epoch` is that of the lowest loss, `recent` if it gives the trend."""
    amount = "" if np.isnan(slope) else f"{fr_percent(abs(slope), 1)} de son étendue par époque"
    best = f"sa meilleure valeur date de l’époque {fr(best_epoch)}"
    stable = (
        f"La perte de validation ne suit plus de tendance nette ({amount}) ; {best} : "
        "d’autres époques semblables l’amélioreraient lentement, si elles le font."
        if recent
        else f"La perte de validation ne descend plus : {best}."
    )
    return {
        "inconnue": "Il y a trop peu d’époques pour dire si la perte de validation baisse encore.",
        "en baisse": f"La perte de validation baisse encore ({amount}) : "
        "le modèle n’a pas fini de converger.",
        "stable": stable,
        "en hausse": f"La perte de validation remonte ({amount}) : "
        "continuer ainsi ferait plus de mal que de bien.",
    }[trend]


def _learning(train_accuracy: float) -> str:
    reached = f"Le modèle reconnaît {fr_percent(train_accuracy, 1)} de ses images d’entraînement"
    if below(train_accuracy, UNDERFITTING_ACCURACY):
        return f"{reached} : il n’a pas même appris ce qu’il a vu."
    return f"{reached} : ces hyperparamètres lui permettent d’apprendre ce qu’il voit."


def _images(gap: float) -> str:
    if above(gap, OVERFITTING_GAP):
        return (
            f"L’écart de {fr_points(gap)} dépasse le seuil : le modèle retient ses images plus "
            "qu’il ne généralise ; davantage d’images, ou des images variées par augmentation, "
            "sont le remède à essayer."
        )
    return (
        f"L’écart de {fr_points(gap)} reste sous le seuil : "
        "rien n’indique ici que les images manquent."
    )
