"""The statistics of batch normalisation belong to the weights, wherever these are measured."""

from dataclasses import replace

import pytest
import torch

from lib.data.cars import open_images
from lib.training import loop
from lib.training.batch_statistics import SAMPLE, sample_batches
from lib.training.configuration import choices
from lib.training.evaluation import evaluate
from lib.training.processes import join_processes
from lib.training.training import TrainingConfig, train

pytestmark = pytest.mark.usefixtures("store", "narrow_network")

CONFIG = TrainingConfig(
    image_size=32, epochs=2, batch_size=8, threads=1, augmentation=("RandomRotation",)
)


def test_a_sample_is_of_images_drawn_once_in_whole_batches():
    batches = sample_batches(10 * SAMPLE, 48, seed=1)
    assert [len(batch) for batch in batches] == [48] * (SAMPLE // 48)
    places = torch.cat(batches)
    assert len(places.unique()) == len(places)
    assert places.max() > SAMPLE  # among all of them
    assert [len(batch) for batch in sample_batches(20, 8, seed=1)] == [8, 8]
    assert [len(batch) for batch in sample_batches(5, 8, seed=1)] == [5]


def test_a_sample_follows_its_seed_and_draws_nothing_else():
    state = torch.get_rng_state()
    first, same, other = (torch.cat(sample_batches(1000, 8, seed)) for seed in (0, 0, 1))
    assert torch.equal(first, same) and not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)


def last_layer_inputs(model, images):
    """What enters the last batch normalisation, per channel: mean and unbiased variance."""
    seen = []
    hook = model.network.layer4[1].bn2.register_forward_hook(lambda _, args, __: seen.append(*args))
    with torch.no_grad():
        model(images)
    hook.remove()
    values = seen[0].transpose(0, 1).flatten(1)
    return values.mean(dim=1), values.var(dim=1)


@pytest.mark.slow
def test_the_model_that_is_kept_has_the_statistics_of_its_weights(cars):
    """One batch of all images, not augmented: its own mean and variance, to rounding."""
    config = replace(CONFIG, batch_size=64, augmentation=())
    model = train(cars, config).model()
    frame = cars.of("train")
    assert len(frame) < 64
    images = open_images(cars, frame, 32)[:]
    mean, variance = last_layer_inputs(model.train(), images)
    model = train(cars, config).model()  # as kept: a forward pass in training moves statistics
    torch.testing.assert_close(model.network.layer4[1].bn2.running_mean, mean)
    torch.testing.assert_close(model.network.layer4[1].bn2.running_var, variance)


@pytest.mark.slow
def test_what_is_measured_does_not_depend_on_the_averages_of_training(cars, tmp_path):
    """Spoilt moving averages change neither the loss and accuracy of validation nor the draws."""
    run = loop.TrainingLoop(cars, CONFIG, tmp_path, join_processes())
    run.train_one_epoch(1)
    expected, state = run.validate(), torch.get_rng_state()
    for module in run.model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.fill_(3.0)
            module.running_var.fill_(1e4)
    assert run.validate() != expected
    run.measure_batch_statistics()
    assert run.validate() == expected
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.slow
def test_weights_do_not_depend_on_the_statistics(cars):
    """Training normalises each batch by itself: with moving averages, the same weights."""
    measured, averaged = (
        train(cars, replace(CONFIG, batch_statistics=kind)) for kind in choices("batch_statistics")
    )
    one, other = (training.model().state_dict() for training in (measured, averaged))
    differing = {name for name in one if not torch.equal(one[name], other[name])}
    assert {name.rsplit(".")[-1] for name in differing} == {
        "running_mean",
        "running_var",
        "num_batches_tracked",
    }
    during = ["epoch", "train_loss", "train_accuracy"]
    assert measured.history[during].equals(averaged.history[during])
    assert not measured.history.validation_loss.equals(averaged.history.validation_loss)
    # Beside its own, the other measure of each epoch: that of the same weights.
    beside = averaged.history.validation_accuracy_measured
    assert beside.tolist() == measured.history.validation_accuracy.tolist()
    assert averaged.history.train_accuracy_averaged.between(0, 1).all()


@pytest.mark.slow
def test_the_last_epoch_is_what_is_kept(cars):
    """Whatever its validation: what is kept scores as the last row of the history says."""
    training = train(cars, CONFIG)
    found = evaluate(training.model(), cars, "validation", CONFIG.image_size)
    assert found.accuracy == training.history.validation_accuracy.iloc[-1]
