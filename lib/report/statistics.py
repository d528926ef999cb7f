"""What a data set is: its tables, and verdicts from the thresholds below, in French.

The measures are those of `lib.data.sizes` and `lib.data.duplicates`.
"""

from collections.abc import Iterator

import pandas as pd

from carnet import fr, fr_percent, fr_plural
from lib.data.cars import Cars
from lib.data.duplicates import MOST_PAIRS, between_parts, in_two_classes
from lib.data.sizes import aspect_ratio, box_height, box_width, boxes_known, size_spread
from lib.report.names import SPLITS, whole

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

COPIES_SHOWN = 20  # pairs of images in a table


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
        upright = fr_plural(turned, "photographie est redressée", "photographies sont redressées")
        yield f"{upright} d’après leur EXIF."


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


def _described(measures: dict[str, pd.Series]) -> pd.DataFrame:
    """Describe each measure in a row."""
    frame = pd.DataFrame(measures)
    described = frame.describe().T.assign(std=frame.std(ddof=0))
    columns = {french: list(map(whole, described[name])) for name, french in DESCRIBED.items()}
    return pd.DataFrame({"Mesure": list(measures)} | columns, dtype=object)
