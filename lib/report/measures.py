"""What the measures of a trained model let one say, in French: each verdict from its criterion."""

from collections.abc import Mapping

import pandas as pd

from carnet import fr, fr_list, fr_percent, fr_plural, fr_points
from lib.report.names import p_is, p_value, points, share, span
from lib.tolerance import TOLERANCE, above, below
from lib.training.calibration import Calibration
from lib.training.evaluation import Evaluation
from lib.training.intervals import CONFIDENCE, PairedDifference, share_interval
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
    alone = "image n’est reconnue", "images ne sont reconnues"
    verdict = "ne se distingue pas de"
    if below(p, 1 - CONFIDENCE):
        verdict = "dépasse" if found.difference > 0 else "reste en dessous de"
    elif not below(found.least_p, 1 - CONFIDENCE):
        verdict = "ne peut se distinguer, sur si peu de désaccords, de"
    return fr(
        f"{first} {verdict} {second} : {points(found.difference, (found.low, found.high), 1)} "
        f"d’écart ; {fr_plural(found.only_first, *alone)} "
        f"que par {first}, {fr(found.only_second)} que par {second} ({p_is(p)})"
    )


def improvement(found: PairedDifference) -> str:
    """Say whether the first of two models improves on the second, on the same images."""
    gap = points(found.difference, (found.low, found.high), 1)
    if below(found.p_value, 1 - CONFIDENCE) and found.difference > 0:
        return fr(f"elles le sont aussi, de {gap}")
    return fr(f"pas de quoi se réjouir : l’écart est de {gap}")


def calibration_verdict(found: Calibration) -> str:
    """Say how sure of itself a model is, and whether chance explains it."""
    error, limit = fr_points(found.error), fr_points(found.expected)
    chance = f"les {limit} que le hasard explique"
    if not above(found.error, found.expected):
        return fr(
            f"l’erreur de calibration, {error}, ne dépasse pas {chance} : rien n’indique que le "
            "modèle soit trop sûr de lui, ou trop peu"
        )
    sure = "tantôt trop sûr, tantôt trop peu sûr"
    if above(found.confidence, found.accuracy):
        sure = "trop sûr"
    elif below(found.confidence, found.accuracy):
        sure = "trop peu sûr"
    return fr(f"le modèle est {sure} de lui : l’erreur de calibration, {error}, dépasse {chance}")


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


def make_habit(found: MakeErrors) -> str:
    """Say how a model confuses makes, after its name: within them more than by chance, or not."""
    if not found.errors:
        return fr("ne se trompe sur aucune image")
    if above(found.low, found.chance):
        return fr("confond surtout des classes d’une même marque")
    if below(found.high, found.chance):
        return fr("confond surtout des classes de marques différentes")
    return fr("ne confond pas plus les classes d’une même marque que le hasard ne le ferait")


def make_finding(habits: Mapping[str, str]) -> str:
    """Say the `make_habit` of two models by name, once where it is the same."""
    (first, one), (second, other) = habits.items()
    if one == other:
        return fr(f"{first}, comme {second}, {one}")
    return fr(f"{first} {one} ; {second} {other}")


def make_verdict(found: MakeErrors) -> str:
    """Say whether the errors stay within a make more often than chance has it."""
    if not found.errors:
        return fr(f"le modèle {make_habit(found)}")
    if (found.table["classes"] == 1).all():
        return fr("aucune marque connue n’a deux classes : il n’y a rien à comparer")
    if len(found.table) == 1:
        return fr("il n’y a qu’une marque : toutes les erreurs y restent")
    errors = fr_plural(found.errors, "erreur")
    return fr(
        f"sur {errors}, {share(found.within, (found.low, found.high))} restent dans la marque, "
        f"contre {fr_percent(found.chance)} si la mauvaise réponse était tirée parmi les autres "
        f"classes : le modèle {make_habit(found)}"
    )


def make_paragraph(found: MakeErrors) -> str:
    """Ask, with the criterion, whether errors stay within makes, and answer; or say why not."""
    if not found.errors or len(found.table) == 1 or (found.table["classes"] == 1).all():
        return fr(f"Pour les marques, {make_verdict(found)}.")
    return fr(
        "Le modèle confond-il surtout des classes d’une même marque ? Critère : oui, si "
        "l’intervalle de la part des erreurs qui y restent est au-dessus du hasard. Réponse : "
        f"{make_verdict(found)}. Mais marque, carrosserie et année vont souvent ensemble : cette "
        "part ne dit pas laquelle trompe."
    )


def failure_note(test: Evaluation) -> str:
    """Say whether the explanations of a failure are tried on a model that fails: as chance does."""
    low, _ = share_interval(test.accuracy, len(test.labels))
    chance = 1 / len(test.recall)
    if above(low, chance):
        return fr("Le modèle d’ici n’échoue pas ; nous les éprouvons pourtant sur lui.")
    return fr("Celui d’ici ne fait pas mieux que le hasard : éprouvons-les sur lui.")


def gains_note(gains: pd.DataFrame, images: pd.Series) -> str:
    """Say what the gains of `recall_gains` are worth: how many are beyond chance, how small.

    `images` is how many each class has, by its name.
    """
    clear = int((gains["low"] * gains["high"] > TOLERANCE).sum())
    told = [f"aucun des {len(gains)} intervalles n’exclut 0"]
    if clear:
        beyond = "intervalle exclut 0", "intervalles excluent 0"
        told = [f"{fr_plural(clear, *beyond)} sur {len(gains)}, sans correction pour leur nombre"]
    lost = -gains["gain"] * gains["class_name"].map(images)
    if (most := round(lost.max())) > 0:
        told.append(f"aucune baisse ne dépasse {fr_plural(most, 'image')}")
    return fr(" ; ".join(told))


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
            "p corrigée (Holm)": effects["p_value"].map(p_value),
        }
    )


def crossed_finding(effects: pd.DataFrame) -> str:
    """Say to which of the changes the design gives an effect, or that it cannot."""
    found = [
        f"{EFFECTS[row.effect].lower()} ({fr_points(row.difference)}, {p_is(row.p_value)})"
        for row in effects.itertuples()
        if below(row.p_value, 1 - CONFIDENCE)
    ]
    if not found:
        return fr("notre plan croisé ne dit pas ce que l’on doit à chacun des changements")
    return fr(f"notre plan croisé établit un effet : {fr_list(found)}")


def crossed_verdict(effects: pd.DataFrame, runs: pd.DataFrame) -> str:
    """Say what the design found and what it could not have seen, from its `crossed_runs`."""
    told = f"{crossed_finding(effects)}, une fois p corrigée pour les trois effets"
    return fr(f"{told} ; {crossed_limit(effects, runs)}")


def crossed_limit(effects: pd.DataFrame, runs: pd.DataFrame) -> str:
    """Say how far trainings that differ by their draws alone are apart, and what that hides."""
    apart = farthest_apart(runs)
    if not above(apart, 0):
        return fr("les entraînements répétés donnent tous le même score")
    return fr(
        f"d’un tirage à l’autre, une même combinaison varie de {fr_points(apart)} au plus, et un "
        f"effet de moins de {fr_points(effects['least'].iloc[0])} ne se verrait pas"
    )


def farthest_apart(runs: pd.DataFrame) -> float:
    """Return the largest difference between accuracies of one cell, which draws alone explain."""
    cells = runs.groupby(["augmented", "batch_size"])["accuracy"]
    return float((cells.max() - cells.min()).max())


def ties_note(effects: pd.DataFrame) -> str:
    """Say why two effects are equal, where they are: each pair of them is one pair of cells."""
    sizes = effects["difference"].abs().sort_values()
    if above(sizes.diff().min(), 0) or not above(sizes.max(), 0):
        return fr("")
    return fr("Deux combinaisons ont la même moyenne : deux effets sont donc égaux.")
