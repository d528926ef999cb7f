"""The losses of the journal, one value per sample, and the weights of classes.

They are given by sample so that class weights mean the same for all of them: a mean in which each
sample counts with the weight of its class, as `torch.nn.CrossEntropyLoss` defines it.
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

FOCAL_GAMMA = 2.0  # the value that Lin et al. found best


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Softmax cross-entropy; logits (N, classes), labels (N,), result (N,)."""
    return F.cross_entropy(logits, labels, reduction="none")


def binary_cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Sigmoid cross-entropy against one-hot labels, mean over the classes; result (N,)."""
    one_hot = F.one_hot(labels, logits.shape[1]).to(logits.dtype)
    return F.binary_cross_entropy_with_logits(logits, one_hot, reduction="none").mean(dim=1)


def focal(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy in which samples already well classified weigh less; result (N,).

    FL(p) = -(1 - p)^gamma log(p), where p is the softmax probability of the true class and gamma is
    2. Lin et al., "Focal Loss for Dense Object Detection", ICCV 2017,
    https://arxiv.org/abs/1708.02002, equation 4.

    >>> focal(torch.zeros(1, 2), torch.tensor([0]))  # p = 1/2: log(2) / 4
    tensor([0.1733])
    """
    loss = cross_entropy(logits, labels)
    return (1 - torch.exp(-loss)) ** FOCAL_GAMMA * loss


LOSSES = {
    "CrossEntropyLoss": cross_entropy,
    "BCEWithLogitsLoss": binary_cross_entropy,
    "FocalLoss": focal,
}


def class_weights(kind: str, labels: np.ndarray, num_classes: int) -> Tensor:
    """Weights of the classes, float (classes,): ones, or "balanced" as scikit-learn defines it."""
    if kind == "none":
        return torch.ones(num_classes)
    from sklearn.utils.class_weight import compute_class_weight  # slow to import, seldom needed

    weights = compute_class_weight(kind, classes=np.arange(num_classes), y=labels)
    return torch.tensor(weights, dtype=torch.float32)
