"""The hyperparameter search: its space, its study, its trials, what they say."""

from lib.search.search import STARTUP_TRIALS
from lib.search.search import search as run_search  # `lib.search.search` stays the module
from lib.search.space import SearchSpace

__all__ = ["STARTUP_TRIALS", "SearchSpace", "run_search"]
