"""Attribution maps, on tiny models whose answer is known."""

import itertools

import numpy as np
import pytest
import torch

from carnet import InputError
from lib.explanation import methods as explain
from lib.explanation.inference import GREY, probabilities
from lib.training.model import build_model
from tests.lib.explanation.toys import CLASSES, SIZE, Quadrant, quadrant

METHODS = {
    "grad_cam": explain.grad_cam,
    "occlusion": explain.occlusion,
    "gradient_shap": lambda *given: explain.gradient_shap(
        *given, references=torch.full((2, 3, SIZE, SIZE), GREY)
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
    dark = 2 * GREY - bright
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
    monkeypatch.setattr(explain.batches, "__defaults__", (2,))
    np.testing.assert_allclose(explain.grad_cam(model, images, targets), together, atol=1e-6)


def test_grad_cam_works_on_frozen_weights(model, images):
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    assert explain.grad_cam(model, images, np.zeros(5, dtype=int)).shape == (5, SIZE, SIZE)


def test_hooks_are_removed_even_on_error(model, images):
    with pytest.raises(RuntimeError):
        explain.grad_cam(model, images[:, :1], np.zeros(5, dtype=int))
    assert not model.network.layer4._forward_hooks


def test_an_unknown_layer_names_the_nearest(model, images):
    with pytest.raises(InputError, match=r"layer=layer9: .*did you mean 'layer4'"):
        explain.grad_cam(model, images, np.zeros(5, dtype=int), layer="layer9")


@pytest.mark.parametrize(("size", "layer"), [(32, "layer4"), (33, "layer4"), (64, "layer2")])
def test_map_side_is_that_of_the_layer(size, layer):
    activations = []
    network = build_model(3).network
    network.get_submodule(layer).register_forward_hook(lambda *given: activations.append(given[2]))
    network.eval()(torch.zeros(1, 3, size, size))
    assert explain.map_side(size, layer) == activations[0].shape[-1]


def test_occlusion_of_a_whole_window_is_the_drop_of_the_score(model, images):
    whole = explain.occlusion(model, images, np.zeros(5, dtype=int), window=1, stride=1)
    with torch.no_grad():
        drop = model(images)[:, 0] - model(torch.full_like(images, GREY))[:, 0]
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
            hidden[square] = GREY
            drop = (model(images) - model(hidden))[range(3), targets]
            drops[square] += drop[:, None, None]
            covered[square] += 1
    assert covered.min() > 0
    found = explain.occlusion(model, images, targets, window=window, stride=stride)
    np.testing.assert_allclose(found, drops / covered, rtol=1e-4, atol=1e-6)


def test_windows_in_pixels():
    assert explain.occlusion_windows(SIZE, 0.3, 0.2) == (5, 3, 25)


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


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_bytes_are_explained_as_the_floats_that_they_stand_for(method, model, images):
    """GREY is half of the range whatever the type of the images."""
    decoded, targets = (images * 255).to(torch.uint8), np.zeros(5, dtype=int)
    maps = method(model, decoded, targets)
    assert maps.tobytes() == method(model, decoded.float() / 255, targets).tobytes()
    shares = probabilities(model, decoded)
    assert np.array_equal(shares, probabilities(model, decoded.float() / 255))
