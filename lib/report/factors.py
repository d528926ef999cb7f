"""What the designed trials of a search let one say of its factors, in French.

Chance is that of the trials drawn; never that of training again with another seed, which one run
cannot tell.
"""

from collections.abc import Sequence

import pandas as pd

from carnet import fr, fr_list, fr_percent, fr_plural, fr_points
from lib.report.names import HYPERPARAMETERS, french_value, p_is, p_value, share
from lib.search.analysis import (
    TRIAL_RESAMPLES,
    TRIALS_PER_FACTOR,
    compared_factors,
    enough_trials,
    first_lowered_epoch,
    tests_within,
)
from lib.search.search import Search
from lib.tolerance import above, below, lowest
from lib.training.intervals import CONFIDENCE

STEADY = 0.8  # share of the resamples in which the most important factor must stay the first
WEAK = 0.3  # Cramér's V below which two factors are little associated, after Cohen
ARTICLES = {  # of the factors; "la" for the others
    "learning_rate": "le ",
    "optimizer": "l’",
    "scheduler": "le ",
    "class_weights": "les ",
    "augmentation": "l’",
}


def factor_name(name: str) -> str:
    """Name a factor within a sentence: "la taille de lot"."""
    return ARTICLES.get(name, "la ") + HYPERPARAMETERS[name].lower()


def value_names(values: Sequence) -> str:
    """Name values of a factor within a sentence: "HorizontalFlip et RandomRotation"."""
    return fr_list([french_value(value) for value in values])


def confounding_verdict(pairs: pd.DataFrame) -> str:
    """Say how far the design separates the factors, from the pairs of `confounding`."""
    if pairs.empty:
        return fr("un seul facteur y a varié")
    most = pairs.iloc[0]
    how = "peu liés" if below(most.v, WEAK) else "en partie liés"
    return fr(
        f"les facteurs y sont {how} deux à deux (V de Cramér de {fr(most.v, 2)} au plus, entre "
        f"{factor_name(most.factor)} et {factor_name(most.other)} ; 0 : aucun lien, 1 : l’un donne "
        "l’autre)"
    )


def effects_verdict(tests: pd.DataFrame) -> str:
    """Say which factors have an effect, by the criterion of `effect_tests`."""
    found = tests[tests.established]
    if found.empty:
        least = tests.loc[lowest(tests.corrected)]
        return fr(
            f"aucun facteur n’a d’effet établi (plus petite p corrigée : "
            f"{p_value(least.corrected)}, pour {factor_name(least.factor)})"
        )
    one = len(found) == 1
    count = "un seul facteur a" if one else f"{fr(len(found))} facteurs ont"
    effects = " ; ".join(
        f"{factor_name(row.factor)}, {value_names(row.best)} l’emportant sur "
        f"{value_names(row.worst)} ({p_is(row.corrected)})"
        for row in found.itertuples()
    )
    return fr(f"{count} un effet établi : {effects}")


def factor_verdict(tests: pd.DataFrame, factor: str) -> str:
    """Say whether the values of one factor differ."""
    for row in tests[tests.factor == factor].itertuples():
        if not above(row.spread, 0):
            return fr("toutes les valeurs ont la même moyenne")
        verb = "a" if len(row.best) == 1 else "ont"
        verdict = "établi" if row.established else "non établi"
        return fr(
            f"{value_names(row.best)} {verb} la plus haute moyenne, {fr_points(row.spread)} "
            f"au-dessus de la plus basse, un écart {verdict} ({p_is(row.corrected)})"
        )
    return fr("ce facteur n’a pas varié")


def tests_table(tests: pd.DataFrame) -> pd.DataFrame:
    """Return the tests of the factors, each p labelled, beside the smallest the design allows."""
    return pd.DataFrame(
        {
            "Facteur": tests.factor.map(HYPERPARAMETERS),
            "Moyenne la plus basse": _means(tests, "worst", "low"),
            "Moyenne la plus haute": _means(tests, "best", "high"),
            "Écart": tests.spread.map(fr_points),
            "p": tests.p_value.map(p_value),
            "p corrigée (Holm)": tests.corrected.map(p_value),
            "Plus petite p corrigée possible": tests.least_corrected.map(p_value),
        }
    )


def _means(tests: pd.DataFrame, values: str, mean: str) -> list[str]:
    return [
        f"{fr_percent(mean, 1)} ({value_names(values)})"
        for values, mean in zip(tests[values], tests[mean])
    ]


def within_note(search: Search, tests: pd.DataFrame) -> str:
    """Say what the other factors tell once the most established one is held; empty without it."""
    if not tests.established.any() or len(tests) == 1:
        return fr("")
    held = tests.factor[lowest(tests.corrected)]
    again = tests_within(search, held)
    least = again.loc[lowest(again.corrected)]
    found = again[[below(p, 1 - CONFIDENCE) for p in again.corrected]]
    told = (
        f"elle n’établit rien de plus (plus petite p corrigée : {p_value(least.corrected)}, pour "
        f"{factor_name(least.factor)})"
    )
    if len(found):
        named = [f"{factor_name(row.factor)} ({p_is(row.corrected)})" for row in found.itertuples()]
        told = f"elle y ajoute {fr_list(named)}"
    return fr(
        "Une seconde analyse, décidée après coup, n’échange les notes qu’entre essais de même "
        f"valeur pour {factor_name(held)} : {told}."
    )


def floor_note(effects: pd.DataFrame, tests: pd.DataFrame, classes: int) -> str:
    """Say which values of the established factors have learnt no more than chance among classes."""
    established = effects.factor.isin(tests.factor[tests.established])
    return fr(
        " ".join(
            f"Avec {french_value(row.value)}, {fr_plural(row.trials, 'essai')} du plan en restent "
            f"au niveau du hasard ({share(row.mean, (row.low, row.high), 1)} en moyenne) et ne "
            "disent presque rien des autres facteurs."
            for row in effects[established & (effects.low <= 1 / classes)].itertuples()
        )
    )


def scheduler_note(search: Search) -> str:
    """Say what the trials can tell of the schedulers: when does each have the time to act?"""
    acting = {name: first_lowered_epoch(name, search.base) for name in search.space.scheduler}
    acting.pop("none", None)
    when = ", ".join(
        f"{name} peut agir dès l’époque {fr(epoch)}"
        if epoch <= search.base.epochs
        else f"{name} n’agit jamais"
        for name, epoch in acting.items()
    )
    return fr(
        f"Aucun planificateur n’a encore changé le taux à l’époque {fr(search.first_rung)} ; ce "
        f"facteur est donc laissé de côté. En {fr_plural(search.base.epochs, 'époque')}, {when} : "
        "ce que vaut un planificateur sur un entraînement long ne se lit pas ici."
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
    steady = "tient" if first["first"] >= STEADY * TRIAL_RESAMPLES else "ne tient pas"
    return fr(
        f"le premier facteur est {factor_name(first.factor)} ({fr_percent(first.importance)}) ; "
        f"il l’est dans {fr(first['first'])} des {fr(TRIAL_RESAMPLES)} rééchantillonnages, donc ce "
        f"rang {steady}"
    )
