"""Errors within a make and between makes, counted by hand."""

import numpy as np
import pytest

from lib.training.evaluation import score
from lib.training.makes import group_by_make, make_errors

CLASSES = ("Aa One 2000", "Aa Two 2001", "Bb Three 2002", "Bb Four 2003")


def evaluation(mistakes, images=20):
    """As many images of each class; each pair (true, predicted) is one mistake."""
    labels, predictions = (np.repeat(np.arange(4), images) for _ in range(2))
    for row, (true, predicted) in enumerate(mistakes):
        predictions[true * images + row % images] = predicted
    return score(np.eye(4)[predictions], labels, "validation")


def test_errors_within_a_make():
    """Two of three; one other class of three is of the same make."""
    found = make_errors(evaluation([(0, 1), (0, 2), (3, 2)]), CLASSES)
    assert (found.errors, found.within) == (3, pytest.approx(2 / 3))
    assert found.chance == pytest.approx(1 / 3)
    assert found.low < 2 / 3 < found.high
    assert found.recognised == pytest.approx(79 / 80)
    table = found.table.set_index("make")
    assert table.loc["Aa", ["classes", "images"]].tolist() == [2, 40]
    assert table.loc["Aa", ["accuracy", "recognised"]].tolist() == pytest.approx([38 / 40, 39 / 40])
    assert table.index.tolist() == ["Bb", "Aa"]


def test_no_error_has_no_share():
    found = make_errors(evaluation([]), CLASSES)
    assert found.errors == 0 and np.isnan(found.within)


def test_group_by_make_keeps_every_image():
    """Sums by make."""
    counts, makes = group_by_make(
        np.ones((4, 4), int), ("A x 2001", "B x 2001", "A y 2002", "B y 2002")
    )
    assert makes == ["A", "B"]
    assert counts.tolist() == [[4, 4], [4, 4]]
