"""Figures with menus: what a build keeps, what JupyterLab changes, what each draws."""

import itertools
import json
import re
from collections import OrderedDict
from dataclasses import replace

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from matplotlib.figure import Figure

from carnet.notebook import recording
from lib.data.cars import load_cars
from lib.explanation.cache import cached_attributions
from lib.explanation.inference import Prediction
from lib.explanation.methods import gradient_shap, occlusion
from lib.figures.explanation import Attributions, images_models_methods, show_attribution
from lib.figures.explore import explore
from lib.figures.search import factors_and_measures, measures, show_trials
from lib.figures.statistics import ALL, menus, show_cars
from tests.fake_search import fake_search

MENUS = {"Lettre": {"a": "A", "b": "B"}, "Nombre": {"un": 1, "deux": 2}}


@pytest.fixture
def shown(monkeypatch) -> list[dict]:
    """What is displayed, as (bundle, what it says of itself)."""
    found = []
    monkeypatch.setattr(recording, "_show", lambda bundle, about: found.append(about))
    return found


@pytest.fixture(autouse=True)
def _names_of_one_test(monkeypatch):
    monkeypatch.setattr(recording, "_names", set())


def draw(letter: str, number: int) -> tuple[Figure, str]:
    figure, ax = plt.subplots()
    ax.set_title(f"{letter}{number}")
    return figure, f"Figure {letter}{number}."


def test_a_build_keeps_the_figure_of_the_first_choices(shown, tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNAL_RUN", str(tmp_path))
    explore(draw, "lettres", MENUS, caption="Des lettres", drawn=40)
    kept = sorted(path.name for path in (tmp_path / "images").iterdir())
    assert kept == ["lettres.png", "lettres.svg"]
    assert shown[0]["alt"] == "Figure A1."
    assert shown[0]["caption"] == "Des lettres"
    assert shown[0]["menus"] == [["Lettre", ["a", "b"]], ["Nombre", ["un", "deux"]]]
    assert shown[0]["alts"] == {
        "0-1.svg": "Figure A2.",
        "1-0.svg": "Figure B1.",
        "1-1.svg": "Figure B2.",
    }
    names = sorted(path.name for path in (tmp_path / "choices" / "lettres").iterdir())
    assert names == ["0-1.svg", "1-0.svg", "1-1.svg"]
    assert plt.get_fignums() == []
    assert not (tmp_path / "results.json").exists()


def test_a_build_draws_no_more_than_it_says(shown, tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNAL_RUN", str(tmp_path))
    menus = {"Lettre": {"a": "A", "b": "B"}, "Nombre": {str(n): n for n in range(100)}}
    explore(draw, "lettres", menus, caption="Des lettres", drawn=6)
    assert shown[0]["menus"] == [["Lettre", ["a", "b"]], ["Nombre", ["0", "1", "2"]]]
    assert len(shown[0]["alts"]) == 5


def test_in_jupyterlab_each_choice_draws_its_figure_and_leaves_none_open(shown, monkeypatch):
    monkeypatch.delenv("JOURNAL_RUN", raising=False)
    displayed = []
    monkeypatch.setattr("IPython.display.display", displayed.append)
    explore(draw, "lettres", MENUS, caption="Des lettres", drawn=40)
    (box,) = displayed
    letter, number = box.children[0].children
    assert (letter.description, letter.value, number.value) == ("Lettre", "A", 1)
    letter.value = "B"
    number.value = 2
    told = [about["alt"] for about in shown if about["kind"] == "figure"]
    assert told == ["Figure A1.", "Figure B1.", "Figure B2."]
    assert {about["caption"] for about in shown if "caption" in about} == {"Des lettres"}
    assert plt.get_fignums() == []


@pytest.fixture(scope="module")
def cars(tiny_cars_root):
    return load_cars(str(tiny_cars_root))


@pytest.mark.slow
def test_any_make_and_year_can_be_chosen(cars):
    choices = menus(cars)
    most = cars.frame["make"].value_counts()
    assert most[next(iter(choices["Marque"]))] == most.max()
    assert set(choices["Marque"]) == {*cars.frame["make"], ALL}
    assert next(iter(choices["Année"])) == ALL
    for name, make in choices["Marque"].items():
        drawn, alt = show_cars(cars, make, {})
        kept = cars.frame if name == ALL else cars.frame[cars.frame["make"] == name]
        assert f"{len(kept)} images" in alt.replace("\u00a0", " ")
        plt.close(drawn)


def test_a_choice_without_any_image_says_so(cars):
    drawn, alt = show_cars(cars, {"make": cars.frame["make"].iloc[0]}, {"year": 1900})
    assert alt.endswith("aucune image.")
    assert "aucune image" in drawn.axes[0].texts[0].get_text()
    plt.close(drawn)


def test_without_makes_a_class_is_chosen(cars):
    plain = replace(cars, frame=cars.frame.drop(columns=["make", "year"]))
    (choices,) = menus(plain).values()
    assert set(choices) == set(cars.classes)
    name, choice = next(iter(choices.items()))
    drawn, alt = show_cars(plain, choice)
    assert alt.startswith(f"{name} : barres du nombre d’images de 1\u00a0classe")
    plt.close(drawn)


def small_model(side: int) -> torch.nn.Module:
    """A classifier of 3 classes for images (N, 3, side, side)."""
    torch.manual_seed(0)
    layers = torch.nn.Flatten(), torch.nn.Linear(3 * side**2, 3)
    return torch.nn.Sequential(OrderedDict(network=torch.nn.Sequential(*layers))).eval()


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path))
    return tmp_path


def test_maps_are_computed_once(store, monkeypatch):
    model, images = small_model(8), torch.rand(2, 3, 8, 8)
    calls = []

    def counted(*arguments, **options):
        calls.append(options)
        return occlusion(*arguments, **options)

    counted.__module__ = occlusion.__module__
    for stride in (0.5, 0.5, 0.25):
        maps = cached_attributions(
            counted, model, images, np.array([0, 1]), window=0.5, stride=stride
        )
        expected = occlusion(model, images, np.array([0, 1]), window=0.5, stride=stride)
        np.testing.assert_array_equal(maps, expected)
    assert [options["stride"] for options in calls] == [0.5, 0.25]
    with torch.no_grad():
        model.network[1].bias += 1
    cached_attributions(counted, model, images, np.array([0, 1]), window=0.5, stride=0.5)
    cached_attributions(counted, model, images.flip(0), np.array([0, 1]), window=0.5, stride=0.5)
    cached_attributions(counted, model, images, np.array([1, 1]), window=0.5, stride=0.5)
    assert len(calls) == 5
    (kept, *_) = sorted((store / "attributions").glob("*/inputs.json"))
    assert json.loads(kept.read_text())["inputs"]["options"]["window"] == 0.5


def test_references_of_another_size_are_resized():
    model, images = small_model(16), torch.rand(1, 3, 16, 16)
    references = torch.full((2, 3, 8, 8), 0.5)
    whole = torch.full((2, 3, 16, 16), 0.5)
    small, large = (
        gradient_shap(model, images, np.array([0]), references=chosen, samples=2)
        for chosen in (references, whole)
    )
    np.testing.assert_allclose(small, large, rtol=1e-4, atol=1e-6)


@pytest.fixture
def attributions(cars):
    def half(model, images, targets):
        return np.full((len(images), 8, 8), 0.5, np.float32)

    models = {name: torch.nn.Identity() for name in ("v1", "v2")}
    images = {name: torch.rand(3, 3, 8, 8) for name in models}
    told = {name: Prediction(np.array([0, 1, 0]), np.full(3, 0.7)) for name in models}
    maps = {("v2", "Moitié"): np.arange(3 * 64, dtype=np.float32).reshape(3, 8, 8)}
    sample = cars.of("test").head(3)
    return Attributions(sample, cars.classes, models, images, told, {"Moitié": half}, maps)


def test_a_map_at_hand_is_taken_and_another_is_computed(attributions):
    np.testing.assert_array_equal(
        attributions.of([1], "v2", "Moitié"), attributions.maps["v2", "Moitié"][1:2]
    )
    np.testing.assert_array_equal(attributions.of([1], "v1", "Moitié"), np.full((1, 8, 8), 0.5))


def test_an_attribution_is_drawn_beside_its_image(attributions):
    menus = images_models_methods(attributions, first=2, model="v2")
    assert [next(iter(options.values())) for options in menus.values()] == [2, "v2", "Moitié"]
    assert sorted(menus["Image"].values()) == [0, 1, 2]
    drawn, alt = show_attribution(attributions, 2, "v1", "Moitié")
    assert attributions.sample.class_name.iloc[2] in alt
    assert f"qui prédit {attributions.classes[0]} avec une probabilité de 70" in alt
    assert len(drawn.axes) == 3  # image, map, scale
    plt.close(drawn)


@pytest.mark.slow
def test_every_factor_and_measure_of_the_trials_can_be_chosen():
    search = fake_search(8)
    menus = factors_and_measures(search)
    assert set(menus["Mesure"]) == set(measures(search))
    pairs = zip(menus["Facteur"].values(), itertools.cycle(menus["Mesure"].values()))
    for factor, measure in pairs:
        drawn, alt = show_trials(search, factor, measure)
        numbers = {text.get_text() for text in drawn.axes[0].texts}
        whole = search.trials[~search.trials.pruned]
        assert numbers == {str(trial) for trial in whole.trial}
        assert measure in alt
        means = re.search(r"Moyennes : (.+)\.$", alt)[1].split(" ; ")
        assert len(means) == search.trials[factor].nunique()
        assert all(" : " in mean for mean in means)
        plt.close(drawn)
