"""The hyperparameter search: its space, its study, its trials, what they say."""
