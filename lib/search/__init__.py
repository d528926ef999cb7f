"""The hyperparameter search: its space, its design, its trials, what they say."""

from lib.search.search import search as run_search  # `lib.search.search` stays the module
from lib.search.space import SearchSpace

__all__ = ["SearchSpace", "run_search"]
