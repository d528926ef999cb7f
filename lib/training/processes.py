"""The processes that train one network together: this one, or all those that torchrun started.

Devices, mixed precision, gradients and what processes say to each other are Accelerate's work.
Here is what it leaves open: batch normalisation over all processes where there is no GPU, and the
share of a batch that falls to each.
"""

import torch
from accelerate import Accelerator
from torch import Tensor, nn
from torch.distributed.nn.functional import all_reduce

from lib.training.model import best_device


def join_processes() -> Accelerator:
    """Return this process's device and its way to the others, if torchrun started any.

    A GPU computes in bfloat16 where it can; on CPUs that lack it, it is slower than float32.
    """
    on_gpu = best_device().type == "cuda"
    precision = "bf16" if on_gpu and torch.cuda.is_bf16_supported() else "no"
    return Accelerator(cpu=not on_gpu, mixed_precision=precision)


def share_of(accelerator: Accelerator, count: int) -> slice:
    """Return which of `count` images in a row fall to this process."""
    rank, processes = accelerator.process_index, accelerator.num_processes
    return slice(count * rank // processes, count * (rank + 1) // processes)


def share_batch_statistics(model: nn.Module) -> nn.Module:
    """Make batch normalisation see the batch of all processes, not its own share; same weights."""
    if best_device().type == "cuda":
        return nn.SyncBatchNorm.convert_sync_batchnorm(model)
    for module in model.modules():
        if type(module) is nn.BatchNorm2d:
            module.__class__ = SharedBatchNorm
    return model


class SharedBatchNorm(nn.BatchNorm2d):
    """`torch.nn.SyncBatchNorm` for CPUs, which that class refuses.

    Ioffe & Szegedy, 2015, https://arxiv.org/abs/1502.03167.
    """

    def forward(self, images: Tensor) -> Tensor:
        """Normalise (N, C, H, W) by the mean and variance of all processes; N may be 0."""
        if not self.training:
            return super().forward(images)
        pixels = images.new_tensor([images.numel() / images.shape[1]])
        # Sums over all processes, through which gradients flow.
        total = all_reduce(torch.cat([images.sum(dim=(0, 2, 3)), pixels]))
        sums, count = total[:-1], total[-1]
        centred = images - (sums / count).view(1, -1, 1, 1)
        variance = all_reduce(centred.square().sum(dim=(0, 2, 3))) / count
        self._keep(sums.detach() / count, variance.detach() * count / (count - 1))
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return centred * scale.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)

    def _keep(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics, which evaluation uses, towards those of this batch.

        Without momentum, they are the mean over all batches, as `torch.nn.BatchNorm2d` has it.
        """
        self.num_batches_tracked += 1
        rate = self.momentum or 1 / float(self.num_batches_tracked)
        self.running_mean.lerp_(mean, rate)
        self.running_var.lerp_(variance, rate)
