"""What a search and its final model let one say, in French: tables, and verdicts from criteria.

Chance is that of the images drawn for validation or test, and of the trials drawn; never that of
training again with another seed, which one run cannot tell.
"""

from collections.abc import Mapping

import pandas as pd

from carnet import fr, fr_list, fr_percent, fr_plural, fr_points
from lib.report.names import HYPERPARAMETERS, factor_name, french_value, p_is, p_value, share, span
from lib.search.analysis import (
    TRIALS_PER_FACTOR,
    compared_factors,
    enough_trials,
    first_lowered_epoch,
    varied_factors,
)
from lib.search.search import Search, rungs
from lib.search.space import SearchSpace
from lib.search.trial import DESIGNED, DRAWN
from lib.tolerance import above, below, lowest
from lib.training.intervals import CONFIDENCE, share_interval

PLANNED_SIZES = (224, 256, 512, 672)  # pixels, of the first journal
STEADY = 0.8  # share of the resamples in which the most important factor must stay the first


def score_table(accuracies: Mapping[str, float], images: int) -> pd.DataFrame:
    """Return the test accuracy of each model with its interval, as a French table."""
    scores = {name: share(it, share_interval(it, images), 1) for name, it in accuracies.items()}
    return pd.DataFrame({"Modèle": scores.keys(), "Exactitude de test": scores.values()})


def tried(space: SearchSpace, factor: str) -> str:
    """List the values of a factor: "16, 32, 64 et 128"."""
    return fr_list(list(map(french_value, space.factors()[factor])))


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
        table[f"Essai {trial['trial']}"] = [fr_percent(trial["accuracy"], 1), *values]
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
    best, beaten = search.best, sum(below(p, 1 - CONFIDENCE) for p in rivals.corrected)
    reached = share(best["accuracy"], share_interval(best["accuracy"], images), 1)
    compared = "aucun autre n’a été mené à terme"
    if len(rivals):
        many = len(rivals)
        which = f"des {fr(many)} suivants" if many > 1 else "du suivant"
        told = f"il ne se distingue pas {which}"
        if beaten:
            told = f"il se distingue {which}"
        if 0 < beaten < many:
            told = f"il se distingue de {fr(beaten)} {which}"
        compared = f"{told} (plus petite p corrigée : {p_value(rivals.corrected.min())})"
    reference = ""
    if best["origin"] not in (DESIGNED, DRAWN):
        reference = (
            f". Ce sont les réglages de {best['origin']} : les essais tirés ne font pas mieux"
        )
    return fr(
        f"le meilleur essai, le nᵒ {best['trial']}, atteint {reached} ; {compared}{reference}"
    )


def rivals_table(rivals: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of the best trial and the next ones, each p labelled."""
    return pd.DataFrame(
        {
            "Essai": [fr(trial) for trial in rivals.trial],
            "Exactitude": [fr_percent(accuracy, 1) for accuracy in rivals.accuracy],
            "Écart du meilleur (points)": [
                f"{fr(100 * row.difference, 1)} {span((row.low, row.high), 1)}"
                for row in rivals.itertuples()
            ],
            "p (McNemar)": rivals.p_value.map(p_value),
            "p corrigée (Holm)": rivals.corrected.map(p_value),
        }
    )


def effects_verdict(tests: pd.DataFrame) -> str:
    """Say which factors have an effect beyond noise, by the criterion of `effect_tests`."""
    beyond = tests[tests.beyond_noise]
    if beyond.empty:
        least = tests.loc[lowest(tests.corrected)]
        return fr(
            "aucun facteur ne dépasse le bruit (plus petite p corrigée : "
            f"{p_value(least.corrected)}, pour {factor_name(least.factor)})"
        )
    effects = fr_list(
        f"{factor_name(row.factor)} (au mieux {french_value(row.best)}, {p_is(row.corrected)})"
        for row in beyond.itertuples()
    )
    one = len(beyond) == 1
    count = "un seul facteur dépasse" if one else f"{fr(len(beyond))} facteurs dépassent"
    return fr(f"{count} le bruit, {effects}")


def factor_verdict(tests: pd.DataFrame, factor: str) -> str:
    """Say whether the values of one factor differ beyond noise."""
    for row in tests[tests.factor == factor].itertuples():
        if not above(row.spread, 0):
            return fr("toutes les valeurs se valent")
        verdict = "dépasse" if row.beyond_noise else "ne dépasse pas"
        return fr(
            f"de la moins bonne valeur à la meilleure, {french_value(row.best)}, l’écart est de "
            f"{fr_points(row.spread)}, ce qui {verdict} le bruit ({p_is(row.corrected)})"
        )
    return fr("ce facteur n’a pas varié")


def confounding_verdict(pairs: pd.DataFrame) -> str:
    """Say which two factors the design separates the least, from those of `confounding`."""
    if pairs.empty:
        return fr("un seul facteur a varié")
    most = pairs.iloc[0]
    return fr(
        f"les deux facteurs les plus liés sont {factor_name(most.factor)} et "
        f"{factor_name(most.other)} (V = {fr(most.v, 2)} ; {fr(pairs.v.mean(), 2)} en moyenne)"
    )


def tests_table(tests: pd.DataFrame) -> pd.DataFrame:
    """Return the tests of the factors, each p labelled, beside the smallest the design allows."""
    return pd.DataFrame(
        {
            "Facteur": tests.factor.map(HYPERPARAMETERS),
            "Écart": tests.spread.map(fr_points),
            "p": tests.p_value.map(p_value),
            "p corrigée (Holm)": tests.corrected.map(p_value),
            "Plus petite p corrigée possible": tests.least_corrected.map(p_value),
        }
    )


def importance_note(search: Search) -> str:
    """Say why no importance is drawn; empty where there are trials enough."""
    if enough_trials(search):
        return ""
    factors = len(compared_factors(search))
    return fr(
        f"le plan a {fr_plural(len(search.designed), 'essai')} pour "
        f"{fr_plural(factors, 'facteur comparé', 'facteurs comparés')}, moins que les "
        f"{fr(TRIALS_PER_FACTOR * factors)} qu’il faudrait : des parts décriraient les essais "
        "plus que les facteurs, et ne sont pas dessinées"
    )


def importance_verdict(importances: pd.DataFrame) -> str:
    """Say whether the most important factor is known to be."""
    first = importances.iloc[0]
    if not above(first.importance, 0):
        return fr("les essais diffèrent trop peu, ou sont trop peu nombreux, pour rien en dire")
    steady = "tient" if first["first"] >= STEADY else "ne tient pas"
    return fr(
        f"le premier facteur est {factor_name(first.factor)} ({fr_percent(first.importance)}) ; "
        f"il le reste dans {fr_percent(first['first'])} des rééchantillonnages, donc ce rang "
        f"{steady}"
    )


def scheduler_note(search: Search) -> str:
    """Say what the trials can tell of the schedulers: when does each have the time to act?"""
    acting = {name: first_lowered_epoch(name, search.base) for name in search.space.scheduler}
    acting.pop("none", None)
    when = " ; ".join(
        f"{name} peut agir dès l’époque {fr(epoch)}"
        if epoch <= search.base.epochs
        else f"{name} n’agit jamais"
        for name, epoch in acting.items()
    )
    return fr(
        f"aucun planificateur n’a encore changé le taux à l’époque {fr(search.first_rung)}, et ce "
        f"facteur est laissé de côté ; en {fr_plural(search.base.epochs, 'époque')}, {when}"
    )
