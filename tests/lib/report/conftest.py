"""Searches to report on."""

import pytest

from tests.fake_search import fake_search, without_effects


@pytest.fixture(scope="package")
def found():
    return fake_search(12)


@pytest.fixture(scope="package")
def noise(found):
    return without_effects(found)
