"""What a search and its final model let one say, in French: tables, and verdicts from criteria.

Chance is that of the images drawn for validation or test; never that of training again with
another seed, which one run cannot tell.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from carnet import fr, fr_list, fr_percent, fr_plural, fr_points
from lib.report.factors import factor_name, value_names
from lib.report.names import (
    HYPERPARAMETERS,
    SPLITS,
    french_value,
    p_is,
    p_value,
    points,
    share,
    span,
)
from lib.search.analysis import varied_factors
from lib.search.search import Search, rungs
from lib.search.space import SearchSpace
from lib.search.trial import DESIGNED, DRAWN
from lib.tolerance import above, below
from lib.training.intervals import CONFIDENCE, PairedDifference, share_interval

PLANNED_SIZES = (224, 256, 512, 672)  # pixels, of the first journal


def score_table(
    accuracies: Mapping[str, Sequence[float]], images: int, gaps: Mapping[str, PairedDifference]
) -> pd.DataFrame:
    """Return the accuracies of models as a French table: training, validation, test.

    Args:
        images: how many the test has, for the interval of its score.
        gaps: of the last model, the lead on each of the others, on the test.
    """
    rows = []
    for name, (training, validation, test) in accuracies.items():
        score = share(test, share_interval(test, images), 1)
        lead = signed(gaps[name]) if name in gaps else "—"
        rows.append((name, fr_percent(training, 1), fr_percent(validation, 1), score, lead))
    columns = ["Modèle", *SPLITS.values(), "Avance du modèle final (points)"]
    return pd.DataFrame(rows, columns=columns)


def signed(pair) -> str:
    """Write the difference of a pair, in points, with its interval: "1,5 [−1,4 ; 4,4]"."""
    return f"{fr(100 * pair.difference, 1)} {span((pair.low, pair.high), 1)}"


def reference_note(origin: str) -> str:
    """Say whose settings a trial has, where it was not drawn: "réglages de v2"."""
    return "" if origin in (DESIGNED, DRAWN) else f"réglages de {origin}"


def trial_name(trial: Mapping) -> str:
    """Name a trial: "19", "29 (réglages de v2)"."""
    note = reference_note(trial["origin"])
    return f"{trial['trial']} ({note})" if note else str(trial["trial"])


def tried(space: SearchSpace, factor: str) -> str:
    """List the values of a factor: "16, 32, 64 et 128"."""
    return value_names(space.factors()[factor])


def sizes_note(space: SearchSpace) -> str:
    """Say which image sizes the first journal planned, and why others are tried."""
    planned = fr_list([fr(size) for size in PLANNED_SIZES])
    least, tried_least = min(PLANNED_SIZES), min(space.image_size)
    ratio = (least / tried_least) ** 2
    if set(space.image_size) <= set(PLANNED_SIZES):
        return f"Notre premier journal prévoyait {planned} pixels"
    if not above(ratio, 1):
        return f"Notre premier journal prévoyait plutôt {planned} pixels"
    return (
        f"Notre premier journal prévoyait {planned} pixels, mais un passage à {fr(least)} pixels "
        f"coûterait {fr(ratio, 0)} fois plus qu’à {fr(tried_least)}"
    )


def named_values(values: Mapping) -> str:
    """Say the value of each factor: "Optimiseur : Adam ; Taille de lot : 32"."""
    return " ; ".join(
        f"{HYPERPARAMETERS[name]} : {french_value(value)}" for name, value in values.items()
    )


def best_trials(search: Search, count: int) -> pd.DataFrame:
    """Return the `count` best complete trials as the columns of a table, best first."""
    names = varied_factors(search.space)
    table = {"Facteur": ["Exactitude de validation", *(HYPERPARAMETERS[name] for name in names)]}
    for trial in search.complete.head(count).to_dict("records"):
        values = [french_value(trial[name]) for name in names]
        table[f"Essai {trial_name(trial)}"] = [fr_percent(trial["accuracy"], 1), *values]
    return pd.DataFrame(table)


def pruning_rule(epochs: int) -> str:
    """Say after which of a trial's `epochs` it can be pruned, and when it is."""
    at = [fr(epoch) for epoch in rungs(epochs)]
    if not at:
        return "aucune, un essai n’ayant qu’une époque"
    when = f"après l’époque {at[0]}" if len(at) == 1 else f"après les époques {fr_list(at)}"
    return f"{when}, seul le meilleur tiers des essais d’une génération continue"


def best_verdict(search: Search, rivals: pd.DataFrame, images: int) -> str:
    """Say whether the best trial stands out of the next ones, by the criterion of their pairs.

    `rivals` are those of `lib.search.analysis.rivals`, `images` the number of validation images.
    """
    best = search.best
    reached = share(best["accuracy"], share_interval(best["accuracy"], images), 1)
    alike, beaten = [], []
    for row in rivals.itertuples():
        about = ", ".join(filter(None, [reference_note(row.origin), p_is(row.corrected)]))
        group = beaten if below(row.corrected, 1 - CONFIDENCE) else alike
        group.append(f"du nᵒ {row.trial} ({about})")
    told = [f"ne se distingue pas {fr_list(alike)}"] * bool(alike)
    told += [f"se distingue {fr_list(beaten)}"] * bool(beaten)
    compared = f"il {', mais '.join(told)}" if told else "aucun autre n’a été mené à terme"
    return fr(f"le meilleur essai, le nᵒ {trial_name(best)}, atteint {reached} ; {compared}")


def reference_verdict(search: Search, rivals: pd.DataFrame, name: str) -> str:
    """Say where the settings of a reference stand among the trials."""
    told, complete = f"les réglages de {name}, choisis à la main,", search.complete
    rows = search.trials[search.trials.origin == name]
    if rows.empty:
        return fr(f"{told} n’ont pas été essayés à part")
    trial = rows.iloc[0]
    if trial.pruned:
        return fr(f"{told} ont été interrompus à l’époque {fr(trial.epochs)}")
    rank = 1 + complete.trial.tolist().index(trial.trial)
    if rank == 1:
        return fr(f"{told} sont les meilleurs")
    told = f"{told} arrivent au rang {fr(rank)} des {fr(len(complete))} essais menés à terme"
    for row in rivals[rivals.trial == trial.trial].itertuples():
        how = "s’en distingue" if below(row.corrected, 1 - CONFIDENCE) else "ne s’en distingue pas"
        told += f", et le meilleur, le nᵒ {search.best['trial']}, {how} ({p_is(row.corrected)})"
    return fr(told)


def progress_verdict(search: Search) -> str:
    """Say whether the trials drawn from the results of others did better than those before."""
    best, drawn = search.best, search.trials[search.trials.origin == DRAWN]
    if drawn.empty:
        return fr("Sans objet : aucun essai n’a été proposé après le plan.")
    if best["origin"] == DRAWN:
        return fr(f"Oui. Le meilleur essai, le nᵒ {best['trial']}, a été proposé par TPE.")
    source = "du plan, tiré d’avance" if best["origin"] == DESIGNED else "l’une des références"
    reached = "aucun n’est allé à son terme"
    for trial in drawn[~drawn.pruned].nlargest(1, "accuracy").itertuples():
        gap = best["accuracy"] - trial.accuracy
        less = f"{fr_points(gap)} de moins" if above(gap, 0) else "autant"
        reached = (
            f"le meilleur, le nᵒ {trial.trial}, atteint {fr_percent(trial.accuracy, 1)}, {less}"
        )
    return fr(
        f"Non. Le meilleur essai, le nᵒ {best['trial']}, est {source}. TPE a ensuite proposé "
        f"{fr_plural(len(drawn), 'essai')} : {reached}."
    )


def hope_note(search: Search) -> str:
    """Say what became of the first day's hope that Optuna would find the settings, if it drew."""
    origin = search.best["origin"]
    if DRAWN not in [*search.trials.origin]:
        return fr("")
    if origin == DRAWN:
        return fr("Hier, nous comptions sur Optuna ; c’est lui qui a trouvé, à notre soulagement.")
    who = "un essai tiré d’avance" if origin == DESIGNED else f"{origin}, réglée à la main,"
    return fr(f"Hier, nous comptions sur Optuna ; {who} l’emporte, et nous en sommes un peu déçus.")


def shared_note(search: Search, count: int) -> str:
    """Say which values the `count` best complete trials have in common."""
    top = search.complete.head(count)
    if len(top) == 1:
        return fr("un seul essai est allé à son terme")
    shared = [
        f"{factor_name(name)} ({french_value(top[name].iloc[0])})"
        for name in varied_factors(search.space)
        if top[name].nunique() == 1
    ]
    common = f"en commun que {fr_list(shared)}" if shared else "aucune valeur en commun"
    return fr(f"les {fr(len(top))} meilleurs essais n’ont {common}")


def resolution_note(rivals: pd.DataFrame, images: int) -> str:
    """Say how far apart trials must be to be told from each other: half an interval of a pair."""
    told = f"{fr_plural(images, 'image')} de validation ne départagent que des scores éloignés"
    if rivals.empty:
        return fr(told)
    half = (rivals.high - rivals.low).iloc[0] / 2
    return fr(f"{told} d’environ {fr_points(half, 0)}")


def rivals_table(rivals: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of the best trial and the next ones, each p labelled."""
    return pd.DataFrame(
        {
            "Essai": [trial_name(row) for row in rivals.to_dict("records")],
            "Exactitude": [fr_percent(accuracy, 1) for accuracy in rivals.accuracy],
            "Avance du meilleur essai (points)": [*map(signed, rivals.itertuples())],
            "p (McNemar)": rivals.p_value.map(p_value),
            "p corrigée (Holm)": rivals.corrected.map(p_value),
        }
    )


def final_verdict(pair: PairedDifference, corrected: float, reference: str) -> str:
    """Say whether the search found better settings than a reference, by their pairs on the test."""
    if not below(corrected, 1 - CONFIDENCE):
        return fr(f"la recherche n’a rien trouvé de mieux que {reference} de façon établie")
    better = "mieux" if pair.difference > 0 else "moins bien"
    return fr(f"la recherche a trouvé {better} que {reference}")


def final_bounds(pair: PairedDifference) -> str:
    """Say between what the difference lies: "au mieux 4,4 points de plus, au pis 1,4 de moins"."""
    if not (above(pair.high, 0) and below(pair.low, 0)):
        return points(pair.difference, (pair.low, pair.high), 1)
    return fr(f"au mieux {fr_points(pair.high)} de plus, au pis {fr(-100 * pair.low, 1)} de moins")
