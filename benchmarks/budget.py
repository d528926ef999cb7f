"""How long a build from nothing may take on this machine, by the images that it trains on.

    python benchmarks budget

The aim is 9 minutes on 2 cores that train ResNet-18 on 120 images a second at 64 pixels, and in
proportion on others.
"""

import os
from collections.abc import Iterator

import torch
from table import Row, take_turns
from torch.nn.functional import cross_entropy

from lib.training.determinism import set_determinism
from lib.training.model import build_model

MINUTES, SPEED = 9, 120  # of a build, where so many images are trained on in a second
SIDE, BATCH = 64, 64


def rows(quick: bool = False) -> Iterator[Row]:
    """Yield the speed of a training that has all cores, over that of the machine of the aim."""
    threads = os.cpu_count() or 1
    set_determinism(0, threads)
    model = build_model(12).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    images = torch.zeros(BATCH, 3, SIDE, SIDE).contiguous(memory_format=torch.channels_last)
    labels = torch.zeros(BATCH, dtype=torch.int64)

    def step() -> None:
        optimizer.zero_grad()
        cross_entropy(model(images), labels).backward()
        optimizer.step()

    step()
    times = take_turns({"step": step}, rounds=1 if quick else 15)
    speed = BATCH / times.median("step")
    yield Row(
        f"budget: images trained on in a second / {SPEED}",
        speed / SPEED,
        read=f"{speed:.0f} images a second with {threads} threads, so a build from nothing may "
        f"take {60 * MINUTES * SPEED / speed:.0f} s here.",
        raw=str(times),
    )
