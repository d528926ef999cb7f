"""The classifier: normalisation, weights from files, models kept in the store."""

import urllib.error
import urllib.request
from argparse import Namespace

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import resnet18

from carnet import InputError, kept
from lib.training.model import (
    CarClassifier,
    build_model,
    load_trained,
    to_unit_range,
    weights_digest,
)

pytestmark = pytest.mark.usefixtures("store")

ONE_FIFTH = torch.tensor([0.2, 1.0])
IMAGES = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def save(state, path):
    torch.save(state, path)
    return str(path)


def test_classifier_normalises_images():
    """(image / divisor - mean) / std goes through the network."""
    model = CarClassifier(3, mean=(0.1, 0.2, 0.3), std=(0.5, 0.5, 0.5), divisor=2.0).eval()
    mean = torch.tensor([0.1, 0.2, 0.3]).view(1, 3, 1, 1)
    expected = model.network((IMAGES / 2 - mean) / 0.5)
    assert torch.equal(model(IMAGES), expected)
    assert model(IMAGES).shape == (2, 3)


def test_bytes_are_scaled_once_and_floats_not_at_all():
    decoded = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    model = CarClassifier(3, divisor=2.0).eval()
    assert torch.equal(model(decoded), model(decoded.float() / 255))
    assert torch.equal(to_unit_range(torch.tensor([0, 51, 255], dtype=torch.uint8))[1:], ONE_FIFTH)
    assert to_unit_range(IMAGES) is IMAGES


def test_images_of_another_type_are_refused():
    """Their range is unknown."""
    with pytest.raises(TypeError, match="int64: expected uint8"):
        CarClassifier(3)(torch.zeros(1, 3, 32, 32, dtype=torch.int64))


def test_gradients_reach_the_images():
    """Explanations are about images in [0, 1]."""
    images = IMAGES.clone().requires_grad_()
    CarClassifier(3).eval()(images).sum().backward()
    assert images.grad.abs().sum() > 0


def test_build_depends_on_the_seed_alone():
    """The same seed gives the same weights and leaves the random state as it was."""
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    digests = [weights_digest(build_model(3, seed=seed).state_dict()) for seed in (0, 0, 1)]
    assert digests[0] == digests[1] != digests[2]
    assert torch.equal(before, torch.random.get_rng_state())


def test_imagenet_state_dict_keeps_all_but_its_output_layer(tmp_path):
    """1000 classes in the file, 3 here: the layers before the output are those of the file."""
    pretrained = resnet18(num_classes=1000)
    path = save(pretrained.state_dict(), tmp_path / "resnet18.pth")
    network = build_model(3, weights=path, seed=0).network
    assert torch.equal(network.layer4[1].conv2.weight, pretrained.layer4[1].conv2.weight)
    assert torch.equal(network.fc.weight, build_model(3, seed=0).network.fc.weight)


def test_state_dict_of_as_many_classes_keeps_its_output_layer(tmp_path):
    """A model fine-tuned on the same classes is taken whole."""
    pretrained = resnet18(num_classes=3)
    path = save(pretrained.state_dict(), tmp_path / "cars.pth")
    assert torch.equal(build_model(3, weights=path).network.fc.weight, pretrained.fc.weight)


def named(state: dict, prefix: str) -> dict:
    return {prefix + name: tensor for name, tensor in state.items()}


CHECKPOINTS = {
    "Lightning": lambda s: {"epoch": 3, "state_dict": named(s, "model."), "loops": {}},
    "PyTorch's ImageNet example": lambda s: {
        "state_dict": named(s, "module."),
        "best": s["fc.bias"],
    },
    "torchvision's scripts": lambda s: {"model": s, "args": Namespace(lr=0.1), "epoch": 1},
    "PyTorch's tutorial": lambda s: {"model_state_dict": s, "epoch": 3, "loss": 0.3},
    "a compiled network": lambda s: named(s, "_orig_mod."),
    "a compiled network on several GPUs": lambda s: named(s, "module._orig_mod."),
    "this journal": lambda s: named(s, "network.") | {"mean": ONE_FIFTH, "divisor": ONE_FIFTH},
    "an output layer after dropout": lambda s: {
        name.replace("fc.", "fc.1."): tensor for name, tensor in s.items()
    },
    "half precision": lambda s: {name: tensor.half() for name, tensor in s.items()},
}


@pytest.mark.parametrize("kind", CHECKPOINTS)
@pytest.mark.parametrize("classes", [3, 7])
def test_weights_as_people_have_them(tmp_path, kind, classes):
    pretrained = resnet18(num_classes=classes)
    path = save(CHECKPOINTS[kind](pretrained.state_dict()), tmp_path / "weights.ckpt")
    network = build_model(3, weights=path, seed=0).network
    expected = pretrained if classes == 3 else build_model(3, seed=0).network
    exact = {"atol": 1e-3, "rtol": 1e-3} if kind == "half precision" else {"atol": 0, "rtol": 0}
    torch.testing.assert_close(network.conv1.weight, pretrained.conv1.weight, **exact)
    torch.testing.assert_close(network.fc.weight, expected.fc.weight, **exact)


def test_safetensors(tmp_path):
    pretrained = resnet18(num_classes=3)
    path = tmp_path / "resnet18.safetensors"
    save_file(pretrained.state_dict(), path)
    assert torch.equal(build_model(3, weights=str(path)).network.fc.bias, pretrained.fc.bias)
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1")
    with pytest.raises(InputError, match="not a readable state dict"):
        build_model(3, weights=str(path))


def test_an_output_of_several_layers_is_new(tmp_path):
    """Only its last layer would fit, without the one before it."""
    state = resnet18(num_classes=3).state_dict()
    state |= {"fc.0.weight": torch.zeros(9, 512), "fc.2.weight": torch.zeros(3, 9)}
    state = {name: state[name] for name in state if name not in ("fc.weight", "fc.bias")}
    network = build_model(3, weights=save(state, tmp_path / "deep.pth"), seed=0).network
    assert torch.equal(network.fc.weight, build_model(3, seed=0).network.fc.weight)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_named(tmp_path, value):
    state = resnet18(num_classes=3).state_dict()
    state["layer4.1.conv2.weight"][0, 0, 0, 0] = value
    with pytest.raises(InputError, match=r"'layer4\.1\.conv2\.weight' holds NaN or infinity"):
        build_model(3, weights=save(state, tmp_path / "nan.pth"))


@pytest.mark.parametrize("address", ["https://download.pytorch.org/x.pth", "s3://bucket/x.pth"])
def test_an_address_is_refused_as_such(address):
    with pytest.raises(InputError, match=f"^weights={address}: an address: download it"):
        build_model(3, weights=address)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"conv1.weight": torch.zeros(64, 3, 3, 3)}, r"'conv1.weight' has shape \(64, 3, 3, 3\)"),
        ({"head.weight": torch.zeros(3)}, "'head.weight' does not belong to a ResNet-18"),
        ({"layer1.0.conv1.weight": None}, "no 'layer1.0.conv1.weight'"),
    ],
)
def test_weights_of_another_network_are_refused(tmp_path, change, message):
    """The message names the first tensor that differs."""
    state = resnet18(num_classes=3).state_dict() | change
    state = {name: tensor for name, tensor in state.items() if tensor is not None}
    path = save(state, tmp_path / "other.pth")
    with pytest.raises(InputError, match=message):
        build_model(3, weights=path)


def test_bad_weights_are_one_clear_line(tmp_path):
    """Unknown name, missing file, file that is no state dict."""
    with pytest.raises(InputError, match="weights=imagnet: expected 'none', 'imagenet' or"):
        build_model(3, weights="imagnet")
    with pytest.raises(InputError, match="no such file"):
        build_model(3, weights=str(tmp_path / "absent.pth"))
    (tmp_path / "text.pth").write_text("hello")
    with pytest.raises(InputError, match=r"not a readable state dict \(it is a text: hello…\)$"):
        build_model(3, weights=str(tmp_path / "text.pth"))
    with pytest.raises(InputError, match=r"it holds more than tensors: save the state_dict\(\)"):
        build_model(3, weights=save(resnet18(num_classes=3), tmp_path / "whole.pth"))
    with pytest.raises(InputError, match="expected a state dict"):
        build_model(3, weights=save([1], tmp_path / "list.pth"))


def test_imagenet_without_network_says_what_to_do(tmp_path, monkeypatch):
    """Never a silent fallback to random weights."""

    def offline(*args, **kwargs):
        raise urllib.error.URLError("no route")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.urlopen", offline)
    with pytest.raises(InputError, match=r"no route.*connected machine.*weights=\./resnet18") as e:
        build_model(3, weights="imagenet")
    assert "\n" not in str(e.value)


def test_load_trained_checks_the_weights():
    """The model recorded, or an error: never another one."""
    model = build_model(3, mean=(0.1, 0.2, 0.3), divisor=2.0)
    folder = kept("trainings", {}, of=[]).folder
    torch.save(model.state_dict(), folder / "model.pt")
    reference = {"training": folder.name, "weights_sha256": weights_digest(model.state_dict())}
    loaded = load_trained(reference)
    assert not loaded.training
    assert torch.equal(loaded(IMAGES).cpu(), model.eval()(IMAGES))
    with pytest.raises(InputError, match="not those recorded"):
        load_trained(reference | {"weights_sha256": "0"})
    with pytest.raises(InputError, match="not in the store"):
        load_trained(reference | {"training": "absent"})
