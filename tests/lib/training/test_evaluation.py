"""Scores on logits whose answers are known by hand."""

import numpy as np
import pytest
import torch

from carnet import InputError
from lib.training.evaluation import compare_answers, most_confused, predict, recall_gains, score
from lib.training.intervals import paired_difference
from lib.training.model import build_model

CLASSES = ("Aa One 2000", "Aa Two 2001", "Bb Three 2002")
LOGITS = np.log(
    np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1]], np.float32)
)
LABELS = np.array([0, 0, 1, 1])


def test_scores():
    """Three of four right; the class without images has no recall."""
    evaluation = score(LOGITS, LABELS, "test")
    assert evaluation.accuracy == 0.75
    assert evaluation.predictions.tolist() == [0, 0, 1, 0]
    assert evaluation.confidences == pytest.approx([0.7, 0.6, 0.8, 0.5])
    assert evaluation.confusion.tolist() == [[2, 0, 0], [1, 1, 0], [0, 0, 0]]
    assert evaluation.recall.tolist()[:2] == [1.0, 0.5] and np.isnan(evaluation.recall[2])
    assert evaluation.macro_f1 == pytest.approx((0.8 + 2 / 3) / 2)


def test_top5_counts_the_five_best():
    """With fewer than six classes everything is in the top five."""
    assert score(LOGITS, LABELS, "test").top5 == 1.0
    logits = np.tile(np.arange(6.0, 0, -1), (2, 1))
    assert score(logits, np.array([4, 5]), "test").top5 == 0.5


def test_most_confused():
    """The only mistake, named."""
    pairs = most_confused(score(LOGITS, LABELS, "test"), CLASSES, 5)
    assert len(pairs) == 1
    assert pairs.loc[0, ["true_name", "predicted_name", "count", "share"]].tolist() == [
        "Aa Two 2001",
        "Aa One 2000",
        1,
        0.5,
    ]


def test_perfect_model_confuses_nothing():
    """An empty frame with its columns."""
    pairs = most_confused(score(LOGITS[:3], LABELS[:3], "test"), CLASSES, 5)
    assert pairs.empty and "true_name" in pairs


def test_recall_gains():
    """Largest gain first, in pairs, classes without images left out."""
    after = score(LOGITS, LABELS, "validation")
    gains = recall_gains(after.answers() | {"right": "0110"}, after, CLASSES)
    assert gains["class_name"].tolist() == [CLASSES[0], CLASSES[1]]
    assert gains["gain"].tolist() == [0.5, 0]
    assert gains["before"].tolist() == [0.5, 0.5]
    paired = paired_difference([True, True], [False, True])
    assert gains[["low", "high"]].iloc[0].tolist() == [paired.low, paired.high]
    with pytest.raises(InputError, match="on other images"):
        recall_gains(after.answers() | {"images": "others"}, after, CLASSES)


def test_answers_are_compared_in_pairs():
    """As a run keeps them; only where they are of the same images."""
    kept = score(LOGITS, LABELS, "test").answers()
    assert kept["right"] == "1110"
    found = compare_answers(kept, kept | {"right": "0011"})
    assert (found.only_first, found.only_second, found.difference) == (2, 1, 0.25)
    with pytest.raises(InputError, match="on other images"):
        compare_answers(kept, kept | {"images": "others"})


def test_predictions_do_not_depend_on_the_batch():
    """Logits of all images in order, whatever the batch size."""
    images = torch.randint(0, 256, (5, 3, 32, 32), dtype=torch.uint8)
    model = build_model(3)
    whole = predict(model, images)
    assert whole.shape == (5, 3)
    np.testing.assert_allclose(whole, predict(model, images, batch_size=2), rtol=1e-4, atol=1e-5)
