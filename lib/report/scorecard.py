"""What notebooks report of a trained model: its evaluations, verdicts, tables and results.

The same report for every model, so that they compare. French in what the reader sees.
"""

from dataclasses import dataclass

import pandas as pd

from carnet import fr, fr_list, fr_percent
from lib.data.cars import Cars
from lib.report.diagnosis import Diagnosis, diagnose
from lib.report.names import HYPERPARAMETERS, french_value, percent_interval
from lib.tolerance import below, highest, lowest
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

RECORDED_SETTINGS = (*HYPERPARAMETERS,)
RECORDED_VERDICTS = ("gap", "fit", "trend", "verdict", "convergence")

DETAILS = {  # what a table adds to the name of a value
    "none": "aucun",
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

    def table(self, original: dict[str, float]) -> pd.DataFrame:
        """Return the scores beside those of the first journal, in whole percents."""
        results = self.results()
        reported = {name: fr_percent(value) for name, value in original.items()}
        rows = [
            (french, results[name], reported.get(name))
            for name, french in SCORES.items()
            if results[name] is not None
        ]
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


def top5_note(evaluation: Evaluation) -> str:
    """Say how often the right class is among the five best answers, where that tells something."""
    drawn = fr_percent(min(1.0, TOP / len(evaluation.recall)), 1)
    if top5_if_telling(evaluation) is None:
        return (
            f"Cinq réponses tirées au hasard contiendraient la bonne dans {drawn} des cas : "
            "l’exactitude top 5 ne dirait rien ici."
        )
    return (
        "Sur la validation, la bonne classe est parmi les cinq premières réponses dans "
        f"{fr_percent(evaluation.top5, 1)} des cas ({drawn} au hasard)."
    )


def score_on_test(card: Scorecard) -> str:
    """Say the one score of a model on the test: "77,1 % (intervalle à 95 % : …)"."""
    around = share_interval(card.test.accuracy, len(card.test.labels))
    return fr(f"{fr_percent(card.test.accuracy, 1)} ({percent_interval(around)})")


def bars(results: dict) -> dict[str, float]:
    """Return the scores among results, as recorded, by French name, for `plot_scores`."""
    scores = {french: results[name] for name, french in SCORES.items()}
    return {french: score for french, score in scores.items() if score is not None}


def hyperparameters(config: TrainingConfig) -> pd.DataFrame:
    """Return the hyperparameters of a training as a table."""
    side = fr(config.image_size)
    then = "" if config.normalisation == "none" else f", puis {config.normalisation}"
    written = {
        "augmentation": ", ".join(map(_detail, config.augmentation)) or "aucune",
        "normalisation": "division par 255" + then,
        "image_size": f"{side} × {side} pixels",
    }
    if config.weights == "none":
        written["weights"] = "tirés au hasard"
    if config.scheduler == "ReduceLROnPlateau":
        written["scheduler"] = f"ReduceLROnPlateau (facteur 0,1, patience {config.patience})"
    rows = [
        (french, written.get(name, _detail(getattr(config, name))))
        for name, french in HYPERPARAMETERS.items()
    ]
    return pd.DataFrame(rows, columns=["Hyperparamètre", "Valeur"])


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


def learning_rate_story(history: pd.DataFrame) -> str:
    """Say in French what the scheduler did to the learning rate."""
    rates = history["learning_rate"]
    drops = history.loc[rates < rates.shift(), "epoch"].tolist()
    if not drops:
        return (
            f"Le taux d’apprentissage est resté à {fr(rates.iloc[0], digits=None)} jusqu’au bout : "
            "la perte de validation n’a pas stagné assez longtemps pour qu’il baisse. Le "
            "planificateur n’a donc rien changé : sans lui, les poids seraient les mêmes."
        )
    return (
        f"Le taux d’apprentissage, de {fr(rates.iloc[0], digits=None)} au départ, baisse "
        f"à l’époque {fr_list(drops)} et finit à {fr(rates.iloc[-1], digits=None)}."
    )


def best_and_worst(evaluation: Evaluation, classes: tuple[str, ...]) -> str:
    """Name in French the classes of best and of worst recall."""
    recall = pd.Series(evaluation.recall, index=classes).dropna()
    best, worst = highest(recall), lowest(recall)
    return (
        f"la mieux reconnue est « {best} » ({fr_percent(recall[best])}), "
        f"la moins bien reconnue « {worst} » ({fr_percent(recall[worst])})"
    )
