"""What measured facts say of a training: verdicts in French, each from a stated criterion.

The criteria are the constants below, which the notebooks quote. They read training and validation,
never the test: what follows from a verdict is a decision. Knows nothing of how models are trained;
it is given histories and scores.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import theilslopes

from carnet import fr, fr_percent, fr_points
from lib.report.names import points
from lib.tolerance import TOLERANCE, above, below, lowest
from lib.training.evaluation import Evaluation
from lib.training.intervals import CONFIDENCE, difference_interval

OVERFITTING_GAP = 0.10  # training accuracy minus validation accuracy above which a model overfits
UNDERFITTING_ACCURACY = 0.80  # training accuracy below which a model underfits
TREND_EPOCHS = 6  # the last epochs, whose validation losses give the trend; 5 at least can tell

OVERFITS, UNDERFITS, BALANCED = "surapprentissage", "sous-apprentissage", "équilibre"
UNDECIDED = "indécis"
FALLS, STEADY, RISES, UNKNOWN = "en baisse", "stable", "en hausse", "inconnue"

Interval = tuple[float, float]


@dataclass(frozen=True)
class Diagnosis:
    """The verdicts on one training, with the measures behind them.

    gap is training accuracy minus validation accuracy; slope the change of the validation loss per
    epoch, as a share of its range, over the last epochs (NaN where they are too few); each has its
    95 % interval. The sentences answer the first journal's explanations: has the model had the
    time to converge, can it learn with these hyperparameters, has it enough images?
    """

    gap: float
    gap_interval: Interval
    slope: float
    slope_interval: Interval
    fit: str
    trend: str
    verdict: str
    convergence: str
    time: str
    learning: str
    images: str


def diagnose(history: pd.DataFrame, train: Evaluation, validation: Evaluation) -> Diagnosis:
    """Explain what a model has learnt from its history and its evaluations.

    The loss falls or rises only if the interval of its slope leaves out 0, and falls only if its
    lowest value is one of the last. A model overfits if the interval of its gap is above the
    threshold, or if its loss rises; it does not if the interval is below.
    """
    gap = train.accuracy - validation.accuracy
    sizes = len(train.labels), len(validation.labels)
    around = difference_interval(train.accuracy, sizes[0], validation.accuracy, sizes[1])
    losses = history["validation_loss"].to_numpy()
    slope, slopes = relative_slope(losses)
    best = lowest(pd.Series(losses))
    recent = best >= len(losses) - TREND_EPOCHS
    trend = _trend(slopes, recent)
    fit = _fit(train.accuracy, around, trend)
    return Diagnosis(
        gap=gap,
        gap_interval=around,
        slope=slope,
        slope_interval=slopes,
        fit=fit,
        trend=trend,
        verdict=_verdict(fit, train.accuracy, validation.accuracy, around),
        convergence=_convergence(trend, history["epoch"].iloc[best], recent),
        time=_time(trend, recent),
        learning=_learning(train.accuracy),
        images=_images(gap, around),
    )


def relative_slope(losses: np.ndarray) -> tuple[float, Interval]:
    """Return the Theil-Sen slope of the last losses (E,) per epoch, over the range of all of them.

    With its 95 % interval (low, high). The median of (L_j - L_i) / (j - i) over all pairs i < j of
    the last TREND_EPOCHS epochs: one outlying epoch does not make a trend. NaN with fewer losses.
    Sen, "Estimates of the regression coefficient based on Kendall's tau", JASA, 1968.

    >>> relative_slope(np.array([3.0, 2.5, 2.0, 1.5, 1.0, 0.5]))
    (-0.2, (-0.2, -0.2))
    """
    last = losses[-TREND_EPOCHS:]
    if len(last) < TREND_EPOCHS:
        return np.nan, (np.nan, np.nan)
    spread = float(np.ptp(losses))
    if not spread > TOLERANCE:
        return 0.0, (0.0, 0.0)
    found = theilslopes(last, alpha=CONFIDENCE)
    slope, low, high = (float(it / spread) for it in (found.slope, found[2], found[3]))
    return slope, (low, high)


def _trend(slopes: Interval, recent: bool) -> str:
    low, high = slopes
    if np.isnan(low):
        return UNKNOWN
    if below(high, 0) and recent:
        return FALLS
    return RISES if above(low, 0) else STEADY


def _fit(train_accuracy: float, gap: Interval, trend: str) -> str:
    low, high = gap
    if above(low, OVERFITTING_GAP) or trend == RISES:
        return OVERFITS
    if below(train_accuracy, UNDERFITTING_ACCURACY):
        return UNDERFITS
    return UNDECIDED if above(high, OVERFITTING_GAP) else BALANCED


def _verdict(fit: str, train: float, validation: float, gap: Interval) -> str:
    scores = (
        f"{fr_percent(train)} de réponses justes sur l’entraînement, {fr_percent(validation)} sur "
        f"la validation, soit {points(train - validation, gap)} d’écart"
    )
    unfinished = below(train, UNDERFITTING_ACCURACY)
    also = ", sans même avoir fini d’apprendre ce qu’il a vu" if unfinished else ""
    by_loss = "" if above(gap[0], OVERFITTING_GAP) else ", puisque sa perte de validation remonte"
    return {
        OVERFITS: f"Le modèle surapprend{also}{by_loss} : {scores}.",
        UNDERFITS: f"Le modèle sous-apprend : {scores}.",
        BALANCED: f"Le modèle ne surapprend ni ne sous-apprend : {scores}.",
        UNDECIDED: f"On ne peut dire si le modèle surapprend : {scores}, et cet intervalle "
        f"contient le seuil de {fr_points(OVERFITTING_GAP, 0)}.",
    }[fit]


def _convergence(trend: str, best_epoch: int, recent: bool) -> str:
    """Tell the trend; `best_epoch` is that of the lowest loss, `recent` if it gives the trend."""
    best = f"sa meilleure valeur date de l’époque {fr(best_epoch)}"
    stable = f"La perte de validation ne descend plus : {best}."
    if recent:
        stable = (
            f"La perte de validation n’a aucune tendance établie sur les {fr(TREND_EPOCHS)} "
            f"dernières époques ; {best}."
        )
    return {
        UNKNOWN: "Il y a trop peu d’époques pour dire si la perte de validation baisse encore.",
        FALLS: "La perte de validation baisse encore : le modèle n’a pas fini de converger.",
        STEADY: stable,
        RISES: "La perte de validation remonte : continuer nuirait.",
    }[trend]


def _time(trend: str, recent: bool) -> str:
    """Say whether the model lacked time to converge, before the sentence on its trend."""
    unclear = trend == UNKNOWN or (trend == STEADY and recent)
    return "On ne peut le dire." if unclear else "Oui." if trend == FALLS else "Non."


def _learning(train_accuracy: float) -> str:
    reached = f"le modèle reconnaît {fr_percent(train_accuracy)} de ses images d’entraînement"
    if below(train_accuracy, UNDERFITTING_ACCURACY):
        return f"Peut-être : {reached}, il n’a pas même appris ce qu’il a vu."
    return f"Non : {reached}, ces réglages lui permettent d’apprendre ce qu’il voit."


def _images(gap: float, around: Interval) -> str:
    measured = f"l’écart est de {points(gap, around)}"
    if above(around[0], OVERFITTING_GAP):
        return (
            f"Oui, sans doute : {measured}, le modèle retient ses images plus qu’il ne généralise. "
            "Le remède à essayer : davantage d’images, ou des images variées par augmentation."
        )
    if above(around[1], OVERFITTING_GAP):
        return f"On ne peut le dire : {measured}, et cet intervalle contient le seuil."
    return f"Rien ne l’indique : {measured}."
