"""The sentences on the double division."""

from dataclasses import replace

import pandas as pd
import pytest

from lib.report.double_scaling import conclusion, reference_note
from lib.training.double_scaling import COLLAPSED, COMPARABLE, SLOWED, UNDECIDED, DoubleScaling


def double_scaling(reference_recalibrated):
    """A collapse of the running statistics alone; the reference validates at 40 %."""
    measures = dict.fromkeys(["recalibrated", "single_std", "double_std", "variance_ratio"], 0.0)
    verdicts = {"training": COMPARABLE, "validation": COLLAPSED, "repaired": COMPARABLE}
    curves = pd.DataFrame({"epoch": [1, 2], "validation_accuracy_reference": [0.2, 0.4]})
    return DoubleScaling(
        curves=curves, reference_recalibrated=reference_recalibrated, **measures, **verdicts
    )


@pytest.mark.parametrize(
    ("accuracy", "finding"),
    [(0.6, "aussi étaient en retard"), (0.4, "n’étaient donc pas en retard")],
)
def test_the_reference_is_recalibrated_too(accuracy, finding):
    """Its running statistics are late where measuring them anew gives a better score."""
    note = reference_note(double_scaling(accuracy))
    assert f"{finding} après 2\u00a0époques." in note
    assert f"{100 * accuracy:.0f},0\u00a0%" in note


def test_conclusion_tells_learning_from_predicting():
    """A network that learns may still predict at chance, for its running statistics."""
    scaling = double_scaling(0.5)
    assert "n’est pas soutenue" in conclusion(scaling)
    assert "moyennes mobiles" in conclusion(scaling)


@pytest.mark.parametrize(
    ("training", "repaired", "sentences"),
    [
        (UNDECIDED, UNDECIDED, ["ne permet pas de conclure", "n’y suffit pas"]),
        (COLLAPSED, COLLAPSED, ["est soutenue ici", "n’y suffit pas"]),
        (SLOWED, SLOWED, ["soutenue qu’en partie", "ce qu’il a appris"]),
    ],
)
def test_conclusion_follows_from_the_verdicts(training, repaired, sentences):
    scaling = replace(double_scaling(0.5), training=training, repaired=repaired)
    assert all(sentence in conclusion(scaling) for sentence in sentences)
    fine = replace(scaling, validation=COMPARABLE)
    assert sentences[0] in conclusion(fine)
    assert sentences[1] not in conclusion(fine)
