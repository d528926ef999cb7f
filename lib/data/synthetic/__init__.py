"""The embedded data set: drawings of fictional cars, laid out on disk like Stanford Cars.

`generate` writes it; `lib.data.cars` then reads it as it would read the real one. The package knows
nothing of models, statistics or notebooks.
"""

from lib.data.synthetic.dataset import SYNTHETIC, generate, unsigned_images

__all__ = ["SYNTHETIC", "generate", "unsigned_images"]
