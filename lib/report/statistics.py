"""What a data set is: its tables, and verdicts from the thresholds below, in French.

The measures are those of `lib.data.balance` and `lib.data.sizes`.
"""

from collections.abc import Iterator

import pandas as pd

from carnet import fr, fr_percent, fr_plural
from lib.data.balance import Balance, balance, subsets
from lib.data.cars import Cars
from lib.data.duplicates import MOST_PAIRS, between_parts, in_two_classes
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

LAYOUTS = {  # `Cars.layout`
    "Stanford Cars, official layout": "au format officiel de Stanford Cars (Krause et al., 2013)",
    "Stanford Cars, cars_annos.mat": "au format d’archive de Stanford Cars (Krause et al., 2013)",
    "folders by class, train/ and test/": "rangé en dossiers par classe",
    "folders by class": "rangé en dossiers par classe",
    "Hugging Face parquet": "en fichiers parquet de Hugging Face",
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
COPIES_SHOWN = 20  # pairs of images in a table

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


def car_finding(cars: Cars) -> str:
    """Say in French what the boxes tell of the size of the cars, or that they tell nothing."""
    if not cars.has_boxes:
        return "Ces données n’ont pas de boîtes : la figure et le tableau sont laissés de côté."
    ratio = cars.frame["box_ratio"]
    if not boxes_known(ratio):
        return (
            "Ici, chaque boîte couvre toute son image : les images sont déjà recadrées sur la "
            "voiture, ou les boîtes n’ont pas été relevées. Ces mesures ne disent donc rien de "
            "la taille des voitures."
        )
    median, low = ratio.median(), ratio.quantile(0.05)
    part = next(part for least, part in CAR_PARTS.items() if median >= least)
    return (
        f"La boîte médiane couvre {fr_percent(median)} de l’image, et 95 % des boîtes en couvrent "
        f"plus de {fr_percent(low)} : la voiture occupe {part} de l’image."
    )


def copies_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """Show the first pairs of `near_duplicates`, the most troublesome."""
    shown = pairs.head(COPIES_SHOWN)
    sides = {
        f"{name} {side}": shown[f"{column}_{side}"].replace(SPLITS)
        for side in (1, 2)
        for column, name in (("file", "Image"), ("split", "Partie"), ("class_name", "Classe"))
    }
    return pd.DataFrame({**sides, "Écart (bits)": shown["distance"]})


def copies_finding(pairs: pd.DataFrame) -> str:
    """Say in French how many pairs of images are nearly the same, after « conclusion : »."""
    if pairs.empty:
        return "aucune image n’a de double"
    wrong, shared = int(in_two_classes(pairs).sum()), int(between_parts(pairs).sum())
    most = "au moins " if len(pairs) == MOST_PAIRS else ""
    return (
        f"{most}{fr_plural(len(pairs), 'paire')} d’images presque identiques, dont {fr(wrong)} "
        f"sous deux classes et {fr(shared)} à cheval sur l’apprentissage et le test"
    )


def data_summary(cars: Cars) -> str:
    """Say in French what the data are and how many images each split has, within a sentence."""
    kind = " de vraies voitures" if cars.has_makes else ""
    kind = " de voitures synthétiques" if cars.synthetic else kind
    counts = cars.frame["split"].value_counts()
    return (
        f"{fr_plural(len(cars.classes), 'classe')}{kind}, "
        f"{fr_plural(counts['train'], 'image')} d’entraînement, "
        f"{fr(counts['validation'])} de validation et {fr(counts['test'])} de test"
    )


def data_description(cars: Cars) -> str:
    """Say in French what the images are, how many there are, and what was done to use them."""
    images, classes = fr(len(cars.frame)), fr(len(cars.classes))
    if cars.synthetic:
        return (
            f"Les {images} images sont synthétiques : un programme a dessiné les voitures, de "
            f"{classes} classes fictives. Aucune n’est une photographie, et leur répartition est "
            "un choix de ce programme."
        )
    return " ".join(
        [
            f"Le jeu de données, {LAYOUTS[cars.layout]}, compte {images} images de {classes} "
            "classes.",
            *_adaptations(cars),
        ]
    )


def _adaptations(cars: Cars) -> Iterator[str]:
    if cars.own_test:
        yield (
            "Il n’a pas d’étiquettes de test : une image sur cinq de chaque classe en tient lieu, "
            "prise parmi celles d’apprentissage."
        )
    if turned := int(cars.frame["turned"].sum()):
        lying = fr_plural(turned, "photographie couchée", "photographies couchées")
        yield f"Redressées d’après leur EXIF : {lying}."


def label_note(cars: Cars) -> str:
    """Say in French what comes with each image."""
    named = ", dont le nom se lit « marque, modèle, carrosserie, année »" if cars.has_makes else ""
    boxes = " et une boîte, le rectangle qui entoure la voiture" if cars.has_boxes else ""
    return (
        f"Chaque image porte une étiquette, la classe{named}{',' * bool(named and boxes)}{boxes}."
    )


def choices_note(cars: Cars) -> str:
    """Say in French what the menus choose."""
    return "une marque, une année, ou les deux" if cars.has_makes else "une classe"


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
