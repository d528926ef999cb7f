"""What hiding does to the probability, on a classifier whose needs are known."""

import numpy as np
import pytest
import torch
from torch import nn

from carnet import InputError
from lib.explanation.deletion import cell_means, highest_cells, measure_deletion

SIZE, COUNT = 16, 12


class Corner(nn.Module):
    """A classifier that looks at the upper left quarter, in its `network`, and nothing else."""

    def __init__(self):
        super().__init__()
        self.network = Brightness()

    def forward(self, images):
        return self.network(images)


class Brightness(nn.Module):
    """Two classes told apart by the brightness of the upper left quarter."""

    def __init__(self):
        super().__init__()
        self.network = nn.AvgPool2d(SIZE // 2)  # what is traced to run faster, as in CarClassifier
        self.gain = nn.Parameter(torch.tensor(8.0))

    def forward(self, images):
        brightness = self.network(images)[:, :, 0, 0].mean(dim=1) - 0.5
        return torch.stack([self.gain * brightness, -self.gain * brightness], dim=1)


CORNER = np.zeros((COUNT, SIZE, SIZE), dtype=np.float32)
CORNER[:, : SIZE // 2, : SIZE // 2] = 1


def deletion(maps, coverage, **options):
    """Measure maps by method; a quarter of 4 × 4 cells is hidden, as large as the corner."""
    images, classes = torch.ones(COUNT, 3, SIZE, SIZE), np.zeros(COUNT, dtype=int)
    maps = {("v1", method): found for method, found in maps.items()}
    given = {"v1": Corner()}, {"v1": images}, {"v1": classes}, maps, {"v1": coverage}
    return measure_deletion(*given, hidden=0.25, cells=4, draws=8, **options)


def test_a_faithful_map_beats_chance_and_an_unfaithful_one_does_worse():
    table = deletion({"Juste": CORNER, "Fausse": 1 - CORNER}, np.ones_like(CORNER))
    assert table.random_verdict.tolist() == table.boxed_verdict.tolist() == ["above", "below"]
    assert table.fall[0] == pytest.approx(1 / (1 + np.exp(-8)) - 0.5, abs=1e-6)
    assert table.fall[1] == pytest.approx(0, abs=1e-6)
    assert table.random[0] == table.random[1]
    np.testing.assert_allclose(table.over_random, table.fall - table.random)


def test_a_map_that_shows_the_box_and_no_more_does_not_beat_the_box():
    """The box holds the corner and nothing else: its cells at random are the corner itself."""
    table = deletion({"Juste": CORNER}, CORNER)
    assert table.boxed[0] == pytest.approx(table.fall[0])
    assert (table.random_verdict[0], table.boxed_verdict[0]) == ("above", "unclear")


def test_a_map_that_is_the_same_for_all_images_does_not_beat_that_of_another():
    by_turns = CORNER.copy()
    by_turns[1::2] = by_turns[1::2, ::-1, ::-1]
    table = deletion({"Toujours": CORNER, "Par tours": by_turns}, np.ones_like(CORNER))
    assert table.other[0] == pytest.approx(table.fall[0])
    assert table.other_verdict[0] == "unclear"
    assert table.other[1] == pytest.approx(table.fall[1])  # half of the images have the right one


def test_slow_methods_explain_the_first_images_only():
    whole = np.ones_like(CORNER)
    table = deletion({"Lente": CORNER[:11], "Rapide": CORNER}, whole)
    assert table["count"].tolist() == [11, COUNT]
    assert table.fall[0] == pytest.approx(table.fall[1])


@pytest.mark.parametrize("hidden", [0, 1, -0.5])
def test_deletion_refuses_a_share_out_of_range(hidden):
    with pytest.raises(InputError, match="expected a share between 0 and 1"):
        measure_deletion({}, {}, {}, {}, {}, hidden=hidden)


def test_cell_means_average_each_square():
    maps = np.arange(16.0).reshape(1, 4, 4)
    np.testing.assert_allclose(cell_means(maps, 2), [[[2.5, 4.5], [10.5, 12.5]]])
    np.testing.assert_allclose(cell_means(np.ones((2, 10, 10)), 4), np.ones((2, 4, 4)))


def test_highest_cells_marks_as_many_as_asked_even_among_equals():
    marked = highest_cells(np.zeros((3, 4, 4)), 5)
    assert (marked.sum(axis=(1, 2)) == 5).all()
    values = np.array([[[1.0, 9.0], [3.0, 2.0]]])
    assert highest_cells(values, 2).tolist() == [[[False, True], [True, False]]]
