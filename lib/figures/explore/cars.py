"""What to choose and to see of the images of notebook 01: a make, a year."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from carnet import fr_plural
from lib.data.cars import Cars
from lib.data.images import read_image
from lib.figures.explore import Menus
from lib.figures.statistics import plot_selection
from lib.report import statistics as stats

ALL = "toutes"
SHOWN = 6  # images of the selection


def makes_and_years(frame: pd.DataFrame) -> Menus:
    """Return the menus: a make (the most frequent one first) and a year, or all of them."""
    makes = {make: make for make in stats.balance(frame, "make").counts.index}
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
    examples = spread_rows(chosen[chosen["split"] == "train"], SHOWN)
    drawn = plot_selection(
        stats.counts_by_subset(chosen, "class_name"),
        [read_image(cars.path(file), longest=400) for file in examples["file"]],
        examples["class_name"].tolist(),
        title=title,
    )
    classes, total = fr_plural(chosen["label"].nunique(), "classe"), fr_plural(len(chosen), "image")
    return drawn, f"{title} : barres du nombre d’images de {classes}, {total}, et des exemples."


def spread_rows(frame: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return at most `count` rows, evenly spaced in the order of the labels."""
    ordered = frame.sort_values("label", kind="stable")
    places = np.linspace(0, len(frame) - 1, min(count, len(frame))).round().astype(int)
    return ordered.iloc[places]
