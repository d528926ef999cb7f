"""What to choose and to see of the images of notebook 01: a make, a year."""

import pandas as pd
from matplotlib.figure import Figure

from carnet import fr_plural
from lib.data.balance import balance, counts_by_subset, evenly_spaced
from lib.data.cars import Cars
from lib.data.images import read_image
from lib.figures.explore import Menus
from lib.figures.statistics import plot_selection

ALL = "toutes"
SHOWN = 6  # images of the selection


def makes_and_years(frame: pd.DataFrame) -> Menus:
    """Return the menus: a make (the most frequent one first) and a year, or all of them."""
    makes = {make: make for make in balance(frame, "make").counts.index}
    years = {str(year): year for year in sorted(frame["year"].unique())}
    return {"Marque": makes | {ALL: None}, "Année": {ALL: None} | years}


def show_cars(cars: Cars, make: str | None, year: int | None) -> tuple[Figure, str]:
    """Draw the classes of a make and a year (None: all) and some of their training images."""
    chosen = cars.frame
    for column, value in {"make": make, "year": year}.items():
        chosen = chosen if value is None else chosen[chosen[column] == value]
    title = f"{make or 'Toutes les marques'}, {year or 'toutes les années'}"
    if chosen.empty:
        return plot_selection(pd.DataFrame(), [], [], title=title), f"{title} : aucune image."
    examples = evenly_spaced(chosen[chosen["split"] == "train"], SHOWN)
    drawn = plot_selection(
        counts_by_subset(chosen, "class_name"),
        [read_image(cars.path(file), longest=400) for file in examples["file"]],
        examples["class_name"].tolist(),
        title=title,
    )
    classes, total = fr_plural(chosen["label"].nunique(), "classe"), fr_plural(len(chosen), "image")
    return drawn, f"{title} : barres du nombre d’images de {classes}, {total}, et des exemples."
