"""What the measures of a trained model let one say, in French: each verdict from its criterion."""

import pandas as pd

from carnet import fr, fr_list, fr_percent, fr_plural, fr_points
from lib.report.names import p_is, p_value, points, share, span
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
    p = found.p_value if corrected is None else corrected
    if not found.only_first + found.only_second:
        return fr(f"{first} et {second} ont raison sur les mêmes images")
    verdict = "ne se distingue pas de"
    if below(p, 1 - CONFIDENCE):
        verdict = "dépasse" if found.difference > 0 else "reste en dessous de"
    elif not below(found.least_p, 1 - CONFIDENCE):
        verdict = "ne peut se distinguer, sur si peu de désaccords, de"
    return fr(
        f"{first} {verdict} {second} : {points(found.difference, (found.low, found.high), 1)} "
        f"d’écart ; des images qu’un seul des deux reconnaît, {fr(found.only_first)} contre "
        f"{fr(found.only_second)} ({p_is(p)})"
    )


def calibration_verdict(found: Calibration) -> str:
    """Say whether a model is right as often as it says."""
    error, limit = fr_points(found.error), fr_points(found.expected)
    chance = f"les {limit} que le hasard explique"
    if not above(found.error, found.expected):
        return fr(
            f"l’erreur de calibration, {error}, ne dépasse pas {chance} : rien n’indique que le "
            "modèle se trompe sur lui-même"
        )
    sure = "tantôt trop sûr, tantôt trop peu sûr"
    if above(found.confidence, found.accuracy):
        sure = "trop sûr"
    elif below(found.confidence, found.accuracy):
        sure = "trop peu sûr"
    return fr(
        f"l’erreur de calibration, {error}, dépasse {chance} : le modèle est {sure} de lui "
        f"(confiance moyenne de {fr_percent(found.confidence)} pour {fr_percent(found.accuracy)} "
        "de réponses justes)"
    )


def other_scores(calibration: Calibration, makes: MakeErrors) -> dict[str, float]:
    """Return, by French name, what a table of scores adds to accuracies; makes where some tell."""
    scores = {
        "Erreur de calibration, validation": calibration.error,
        "La même, due au hasard (95 %)": calibration.expected,
    }
    if makes.errors and (makes.table["classes"] > 1).any():
        scores["Erreurs qui restent dans la marque, validation"] = makes.within
        scores["La même part, au hasard"] = makes.chance
    return scores


def make_verdict(found: MakeErrors) -> str:
    """Say whether the errors stay within a make more often than chance has it."""
    if not found.errors:
        return fr("le modèle ne se trompe sur aucune image")
    if (found.table["classes"] == 1).all():
        return fr("aucune marque connue n’a deux classes : il n’y a rien à comparer")
    if len(found.table) == 1:
        return fr("il n’y a qu’une marque : toutes les erreurs y restent")
    verdict = "c’est ce que le hasard donnerait aussi"
    if above(found.low, found.chance):
        verdict = "le modèle confond surtout des classes d’une même marque"
    elif below(found.high, found.chance):
        verdict = "le modèle confond surtout des classes de marques différentes"
    errors = fr_plural(found.errors, "erreur")
    return fr(
        f"sur {errors}, {share(found.within, (found.low, found.high))} restent dans la marque, "
        f"contre {fr_percent(found.chance)} si la mauvaise réponse était tirée parmi les autres "
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


def gains_finding(gains: pd.DataFrame) -> str:
    """Say how many classes gain and lose, and which ones the most, from `recall_gains`."""
    better, worse = gains[gains["gain"] > 0], gains[gains["gain"] < 0]
    told = []
    for rows, verb, row in ((better, "monte", 0), (worse, "baisse", -1)):
        if rows.empty:
            told.append(f"aucune classe ne {verb}")
            continue
        most, agreed = rows.iloc[row], verb if len(rows) == 1 else f"{verb}nt"
        told.append(
            f"{fr_plural(len(rows), 'classe')} {agreed}, au plus « {most.class_name} » "
            f"({fr_points(most.gain, 0)})"
        )
    return fr(" ; ".join(told))


def effects_table(effects: pd.DataFrame) -> pd.DataFrame:
    """Return the effects of `lib.training.crossed.effects` as a French table."""
    return pd.DataFrame(
        {
            "Changement": effects["effect"].map(EFFECTS),
            "Effet (points)": [
                f"{fr(100 * row.difference, 1)} {span((row.low, row.high), 1)}"
                for row in effects.itertuples()
            ],
            "p corrigé (Holm)": effects["p_value"].map(p_value),
        }
    )


def crossed_verdict(effects: pd.DataFrame) -> str:
    """Say which of the changes counts, and what the design could not have seen."""
    found = [
        f"{EFFECTS[row.effect].lower()} ({fr_points(row.difference)}, {p_is(row.p_value)})"
        for row in effects.itertuples()
        if below(row.p_value, 1 - CONFIDENCE)
    ]
    told = f"au-delà du hasard des tirages : {fr_list(found)}"
    if not found:
        told = (
            "aucun des deux changements, ni leur interaction, ne dépasse ce que donne un autre "
            "tirage des poids"
        )
    return fr(f"{told} ; {crossed_limit(effects)}")


def crossed_limit(effects: pd.DataFrame) -> str:
    """Say what the design could not have seen."""
    least = fr_points(effects["least"].iloc[0])
    if least == fr_points(0):
        return fr("les entraînements répétés donnent tous le même score")
    return fr(f"avec si peu d’entraînements, un effet de moins de {least} ne se verrait pas")
