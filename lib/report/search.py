"""What a search and its final model let one say, in French: tables, and verdicts from criteria.

Chance is that of the images drawn for validation or test, and of the trials drawn; never that of
training again with another seed, which one run cannot tell.
"""

from collections.abc import Mapping

import pandas as pd

from carnet import fr, fr_list, fr_percent, fr_plural, fr_points
from lib.report.names import HYPERPARAMETERS, french_value
from lib.search.analysis import (
    common_epoch,
    first_lowered_epoch,
    schedulers_act,
    varied_factors,
)
from lib.search.search import Search, rungs
from lib.search.space import SearchSpace
from lib.tolerance import above, below, lowest
from lib.training.intervals import difference_interval, share_interval
from lib.training.loop import PLATEAU_PATIENCE

STEADY = 0.8  # share of the resamples in which the most important factor must stay the first
TRIALS_PER_FACTOR = 10  # below it, importances come with a reserve


def score_table(accuracies: Mapping[str, float], images: int) -> pd.DataFrame:
    """Return the test accuracy of each model with its interval: model, accuracy, low, high."""
    rows = [
        (model, accuracy, *share_interval(accuracy, images))
        for model, accuracy in accuracies.items()
    ]
    return pd.DataFrame(rows, columns=["model", "accuracy", "low", "high"])


def space_table(space: SearchSpace) -> pd.DataFrame:
    """Return the factors of a search with their values."""
    rows = [
        {
            "Facteur": HYPERPARAMETERS[name],
            "Valeurs essayées": ", ".join(map(french_value, values)).replace(", 0,", " ; 0,"),
            "Nombre": len(values),
        }
        for name, values in space.factors().items()
    ]
    return pd.DataFrame(rows)


def named_values(values: Mapping) -> str:
    """Say the value of each factor: "Optimiseur : Adam ; Taille de lot : 32"."""
    return " ; ".join(
        f"{HYPERPARAMETERS[name]} : {french_value(value)}" for name, value in values.items()
    )


def best_trials(search: Search, count: int) -> pd.DataFrame:
    """Return the `count` best complete trials as the columns of a table, best first."""
    complete = search.trials[~search.trials.pruned]
    best = complete.sort_values(["accuracy", "trial"], ascending=[False, True]).head(count)
    names = varied_factors(search.space)
    table = {"Facteur": ["Exactitude de validation", *(HYPERPARAMETERS[name] for name in names)]}
    for trial in best.to_dict("records"):
        values = [french_value(trial[name]) for name in names]
        table[f"Essai {trial['trial']}"] = [fr_percent(trial["accuracy"], 1), *values]
    return pd.DataFrame(table)


def effects_table(effects: pd.DataFrame, factor: str) -> pd.DataFrame:
    """Return the effects of the values of one factor, from those of `factor_effects`."""
    chosen = effects[effects.factor == factor]
    return pd.DataFrame(
        {
            HYPERPARAMETERS[factor]: chosen.value.map(french_value),
            "Essais": chosen.trials,
            "Moyenne": chosen["mean"],
            "De": chosen.low,
            "À": chosen.high,
        }
    )


def pruning_rule(epochs: int) -> str:
    """Say after which of a trial's `epochs` it can be pruned, and when it is."""
    at = [fr(epoch) for epoch in rungs(epochs)]
    if not at:
        return "aucune, un essai n’ayant qu’une époque"
    when = f"après l’époque {at[0]}" if len(at) == 1 else f"après les époques {fr_list(at)}"
    return (
        f"{when}, un essai ne continue que s’il est dans le meilleur tiers de ceux qui en sont "
        "arrivés là, ou le meilleur tant qu’ils sont peu"
    )


def best_verdict(search: Search, images: int) -> str:
    """Say whether the best of the trials that ended stands out: is no other in its interval?

    `images` is the number of validation images.
    """
    best = search.best
    low, high = share_interval(best["accuracy"], images)
    others = search.trials[~search.trials.pruned & (search.trials.trial != best["trial"])]
    close = sum(not below(accuracy, low) for accuracy in others.accuracy)
    others_in_words = {
        0: "aucun autre essai mené à terme n’est dans cet intervalle",
        1: "un autre essai mené à terme est dans cet intervalle et ne s’en distingue pas",
    }
    if others.empty:
        others_in_words[0] = "aucun autre essai n’a été mené à terme"
    several = f"{fr(close)} autres essais menés à terme y sont aussi et ne s’en distinguent pas"
    return fr(
        f"le meilleur essai, le nᵒ {best['trial']}, atteint {fr_percent(best['accuracy'], 1)} "
        f"({_between(low, high)}) ; {others_in_words.get(close, several)}"
    )


def effects_verdict(tests: pd.DataFrame) -> str:
    """Say which factors have an effect beyond noise, by the criterion of `effect_tests`."""
    beyond = tests[tests.beyond_noise]
    effects = fr_list(
        f"{HYPERPARAMETERS[row.factor].lower()} (meilleure valeur : {french_value(row.best)}, "
        f"p = {fr(row.p_value, 3)})"
        for row in beyond.itertuples()
    )
    if beyond.empty:
        least = tests.loc[lowest(tests.p_value)]
        return fr(
            f"aucun effet ne dépasse le bruit (plus petite valeur p : {fr(least.p_value, 2)}, "
            f"pour le facteur « {HYPERPARAMETERS[least.factor].lower()} »)"
        )
    return fr(f"{fr_plural(len(beyond), 'effet dépasse', 'effets dépassent')} le bruit : {effects}")


def factor_verdict(tests: pd.DataFrame, factor: str) -> str:
    """Say whether the values of one factor differ beyond noise; empty if it did not vary."""
    for row in tests[tests.factor == factor].itertuples():
        gap = f"{fr_points(row.spread)} séparent la meilleure valeur, {french_value(row.best)}, "
        verdict = "dépasse" if row.beyond_noise else "ne dépasse pas"
        return fr(f"{gap}de la moins bonne, ce qui {verdict} le bruit (p = {fr(row.p_value, 2)})")
    return fr("ce facteur n’a pas varié")


def importance_verdict(search: Search, importances: pd.DataFrame) -> str:
    """Say whether the most important factor is known to be, and whether the trials suffice."""
    first, trials = importances.iloc[0], len(search.trials)
    if not above(first.importance, 0):
        return fr("les essais diffèrent trop peu, ou sont trop peu nombreux, pour rien en dire")
    steady = "tient" if first["first"] >= STEADY else "ne tient pas"
    text = (
        f"le premier facteur est « {HYPERPARAMETERS[first.factor].lower()} » "
        f"({fr_percent(first.importance)}) ; il le reste dans {fr_percent(first['first'])} des "
        f"rééchantillonnages, donc ce rang {steady}"
    )
    needed = TRIALS_PER_FACTOR * len(importances)
    if trials < needed:
        text += (
            f". Réserve : {fr_plural(trials, 'essai')} pour "
            f"{fr_plural(len(importances), 'facteur')}, c’est moins que les {fr(needed)} qu’il "
            "faudrait : ces parts décrivent les essais faits plus que les facteurs"
        )
    return fr(text)


def scheduler_note(search: Search) -> str:
    """Say what the trials can tell of the schedulers: did they have the time to act?"""
    if not schedulers_act(search):
        return fr(
            f"à l’époque {fr(common_epoch(search.trials))}, où les essais sont comparés, aucun "
            "planificateur n’a encore changé le taux : un écart entre eux ne serait que du bruit, "
            "et ce facteur est laissé de côté"
        )
    epochs = search.base.epochs
    enough = epochs >= first_lowered_epoch("ReduceLROnPlateau", epochs)
    acts = "peut agir" if enough else "n’agit jamais : le taux reste constant"
    return fr(
        f"en {fr_plural(epochs, 'époque')}, ReduceLROnPlateau, qui attend {PLATEAU_PATIENCE} "
        f"époques sans progrès, {acts}"
    )


def comparison_verdict(accuracy: float, other: float, images: int, *, name: str) -> str:
    """Say whether the final model beats `name`: whether the difference's interval leaves out 0."""
    low, high = difference_interval(accuracy, images, other, images)
    verdict = "ne se distingue pas de"
    if above(low, 0):
        verdict = "dépasse"
    elif below(high, 0):
        verdict = "reste en dessous de"
    return fr(
        f"le modèle final {verdict} {name} : écart de {fr_points(accuracy - other)} "
        f"(intervalle à 95 % : de {fr(100 * low, 1)} à {fr_points(high)})"
    )


def seen_note(models: Mapping) -> str:
    """Say what images, and for how long, each model saw: values have image_size and epochs."""
    descriptions = (
        f"{name.lower()}, images de {fr_plural(model.image_size, 'pixel')} pendant "
        f"{fr_plural(model.epochs, 'époque')}"
        for name, model in models.items()
    )
    return fr(f"Entraînement : {' ; '.join(descriptions)}.")


def _between(low: float, high: float) -> str:
    return f"intervalle à 95 % : de {fr_percent(low, 1)} à {fr_percent(high, 1)}"
