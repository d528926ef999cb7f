"""Effects of two crossed changes, on accuracies whose effects are known."""

import itertools
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from carnet import InputError
from lib.training import TrainingConfig
from lib.training.crossed import crossed, crossed_runs, effects

NOISE = (0.01, -0.01)


def runs(augmentation=0.0, batch_size=0.0, interaction=0.0, noise=NOISE):
    """Two seeds a cell; each effect is the difference that its change makes on average."""
    rows = [
        (bool(a), (64, 32)[b], seed, 0.5 + a * augmentation + b * batch_size + extra + noise[seed])
        for a, b, seed in itertools.product((0, 1), (0, 1), (0, 1))
        for extra in [interaction / 2 * (1 if a == b else -1)]
    ]
    return pd.DataFrame(rows, columns=["augmented", "batch_size", "seed", "accuracy"])


def test_effects_are_found_and_told_from_noise():
    table = effects(runs(augmentation=0.2, batch_size=-0.01), (64, 32)).set_index("effect")
    assert table["difference"].tolist() == pytest.approx([0.2, -0.01, 0.0])
    assert table.loc["augmentation", "p_value"] < 0.01
    assert table.loc["batch_size", "p_value"] > 0.3
    assert table.loc["interaction", "p_value"] == pytest.approx(1.0)
    # s² = 8 × 0.01² / 4, 4 degrees of freedom, 2 runs a cell: t(1 - 0.05/6) = 3.961, × s / √2
    assert table["least"].tolist() == pytest.approx([3.961 * 0.01] * 3, rel=1e-3)
    assert table.loc["augmentation", "low"] == pytest.approx(0.2 - 0.03961, abs=1e-4)


def test_an_effect_as_large_as_the_least_is_at_the_threshold_of_holm():
    """What "would not be seen" and the corrected p say the same."""
    least = effects(runs(), (64, 32))["least"].iloc[0]
    for factor, seen in ((0.99, False), (1.01, True)):
        table = effects(runs(augmentation=factor * least), (64, 32)).set_index("effect")
        assert (table.loc["augmentation", "p_value"] < 0.05) == seen


def test_interaction():
    table = effects(runs(interaction=0.2), (64, 32)).set_index("effect")
    assert table.loc["interaction", "difference"] == pytest.approx(0.2)
    assert table.loc["augmentation", "difference"] == pytest.approx(0.0, abs=1e-9)


def test_trainings_that_are_all_alike_show_nothing():
    assert effects(runs(noise=(0, 0)), (64, 32))["p_value"].tolist() == [1.0] * 3


@pytest.mark.parametrize(
    ("sizes", "seeds", "message"),
    [((64, 32), 1, "seeds=1: expected 2 or more"), ((32, 32), 2, "batch_size=32 in both")],
)
def test_a_design_that_tells_nothing_is_refused(sizes, seeds, message):
    with pytest.raises(InputError, match=message):
        crossed(TrainingConfig(), augmentation=(), batch_sizes=sizes, seeds=seeds)


def test_cells_of_the_design():
    """Each with its seeds, the factors apart from the base alone; the last accuracy counts."""
    base, flips = TrainingConfig(seed=3, image_size=32), ("HorizontalFlip",)
    configs = crossed(base, augmentation=flips, batch_sizes=(8, 4), seeds=2)
    assert {config.augmentation for config in configs[:4]} == {()}
    assert configs[4] == replace(base, batch_size=8, augmentation=flips)
    histories = (pd.DataFrame({"validation_accuracy": [0, it.batch_size]}) for it in configs)
    trained = [SimpleNamespace(config=c, history=h) for c, h in zip(configs, histories)]
    found = crossed_runs(trained)
    assert found["accuracy"].tolist() == found["batch_size"].tolist() == [8, 8, 4, 4] * 2
    assert found["augmented"].tolist() == [False] * 4 + [True] * 4
    assert set(found["seed"]) == {3, 4}
