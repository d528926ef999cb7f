"""Training with several processes, started by torchrun."""

import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from carnet import InputError
from lib.data.cars import load_cars
from lib.training import launch, loop
from lib.training.loop import Diverged, TrainingLoop
from lib.training.processes import join_processes, share_of
from lib.training.training import JOB, TrainingConfig, train, training_work
from tests.conftest import ROOT

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]

pytestmark = pytest.mark.usefixtures("narrow_network")

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


SCRIPT = """
import json, os, sys

from lib.training import launch, model
from tests.lib.training.test_processes import train_curves
from tests.narrow import resnet18

model.resnet18 = resnet18
curves = train_curves(sys.argv[1])
if os.environ["RANK"] == "0":
    print(json.dumps(curves), flush=True)
launch.command([])
"""


def output(command: list) -> list[str]:
    """The lines of a command, run from the project with its library; it complains of nothing."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "leaked" not in done.stderr
    return done.stdout.splitlines()


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


@pytest.fixture(scope="module")
def begun_once(narrow_network, tiny_cars_root, tmp_path_factory):
    """What a build that was stopped in the second epoch left: a store, a data set, a setting."""
    store = tmp_path_factory.mktemp("begun") / "runs"
    config = TrainingConfig(image_size=32, epochs=2, batch_size=8, threads=1)
    train_one_epoch = TrainingLoop.train_one_epoch

    def stopped(loop, epoch):
        if epoch == 2:
            raise KeyboardInterrupt
        train_one_epoch(loop, epoch)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setenv("JOURNAL_STORE", str(store))
        patch.setattr(TrainingLoop, "train_one_epoch", stopped)
        cars = load_cars(str(tiny_cars_root), validation=0.25, seed=3)
        train(cars, config)
    return store, cars, config


@pytest.fixture
def begun(begun_once, tmp_path, monkeypatch):
    """A copy of that store; the data set and the configuration."""
    store, *what = begun_once
    shutil.copytree(store, tmp_path / "runs")
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "runs"))
    return what


@pytest.mark.slow
def test_two_processes_give_the_curve_of_one_and_finish_what_a_stopped_build_began(
    begun, tmp_path, monkeypatch
):
    """By its job alone; the build finds it, and trains nothing again."""
    folder, data, script = training_work(*begun).folder, str(begun[0].root), tmp_path / "script.py"
    script.write_text(SCRIPT)
    shared, *printed = output([*TORCHRUN, script, data])
    curves = zip(train_curves(data), json.loads(shared), strict=True)
    for (processes, one), (sharing, two) in curves:
        assert (processes, sharing) == (1, 2)
        for before, after in zip(one, two, strict=True):
            assert after == pytest.approx(before, rel=1e-6)
    assert printed == [f"training {folder.name}", "trainings finished: 1"]
    assert json.loads((folder / "finished.json").read_text())["result"]["processes"] == 2
    assert torch.load(folder / "model.pt", weights_only=True)
    monkeypatch.setattr("lib.training.training.TrainingLoop", None)  # training would need it
    assert train(*begun).history["epoch"].tolist() == [1, 2]


@pytest.mark.slow
def test_a_folder_without_a_job_is_refused(begun, capsys):
    folder = training_work(*begun).folder
    asked = folder.with_name(f"{folder.name[:-1]}x")
    with pytest.raises(SystemExit) as ended:
        launch.command([str(asked)])
    assert ended.value.code == 2
    assert capsys.readouterr().err == (
        f"{asked}: expected the folder of an unfinished training; did you mean '{folder.name}'?\n"
    )


@pytest.mark.slow
def test_a_job_holds_what_a_training_depends_on(begun):
    work = training_work(*begun)
    job = work.read(JOB)
    assert job["data"] == {"data": str(begun[0].root), "validation": 0.25, "seed": 3}
    assert TrainingConfig(**job["config"]) == begun[1]
    assert launch.unfinished_trainings() == {work.folder.name: work.folder}


@pytest.mark.slow
def test_a_training_that_changed_since_is_refused(begun):
    work = training_work(*begun)
    job = work.read(JOB)
    work.write(JOB, job | {"data": job["data"] | {"seed": 4}})
    with pytest.raises(InputError, match="have changed since it began; build its notebook again"):
        launch.resume(work)


@pytest.mark.slow
def test_neither_a_finished_training_nor_a_trial_nor_a_diverging_one_is_left(begun, monkeypatch):
    cars, config = begun
    train(cars, config)

    def pruned(epoch, row):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(cars, replace(config, seed=1), on_epoch=pruned)
    with pytest.raises(Diverged):
        train(cars, replace(config, optimizer="SGD", learning_rate=1e30))
    assert launch.unfinished_trainings() == {}
