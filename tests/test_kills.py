"""Builds killed at random moments end as those that nobody killed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
def test_a_killed_build_goes_on_where_it_was():
    command = [sys.executable, "-m", "benchmarks.kills", "--times", "2"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "bytes equal 2 of 2" in done.stdout
