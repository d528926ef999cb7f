"""The training of the classifier, from its configuration to its scores."""

from lib.training.training import Training, TrainingConfig, train

__all__ = ["Training", "TrainingConfig", "train"]
