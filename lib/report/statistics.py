"""What a data set is: its tables, and verdicts from the thresholds below, in French.

The measures are those of `lib.data.sizes` and `lib.data.duplicates`.
"""

from collections.abc import Iterator

import pandas as pd

from carnet import fr, fr_percent, fr_plural
from lib.data.cars import Cars
from lib.data.duplicates import MOST_PAIRS, between_parts, in_two_classes
from lib.data.sizes import (
    aspect_ratio,
    box_height,
    box_width,
    boxes_known,
    size_spread,
)
from lib.report.names import SPLITS, subject, whole

# Sizes are "homogènes" if large images have at most this many times the area of small ones,
# "variées" up to the second number, else "très variées".
SIMILAR_SIZES, VARIED_SIZES = 2.0, 10.0

# What the subject takes of the image, by the least share that the median box covers.
LARGE_CAR, NOTABLE_CAR = 0.5, 0.25
CAR_PARTS = {
    LARGE_CAR: "la plus grande partie",
    NOTABLE_CAR: "une partie notable",
    0.0: "une petite partie",
}

# The size of Stanford Cars, on which the first journal worked.
ORIGINAL_CLASSES, ORIGINAL_IMAGES = 196, 16_185

DESCRIBED = {  # columns of pandas' `describe`
    "min": "Minimum",
    "25%": "1ᵉʳ quartile",
    "50%": "Médiane",
    "75%": "3ᵉ quartile",
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
        "Largeur (px)": (frame["width"], 0),
        "Hauteur (px)": (frame["height"], 0),
        "Surface (milliers de px)": (frame["width"] * frame["height"] / 1e3, 0),
        "Largeur / hauteur": (aspect_ratio(frame), 2),
    }
    return _described(measures)


def boxes_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Describe the box as shares of the image."""
    measures = {
        "Largeur de la boîte / image": (box_width(frame), 3),
        "Hauteur de la boîte / image": (box_height(frame), 3),
        "Surface de la boîte / image": (frame["box_ratio"], 3),
    }
    return _described(measures)


def size_verdict(frame: pd.DataFrame) -> str:
    """Agree with « les tailles sont »."""
    spread = size_spread(frame)
    if spread <= SIMILAR_SIZES:
        return "homogènes"
    return "variées" if spread <= VARIED_SIZES else "très variées"


def squeeze_note(frame: pd.DataFrame) -> str:
    """Say what becomes of the shape of images made square."""
    aspect = round(float(aspect_ratio(frame).median()), 2)
    if aspect == 1:
        return "Déjà carrée, une image de forme médiane n’est pas déformée."
    factor, side = (aspect, "largeur") if aspect > 1 else (1 / aspect, "hauteur")
    return f"Devenue carrée, une image de forme médiane est comprimée {fr(factor)} fois en {side}."


def reduction_note(frame: pd.DataFrame, size: int) -> str:
    """Say how many pixels are left of images made squares of `size` pixels."""
    times = float((frame["width"] * frame["height"]).median()) / size**2
    if times <= 1:
        return "la moitié des images au moins y sont agrandies"
    return f"la surface d’une image médiane y est divisée par {fr(times, 1)}"


def background_note(cars: Cars) -> str:
    """Say what the background may tell of the class: nothing, where a program draws it apart."""
    if cars.synthetic:
        return "que notre programme tire au hasard, sans égard à la classe"
    return "qui peut lui souffler la réponse"


def box_finding(cars: Cars) -> str:
    """Say in French what the boxes tell of the size of the subject, or that they tell nothing."""
    if not cars.has_boxes:
        return "Ces données n’ont pas de boîtes : la place du sujet n’est pas mesurée."
    ratio = cars.frame["box_ratio"]
    if not boxes_known(ratio):
        return (
            "Ici, chaque boîte couvre toute son image : les images sont déjà recadrées, ou les "
            "boîtes n’ont pas été relevées. Ces mesures ne disent donc rien."
        )
    median, low = ratio.median(), ratio.quantile(0.05)
    part = next(part for least, part in CAR_PARTS.items() if median >= least)
    return (
        f"La boîte médiane couvre {fr_percent(median)} de l’image, et 95 % des boîtes en couvrent "
        f"plus de {fr_percent(low)} : {subject(cars)} occupe {part} de l’image."
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


def copies_finding(pairs: pd.DataFrame, nearest: float) -> str:
    """Say in French how many pairs of images are nearly the same, after « conclusion : ».

    `nearest` is the distance of the two images most alike, in bits.
    """
    if pairs.empty:
        closest = f"les deux plus proches diffèrent de {fr(nearest, 0)} bits"
        return f"aucune image n’a de double ({closest})"
    wrong, shared = int(in_two_classes(pairs).sum()), int(between_parts(pairs).sum())
    most = "au moins " if len(pairs) == MOST_PAIRS else ""
    return (
        f"{most}{fr_plural(len(pairs), 'paire')} d’images presque identiques, dont {fr(wrong)} "
        f"sous deux classes et {fr(shared)} à cheval sur l’entraînement et le test"
    )


def data_description(cars: Cars) -> str:
    """Say in French what the images are, how many there are, and what was done to use them."""
    images, classes = fr(len(cars.frame)), fr(len(cars.classes))
    if cars.synthetic:
        return (
            f"Les {images} images sont synthétiques : un programme a dessiné des voitures, de "
            f"{classes} classes fictives, pour que chacun puisse tout refaire sans rien "
            "télécharger, et parce que nous savons alors ce que chaque image contient."
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


def task(cars: Cars) -> str:
    """Say what a model is to recognise in an image."""
    if subject(cars) == "la voiture":
        return "la marque, le modèle, la carrosserie et l’année d’une voiture"
    return "la classe de ce qu’elle montre"


def label_note(cars: Cars) -> str:
    """Say in French what comes with each image."""
    named = ", dont le nom se lit « marque, modèle, carrosserie, année »" if cars.has_makes else ""
    boxes = f" et une boîte, le rectangle qui entoure {subject(cars)}" if cars.has_boxes else ""
    return (
        f"Chaque image porte une étiquette, la classe{named}{',' * bool(named and boxes)}{boxes}."
    )


def choices_note(cars: Cars) -> str:
    """Say in French what the menus choose."""
    return "une marque, une année, ou les deux" if cars.has_makes else "une classe"


def comparison_note(frame: pd.DataFrame, synthetic: bool) -> str:
    """Say in French whether a score on these images compares with those of the first journal."""
    images, classes = len(frame), frame["label"].nunique()
    if synthetic:
        why = "ni les images, ni leur nombre, ni les classes ne sont les mêmes"
    elif (classes, images) != (ORIGINAL_CLASSES, ORIGINAL_IMAGES):
        why = (
            f"ici, {fr_plural(images, 'image')} de {fr_plural(classes, 'classe')} ; alors, "
            f"{fr(ORIGINAL_IMAGES)} images de {fr(ORIGINAL_CLASSES)} classes"
        )
    else:
        return (
            "Les données sont les mêmes ; la part mise de côté pour la validation et les réglages "
            "peuvent différer."
        )
    return f"Les deux journaux ne se comparent pas directement : {why}."


def splits_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Count the images of each split."""
    counts = frame["split"].value_counts().reindex(list(SPLITS), fill_value=0)
    images = counts.to_numpy()
    return pd.DataFrame(
        {"Partie": list(SPLITS.values()), "Images": images, "Part": images / len(frame)}
    )


def _described(measures: dict[str, tuple[pd.Series, int]]) -> pd.DataFrame:
    """Describe each measure in a row, with its number of decimals."""
    rows = []
    for name, (values, digits) in measures.items():
        described = values.describe().to_dict() | {"std": values.std(ddof=0)}
        numbers = [whole(round(float(described[column]), digits)) for column in DESCRIBED]
        rows.append([name, *numbers])
    return pd.DataFrame(rows, columns=["Mesure", *DESCRIBED.values()], dtype=object)
