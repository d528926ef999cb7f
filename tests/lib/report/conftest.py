"""Searches to report on."""

import pytest

from tests.fake_search import fake_search


@pytest.fixture(scope="package")
def found():
    return fake_search(12)
