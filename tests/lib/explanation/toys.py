"""Tiny classifiers whose explanation is known."""

import numpy as np
import torch
from torch import nn

from lib.explanation.inference import GREY

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
        brightness = (images - GREY).mean(dim=1, keepdim=True) * self.weight
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


def quadrant(place):
    mask = np.zeros((SIZE, SIZE), dtype=bool)
    half = SIZE // 2
    row, column = divmod(place, 2)
    mask[row * half : (row + 1) * half, column * half : (column + 1) * half] = True
    return mask
