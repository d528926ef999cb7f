"""The machine-readable record of a run: what it depended on; where, when and how long it ran."""

import datetime
import os
import platform
import re
import subprocess
from pathlib import Path

CPU_MODEL = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)
# What limits the threads of numerical libraries, where it is set.
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def provenance(
    root: Path, inputs: dict, parameters: dict, begun: datetime.datetime, seconds: float
) -> dict:
    """Return the record kept with a run; `inputs` is what its key hashes."""
    return {
        "inputs": inputs,
        "parameters": parameters,
        "begun": begun.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "machine": {
            "platform": platform.platform(),
            "cpu": _cpu_model(),
            "cpus": os.cpu_count(),
            "threads": {name: os.environ[name] for name in THREADS if name in os.environ},
        },
        "git": _git_state(root),
    }


def _cpu_model(about: Path = Path("/proc/cpuinfo")) -> str:
    """The model of the CPU where Linux gives it, else its architecture."""
    try:
        model = CPU_MODEL.search(about.read_text("utf-8"))
    except OSError:
        model = None
    return model[1] if model else platform.processor() or platform.machine()


def _git_state(root: Path) -> dict | None:
    """The commit, and whether the tree has uncommitted changes; None outside a repository."""
    commit = _git(root, "rev-parse", "HEAD")
    if not commit:
        return None
    return {"commit": commit, "dirty": bool(_git(root, "status", "--porcelain"))}


def _git(root: Path, *arguments: str) -> str:
    try:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
