"""What makes a training give the same bytes each time: seeds, threads, algorithms."""

import os

import numpy as np
import torch


def set_determinism(seed: int, threads: int) -> None:
    """Make what follows in this process give the same bytes each time, on a given device."""
    # cuBLAS is deterministic with it. Written, never read: it is no input of what is kept.
    os.environ.update(CUBLAS_WORKSPACE_CONFIG=":4096:8")
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # costs time, hides nothing here
    torch.backends.cudnn.benchmark = False


def epoch_seed(seed: int, epoch: int) -> int:
    """Return the seed of all the random draws of one epoch.

    It depends on nothing else, so an epoch draws the same after a resume as without it.
    """
    return int(np.random.SeedSequence([seed, epoch]).generate_state(1)[0])
