"""The training of the classifier, from its configuration to its scores."""

from lib.training.configuration import TrainingConfig
from lib.training.together import train_together
from lib.training.training import Training, train

__all__ = ["Training", "TrainingConfig", "train", "train_together"]
