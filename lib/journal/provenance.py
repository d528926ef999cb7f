"""The machine-readable record of a run: what it depended on, where, when and how long."""

import datetime
import os
import platform
import subprocess
from pathlib import Path


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
            "processor": platform.machine(),
            "cpus": os.cpu_count(),
        },
        "git": _git_state(root),
    }


def _git_state(root: Path) -> dict | None:
    """The commit and whether the tree had changes; None outside a repository."""
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
