"""Attribution maps and the measures on them, on tiny models whose answer is known."""

import itertools
import types

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from carnet import InputError
from lib.explanation import methods as explain
from lib.training.model import build_model, weights_digest

SIZE = 16
CLASSES = 3


class Quadrant(nn.Module):
    """Scores class k by how far the brightness of quadrant k is from grey: the truth is known."""

    def __init__(self):
        super().__init__()
        self.network = nn.Sequential()
        self.network.layer4 = nn.AvgPool2d(SIZE // 2)
        self.network.flatten = nn.Flatten()
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, images):
        brightness = (images - explain.GREY).mean(dim=1, keepdim=True) * self.weight
        return self.network(brightness)[:, :CLASSES]


class Small(nn.Module):
    """A convolutional classifier with the shape of the real one, unevenly initialised."""

    def __init__(self, seed=0):
        super().__init__()
        torch.manual_seed(seed)
        self.network = nn.Sequential()
        self.network.conv1 = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.network.layer4 = nn.Sequential(nn.Conv2d(8, 8, 3, stride=2, padding=1), nn.ReLU())
        self.network.pool = nn.AdaptiveAvgPool2d(1)
        self.network.flatten = nn.Flatten()
        self.network.fc = nn.Linear(8, CLASSES)

    def forward(self, images):
        return self.network(images)


@pytest.fixture
def model():
    return Small().eval()


@pytest.fixture
def images():
    return torch.rand((5, 3, SIZE, SIZE), generator=torch.Generator().manual_seed(1))


@pytest.fixture
def bright():
    """One image by class: quadrant k of image k is white, all else grey."""
    drawn = torch.full((CLASSES, 3, SIZE, SIZE), explain.GREY)
    for place in range(CLASSES):
        drawn[place][:, quadrant(place)] = 1.0
    return drawn


def quadrant(place):
    mask = np.zeros((SIZE, SIZE), dtype=bool)
    half = SIZE // 2
    row, column = divmod(place, 2)
    mask[row * half : (row + 1) * half, column * half : (column + 1) * half] = True
    return mask


METHODS = {
    "grad_cam": explain.grad_cam,
    "occlusion": explain.occlusion,
    "gradient_shap": lambda *given: explain.gradient_shap(
        *given, references=torch.full((2, 3, SIZE, SIZE), explain.GREY)
    ),
    "lime": lambda *given: explain.lime(*given, cells=4, samples=60),
}


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_maps_are_finite_float32_of_the_size_of_the_images(method, model, images):
    maps = method(model, images, np.arange(5) % CLASSES)
    assert maps.shape == (5, SIZE, SIZE)
    assert maps.dtype == np.float32
    assert np.isfinite(maps).all()


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_the_same_inputs_give_the_same_bytes(method, model, images):
    targets = np.zeros(5, dtype=int)
    first, second = (method(model, images, targets) for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_inputs_model_and_random_states_are_left_as_they_were(method, model, images):
    before, torch_state, numpy_state = images.clone(), torch.get_rng_state(), np.random.get_state()
    method(model, images, np.zeros(5, dtype=int))
    assert torch.equal(images, before)
    assert not images.requires_grad
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert all(np.array_equal(a, b) for a, b in zip(np.random.get_state(), numpy_state))
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize("name", ["occlusion", "gradient_shap", "lime"])
def test_what_speaks_for_the_class_is_positive_and_in_its_place(name, bright):
    maps = METHODS[name](Quadrant(), bright, np.arange(CLASSES))
    for place, found in enumerate(maps):
        inside = quadrant(place)
        assert found[inside].mean() > 0
        assert found[inside].mean() > 5 * np.abs(found[~inside]).mean()


@pytest.mark.parametrize("name", ["occlusion", "gradient_shap", "lime"])
def test_what_speaks_against_the_class_is_negative(name, bright):
    dark = 2 * explain.GREY - bright
    maps = METHODS[name](Quadrant(), dark, np.arange(CLASSES))
    assert all(found[quadrant(place)].mean() < 0 for place, found in enumerate(maps))


def test_grad_cam_agrees_with_its_formula(model, images):
    target = 2
    features = model.network.layer4(model.network.conv1(images))
    scores = model.network.fc(features.mean(dim=(2, 3)))
    gradient = torch.autograd.grad(scores[:, target].sum(), features)[0]
    expected = (gradient.mean(dim=(2, 3), keepdim=True) * features).sum(dim=1).relu()
    enlarged = explain.enlarge(expected, SIZE).detach().numpy()
    maps = explain.grad_cam(model, images, np.full(5, target))
    np.testing.assert_allclose(maps, enlarged, rtol=1e-4, atol=1e-7)
    assert maps.min() >= 0


def test_grad_cam_in_one_batch_or_several_is_the_same(model, images, monkeypatch):
    targets = np.arange(5) % CLASSES
    together = explain.grad_cam(model, images, targets)
    monkeypatch.setattr(explain, "BATCH_SIZE", 2)
    np.testing.assert_allclose(explain.grad_cam(model, images, targets), together, atol=1e-6)


def test_grad_cam_works_on_frozen_weights(model, images):
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    assert explain.grad_cam(model, images, np.zeros(5, dtype=int)).shape == (5, SIZE, SIZE)


def test_hooks_are_removed_even_on_error(model, images):
    with pytest.raises(RuntimeError):
        explain.grad_cam(model, images[:, :1], np.zeros(5, dtype=int))
    with pytest.raises(RuntimeError):
        explain.map_side(nn.ModuleDict({"network": model.network}), SIZE)
    assert not model.network.layer4._forward_hooks


def test_an_unknown_layer_names_the_choices(model, images):
    with pytest.raises(InputError, match=r"layer=layer9: .*'layer4'"):
        explain.grad_cam(model, images, np.zeros(5, dtype=int), layer="layer9")


def test_map_side_is_the_resolution_before_enlarging(model):
    assert explain.map_side(model, SIZE) == 4
    assert explain.map_side(model, 2 * SIZE, layer="conv1") == 16
    assert not model.network.layer4._forward_hooks


def test_occlusion_of_a_whole_window_is_the_drop_of_the_score(model, images):
    whole = explain.occlusion(model, images, np.zeros(5, dtype=int), window=1, stride=1)
    with torch.no_grad():
        drop = model(images)[:, 0] - model(torch.full_like(images, explain.GREY))[:, 0]
    np.testing.assert_allclose(whole, drop[:, None, None].expand(5, SIZE, SIZE), atol=1e-6)


@pytest.mark.parametrize(
    ("side", "window", "stride"),
    [
        (16, 0.2, 0.1),
        (16, 0.25, 0.25),
        (16, 0.3, 0.2),
        (17, 0.4, 0.3),
        (19, 1, 0.5),
        (12, 0.1, 0.1),
    ],
)
@pytest.mark.parametrize("per_pass", [1, 7, 1000])
def test_occlusion_is_the_mean_drop_over_the_squares(
    model, side, window, stride, per_pass, monkeypatch
):
    """Whatever goes through the model together."""
    monkeypatch.setattr(explain, "images_per_pass", lambda *given: per_pass)
    images = torch.rand((3, 3, side, side), generator=torch.Generator().manual_seed(2))
    targets = np.array([2, 0, 1])
    width, step, count = explain.occlusion_windows(side, window, stride)
    starts = range(0, step * int(count**0.5), step)
    drops, covered = torch.zeros(3, side, side), torch.zeros(side, side)
    with torch.no_grad():
        for top, left in itertools.product(starts, starts):
            square, hidden = np.s_[..., top : top + width, left : left + width], images.clone()
            hidden[square] = explain.GREY
            drop = (model(images) - model(hidden))[range(3), targets]
            drops[square] += drop[:, None, None]
            covered[square] += 1
    assert covered.min() > 0
    found = explain.occlusion(model, images, targets, window=window, stride=stride)
    np.testing.assert_allclose(found, drops / covered, rtol=1e-4, atol=1e-6)


def test_windows_in_pixels():
    assert explain.occlusion_windows(SIZE, 0.3, 0.2) == (5, 3, 25)


def test_the_copy_for_inference_gives_the_scores_of_the_model():
    model = build_model(7, seed=1, mean=(0.4, 0.5, 0.6), std=(0.2, 0.3, 0.2))
    images = torch.rand((4, 3, 32, 32), generator=torch.Generator().manual_seed(1))
    model(images)  # in training mode: means and variances other than 0 and 1
    state = weights_digest(model.eval().state_dict())
    fast = explain.for_inference(model)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in fast.modules())
    torch.testing.assert_close(fast(images), model(images), rtol=1e-4, atol=1e-5)
    assert weights_digest(model.state_dict()) == state


def test_the_images_of_a_pass_do_not_depend_on_free_memory_unless_it_is_short(monkeypatch):
    def count(available):
        memory = types.SimpleNamespace(available=available)
        monkeypatch.setattr(explain.psutil, "virtual_memory", lambda: memory)
        return explain.images_per_pass(224, torch.device("cpu"))

    assert count(2**40) == count(2**33) > 8
    assert 1 < count(2**28) < count(2**33)
    assert count(0) == 1


@pytest.mark.parametrize(("window", "stride"), [(0.1, 0.2), (0, 0), (1.5, 0.1), (0.2, -0.1)])
def test_occlusion_refuses_windows_that_leave_gaps(model, images, window, stride):
    with pytest.raises(InputError, match="expected 0 < stride <= window <= 1"):
        explain.occlusion(model, images, np.zeros(5, dtype=int), window=window, stride=stride)


def test_lime_is_even_inside_each_square(model, images):
    maps = explain.lime(model, images[:1], np.zeros(1, dtype=int), cells=4, samples=30)
    blocks = maps.reshape(4, 4, 4, 4)
    assert (blocks == blocks[:, :1, :, :1]).all()


def test_another_seed_gives_another_map(model, images):
    targets = np.zeros(5, dtype=int)
    first, second = (
        explain.gradient_shap(model, images, targets, references=images, seed=seed)
        for seed in (0, 1)
    )
    assert not np.array_equal(first, second)


def test_random_states_are_put_back_on_error():
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()[1].copy()
    with pytest.raises(ZeroDivisionError), explain.seeded(7):
        torch.rand(3), np.random.rand(3)
        raise ZeroDivisionError
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)


def test_cells_share_the_pixels_out():
    assert explain.cell_index(8, 4).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert np.bincount(explain.cell_index(10, 4)).tolist() == [3, 2, 3, 2]


@pytest.mark.parametrize("cells", [0, 17])
def test_cells_must_fit_the_image(cells):
    with pytest.raises(InputError, match=f"cells={cells}: expected from 1 to the 16 pixels"):
        explain.cell_index(16, cells)


def test_predictions_are_probabilities(model, images):
    found = explain.predict_classes(model, images)
    with torch.no_grad():
        expected = model(images).softmax(dim=1)
    assert found.classes.tolist() == expected.argmax(dim=1).tolist()
    np.testing.assert_allclose(found.confidences, expected.max(dim=1).values, rtol=1e-5)


def test_hidden_squares_turn_grey_before_the_model_sees_them(bright):
    hidden = np.zeros((CLASSES, 2, 2), dtype=bool)
    hidden[np.arange(CLASSES), *np.divmod(np.arange(CLASSES), 2)] = True
    shares = explain.probabilities(Quadrant(), bright, hidden)
    np.testing.assert_allclose(shares, np.full((CLASSES, CLASSES), 1 / CLASSES), atol=1e-6)
    assert explain.probabilities(Quadrant(), bright).argmax(axis=1).tolist() == [0, 1, 2]


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_bytes_are_explained_as_the_floats_that_they_stand_for(method, model, images):
    """GREY is half of the range whatever the type of the images."""
    decoded, targets = (images * 255).to(torch.uint8), np.zeros(5, dtype=int)
    maps = method(model, decoded, targets)
    assert maps.tobytes() == method(model, decoded.float() / 255, targets).tobytes()
    shares = explain.probabilities(model, decoded)
    assert np.array_equal(shares, explain.probabilities(model, decoded.float() / 255))


def test_a_traced_classifier_scales_bytes():
    """The copy that runs faster keeps the contract of the model."""
    model = build_model(3)
    decoded = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    with torch.inference_mode():
        fast = explain.for_inference(model)(decoded)
        torch.testing.assert_close(fast, model.eval()(decoded), rtol=1e-4, atol=1e-5)


@pytest.fixture
def frame():
    labels = np.repeat([0, 1, 2], [10, 6, 2])
    return pd.DataFrame({"label": labels, "file": [f"{place}.jpg" for place in range(18)]})


def test_a_sample_takes_as_many_of_each_class_as_it_can(frame):
    drawn = explain.stratified_sample(frame, 9, seed=0)
    assert drawn.label.value_counts().to_dict() in ({0: 4, 1: 3, 2: 2}, {0: 3, 1: 4, 2: 2})
    assert not drawn.file.duplicated().any()
    assert drawn.index.tolist() == list(range(9))


def test_a_sample_smaller_than_the_classes_has_one_of_each_at_most(frame):
    assert not explain.stratified_sample(frame, 2).label.duplicated().any()


def test_a_sample_follows_its_seed(frame):
    first, same, other = (explain.stratified_sample(frame, 9, seed=seed) for seed in (0, 0, 1))
    assert first.equals(same)
    assert not first.equals(other)


def test_a_sample_of_more_than_all_is_all(frame):
    assert sorted(explain.stratified_sample(frame, 99).file) == sorted(frame.file)


def test_a_sample_of_one_is_refused(frame):
    with pytest.raises(InputError, match="n_sample=1: expected at least 2"):
        explain.stratified_sample(frame, 1)


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        ([0, 1, 0, 1, 1, 0], [1, 3, 0, 2]),
        ([1, 1, 0, 1, 1], [0, 1, 3, 2]),
        ([1, 1, 1, 1, 1], [0, 1, 2, 3]),
        ([0, 0, 0, 0, 1], [4, 0, 1, 2]),
        ([0, 1], [1, 0]),
    ],
)
def test_examples_are_two_right_and_two_wrong_where_there_are(right, expected):
    assert explain.choose_examples(np.array(right, dtype=bool)).tolist() == expected
