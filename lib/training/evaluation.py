"""Scores of a trained model on one split, and comparisons of two models' scores.

What is looked at, compared and decided on is the validation split; the test split gives one score
by model, and what it got right, for comparisons in pairs.
"""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score
from torch import Tensor

from carnet import InputError
from lib.data.cars import Cars, open_images
from lib.data.decoding import Images
from lib.training.intervals import PairedDifference, paired_difference
from lib.training.model import CarClassifier, best_device

TOP = 5


@dataclass(frozen=True)
class Evaluation:
    """Predictions on a split, in the order of its rows in the frame, and their scores.

    Arrays: labels and predictions int (N,), confidences (N,) the probability given to the
    prediction, confusion (classes, classes) with rows true and columns predicted, recall
    (classes,) with NaN for a class without images. `images` stands for the files, in their order.
    """

    split: str
    labels: np.ndarray
    predictions: np.ndarray
    confidences: np.ndarray
    accuracy: float
    macro_f1: float
    top5: float
    confusion: np.ndarray
    recall: np.ndarray
    images: str = ""

    @property
    def right(self) -> np.ndarray:
        """Whether each image was recognised, bool (N,)."""
        return self.predictions == self.labels

    def answers(self) -> dict[str, str]:
        """Return what a run keeps for `compare_answers`: images, and right, "1" or "0" for each."""
        return {"images": self.images, "right": "".join(map(str, self.right.astype(int)))}


def compare_answers(first: dict[str, str], second: dict[str, str]) -> PairedDifference:
    """Compare two models by their `answers` on the same images.

    Raises:
        InputError: the answers are about other images.
    """
    _check_same(first, second)
    return paired_difference(_right(first), _right(second))


@torch.inference_mode()
def predict(model: CarClassifier, images: Tensor | Images, batch_size: int = 256) -> np.ndarray:
    """Return the logits, float (N, classes), of uint8 images (N, 3, H, W)."""
    model.eval()
    batches = [model(batch) for batch in images.split(batch_size)]
    return torch.cat(batches).cpu().numpy()


def evaluate(model: CarClassifier, cars: Cars, split: str, image_size: int) -> Evaluation:
    """Evaluate `model` on the images of a split, seen at image_size × image_size pixels.

    Raises:
        InputError: the split has no image.
    """
    frame = cars.frame[cars.frame["split"] == split]
    if frame.empty:
        raise InputError(f"{cars.root}: no image in the split '{split}'")
    logits = predict(model.to(best_device()), open_images(cars, frame, image_size))
    files = hashlib.sha256("\n".join(frame["file"]).encode()).hexdigest()
    return replace(score(logits, frame["label"].to_numpy(), split), images=files[:16])


def score(logits: np.ndarray, labels: np.ndarray, split: str) -> Evaluation:
    """Compute the scores of logits (N, classes) against labels (N,)."""
    classes = np.arange(logits.shape[1])
    order = np.argsort(-logits, axis=1, kind="stable")
    predictions = order[:, 0]
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    confusion = confusion_matrix(labels, predictions, labels=classes)
    counts = confusion.sum(axis=1)
    return Evaluation(
        split=split,
        labels=labels,
        predictions=predictions,
        confidences=shifted.max(axis=1) / shifted.sum(axis=1),
        accuracy=float(accuracy_score(labels, predictions)),
        macro_f1=float(f1_score(labels, predictions, average="macro", zero_division=0)),
        top5=float((order[:, :TOP] == labels[:, None]).any(axis=1).mean()),
        confusion=confusion,
        recall=np.where(counts > 0, confusion.diagonal() / np.maximum(counts, 1), np.nan),
    )


def most_confused(evaluation: Evaluation, classes: tuple[str, ...], n: int) -> pd.DataFrame:
    """Return the `n` most frequent mistakes, (true, predicted) pairs of classes.

    Columns: true, predicted (labels), true_name, predicted_name, count, share (of the images of
    the true class). Equal counts are ordered by labels.
    """
    mistakes = evaluation.confusion.copy()
    np.fill_diagonal(mistakes, 0)
    true, predicted = np.nonzero(mistakes)
    frame = pd.DataFrame({"true": true, "predicted": predicted, "count": mistakes[true, predicted]})
    frame["true_name"] = [classes[label] for label in true]
    frame["predicted_name"] = [classes[label] for label in predicted]
    frame["share"] = frame["count"] / evaluation.confusion.sum(axis=1)[true]
    return frame.sort_values("count", ascending=False, kind="stable").head(n).reset_index(drop=True)


def recall_gains(
    before: dict[str, str], after: Evaluation, classes: tuple[str, ...]
) -> pd.DataFrame:
    """Compare the recall of each class between two models on the same images, largest gain first.

    Columns: class_name, before, after, gain, and the bounds low, high of the 95 % interval of the
    gain, in pairs. Classes without images are left out.

    Args:
        before: the `answers` of the first model.

    Raises:
        InputError: the answers are about other images.
    """
    _check_same(after.answers(), before)
    right, rows = _right(before), []
    for label in np.unique(after.labels):
        chosen = after.labels == label
        found = paired_difference(after.right[chosen], right[chosen])
        recalls = right[chosen].mean(), after.recall[label]
        rows.append((classes[label], *recalls, found.difference, found.low, found.high))
    frame = pd.DataFrame(rows, columns=["class_name", "before", "after", "gain", "low", "high"])
    return frame.sort_values("gain", ascending=False, kind="stable").reset_index(drop=True)


def _right(answers: dict[str, str]) -> np.ndarray:
    return np.array(list(answers["right"])) == "1"


def _check_same(first: dict[str, str], second: dict[str, str]) -> None:
    if first["images"] != second["images"]:
        raise InputError(
            "two models were measured on other images: expected the same data, validation and seed"
        )
