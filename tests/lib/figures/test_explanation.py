"""The figures say in French what they are given, whatever the sizes and names."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import torch

from lib.explanation.inference import Prediction
from lib.explanation.interventions import NO_CAR, PLAIN
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
    assert titles(grid)[0] == "Alba City Berline\n2009\nclasse vraie"
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


def test_shares_show_models_intervals_and_what_to_compare_with(shares):
    figure = figures.share_intervals(shares)
    ax = figure.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Grad-CAM", "Occlusion", "Lime"]
    assert legend(figure) == ["carte uniforme", "dans la boîte d’une autre image"]
    assert [text.get_text() for text in ax.texts] == ["v1", "v1", "v2"]
    assert ax.texts[0].get_color() != ax.texts[2].get_color()
    np.testing.assert_allclose(ax.collections[0].get_segments()[0][:, 0], [0.62, 0.78])
    figure.canvas.draw()
    ticks = [label.get_text() for label in ax.get_xticklabels()]
    assert all(text.endswith("%") and "." not in text for text in ticks if text)


def test_deletion_shows_the_interval_of_the_strongest_control():
    measured = {"fall": [0.5], "random": 0.2, "boxed": 0.3, "other": 0.1}
    spans = {"over_random": (0.2, 0.4), "over_boxed": (0.15, 0.25), "over_other": (0.3, 0.5)}
    bounds = {
        f"{name}_{end}": value
        for name, span in spans.items()
        for end, value in zip(("low", "high"), span)
    }
    table = pd.DataFrame({"model": "v2", "method": "Lime"} | measured | bounds)
    figure = figures.deletion_intervals(table, 0.2)
    ax = figure.axes[0]
    assert "20\N{NO-BREAK SPACE}% de l’image cachés" in ax.get_xlabel()
    np.testing.assert_allclose(ax.collections[0].get_segments()[0][:, 0], [0.45, 0.55])
    assert len(legend(figure)) == 4


def test_the_models_of_a_row_stand_side_by_side():
    rows = [(name, model, 0.5, 0.4, 0.6) for name in (PLAIN, NO_CAR) for model in ("v1", "v2")]
    table = pd.DataFrame(rows, columns=["intervention", "model", "accuracy", "low", "high"])
    ax = figures.intervention_intervals(table, 1 / 12).axes[0]
    places = [segment.get_segments()[0][0, 1] for segment in ax.collections]
    np.testing.assert_allclose(places, [-0.16, 0.16, 0.84, 1.16])
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["Image entière", "Sujet caché"]


@pytest.mark.parametrize(("unsigned", "count"), [(None, 4), (torch.zeros(2, 3, 8, 8), 5)])
def test_an_example_shows_each_intervention(unsigned, count):
    images, coverage = torch.rand(2, 3, 8, 8), np.ones((2, 8, 8), dtype=np.float32)
    figure = figures.intervention_examples(images, coverage, np.array([0, 1]), 0, unsigned)
    assert len(figure.axes) == count
    assert titles(figure)[:2] == ["Image entière", "Décor caché"]
