"""What notebooks written for the first version of the engine import; new ones import `carnet`."""

from carnet import *  # noqa: F403
