"""What notebooks report of a trained model: its evaluations, verdicts, tables and results.

The same report for every model, so that they compare. French in what the reader sees.
"""

import hashlib
from dataclasses import dataclass

import pandas as pd

from carnet import fr, fr_list, fr_percent
from lib.data.cars import Cars
from lib.report.diagnosis import Diagnosis, diagnose
from lib.tolerance import highest, lowest
from lib.training.evaluation import Evaluation, evaluate
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
    "macro_f1": "F1 macro, test",
    "top5": "Exactitude top 5, test",
}

NONE = "aucun"
FRENCH = {
    "ReduceLROnPlateau": "ReduceLROnPlateau (facteur 0,1, patience 5)",
    "StepLR": "StepLR (facteur 0,1 à chaque tiers)",
    "HorizontalFlip": "RandomHorizontalFlip",
    "VerticalFlip": "RandomVerticalFlip",
    "RandomRotation": "RandomRotation(15)",
    "AutoAugment": "AutoAugment (ImageNet)",
    "imagenet": "ImageNet (torchvision)",
    "none": NONE,
}


@dataclass(frozen=True)
class Scorecard:
    """A trained model, evaluated once on each split."""

    training: Training
    train: Evaluation
    validation: Evaluation
    test: Evaluation
    diagnosis: Diagnosis

    def results(self) -> dict:
        """Return what a notebook records for pages and other notebooks."""
        config = self.training.config
        return {
            "model": self.training.reference,
            "image_size": config.image_size,
            "epochs": config.epochs,
            "batch_size": config.batch_size,
            "normalisation": config.normalisation,
            "weights": config.weights,
            "train_accuracy": self.train.accuracy,
            "validation_accuracy": self.validation.accuracy,
            "test_accuracy": self.test.accuracy,
            "macro_f1": self.test.macro_f1,
            "top5": self.test.top5,
            "gap": self.diagnosis.gap,
            "fit": self.diagnosis.fit,
            "trend": self.diagnosis.trend,
            "verdict": self.diagnosis.verdict,
            "convergence": self.diagnosis.convergence,
            "recall": [None if value != value else value for value in self.test.recall.tolist()],
            "predictions_sha256": hashlib.sha256(
                self.test.predictions.astype("<i4").tobytes()
            ).hexdigest(),
        }

    def table(self, original: dict[str, float]) -> pd.DataFrame:
        """Return the scores beside those of the first journal, in whole percents."""
        results = self.results()
        reported = {name: fr_percent(value) for name, value in original.items()}
        rows = [(french, results[name], reported.get(name)) for name, french in SCORES.items()]
        return pd.DataFrame(rows, columns=["Mesure", "Ici", "Premier journal"])


def assess(training: Training, cars: Cars) -> Scorecard:
    """Evaluate a trained model on every split; the only place where its test score is read."""
    model, size = training.model(), training.config.image_size
    train, validation, test = (
        evaluate(model, cars, split, size) for split in ("train", "validation", "test")
    )
    return Scorecard(training, train, validation, test, diagnose(training.history, train, test))


def bars(results: dict) -> dict[str, float]:
    """Return the scores among results, as recorded, by French name, for `plot_scores`."""
    return {french: results[name] for name, french in SCORES.items()}


def hyperparameters(config: TrainingConfig) -> pd.DataFrame:
    """Return the hyperparameters as a French table."""
    augmentation = ", ".join(FRENCH[name] for name in config.augmentation) or "aucune"
    rows = {
        "Taille des images": f"{config.image_size} × {config.image_size} pixels",
        "Poids de départ": FRENCH.get(config.weights, config.weights),
        "Normalisation": "division par 255"
        if config.normalisation == "none"
        else f"division par 255, puis {config.normalisation}",
        "Augmentation": augmentation,
        "Optimiseur": config.optimizer,
        "Taux d’apprentissage": decimal(config.learning_rate),
        "Planificateur": FRENCH[config.scheduler],
        "Fonction de perte": config.loss,
        "Taille de lot": fr(config.batch_size),
        "Époques": fr(config.epochs),
    }
    return pd.DataFrame(rows.items(), columns=["Hyperparamètre", "Valeur"])


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
            f"Le taux d’apprentissage est resté à {decimal(rates.iloc[0])} jusqu’au bout : "
            "la perte de validation n’a pas stagné assez longtemps pour qu’il baisse."
        )
    return (
        f"Le taux d’apprentissage, de {decimal(rates.iloc[0])} au départ, baisse "
        f"à l’époque {fr_list(drops)} et finit à {decimal(rates.iloc[-1])}."
    )


def decimal(value: float) -> str:
    """Write a small number with as many decimals as it has: 0.00015 -> 0,00015."""
    return f"{value:.10f}".rstrip("0").rstrip(".").replace(".", ",")


def best_and_worst(evaluation: Evaluation, classes: tuple[str, ...]) -> str:
    """Name in French the classes of best and of worst recall."""
    recall = pd.Series(evaluation.recall, index=classes).dropna()
    best, worst = highest(recall), lowest(recall)
    return (
        f"la mieux reconnue est « {best} » ({fr_percent(recall[best])}), "
        f"la moins bien reconnue « {worst} » ({fr_percent(recall[worst])})"
    )
