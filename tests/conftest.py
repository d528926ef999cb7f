"""Fixtures shared by the tests."""

from pathlib import Path

import pytest

from lib.synthetic import generate


@pytest.fixture(scope="session")
def tiny_cars_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root as `StanfordCars` reads it: 3 classes, about 8 training and 4 test images each."""
    root = tmp_path_factory.mktemp("tiny_cars")
    generate(root, classes=3, train_per_class=8, test_per_class=4)
    return root
