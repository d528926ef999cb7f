"""Attribution maps computed once, then read back from the store.

Knows the methods only by what they take: a model, images, targets, options.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from carnet import kept, write_atomically
from lib.explanation.inference import device_of
from lib.training.model import weights_digest


def cached_attributions(
    method: Callable[..., np.ndarray],
    model: nn.Module,
    images: Tensor,
    targets: np.ndarray,
    **options,
) -> np.ndarray:
    """Return the maps (N, H, W) of `method`, computed unless the same were before.

    Args:
        method: a function of `lib.explanation.methods` that gives maps.
        model: what is explained; its weights and buffers count, wherever they come from.
        images: (N, 3, H, W), uint8 or floats in [0, 1].
        targets: the classes (N,) to explain.
        options: of the method; JSON values and tensors.
    """
    inputs = {
        "method": method.__name__,
        "model": weights_digest(model.state_dict()),
        "images": weights_digest({"images": images}),
        "targets": targets.tolist(),
        "options": {
            name: weights_digest({name: value}) if isinstance(value, Tensor) else value
            for name, value in options.items()
        },
        "device": device_of(model).type,
        "threads": torch.get_num_threads(),
    }
    code = [method, type(model)]
    with kept("attributions", inputs, of=code, without=["lib.data.synthetic"]) as work:
        path = work.folder / "maps.npy"
        if not work.finished:
            maps = method(model, images, targets, **options)
            write_atomically(path, lambda temporary: np.save(temporary, maps))
            work.finish()
    return np.load(path)
