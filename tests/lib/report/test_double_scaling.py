"""The sentences on the double division."""

from dataclasses import replace

import pandas as pd
import pytest

from lib.report.double_scaling import conclusion
from lib.training.double_scaling import COLLAPSED, COMPARABLE, SLOWED, UNDECIDED, DoubleScaling

SCALING = DoubleScaling(
    curves=pd.DataFrame(
        {"epoch": [1, 2, 3], "measured_double": [0.3, 0.4, 0.5], "measured_reference": 0.6}
    ),
    single_std=(1.0, 1.0),
    double_std=(0.1, 1.0),
    variance_ratio=30.0,
    training=COMPARABLE,
    collapsed=[1, 2],
    reference_collapsed=[],
    repaired=COMPARABLE,
)


def test_conclusion_tells_learning_from_what_is_measured():
    """The network learns; its accuracy collapses, until when, because of what."""
    told = conclusion(SCALING)
    assert "le réseau apprend" in told
    assert "aux époques 1 et 2 sur 3, surtout à cause des moyennes mobiles" in told
    assert "40\u00a0% sur la validation, contre 60\u00a0% avec une seule division" in told


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"collapsed": [1, 2, 3]}, "s’effondre à toutes les époques"),
        ({"collapsed": [2, 3]}, "aux époques 2 et 3 sur 3"),
        ({"repaired": COLLAPSED}, "n’y suffit pas"),
        ({"collapsed": [], "repaired": None}, "ne s’effondre jamais"),
        ({"training": SLOWED}, "plus lentement"),
        ({"training": UNDECIDED}, "ne permet pas de conclure"),
        ({"training": COLLAPSED}, "n’apprennent rien"),
        ({"training": COLLAPSED}, "Cela peut expliquer le score du premier journal."),
        ({"collapsed": [], "repaired": None}, "n’explique pas le score du premier journal"),
    ],
)
def test_conclusion_follows_from_the_verdicts(changes, sentence):
    assert sentence in conclusion(replace(SCALING, **changes))


def test_a_network_that_learns_nothing_has_nothing_that_collapses():
    assert "s’effondre" not in conclusion(replace(SCALING, training=COLLAPSED))


def test_the_reference_is_measured_in_the_same_way():
    may = "cela peut contribuer au score du premier journal, mais un seul entraînement ne le prouve"
    assert conclusion(SCALING).endswith(f"{may} pas.")
    late = conclusion(replace(SCALING, reference_collapsed=[1]))
    assert late.endswith(
        f"{may} pas, et cela arrive aussi avec une seule division, à l’époque 1 sur 3."
    )


def test_many_epochs_are_counted():
    curves = pd.DataFrame({"epoch": range(1, 11), "measured_double": 0.5, "measured_reference": 1})
    told = conclusion(replace(SCALING, curves=curves, collapsed=[1, 2, 3, 4]))
    assert "s’effondre à 4\u00a0époques sur 10, surtout à cause" in told
