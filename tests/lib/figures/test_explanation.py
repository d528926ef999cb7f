"""The figures say in French what they are given, whatever the sizes and names."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from lib.explanation.methods import Prediction
from lib.figures import explanation as figures

NAMES = ["Alba City Berline 2009", "Chevrolet Silverado 1500 Hybrid Crew Cab 2012", "Orne Van 2012"]
COUNT, SIZE = 3, 12


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture
def grid():
    draws = np.random.default_rng(0)
    box = {"width": 120, "height": 60, "x1": 11, "y1": 1, "x2": 110, "y2": 30}
    attributions = figures.Attributions(
        pd.DataFrame(box | {"label": range(COUNT), "class_name": NAMES}),
        NAMES,
        {"v1": None},
        {"v1": torch.from_numpy(draws.random((COUNT, 3, SIZE, SIZE)))},
        {"v1": Prediction(np.array([0, 1, 0]), np.array([1.0, 0.7, 0.2]))},
        {"Grad-CAM": None, "Occlusion": None},
        {
            ("v1", "Grad-CAM"): draws.random((COUNT, 4, 4)),
            ("v1", "Occlusion"): np.zeros((COUNT, SIZE, SIZE)),
        },
    )
    columns = [("Grad-CAM", "v1"), ("Occlusion", "v1")]
    return figures.attribution_grid(attributions, list(range(COUNT)), columns)


def titles(figure):
    return [ax.get_title() for ax in figure.axes]


def test_every_image_has_its_class_and_every_map_what_was_predicted(grid):
    assert len(grid.axes) == COUNT * 3 + 1
    assert titles(grid)[0] == "Alba City Berline\n2009\nvraie classe"
    assert titles(grid)[2].endswith("✓ 100\N{NO-BREAK SPACE}%")
    assert "✗" in titles(grid)[7]
    assert max(len(line) for title in titles(grid) for line in title.splitlines()) <= figures.LINE


def test_the_box_is_drawn_in_the_squared_image(grid):
    box = grid.axes[0].patches[0]
    np.testing.assert_allclose(
        [box.get_x(), box.get_y(), box.get_width(), box.get_height()], [1, 0, 10, 6]
    )
    assert all(len(ax.patches) == 1 for ax in grid.axes[:-1])


def test_maps_share_one_scale_and_a_colour_bar(grid):
    shown = grid.axes[1].images[-1]
    assert (shown.norm.vmin, shown.norm.vmax) == (-1, 1)
    assert np.abs(shown.get_array()).max() == pytest.approx(1)
    assert shown.get_extent() == grid.axes[0].images[0].get_extent()
    assert "99ᵉ centile" in grid.axes[-1].get_xlabel()


def legend(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_shares_show_models_intervals_and_the_uniform_map(shares):
    figure = figures.share_intervals(shares)
    ax = figure.axes[0]
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert rows == ["Grad-CAM, v1", "Occlusion, v1", "Lime, v2"]
    assert legend(figure) == [
        "v1",
        "v2",
        "carte uniforme (60,0\N{NO-BREAK SPACE}%)",
        "dans la boîte d’une autre image",
    ]
    np.testing.assert_allclose(ax.collections[0].get_segments()[0][:, 0], [0.64, 0.76])
    figure.canvas.draw()
    ticks = [label.get_text() for label in ax.get_xticklabels()]
    assert all(text.endswith("%") and "." not in text for text in ticks if text)


def test_deletion_shows_the_interval_around_the_fall():
    table = pd.DataFrame(
        {"model": ["v2"], "method": ["Lime"], "fall": [0.5], "random": [0.2], "gain": [0.3]}
        | {"low": [0.25], "high": [0.4]}
    )
    figure = figures.deletion_intervals(table, 0.2)
    ax = figure.axes[0]
    assert "20\N{NO-BREAK SPACE}% de l’image cachés" in ax.get_xlabel()
    span = ax.collections[0].get_segments()[0][:, 0]
    np.testing.assert_allclose(span, [0.45, 0.6])
