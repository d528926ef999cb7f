"""Training with several processes, started by torchrun."""

import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import torch

from lib.data.cars import load_cars
from lib.training import loop
from lib.training.processes import join_processes, share_of
from lib.training.training import TrainingConfig, train
from tests.conftest import ROOT

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]

SMALL = {"image_size": 32, "epochs": 2, "batch_size": 8, "threads": 1}
SETTINGS = [
    {"augmentation": ["HorizontalFlip", "RandomRotation"], "class_weights": "balanced"},
    {"optimizer": "SGD", "scheduler": "StepLR", "batch_size": 7, "normalisation": "z-score"},
]


def train_curves(data: str) -> list[list]:
    """Train with each of `SETTINGS`; return (number of processes, history) of each.

    In double precision, rounding differences stay far below what a wrong share would cause.
    """
    build_model = loop.build_model
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        patch.setattr(loop, "build_model", lambda *args, **kw: build_model(*args, **kw).double())
        return [
            train_curve(data, TrainingConfig(**SMALL | settings), Path(folder, str(number)))
            for number, settings in enumerate(SETTINGS)
        ]


def train_curve(data: str, config: TrainingConfig, folder: Path) -> list:
    folder.mkdir()
    run = loop.TrainingLoop(load_cars(data), config, folder, join_processes())
    for epoch in range(1, config.epochs + 1):
        run.train_one_epoch(epoch)
        run.save_checkpoint()
    assert run.checkpoint.exists() == run.accelerator.is_main_process
    return [run.accelerator.num_processes, run.history]


CURVES = """
import json, os, sys
from tests.lib.training.test_processes import train_curves

curves = train_curves(sys.argv[1])
if os.environ["RANK"] == "0":
    print(json.dumps(curves))
"""


def output(command: list, **environment: str) -> str:
    """What a command prints, run from the project with its own library; it complains of nothing."""
    inherited = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        command, cwd=ROOT, env=inherited | environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "leaked" not in done.stderr
    return done.stdout


@pytest.mark.parametrize("count", [0, 1, 2, 3, 32, 33])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_shares_make_the_whole(count, processes):
    """In order, as even as can be."""

    def share(rank):
        who = type("Accelerator", (), {"process_index": rank, "num_processes": processes})
        return list(range(count))[share_of(who, count)]

    shares = [share(rank) for rank in range(processes)]
    assert list(itertools.chain(*shares)) == list(range(count))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.slow
def test_two_processes_give_the_curve_of_one(tiny_cars_root, tmp_path, monkeypatch):
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "runs"))
    data, script = str(tiny_cars_root), tmp_path / "curves.py"
    script.write_text(CURVES)
    shared = json.loads(output([*TORCHRUN, script, data]))
    for (processes, one), (shared_by, two) in zip(train_curves(data), shared, strict=True):
        assert (processes, shared_by) == (1, 2)
        for before, after in zip(one, two, strict=True):
            assert after == pytest.approx(before, rel=1e-6)


@pytest.mark.slow
def test_the_notebook_finds_what_torchrun_trained(tiny_cars_root, tmp_path, monkeypatch):
    """The same training, by its configuration: nothing is trained again."""
    settings = ["-p", "epochs=1", "-p", "image_size=32", "-p", "batch_size=8"]
    asked = ["-m", "lib.training.launch", "03", "--data", tiny_cars_root, *settings]
    output([*TORCHRUN, *asked], JOURNAL_STORE=str(tmp_path))
    (kept,) = (tmp_path / "trainings").iterdir()
    assert json.loads((kept / "finished.json").read_text())["processes"] == 2
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path))
    monkeypatch.setattr("lib.training.training.TrainingLoop", None)  # training would need it
    config = TrainingConfig(
        image_size=32,
        epochs=1,
        batch_size=8,
        scheduler="ReduceLROnPlateau",
        augmentation=("HorizontalFlip", "RandomRotation"),
    )
    found = train(load_cars(str(tiny_cars_root)), config)
    assert found.folder == kept
    assert torch.load(kept / "model.pt", weights_only=True)


def test_a_notebook_that_does_not_train_is_refused(tmp_path):
    command = [sys.executable, "-m", "lib.training.launch", "01"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "JOURNAL_STORE": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "notebooks/01_statistiques.ipynb: no cell calls `train`\n"
