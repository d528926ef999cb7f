"""The losses agree with PyTorch's; class weights with scikit-learn's."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from lib.training.losses import LOSSES, class_weights

GENERATOR = torch.Generator().manual_seed(0)
LOGITS = torch.randn(8, 4, generator=GENERATOR)
LABELS = torch.randint(0, 4, (8,), generator=GENERATOR)


def test_means_are_those_of_pytorch():
    """Cross-entropy and binary cross-entropy, averaged over the batch."""
    torch.testing.assert_close(
        LOSSES["CrossEntropyLoss"](LOGITS, LABELS).mean(), nn.CrossEntropyLoss()(LOGITS, LABELS)
    )
    one_hot = F.one_hot(LABELS, 4).float()
    torch.testing.assert_close(
        LOSSES["BCEWithLogitsLoss"](LOGITS, LABELS).mean(), nn.BCEWithLogitsLoss()(LOGITS, one_hot)
    )


def test_weighted_mean_is_that_of_pytorch():
    """The mean by weight of class, as the training takes it."""
    weights = torch.tensor([1.0, 2.0, 3.0, 4.0])
    losses, factors = LOSSES["CrossEntropyLoss"](LOGITS, LABELS), weights[LABELS]
    torch.testing.assert_close(
        (losses * factors).sum() / factors.sum(), nn.CrossEntropyLoss(weights)(LOGITS, LABELS)
    )


def test_focal_loss_follows_its_definition():
    """-(1 - p)^2 log p, with p the probability of the true class."""
    p = LOGITS.softmax(1)[torch.arange(8), LABELS]
    torch.testing.assert_close(LOSSES["FocalLoss"](LOGITS, LABELS), -((1 - p) ** 2) * p.log())


def test_balanced_weights():
    """n / (classes × count), as scikit-learn documents."""
    labels = np.array([0, 0, 0, 1])
    torch.testing.assert_close(class_weights("balanced", labels, 2), torch.tensor([4 / 6, 2.0]))
    assert torch.equal(class_weights("none", labels, 2), torch.ones(2))
