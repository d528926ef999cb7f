"""What is counted while images go through the network, over all the processes that train it."""

import torch
from accelerate import Accelerator
from torch import Tensor


class Meter:
    """Mean of the loss, weighted by class weights, and of the accuracy, over all processes.

    Sums stay on the device: reading them each batch would wait for it.
    """

    def __init__(self, accelerator: Accelerator):
        self.accelerator = accelerator
        self.sums = torch.zeros(4, dtype=torch.float64, device=accelerator.device)

    def add(self, logits: Tensor, labels: Tensor, losses: Tensor, weights: Tensor) -> None:
        right = (logits.argmax(dim=1) == labels).sum()
        parts = [(losses * weights).sum(), weights.sum(), right, labels.new_tensor(len(labels))]
        self.sums += torch.stack([part.detach().double() for part in parts])

    def values(self) -> tuple[float, float]:
        loss, weight, right, count = self.accelerator.reduce(self.sums, "sum").tolist()
        return loss / weight, right / count
