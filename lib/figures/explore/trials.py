"""What to choose and to see of the trials of notebook 05: a factor, a measure."""

from matplotlib.figure import Figure

from carnet import fr, fr_percent, fr_plural
from lib.figures.explore import Menus
from lib.figures.search import plot_trials
from lib.report.names import HYPERPARAMETERS, french_value
from lib.search.analysis import compared_accuracy, varied_factors
from lib.search.search import Search

EPOCHS = "époques menées"
MEASURES = {  # of the trials of a search: one number each
    "exactitude, à l’époque commune": compared_accuracy,
    "exactitude, à la dernière époque": lambda trials: trials.accuracy,
    "meilleure exactitude": lambda trials: trials.curve.map(max),
    EPOCHS: lambda trials: trials.epochs,
}


def factors_and_measures(search: Search) -> Menus:
    """Return the menus: a factor that varies, and what is measured of each trial."""
    return {
        "Facteur": {HYPERPARAMETERS[name]: name for name in varied_factors(search.space)},
        "Mesure": {name: name for name in MEASURES},
    }


def show_trials(search: Search, factor: str, measure: str) -> tuple[Figure, str]:
    """Draw a measure of each trial against its value of one factor."""
    values, percent = MEASURES[measure](search.trials), measure != EPOCHS
    drawn = plot_trials(search, factor, values, measure=measure, percent=percent)
    means = values.groupby(search.trials[factor]).mean()
    write = fr_percent if percent else fr
    told = " ; ".join(f"{french_value(value)} : {write(mean, 1)}" for value, mean in means.items())
    trials = fr_plural(len(values), "essai")
    return drawn, f"{HYPERPARAMETERS[factor]} et {measure} de {trials}. Moyennes : {told}."
