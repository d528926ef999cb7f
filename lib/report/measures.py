"""What the measures of a trained model let one say, in French: each verdict from its criterion."""

import pandas as pd

from carnet import fr, fr_percent, fr_plural, fr_points
from lib.report.names import percent_interval, points_interval
from lib.tolerance import above, below
from lib.training.calibration import Calibration
from lib.training.intervals import CONFIDENCE, PairedDifference
from lib.training.makes import MakeErrors

EFFECTS = {
    "augmentation": "Augmentation",
    "batch_size": "Taille de lot",
    "interaction": "Interaction des deux",
}


def paired_verdict(
    found: PairedDifference, first: str, second: str, corrected: float | None = None
) -> str:
    """Say whether the first of two models, named with their articles, beats the second, by pairs.

    The criterion is McNemar's exact test at 5 %; `corrected` is its p value by Holm, where several
    such tests answer one question.
    """
    p_value, how = (found.p_value, "sans correction") if corrected is None else (corrected, "Holm")
    verdict = "ne se distingue pas de"
    if below(p_value, 1 - CONFIDENCE):
        verdict = "dépasse" if found.difference > 0 else "reste en dessous de"
    return fr(
        f"{first} {verdict} {second} : {fr_points(found.difference)} d’écart "
        f"({points_interval((found.low, found.high))}) ; des images qu’un seul des deux modèles "
        f"reconnaît, {fr(found.only_first)} contre {fr(found.only_second)} (McNemar exact : "
        f"p {_p(p_value)}, {how} ; au mieux p {_p(found.least_p)} avec autant de désaccords)"
    )


def calibration_verdict(found: Calibration) -> str:
    """Say whether a model is right as often as it says."""
    measured = f"l’erreur de calibration est de {fr_points(found.error)}"
    limit = (
        f"ce que le hasard seul donnerait à un modèle bien calibré ({fr_points(found.expected)})"
    )
    if not above(found.error, found.expected):
        return fr(
            f"{measured}, sans dépasser {limit} : rien n’indique qu’il se trompe sur lui-même"
        )
    sure = "trop sûr" if above(found.confidence, found.accuracy) else "trop peu sûr"
    return fr(
        f"{measured}, plus que {limit} : le modèle est {sure} de lui, avec une confiance "
        f"moyenne de {fr_percent(found.confidence, 1)} pour {fr_percent(found.accuracy, 1)} de "
        "réponses justes"
    )


def make_verdict(found: MakeErrors) -> str:
    """Say whether the errors stay within a make more often than chance has it."""
    if not found.errors:
        return fr("le modèle ne se trompe sur aucune image")
    if (found.table["classes"] == 1).all():
        return fr("aucune marque connue n’a deux classes : il n’y a rien à comparer")
    verdict = "c’est ce que le hasard donnerait aussi"
    if above(found.low, found.chance):
        verdict = "il confond surtout des voitures d’une même marque"
    elif below(found.high, found.chance):
        verdict = "il confond surtout des voitures de marques différentes"
    return fr(
        f"{fr_percent(found.within, 1)} des erreurs ({fr_plural(found.errors, 'image')} ; "
        f"{percent_interval((found.low, found.high))}) restent dans la marque, contre "
        f"{fr_percent(found.chance, 1)} si la mauvaise réponse était tirée parmi les autres "
        f"classes : {verdict}"
    )


def make_table(found: MakeErrors) -> pd.DataFrame:
    """Return the accuracy of each make as a French table."""
    columns = {
        "make": "Marque",
        "classes": "Classes",
        "images": "Images",
        "accuracy": "Classe reconnue",
        "recognised": "Marque reconnue",
    }
    return found.table.rename(columns=columns)


def effects_table(effects: pd.DataFrame) -> pd.DataFrame:
    """Return the effects of `lib.training.crossed.effects` as a French table."""
    return pd.DataFrame(
        {
            "Changement": effects["effect"].map(EFFECTS),
            "Effet": [fr_points(it) for it in effects["difference"]],
            "Intervalle à 95 %": [
                f"de {fr(100 * row.low, 1)} à {fr(100 * row.high, 1)}"
                for row in effects.itertuples()
            ],
            "p corrigé (Holm)": [_p(it).removeprefix("= ") for it in effects["p_value"]],
        }
    )


def crossed_verdict(effects: pd.DataFrame) -> str:
    """Say which of the changes counts, and what the design could not have seen."""
    found = [
        f"{EFFECTS[row.effect].lower()} : {fr_points(row.difference)}, p {_p(row.p_value)}"
        for row in effects.itertuples()
        if below(row.p_value, 1 - CONFIDENCE)
    ]
    least = fr_points(effects["least"].iloc[0])
    if not found:
        return fr(
            "aucun des deux changements, ni leur interaction, ne dépasse ce que donne un autre "
            f"tirage ; avec si peu d’essais, seul un effet de plus de {least} se verrait"
        )
    return fr(
        f"au-delà du hasard des tirages : {' ; '.join(found)}. Un effet de moins de {least} "
        "ne se verrait pas"
    )


def _p(value: float) -> str:
    return "< 0,001" if below(value, 0.001) else f"= {fr(value, 3)}"
