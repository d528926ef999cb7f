"""Forward passes of images, whole or with hidden squares, and models made for them."""

import types

import numpy as np
import pytest
import torch
from torch import nn

from carnet import InputError
from lib.explanation import inference as explain
from lib.training.model import build_model, weights_digest
from tests.lib.explanation.toys import CLASSES, Quadrant


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


def test_a_traced_classifier_scales_bytes():
    """The copy that runs faster keeps the contract of the model."""
    model = build_model(3)
    decoded = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    with torch.inference_mode():
        fast = explain.for_inference(model)(decoded)
        torch.testing.assert_close(fast, model.eval()(decoded), rtol=1e-4, atol=1e-5)


def test_randomised_weights_are_those_of_no_training():
    model = build_model(3, seed=1, mean=(0.4, 0.5, 0.6))
    drawn, same, other = (explain.randomised(model, seed=seed) for seed in (5, 5, 6))
    assert not drawn.training
    digests = [weights_digest(some.state_dict()) for some in (drawn, same, other, model)]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
    assert torch.equal(drawn.mean, model.mean)
    fresh = build_model(3, seed=5).network
    assert weights_digest(drawn.network.state_dict()) == weights_digest(fresh.state_dict())


def test_weights_are_drawn_from_the_top_down_to_a_layer():
    model, fresh = build_model(3, seed=1), build_model(3, seed=5)
    drawn = explain.randomised(model, down_to="layer3", seed=5)
    ours, above, below = (some.network.state_dict() for some in (drawn, fresh, model))
    for name, tensor in ours.items():
        expected = above if name.startswith(("fc", "layer4", "layer3")) else below
        assert torch.equal(tensor, expected[name]), name
