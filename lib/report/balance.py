"""How evenly images are spread over classes, years and makes: tables and verdicts, in French.

The measures are those of `lib.data.balance`.
"""

import pandas as pd

from carnet import fr, fr_percent, fr_plural
from lib.data.balance import Balance, balance, subsets
from lib.data.cars import Cars
from lib.report.names import SPLITS, whole

# A distribution is "bien répartie" if its normalised entropy is at least the first number and
# its ratio of extremes at most the second, "plutôt bien répartie" likewise, else "mal répartie".
WELL_ENTROPY, WELL_RATIO = 0.98, 2.0
FAIR_ENTROPY, FAIR_RATIO = 0.90, 5.0

# What follows for the training of a model that predicts the groups.
CONSEQUENCES = {
    "bien réparties": "aucune classe ne pèse beaucoup plus que les autres : pondérer "
    "les classes changerait peu de chose, et l’exactitude se lit sans précaution",
    "plutôt bien réparties": "les écarts restent modérés : pondérer les classes n’est pas "
    "indispensable, et le F1 macro, qui compte chaque classe autant, complète l’exactitude",
    "mal réparties": "l’exactitude récompense surtout les grandes classes : il faut la lire avec "
    "le F1 macro, et pondérer les classes mérite un essai",
}

GROUPS = {  # columns of `Cars.frame` that names of classes may give: what they are, the question
    "year": (
        "année",
        "Le dernier mot du nom d’une classe est l’année du modèle. Le réseau ne prédit pas l’année "
        "pour elle-même, mais deux classes peuvent ne différer que par elle ; et si presque toutes "
        "les voitures sont récentes, il verra peu de formes anciennes. Les années sans aucune "
        "classe restent vides sur la figure ; les mesures ne comptent que les années présentes.",
    ),
    "make": (
        "marque",
        "La marque est ici, comme dans notre premier journal, le premier mot du nom de la classe. "
        "La convention est simple, au prix de quelques noms tronqués : une marque en deux mots n’y "
        "garde que le premier. Deux modèles d’une même marque partagent souvent calandre et feux : "
        "c’est entre eux que l’on attend le plus de confusions.",
    ),
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


def balance_table(frame: pd.DataFrame, by: str, group: str) -> pd.DataFrame:
    """Return the measures of balance by a column: one column per subset, one for all images.

    `group` is the French name of what is counted, as "classe", whose plural takes an s.
    """
    parts = {SPLITS[name]: part for name, part in subsets(frame).items()} | {"Ensemble": frame}
    measures = {name: _measures(balance(part, by), group) for name, part in parts.items()}
    return pd.DataFrame(measures, dtype=object).rename_axis("Mesure").reset_index()


def question(cars: Cars, by: str) -> str:
    """Say in French why one looks at years or makes, or that the section is left out."""
    return GROUPS[by][1] if cars.has_makes else NO_GROUPS


def reading(cars: Cars, by: str) -> str:
    """Say in French how images spread over years or makes; nothing where they are not known."""
    if not cars.has_makes:
        return ""
    spread, noun = balance(cars.frame, by), GROUPS[by][0]
    first, last = spread.counts.index[[0, -1]]
    span = f" vont de {cars.frame[by].min()} à {cars.frame[by].max()}" if by == "year" else ""
    return (
        f"{fr_plural(spread.groups, noun)}{span}. La plus fournie, {first}, réunit "
        f"{fr_percent(spread.majority)} des images, {fr(spread.ratio, 1)} fois plus que la moins "
        f"fournie, {last}. L’entropie normalisée vaut {fr(spread.entropy)} : tout se passe comme "
        f"si les images venaient de {fr(spread.effective, 1)} {noun}s également fournies."
    )


def conclusion(cars: Cars, by: str) -> str:
    """Say in French whether images spread evenly over years or makes, after « conclusion : »."""
    if not cars.has_makes:
        return "rien, faute de marques et d’années dans les noms des classes"
    verdict = balance_verdict(balance(cars.frame, by))
    return f"les images sont {verdict} entre les {GROUPS[by][0]}s"


def balance_summary(cars: Cars) -> str:
    """Say in French how images spread, after « les images sont »."""
    by_class = f"{balance_verdict(balance(cars.frame, 'class_name'))} entre les classes"
    if not cars.has_makes:
        return by_class
    return f"{by_class} et {balance_verdict(balance(cars.frame, 'year'))} entre les années"


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
        f"Nombre effectif {elided(group)}s": spread.effective,
    }


def elided(noun: str) -> str:
    """Return "de" and the noun, elided before a vowel: de classe, d’année."""
    return f"d’{noun}" if noun[0] in "aeiouyhâéèêîôœ" else f"de {noun}"
