"""How evenly images are spread over classes, years and makes: tables and verdicts, in French.

The measures are those of `lib.data.balance`.
"""

import pandas as pd

from carnet import fr, fr_list, fr_plural
from lib.data.balance import Balance, balance, subsets
from lib.data.cars import Cars
from lib.report.names import SUBSETS, whole

# A distribution is "bien répartie" if its normalised entropy is at least the first number and
# its ratio of extremes at most the second, "plutôt bien répartie" likewise, else "mal répartie".
WELL_ENTROPY, WELL_RATIO = 0.98, 2.0
FAIR_ENTROPY, FAIR_RATIO = 0.90, 5.0

# What follows for the training of a model that predicts the groups.
CONSEQUENCES = {
    "bien réparties": "nos classes étant équilibrées, nous n’attendons rien de leur pondération",
    "plutôt bien réparties": "les écarts restent modérés : pondérer les classes n’est pas "
    "indispensable, et le F1 macro, qui compte chaque classe autant, complète l’exactitude",
    "mal réparties": "l’exactitude récompense surtout les grandes classes : il faut la lire avec "
    "le F1 macro, et pondérer les classes mérite un essai",
}

NOUNS = {"class_name": "classe", "year": "année", "make": "marque"}  # columns of `Cars.frame`
QUESTIONS = {
    "year": "Le dernier mot du nom d’une classe est l’année du modèle ; deux classes peuvent ne "
    "différer que par elle.",
    "make": "La marque est, comme dans notre premier journal, le premier mot du nom de la classe. "
    "Deux modèles d’une même marque se ressemblent souvent : c’est entre eux que l’on attend le "
    "plus de confusions.",
}
NO_GROUPS = "Les noms des classes ne disent ni marque ni année : cette section est laissée de côté."


def balance_verdict(balance: Balance) -> str:
    """Agree with « les images sont » or « les classes sont »."""
    if balance.entropy >= WELL_ENTROPY and balance.ratio <= WELL_RATIO:
        return "bien réparties"
    if balance.entropy >= FAIR_ENTROPY and balance.ratio <= FAIR_RATIO:
        return "plutôt bien réparties"
    return "mal réparties"


def criterion() -> str:
    """State in French what the verdicts on balance follow from."""
    return (
        f"« bien réparties » si l’entropie normalisée atteint {fr(WELL_ENTROPY)} et si le rapport "
        f"des extrêmes ne dépasse pas {fr(WELL_RATIO, 0)} ; « plutôt bien réparties » si elle "
        f"atteint {fr(FAIR_ENTROPY)} et s’il ne dépasse pas {fr(FAIR_RATIO, 0)} ; « mal "
        "réparties » sinon"
    )


def balance_table(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the measures of balance by a column: one column per subset, one for all images."""
    parts = {SUBSETS[name]: part for name, part in subsets(frame).items()} | {"Ensemble": frame}
    measures = {name: _measures(balance(part, by), NOUNS[by]) for name, part in parts.items()}
    columns = {name: pd.Series(found, dtype=object) for name, found in measures.items()}
    return pd.DataFrame(columns).rename_axis("Mesure").reset_index()


def question(cars: Cars, by: str) -> str:
    """Say in French why one looks at years or makes, or that the section is left out."""
    return QUESTIONS[by] if cars.has_makes else NO_GROUPS


def reading(cars: Cars, by: str) -> str:
    """Count the groups, and the images of the largest and of the smallest; or nothing.

    "12 classes, de 132 images (Pico) à 165 (Opale)."
    """
    if by not in cars.frame:
        return ""
    spread, noun = balance(cars.frame, by), NOUNS[by]
    first, last = spread.counts.index[[0, -1]]
    if spread.groups == 1:
        return f"Une seule {noun}, {first} : il n’y a rien à répartir."
    least, most = fr_plural(int(spread.counts.min()), "image"), fr(int(spread.counts.max()))
    how = f"toutes de {least}" if spread.ratio == 1 else f"de {least} ({last}) à {most} ({first})"
    return f"{fr_plural(spread.groups, noun)}, {how}."


def conclusion(cars: Cars, by: str) -> str:
    """Say in French whether images spread evenly, after « conclusion : »."""
    if by not in cars.frame:
        return "rien, faute de marques et d’années dans les noms des classes"
    spread = balance(cars.frame, by)
    if spread.groups == 1:
        return f"il n’y a qu’une {NOUNS[by]}"
    return (
        f"les images sont {balance_verdict(spread)} entre les {NOUNS[by]}s (entropie normalisée : "
        f"{fr(spread.entropy, 3)} ; rapport des extrêmes : {fr(round(spread.ratio, 2), None)})"
    )


def year_note(cars: Cars) -> str:
    """Say in French how many classes the fullest year has, and the others; "" without years."""
    if "year" not in cars.frame:
        return ""
    classes = cars.frame.groupby("year")["class_name"].nunique().sort_values(kind="stable")
    if len(classes) == 1:
        return f"Toutes les classes sont de {classes.index[0]}"
    others = classes.iloc[:-1]
    each = "une seule chacune" if others.max() == 1 else f"{fr(others.max())} au plus"
    return (
        f"L’année {classes.index[-1]} réunit {fr_plural(int(classes.iloc[-1]), 'classe')} sur "
        f"{fr(int(classes.sum()))} ; les autres années en ont {each}"
    )


def balance_summary(cars: Cars) -> str:
    """Say in French how images spread over all that is known, after « les images sont »."""
    told = {}
    for by in filter(cars.frame.__contains__, NOUNS):
        spread = balance(cars.frame, by)
        if spread.groups > 1 or by == "class_name":
            told.setdefault(balance_verdict(spread), []).append(f"les {NOUNS[by]}s")
    return ", ".join(f"{verdict} entre {fr_list(nouns)}" for verdict, nouns in told.items())


def _measures(spread: Balance, group: str) -> dict[str, float]:
    counts = spread.counts
    return {
        "Images": spread.images,
        f"{group.capitalize()}s": spread.groups,
        f"Images par {group} : moyenne": float(counts.mean()),
        f"Images par {group} : médiane": whole(counts.median()),
        f"Images par {group} : minimum": int(counts.min()),
        f"Images par {group} : maximum": int(counts.max()),
        f"Images par {group} : écart type": float(counts.std(ddof=0)),
        "Rapport des extrêmes": spread.ratio,
        "Entropie normalisée": spread.entropy,
    }
