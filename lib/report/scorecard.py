"""What notebooks report of a trained model: its evaluations, verdicts, tables and results.

The same report for every model, so that they compare. French in what the reader sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from carnet import fr, fr_list, fr_percent, fr_plural
from lib.data.cars import Cars
from lib.report.diagnosis import Diagnosis, diagnose
from lib.report.names import HYPERPARAMETERS, NBSP, VALUES, french_value, share
from lib.tolerance import TOLERANCE, above, below
from lib.training.augmentation import ROTATION_DEGREES
from lib.training.evaluation import TOP, Evaluation, evaluate
from lib.training.intervals import share_interval
from lib.training.training import Training, TrainingConfig

# Accuracies that our first journal reports, on the whole of Stanford Cars (196 classes).
ORIGINAL = {
    "v1": {"train_accuracy": 0.01, "test_accuracy": 0.05},
    "v2": {"train_accuracy": 0.98, "test_accuracy": 0.88},
}

SCORES = {
    "train_accuracy": "Exactitude, entraînement",
    "validation_accuracy": "Exactitude, validation",
    "test_accuracy": "Exactitude, test",
    "macro_f1": "F1 macro, validation",
    "top5": "Exactitude top 5, validation",
}
TOP5_CHANCE = 0.2  # where drawing five classes is right as often, top 5 tells nothing

MEANINGS = {  # of HYPERPARAMETERS, by French name
    HYPERPARAMETERS[name]: meaning
    for name, meaning in {
        "batch_size": "images vues avant chaque changement des poids",
        "learning_rate": "longueur de chaque pas, cruciale pour la convergence",
        "optimizer": "règle qui met à jour les poids d’après le gradient",
        "scheduler": "règle qui fait baisser le taux pendant l’entraînement",
        "class_weights": "ce que pèse chaque classe dans la perte",
        "normalisation": "échelle des valeurs des pixels",
        "augmentation": "transformation tirée au hasard à chaque passage d’une image",
        "image_size": "côtés du carré donné au réseau",
        "loss": "ce que l’entraînement réduit",
        "weights": "poids avant la première époque",
        "epochs": "passages sur toutes les images d’entraînement",
    }.items()
}

RECORDED_SETTINGS = (*HYPERPARAMETERS, "patience")
RECORDED_VERDICTS = ("gap", "fit", "trend", "verdict", "convergence")
NAMED = 3  # classes in one sentence

DETAILS = {  # what a table adds to the name of a value
    "StepLR": "StepLR (facteur 0,1 à chaque tiers)",
    "HorizontalFlip": "RandomHorizontalFlip",
    "VerticalFlip": "RandomVerticalFlip",
    "RandomRotation": f"RandomRotation({ROTATION_DEGREES})",
    "AutoAugment": "AutoAugment (ImageNet)",
    "imagenet": "ImageNet (torchvision)",
}


@dataclass(frozen=True)
class Scorecard:
    """A trained model, evaluated once on each split; of the test, only its score is told."""

    training: Training
    train: Evaluation
    validation: Evaluation
    test: Evaluation
    diagnosis: Diagnosis

    def results(self) -> dict:
        """Return what a notebook records for pages and other notebooks."""
        return {
            "model": self.training.reference,
            **{name: getattr(self.training.config, name) for name in RECORDED_SETTINGS},
            "train_accuracy": self.train.accuracy,
            "validation_accuracy": self.validation.accuracy,
            "test_accuracy": self.test.accuracy,
            "macro_f1": self.validation.macro_f1,
            "top5": top5_if_telling(self.validation),
            **{name: getattr(self.diagnosis, name) for name in RECORDED_VERDICTS},
            "recall": [
                None if value != value else value for value in self.validation.recall.tolist()
            ],
            "validation_answers": self.validation.answers(),
            "test_answers": self.test.answers(),
        }

    def table(self, original: Mapping[str, float], **others: float) -> pd.DataFrame:
        """Return the scores beside those of the first journal, then others by French name."""
        results = self.results()
        reported = {name: fr_percent(value) for name, value in original.items()}
        rows = [
            (french, results[name], reported.get(name))
            for name, french in SCORES.items()
            if results[name] is not None
        ]
        rows += [(name, value, None) for name, value in others.items()]
        return pd.DataFrame(rows, columns=["Mesure", "Ici", "Premier journal"])


def assess(training: Training, cars: Cars) -> Scorecard:
    """Evaluate a trained model on every split; the only place where its test score is read."""
    model, size = training.model(), training.config.image_size
    train, validation, test = (
        evaluate(model, cars, split, size) for split in ("train", "validation", "test")
    )
    return Scorecard(
        training, train, validation, test, diagnose(training.history, train, validation)
    )


def top5_if_telling(evaluation: Evaluation) -> float | None:
    """Return the accuracy of the five best answers; None where chance would have it too often."""
    return evaluation.top5 if below(TOP / len(evaluation.recall), TOP5_CHANCE) else None


def score_on_test(card: Scorecard) -> str:
    """Say the one score of a model on the test: "77,1 % [73,5 ; 80,3]"."""
    around = share_interval(card.test.accuracy, len(card.test.labels))
    return fr(share(card.test.accuracy, around, 1))


def hyperparameters(configs: Mapping[str, TrainingConfig]) -> pd.DataFrame:
    """Return the hyperparameters of trainings, a column each; of several, those that differ."""
    written = {name: _settings(config) for name, config in configs.items()}
    table = pd.DataFrame(written).rename_axis("Hyperparamètre").reset_index()
    return table[(table[[*written]].nunique(axis=1) > 1) | (len(written) == 1)]


def described(table: pd.DataFrame) -> pd.DataFrame:
    """Add to a table of `hyperparameters` what each of them is, in a line."""
    return table.assign(**{"Ce que c’est": table["Hyperparamètre"].map(MEANINGS)})


def _settings(config: TrainingConfig) -> dict[str, str]:
    """Write the settings of a training, or those that a notebook has recorded."""
    side = fr(config.image_size)
    then = "" if config.normalisation == "none" else f", puis {config.normalisation}"
    written = {
        "augmentation": ", ".join(map(_detail, config.augmentation)) or VALUES["none"],
        "normalisation": "division par 255" + then,
        "image_size": f"{side} × {side} pixels",
    }
    if config.weights == "none":
        written["weights"] = "tirés au hasard"
    if config.scheduler == "ReduceLROnPlateau":
        written["scheduler"] = f"ReduceLROnPlateau (facteur 0,1, patience {config.patience})"
    return {
        french: written[name] if name in written else _detail(getattr(config, name))
        for name, french in HYPERPARAMETERS.items()
    }


def _detail(value) -> str:
    return DETAILS.get(value, french_value(value))


def confusion_table(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of `most_confused` as a French table."""
    columns = {
        "true_name": "Classe vraie",
        "predicted_name": "Classe prédite",
        "count": "Images",
        "share": "Part de la classe",
    }
    return pairs[list(columns)].rename(columns=columns)


def confusion_finding(pairs: pd.DataFrame) -> str:
    """Say which mistake of `most_confused` comes most often, or the first of those that do."""
    if pairs.empty:
        return fr("aucune image n’est mal classée")
    first = pairs.iloc[0]
    one = (pairs["count"] == first["count"]).sum() == 1
    how = "confond le plus souvent" if one else "confond le plus souvent, entre autres,"
    images = fr_plural(int(first["count"]), "image")
    return fr(
        f"le modèle {how} {_quoted(first.true_name)} avec {_quoted(first.predicted_name)} "
        f"({images} sur {fr(round(first['count'] / first['share']))})"
    )


def learning_rate_story(history: pd.DataFrame, patience: int) -> str:
    """Say in French what the scheduler did to the learning rate."""
    rates = history["learning_rate"]
    drops = history.loc[rates < rates.shift(), "epoch"].tolist()
    start = fr(rates.iloc[0], digits=None)
    if not drops:
        return (
            "le planificateur n’est jamais intervenu, la perte de validation n’ayant jamais passé "
            f"plus de {fr_plural(patience, 'époque')} sans s’améliorer"
        )
    at = "à l’époque" if len(drops) == 1 else "aux époques"
    end = fr(rates.iloc[-1], digits=None)
    return f"le taux d’apprentissage, de {start}, baisse {at} {fr_list(drops)} et finit à {end}"


def crossed_reason(history: pd.DataFrame) -> str:
    """Say why the scheduler, whose training has this history, is not in the design."""
    if history["learning_rate"].nunique() == 1:
        return fr("Le planificateur n’étant pas intervenu, deux changements restent à séparer.")
    return fr("Le planificateur, qui est intervenu, n’est pas de ce plan.")


def class_sizes(evaluation: Evaluation) -> str:
    """Say how few images of each class an evaluation has: "13 à 17 images"."""
    counts = evaluation.confusion.sum(axis=1)
    low, high = int(counts[counts > 0].min()), int(counts.max())
    return fr_plural(low, "image") if low == high else f"{fr(low)} à {fr_plural(high, 'image')}"


def best_and_worst(evaluation: Evaluation, classes: tuple[str, ...]) -> str:
    """Name in French the classes of best and of worst recall, all those that are equal."""
    recall = pd.Series(evaluation.recall, index=classes).dropna()
    best, worst = recall.max(), recall.min()
    if not above(best, worst):
        return f"toutes sont reconnues aussi souvent ({fr_percent(best)})"
    return f"{_extremes(recall, best, 'mieux')} ; {_extremes(recall, worst, 'moins bien')}"


def _extremes(recall: pd.Series, value: float, how: str) -> str:
    names = recall.index[(recall - value).abs() <= TOLERANCE]
    shown = fr_percent(value)
    if len(names) == 1:
        return f"la {how} reconnue est {_quoted(names[0])} ({shown})"
    if len(names) > NAMED:
        return f"les {how} reconnues sont au nombre de {len(names)} ({shown})"
    return f"les {how} reconnues sont {fr_list(list(map(_quoted, names)))} ({shown})"


def _quoted(name: str) -> str:
    return f"«{NBSP}{name}{NBSP}»"
