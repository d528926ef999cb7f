"""The car classifier: torchvision's ResNet-18 behind its own normalisation.

Images enter as they are decoded, uint8 in [0, 255], or as floats in [0, 1]. Scaling and
normalisation live in the model, so that whoever explains or reuses it cannot forget them, and a
state dict is complete by itself.
Reads trained models back from the store; knows nothing of images' files nor how models are trained.
"""

import argparse
import contextlib
import hashlib
import http.client
import io
import re
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn
from torchvision.models import ResNet18_Weights, resnet18

from carnet import InputError, works

NO_MEAN = (0.0, 0.0, 0.0)
NO_STD = (1.0, 1.0, 1.0)
WEIGHTS = ("none", "imagenet")
WRAPPERS = ("state_dict", "model_state_dict", "model")  # keys of a checkpoint
PREFIXES = re.compile(r"^(module\.|model\.|network\.|_orig_mod\.)+")  # of what wraps a network
BUFFERS = ("mean", "std", "divisor")  # of CarClassifier, beside its network
HEAD = re.compile(r"^fc\.(\d+\.)?(?=weight$|bias$)")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
DOWNLOAD_TIMEOUT = 10.0  # seconds without an answer before saying what to do instead


def to_unit_range(images: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
    """Return images in [0, 1]: uint8 is divided by 255, floats are taken to be there already.

    Raises:
        TypeError: images of another type, whose range is unknown.
    """
    if images.dtype == torch.uint8:
        return images.to(dtype).div_(255)
    if not images.is_floating_point():
        raise TypeError(f"images of {images.dtype}: expected uint8 in [0, 255] or floats in [0, 1]")
    return images


class CarClassifier(nn.Module):
    """ResNet-18 on (image / divisor - mean) / std; `network` is the torchvision model."""

    def __init__(
        self,
        num_classes: int,
        *,
        mean: Sequence[float] = NO_MEAN,
        std: Sequence[float] = NO_STD,
        divisor: float = 1.0,
    ):
        super().__init__()
        self.network = resnet18(num_classes=num_classes)
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32).view(1, 3, 1, 1))
        self.register_buffer("divisor", torch.tensor(divisor, dtype=torch.float32))

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 3, H, W), uint8 or floats in [0, 1], to logits (N, classes).

        Raises:
            TypeError: images of another type.
        """
        return self.network(self.normalised(images))

    def normalised(self, images: Tensor) -> Tensor:
        """Return what enters the network for images as `forward` takes them."""
        images = to_unit_range(images.to(self.mean.device), self.mean.dtype)
        return (images / self.divisor - self.mean) / self.std


def best_device() -> torch.device:
    """Return the device that computes: the first GPU if there is one, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def build_model(
    num_classes: int,
    *,
    weights: str = "none",
    seed: int = 0,
    mean: Sequence[float] = NO_MEAN,
    std: Sequence[float] = NO_STD,
    divisor: float = 1.0,
) -> CarClassifier:
    """Build an untrained classifier, on the CPU.

    `weights` is "none" (random, drawn from `seed`), "imagenet" (torchvision's) or the path of a
    state dict of ResNet-18. The output layer is new unless the state dict has one of its size.

    Raises:
        InputError: unknown `weights`, weights out of reach, or not those of a ResNet-18.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = CarClassifier(num_classes, mean=mean, std=std, divisor=divisor)
    if weights == "imagenet" or is_weights_path(weights):
        load_pretrained(model.network, weights)
    return model


def load_trained(reference: dict) -> CarClassifier:
    """Load the model that a notebook recorded as `{"training": ..., "weights_sha256": ...}`.

    Returns it in evaluation mode, on the device that computes.

    Raises:
        InputError: the training is not in the store, or its weights are not those recorded.
    """
    work = works("trainings").get(reference["training"])
    path = work and work.folder / "model.pt"
    if not path or not path.is_file():
        raise InputError(
            f"training {reference['training']}: not in the store; run its notebook again"
        )
    state = torch.load(path, map_location="cpu", weights_only=True)
    if weights_digest(state) != reference["weights_sha256"]:
        raise InputError(f"training {reference['training']}: the weights are not those recorded")
    model = CarClassifier(num_classes=len(state["network.fc.bias"]))
    model.load_state_dict(state)
    return model.to(best_device()).eval()


def weights_digest(state: dict[str, Tensor]) -> str:
    """Return the SHA-256 of the names, shapes and bytes of the tensors of a state dict."""
    digest = hashlib.sha256()
    for name, tensor in sorted(state.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def load_pretrained(network: nn.Module, weights: str) -> None:
    """Copy pretrained weights into a ResNet-18, all but an output layer of another shape."""
    state = _imagenet_state() if weights == "imagenet" else _state_from_file(weights)
    state, expected = _bare_names(state), network.state_dict()
    for name in [name for name in state if name.startswith("fc.")]:
        if name not in expected or state[name].shape != expected[name].shape:
            del state[name]
    _check_state(state, expected, weights)
    network.load_state_dict(state, strict=False)


def _bare_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return a state dict under torchvision's names, whatever the network was wrapped in.

    The buffers of `CarClassifier` are left out. An output layer of one linear layer among others
    without weights, as dropout, is that layer.
    """
    bare = {PREFIXES.sub("", name): tensor for name, tensor in state.items()}
    bare = {name: tensor for name, tensor in bare.items() if name not in BUFFERS}
    layers = {name.rpartition(".")[0] for name in bare if HEAD.match(name)}
    if len(layers) != 1:
        return bare
    return {HEAD.sub("fc.", name): tensor for name, tensor in bare.items()}


def _check_state(state: dict[str, Tensor], expected: dict[str, Tensor], weights: str) -> None:
    """Refuse weights that are not those of a ResNet-18, or no numbers, naming the first fault."""
    for name, tensor in expected.items():
        if name not in state:
            # Older files lack the counters of batch normalisation; the output layer may be new.
            if name.startswith("fc.") or name.endswith("num_batches_tracked"):
                continue
            raise InputError(f"weights={weights}: not a state dict of ResNet-18: no '{name}'")
        if state[name].shape != tensor.shape:
            found, wanted = tuple(state[name].shape), tuple(tensor.shape)
            raise InputError(
                f"weights={weights}: '{name}' has shape {found}, ResNet-18 expects {wanted}"
            )
    for name, tensor in state.items():
        if name not in expected:
            raise InputError(f"weights={weights}: '{name}' does not belong to a ResNet-18")
        if not torch.isfinite(tensor).all():
            raise InputError(f"weights={weights}: '{name}' holds NaN or infinity")


def is_weights_path(weights: str) -> bool:
    """Tell whether `weights` is the path of a file rather than "none" or "imagenet".

    Raises:
        InputError: neither a known name nor a path (a path contains a separator).
    """
    if weights in WEIGHTS:
        return False
    if ADDRESS.match(weights):
        raise InputError(f"weights={weights}: an address: download it, then give its path")
    if "/" in weights or "\\" in weights:
        return True
    raise InputError(
        f"weights={weights}: expected 'none', 'imagenet' or the path of a state dict "
        f"(with a separator, such as ./{weights})"
    )


def _state_from_file(weights: str) -> dict[str, Tensor]:
    path = Path(weights).expanduser()
    if not path.is_file():
        raise InputError(f"weights={weights}: no such file")
    try:
        content = _read_file(path)
    except Exception as error:  # torch.load raises many kinds, all meaning an unreadable file
        reason = _unreadable(path, error)
        raise InputError(f"weights={weights}: not a readable state dict ({reason})") from error
    return _unwrapped(content, weights)


def _read_file(path: Path):
    if path.suffix == ".safetensors":
        return safetensors.torch.load_file(path)
    with torch.serialization.safe_globals([argparse.Namespace]):  # torchvision's own scripts
        return torch.load(path, map_location="cpu", weights_only=True)


def _unreadable(path: Path, error: Exception) -> str:
    """Say why a file is not read, where torch would tell how to trust it."""
    with path.open("rb") as file:
        begin = file.read(60)
    line = next(iter(begin.splitlines()), b"")
    if line.isascii() and line.decode().isprintable():
        return f"it is a text: {line.decode()}…"
    if "weights_only" in str(error):
        return "it holds more than tensors: save the state_dict() of the model"
    return _first_line(error).partition(". ")[0]


def _unwrapped(content, weights: str) -> dict[str, Tensor]:
    """Return the state dict in a checkpoint, which may hold an optimizer and others beside it."""
    while isinstance(content, dict) and (held := [key for key in WRAPPERS if key in content]):
        content = content[held[0]]
    if not isinstance(content, dict) or not all(isinstance(v, Tensor) for v in content.values()):
        expected = f"a state dict (names to tensors), alone or as {', '.join(WRAPPERS)}"
        raise InputError(f"weights={weights}: expected {expected}")
    return content


def _imagenet_state() -> dict[str, Tensor]:
    """Read torchvision's ImageNet weights from its cache, or download them into it."""
    source = ResNet18_Weights.IMAGENET1K_V1
    cached = Path(torch.hub.get_dir(), "checkpoints", source.url.rsplit("/", 1)[-1])
    try:
        with _network_timeout(DOWNLOAD_TIMEOUT), contextlib.redirect_stderr(io.StringIO()):
            return source.get_state_dict(progress=False, check_hash=True)
    except (OSError, RuntimeError, http.client.HTTPException) as error:
        raise InputError(
            f"weights=imagenet: not in the cache and not downloadable ({_first_line(error)}); "
            f"download {source.url} on a connected machine, then put it at {cached} "
            f"or give weights=./{cached.name}"
        ) from error


@contextlib.contextmanager
def _network_timeout(seconds: float) -> Iterator[None]:
    """Bound each wait for the network: `torch.hub` offers no timeout of its own."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
