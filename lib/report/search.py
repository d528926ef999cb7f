"""What a search and its final model let one say, in French: tables, and verdicts from criteria.

Chance is that of the images drawn for validation or test, and of the trials drawn; never that of
training again with another seed, which one run cannot tell.
"""

from collections.abc import Mapping

import pandas as pd

from carnet import fr, fr_list, fr_percent, fr_plural, fr_points
from lib.report.names import HYPERPARAMETERS, french_value, percent_interval
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
LEAST_P = 0.0001  # below it, a p value is written no more precisely
STEADY = 0.8  # share of the resamples in which the most important factor must stay the first


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


def sizes_note(space: SearchSpace) -> str:
    """Say which image sizes are tried beside those that the first journal planned, and why."""
    sizes = fr_list([fr(size) for size in space.image_size])
    if set(space.image_size) <= set(PLANNED_SIZES):
        return f"nous essayons {sizes}"
    ratio = (min(PLANNED_SIZES) / min(space.image_size)) ** 2
    cost = f", car un passage à {fr(min(PLANNED_SIZES))} pixels coûterait {fr(ratio, 0)} fois plus"
    return f"nous essayons {sizes}{cost if above(ratio, 1) else ''}"


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
    return f"{when}, seul le meilleur tiers des essais d’une génération continue"


def best_verdict(search: Search, rivals: pd.DataFrame, images: int) -> str:
    """Say whether the best trial stands out of the next ones, by the criterion of their pairs.

    `rivals` are those of `lib.search.analysis.rivals`, `images` the number of validation images.
    """
    best = search.best
    interval = percent_interval(share_interval(best["accuracy"], images))
    beaten = sum(below(p, 1 - CONFIDENCE) for p in rivals.corrected)
    told = {
        0: "il ne se distingue d’aucun",
        len(rivals): "il se distingue de chacun",
    }.get(beaten, f"il se distingue de {fr(beaten)} d’entre eux")
    if rivals.empty:
        compared = "aucun autre essai n’a été mené à terme"
    else:
        least = rivals.corrected.min()
        next_ones = fr_plural(len(rivals), "essai suivant", "essais suivants")
        compared = (
            f"comparé par paires, sur les mêmes images, à {next_ones} menés à terme, {told} "
            f"(plus petite p corrigée : {fr_p(least)})"
        )
    return fr(
        f"le meilleur essai, le nᵒ {best['trial']}, atteint {fr_percent(best['accuracy'], 1)} "
        f"({interval}) ; {compared}"
        f"{_reference_note(best)}"
    )


def _reference_note(best: dict) -> str:
    """Say it where the best trial is one that no search has found."""
    if best["origin"] in (DESIGNED, DRAWN):
        return ""
    return f". Ce sont les réglages de {best['origin']} ; les essais tirés ne font pas mieux"


def rivals_table(rivals: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of the best trial and the next ones, each p labelled."""
    intervals = zip(rivals.low, rivals.high)
    return pd.DataFrame(
        {
            "Essai": [fr(trial) for trial in rivals.trial],
            "Exactitude": [fr_percent(accuracy, 1) for accuracy in rivals.accuracy],
            "Écart du meilleur": [fr_points(gap) for gap in rivals.difference],
            "Intervalle à 95 %": [
                f"de {fr(100 * low, 1)} à {fr(100 * high, 1)}" for low, high in intervals
            ],
            "p non corrigée (McNemar)": rivals.p_value.map(fr_p),
            "p corrigée (Holm)": rivals.corrected.map(fr_p),
            "Plus petite p possible, non corrigée": rivals.least_p.map(fr_p),
        }
    )


def effects_verdict(tests: pd.DataFrame) -> str:
    """Say which factors have an effect beyond noise, by the criterion of `effect_tests`."""
    beyond = tests[tests.beyond_noise]
    effects = fr_list(
        f"{HYPERPARAMETERS[row.factor].lower()} (meilleure valeur : {french_value(row.best)}, "
        f"p corrigée = {fr_p(row.corrected)})"
        for row in beyond.itertuples()
    )
    if beyond.empty:
        least = tests.loc[lowest(tests.corrected)]
        return fr(
            f"aucun effet ne dépasse le bruit (plus petite p corrigée : {fr_p(least.corrected)}, "
            f"pour le facteur « {HYPERPARAMETERS[least.factor].lower()} »)"
        )
    count = "un seul effet dépasse" if len(beyond) == 1 else f"{fr(len(beyond))} effets dépassent"
    return fr(f"{count} le bruit : {effects}")


def factor_verdict(tests: pd.DataFrame, factor: str) -> str:
    """Say whether the values of one factor differ beyond noise; empty if it did not vary."""
    for row in tests[tests.factor == factor].itertuples():
        gap = f"{fr_points(row.spread)} séparent la meilleure valeur, {french_value(row.best)}, "
        verdict = "dépasse" if row.beyond_noise else "ne dépasse pas"
        return fr(
            f"{gap}de la moins bonne, ce qui {verdict} le bruit "
            f"(p corrigée = {fr_p(row.corrected)})"
        )
    return fr("ce facteur n’a pas varié")


def confounding_verdict(pairs: pd.DataFrame) -> str:
    """Say which two factors the design separates the least, from those of `confounding`."""
    if pairs.empty:
        return fr("un seul facteur a varié")
    most = pairs.iloc[0]
    names = [HYPERPARAMETERS[name].lower() for name in (most.factor, most.other)]
    return fr(
        f"les deux facteurs les plus liés sont « {names[0]} » et « {names[1]} » "
        f"(V de Cramér : {fr(most.v, 2)}) ; en moyenne sur {fr_plural(len(pairs), 'paire')}, "
        f"V vaut {fr(pairs.v.mean(), 2)}"
    )


def tests_table(tests: pd.DataFrame) -> pd.DataFrame:
    """Return the tests of the factors, each p labelled, beside the smallest the design allows."""
    return pd.DataFrame(
        {
            "Facteur": tests.factor.map(HYPERPARAMETERS),
            "Écart": tests.spread.map(fr_points),
            "p non corrigée": tests.p_value.map(fr_p),
            "p corrigée (Holm)": tests.corrected.map(fr_p),
            "Plus petite p possible, non corrigée": tests.least_p.map(fr_p),
            "Plus petite p possible, corrigée": tests.least_corrected.map(fr_p),
        }
    )


def fr_p(value: float) -> str:
    """Write a p value: two significant digits where it is small."""
    if below(value, LEAST_P):
        return fr(f"< {fr(LEAST_P, 4)}")
    return fr(value, 2) if not below(value, 0.1) else fr(value, 3 if not below(value, 0.01) else 4)


def importance_note(search: Search) -> str:
    """Say why no importance is drawn; empty where there are trials enough."""
    if enough_trials(search):
        return ""
    factors = len(compared_factors(search))
    return fr(
        f"le plan a {fr_plural(len(search.designed), 'essai')} pour "
        f"{fr_plural(factors, 'facteur comparé', 'facteurs comparés')}, moins que les "
        f"{fr(TRIALS_PER_FACTOR * factors)} qu’il faudrait : des parts décriraient les essais "
        "faits plus que les facteurs, et ne sont pas dessinées"
    )


def importance_verdict(importances: pd.DataFrame) -> str:
    """Say whether the most important factor is known to be."""
    first = importances.iloc[0]
    if not above(first.importance, 0):
        return fr("les essais diffèrent trop peu, ou sont trop peu nombreux, pour rien en dire")
    steady = "tient" if first["first"] >= STEADY else "ne tient pas"
    return fr(
        f"le premier facteur est « {HYPERPARAMETERS[first.factor].lower()} » "
        f"({fr_percent(first.importance)}) ; il le reste dans {fr_percent(first['first'])} des "
        f"rééchantillonnages, donc ce rang {steady}"
    )


def scheduler_note(search: Search) -> str:
    """Say what the trials can tell of the schedulers: when does each have the time to act?"""
    acting = {name: first_lowered_epoch(name, search.base) for name in search.space.scheduler}
    acting.pop("none", None)
    when = " ; ".join(
        f"{name} peut agir dès l’époque {fr(epoch)}"
        if epoch <= search.base.epochs
        else f"{name} n’agit jamais, le taux reste constant"
        for name, epoch in acting.items()
    )
    return fr(
        f"à l’époque {fr(search.first_rung)}, où les essais sont comparés, aucun planificateur n’a "
        "encore changé le taux, et ce facteur est laissé de côté ; en "
        f"{fr_plural(search.base.epochs, 'époque')}, {when}"
    )


def seen_note(models: Mapping) -> str:
    """Say what images, and for how long, each model saw: values have image_size and epochs."""
    descriptions = (
        f"{name.lower()}, images de {fr_plural(model.image_size, 'pixel')} pendant "
        f"{fr_plural(model.epochs, 'époque')}"
        for name, model in models.items()
    )
    return fr(f"Entraînement : {' ; '.join(descriptions)}.")
