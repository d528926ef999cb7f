"""What a data set is: its tables, and verdicts from the thresholds below, in French.

The measures are those of `lib.data.balance` and `lib.data.sizes`.
"""

import pandas as pd

from carnet import fr, fr_percent, fr_plural
from lib.data.balance import Balance, balance, subsets
from lib.data.cars import Cars
from lib.data.sizes import aspect_ratio, box_height, box_width, boxes_known, size_spread
from lib.report.names import SPLITS

# A distribution is "bien répartie" if its normalised entropy is at least the first number and
# its ratio of extremes at most the second, "plutôt bien répartie" likewise, else "mal répartie".
WELL_ENTROPY, WELL_RATIO = 0.98, 2.0
FAIR_ENTROPY, FAIR_RATIO = 0.90, 5.0

# Sizes are "homogènes" if large images have at most this many times the area of small ones,
# "variées" up to the second number, else "très variées".
SIMILAR_SIZES, VARIED_SIZES = 2.0, 10.0

# What the car takes of the image, by the least share that the median box covers.
LARGE_CAR, NOTABLE_CAR = 0.5, 0.25
CAR_PARTS = {
    LARGE_CAR: "la plus grande partie",
    NOTABLE_CAR: "une partie notable",
    0.0: "une petite partie",
}

ROLES = {  # what each split of `Cars.frame` is for
    "train": "ajuster les poids du réseau",
    "validation": "surveiller l’apprentissage et choisir les réglages",
    "test": "mesurer une seule fois chaque modèle",
}

# The size of Stanford Cars, on which the first journal worked.
ORIGINAL_CLASSES, ORIGINAL_IMAGES = 196, 16_185

DESCRIBED = {  # columns of pandas' `describe`
    "min": "Minimum",
    "25%": "1er quartile",
    "50%": "Médiane",
    "75%": "3e quartile",
    "max": "Maximum",
    "mean": "Moyenne",
    "std": "Écart type",
}

# What follows for the training of a model that predicts the groups.
CONSEQUENCES = {
    "bien réparties": "aucune classe ne pèse beaucoup plus que les autres : pondérer "
    "les classes changerait peu de chose, et l’exactitude se lit sans précaution",
    "plutôt bien réparties": "les écarts restent modérés : pondérer les classes n’est pas "
    "indispensable, et le F1 macro, qui compte chaque classe autant, complète l’exactitude",
    "mal réparties": "l’exactitude récompense surtout les grandes classes : il faut la lire avec "
    "le F1 macro, et pondérer les classes mérite un essai",
}


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


def sizes_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Describe the size of the images; sides in pixels, areas in thousands of pixels."""
    measures = {
        "Largeur (px)": frame["width"],
        "Hauteur (px)": frame["height"],
        "Surface (milliers de px)": frame["width"] * frame["height"] / 1e3,
        "Largeur / hauteur": aspect_ratio(frame),
    }
    return _described(measures)


def boxes_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Describe the car's box as shares of the image."""
    measures = {
        "Largeur de la boîte / image": box_width(frame),
        "Hauteur de la boîte / image": box_height(frame),
        "Surface de la boîte / image": frame["box_ratio"],
    }
    return _described(measures)


def size_verdict(frame: pd.DataFrame) -> str:
    """Agree with « les tailles sont »."""
    spread = size_spread(frame)
    if spread <= SIMILAR_SIZES:
        return "homogènes"
    return "variées" if spread <= VARIED_SIZES else "très variées"


def car_finding(frame: pd.DataFrame) -> str:
    """Say in French what the boxes tell of the size of the cars, or that they tell nothing."""
    if not boxes_known(frame["box_ratio"]):
        return (
            "Ici, chaque boîte couvre toute son image : les images sont déjà recadrées sur la "
            "voiture, ou les boîtes n’ont pas été relevées. Ces mesures ne disent donc rien de "
            "la taille des voitures."
        )
    median, low = frame["box_ratio"].median(), frame["box_ratio"].quantile(0.05)
    part = next(part for least, part in CAR_PARTS.items() if median >= least)
    return (
        f"La boîte médiane couvre {fr_percent(median)} de l’image, et 95 % des boîtes en couvrent "
        f"plus de {fr_percent(low)} : la voiture occupe {part} de l’image."
    )


def data_summary(cars: Cars) -> str:
    """Say in French what the data are and how many images each split has, within a sentence."""
    kind = "voitures synthétiques" if cars.synthetic else "vraies voitures"
    counts = cars.frame["split"].value_counts()
    return (
        f"{fr_plural(len(cars.classes), 'classe')} de {kind}, "
        f"{fr_plural(counts['train'], 'image')} d’entraînement, "
        f"{fr(counts['validation'])} de validation et {fr(counts['test'])} de test"
    )


def data_description(frame: pd.DataFrame, synthetic: bool) -> str:
    """Say in French what the images are and how many there are."""
    images, classes = fr(len(frame)), fr(frame["label"].nunique())
    if synthetic:
        return (
            f"Les {images} images sont synthétiques : un programme a dessiné les voitures, de "
            f"{classes} classes fictives. Aucune n’est une photographie, et leur répartition est "
            "un choix de ce programme."
        )
    return (
        f"Le jeu de données, au format de Stanford Cars (Krause et al., 2013), compte {images} "
        f"images de {classes} classes."
    )


def comparison_note(frame: pd.DataFrame, synthetic: bool) -> str:
    """Say in French whether a score on these images compares with those of the first journal."""
    if synthetic:
        return (
            "Les deux journaux ne se comparent pas directement : ni les images, ni leur nombre, "
            "ni les classes ne sont les mêmes."
        )
    images, classes = len(frame), frame["label"].nunique()
    if (classes, images) != (ORIGINAL_CLASSES, ORIGINAL_IMAGES):
        return (
            "Les deux journaux ne se comparent pas directement : ici, "
            f"{fr_plural(images, 'image')} de {fr_plural(classes, 'classe')} ; alors, "
            f"{fr(ORIGINAL_IMAGES)} images de {fr(ORIGINAL_CLASSES)} classes."
        )
    return (
        "Les données sont les mêmes ; la part mise de côté pour la validation et les réglages "
        "peuvent différer."
    )


def splits_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Count images and classes of each split, with what the split is for."""
    counts = (
        frame.groupby("split")["label"].agg(["size", "nunique"]).reindex(list(ROLES), fill_value=0)
    )
    return pd.DataFrame(
        {
            "Partie": [SPLITS[name] for name in ROLES],
            "Images": counts["size"].to_numpy(),
            "Part": counts["size"].to_numpy() / len(frame),
            "Classes": counts["nunique"].to_numpy(),
            "Rôle": list(ROLES.values()),
        }
    )


def _measures(spread: Balance, group: str) -> dict[str, float]:
    counts = spread.counts
    return {
        "Images": spread.images,
        f"{group.capitalize()}s": spread.groups,
        f"Images par {group} : moyenne": float(counts.mean()),
        f"Images par {group} : médiane": _whole(counts.median()),
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


def _described(measures: dict[str, pd.Series]) -> pd.DataFrame:
    """Describe each measure in a row."""
    frame = pd.DataFrame(measures)
    described = frame.describe().T.assign(std=frame.std(ddof=0))
    columns = {french: list(map(_whole, described[name])) for name, french in DESCRIBED.items()}
    return pd.DataFrame({"Mesure": list(measures)} | columns, dtype=object)


def _whole(value: float) -> float:
    """Return a whole number as an integer, which is shown without decimals."""
    return int(value) if float(value).is_integer() else float(value)
