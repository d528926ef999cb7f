"""Fixtures shared by the tests."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from carnet import InputError
from carnet.publication.browser import find_browser

# Two test processes share two cores: a thread of torch that waits for another leaves its own.
# Read once, as torch is imported; by the kernels too.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

TOO_SLOW = [HealthCheck.too_slow]
ROOT = Path(__file__).parents[1]
try:
    CHROMIUM, NO_CHROMIUM = find_browser(), ""
except InputError as error:
    CHROMIUM, NO_CHROMIUM = None, str(error)

# The same examples each time; more of them by `pytest --hypothesis-profile=many`.
SETTINGS = {
    "deadline": None,
    "derandomize": True,
    "database": None,
    "suppress_health_check": TOO_SLOW,
}
settings.register_profile("few", max_examples=100, **SETTINGS)
settings.register_profile("many", max_examples=2_500, **SETTINGS)
settings.load_profile("few")

# A shell that runs the tests in the background has them, and what they start, ignore Ctrl-C;
# nohup, the end of the terminal.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

SMALL = {
    "threads": os.cpu_count(),  # so that trainings stay in their kernel: processes start slowly
    "epochs": 1,
    "image_size": 32,
    "double_scaling_epochs": 1,
    "double_scaling_image_size": 32,
    "crossed_epochs": 1,
    "crossed_image_size": 32,
    "n_sample": 6,
    "shap_samples": 2,
    "shap_references": 4,
    "lime_samples": 8,
    "n_trials": 2,
    "trial_epochs": 1,
    "final_epochs": 1,
    "image_sizes": [32],
    "site_figures": 2,
}

# What is made once: with pytest-xdist, the tests that use one of these go to the same process.
MADE_ONCE = ("small_build", "lab", "postgres")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow tests, so that both processes end at the same time."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        for name in set(MADE_ONCE).intersection(item.fixturenames):
            item.add_marker(pytest.mark.xdist_group(name))


@pytest.fixture(scope="module")
def browser():
    """A Chromium that Playwright drives."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def tiny_cars_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root as `StanfordCars` reads it: 3 classes, about 8 training and 4 test images each."""
    from lib.data.synthetic import generate  # slow to import

    root = tmp_path_factory.mktemp("tiny_cars")
    generate(root, classes=3, train_per_class=8, test_per_class=4)
    return root


def build(store: Path, *arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess:
    """Run the command line with a store of its own."""
    command = [sys.executable, "build_journal.py", *arguments]
    environment = os.environ | {"JOURNAL_STORE": str(store)}
    return subprocess.run(command, cwd=root, capture_output=True, text=True, env=environment)


def small(root: Path = ROOT, **more) -> list[str]:
    """Return the options that give the notebooks of a project their smallest values."""
    lines = "".join(path.read_text("utf-8") for path in (root / "notebooks").glob("*.ipynb"))
    values = {name: value for name, value in SMALL.items() if f'"{name} = ' in lines} | more
    return [part for name, value in values.items() for part in ("-p", f"{name}={value}")]


@pytest.fixture(scope="session")
def small_build(tmp_path_factory, tiny_cars_root):
    """The whole journal on a tiny data set: (output folder, store, finished process)."""
    output, store = tmp_path_factory.mktemp("output"), tmp_path_factory.mktemp("store")
    done = build(store, "--data", str(tiny_cars_root), "--output", str(output), *small())
    return output, store, done
