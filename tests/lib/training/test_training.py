"""Training: what it learns from, what it keeps, how it resumes."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from carnet import InputError
from carnet.sources import packages
from lib.training.determinism import epoch_seed
from lib.training.loop import Diverged, TrainingLoop, _batches
from lib.training.training import TrainingConfig, train, training_work

pytestmark = pytest.mark.usefixtures("store", "narrow_network")

CONFIG = TrainingConfig(image_size=32, epochs=2, batch_size=8, threads=1)


def folder(cars, config=CONFIG):
    return training_work(cars, config).folder


class Interrupted(Exception):
    pass


def stop_after(epoch):
    def on_epoch(done, row):
        if done == epoch:
            raise Interrupted

    return on_epoch


@pytest.mark.slow
def test_history_and_reference(cars):
    """One row an epoch; the reference leads to the model."""
    training = train(cars, CONFIG)
    assert training.history["epoch"].tolist() == [1, 2]
    assert training.history["train_accuracy"].between(0, 1).all()
    assert training.reference["training"] == training.folder.name
    assert sorted(file.name for file in training.folder.iterdir()) == [
        "finished.json",
        "inputs.json",
        "lock",
        "model.pt",
    ]
    logits = training.model()(torch.rand(2, 3, 32, 32))
    assert logits.shape == (2, len(cars.classes))


@pytest.mark.slow
def test_finished_training_is_loaded(cars, monkeypatch):
    """Nothing is trained again; on_epoch sees every epoch."""
    first = train(cars, CONFIG)
    monkeypatch.setattr("lib.training.training.TrainingLoop", None)
    seen = []
    again = train(cars, CONFIG, on_epoch=lambda epoch, row: seen.append((epoch, row["epoch"])))
    assert again.reference == first.reference
    assert again.history.equals(first.history)
    assert seen == [(1, 1), (2, 2)]


def test_test_images_play_no_part(cars):
    """Other test labels, same training."""
    other = cars.frame.copy()
    other.loc[other["split"] == "test", "label"] = 0
    assert folder(replace(cars, frame=other)) == folder(cars)
    other.loc[other["split"] == "train", "label"] = 0
    assert folder(replace(cars, frame=other)) != folder(cars)


@pytest.mark.parametrize("package", ["scikit-learn", "torch", "pandas"])
def test_an_upgraded_package_asks_for_another_training(cars, monkeypatch, package):
    """Class weights and splits are scikit-learn's; whatever a module imports counts."""
    before, installed = folder(cars), packages.environment()
    upgraded = replace(installed, versions=installed.versions | {package: "99"})
    monkeypatch.setattr(packages, "environment", lambda: upgraded)
    assert folder(cars) != before


def test_weights_count_by_content(cars, tmp_path):
    """A file of weights that moves gives the same folder, one that changes another."""
    (tmp_path / "a.pth").write_text("1")
    (tmp_path / "b.pth").write_text("1")
    (tmp_path / "c.pth").write_text("2")
    folders = [
        folder(cars, replace(CONFIG, weights=str(tmp_path / f"{name}.pth"))) for name in "abc"
    ]
    assert folders[0] == folders[1] != folders[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"augmentation": ("RandomRotation", "AutoAugment"), "scheduler": "ReduceLROnPlateau"},
        {"optimizer": "SGD", "scheduler": "StepLR", "normalisation": "z-score"},
    ],
)
def test_resumed_training_is_the_same_to_the_byte(cars, tmp_path, monkeypatch, change):
    """Stopped after two epochs of four, then resumed: same weights, same history."""
    config = replace(CONFIG, epochs=4, **change)
    whole = train(cars, config)
    monkeypatch.setenv("JOURNAL_STORE", str(tmp_path / "other"))
    with pytest.raises(Interrupted):
        train(cars, config, on_epoch=stop_after(2))
    torch.rand(7)  # whatever else draws in between
    resumed = train(cars, config)
    assert resumed.folder != whole.folder
    assert resumed.reference["weights_sha256"] == whole.reference["weights_sha256"]
    for name in ("model.pt", "finished.json"):
        assert (resumed.folder / name).read_bytes() == (whole.folder / name).read_bytes()


@pytest.mark.slow
def test_a_training_keeps_its_name_once_one_has_been_trained(cars, monkeypatch):
    """What makes a training deterministic is set in the environment, and is no input."""
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    before = training_work(cars, CONFIG).folder
    train(cars, replace(CONFIG, epochs=1, seed=3))
    assert training_work(cars, CONFIG).folder == before


@pytest.mark.slow
def test_half_written_checkpoints_are_removed(cars):
    """What a killed process left is neither read nor kept."""
    folder = training_work(cars, CONFIG).folder
    (folder / ".1234.pt").write_bytes(b"half")
    train(cars, replace(CONFIG, epochs=1, seed=3))
    assert (folder / ".1234.pt").exists()  # another training's folder
    train(cars, CONFIG)
    assert not (folder / ".1234.pt").exists()


@pytest.mark.slow
def test_a_leftover_that_another_process_removes_first_is_no_error(cars, monkeypatch):
    glob = Path.glob

    def with_one_gone(folder, pattern):
        return [folder / ".1234.pt"] if pattern == ".*.pt" else glob(folder, pattern)

    monkeypatch.setattr(Path, "glob", with_one_gone)
    assert len(train(cars, CONFIG).history) == CONFIG.epochs


def test_epoch_seeds_differ():
    """By seed and by epoch."""
    assert len({epoch_seed(seed, epoch) for seed in range(5) for epoch in range(5)}) == 25


@pytest.mark.slow
@pytest.mark.parametrize("loss", ["BCEWithLogitsLoss", "FocalLoss"])
def test_losses_and_class_weights_train(cars, loss):
    """They run, and the loss is a number."""
    config = replace(
        CONFIG, epochs=1, loss=loss, class_weights="balanced", normalisation="ImageNet"
    )
    assert train(cars, config).history["train_loss"].between(0, 10).all()


@pytest.mark.slow
def test_learning_rate_follows_the_scheduler(cars):
    """StepLR divides by ten after each third."""
    rates = train(cars, replace(CONFIG, epochs=3, scheduler="StepLR")).history["learning_rate"]
    assert rates.tolist() == pytest.approx([1e-3, 1e-4, 1e-5])


@pytest.mark.slow
def test_a_training_that_diverges_says_so(cars):
    """In one line, and keeps nothing that a next one would take for finished."""
    config = replace(CONFIG, optimizer="SGD", learning_rate=1e30)
    with pytest.raises(
        Diverged, match="after epoch 1; a learning_rate below 1e\\+30 may do"
    ) as told:
        train(cars, config)
    assert "\n" not in str(told.value)
    assert not training_work(cars, config).finished


@pytest.mark.slow
def test_training_learns(cars):
    """It ends better on its own images than it began."""
    history = train(cars, replace(CONFIG, epochs=8)).history
    assert history["train_loss"].iloc[-1] < 0.7 * history["train_loss"].iloc[0]


def test_empty_split_is_named(cars):
    """No image to validate on."""
    frame = cars.frame[cars.frame["split"] != "validation"]
    with pytest.raises(InputError, match="no image in the split 'validation'"):
        train(replace(cars, frame=frame), CONFIG)


@pytest.mark.slow
def test_two_who_ask_for_the_same_training_do_it_once(cars, monkeypatch):
    trained = []
    train_one_epoch = TrainingLoop.train_one_epoch
    monkeypatch.setattr(
        TrainingLoop,
        "train_one_epoch",
        lambda run, epoch: (trained.append(epoch), train_one_epoch(run, epoch)),
    )
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: train(cars, CONFIG), range(2))
    assert trained == [1, 2]
    assert first.reference == second.reference


def test_a_divergence_comes_back_from_another_process():
    row = {"epoch": 1, "learning_rate": 0.1, "train_loss": 1.0, "validation_loss": float("inf")}
    back = pickle.loads(pickle.dumps(Diverged(row)))
    assert back.row == row and "the training diverged" in str(back)


@pytest.mark.parametrize(
    ("count", "size", "sizes"), [(65, 64, [64]), (66, 64, [64, 2]), (64, 64, [64]), (7, 3, [3, 3])]
)
def test_a_last_batch_of_one_image_is_dropped(count, size, sizes):
    assert [len(batch) for batch in _batches(count, size)] == sizes
