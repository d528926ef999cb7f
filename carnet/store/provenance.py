"""The machine-readable record of a run: what it depended on; where, when and how long it ran."""

import datetime
import os
import platform
import re
import subprocess
from pathlib import Path

CPU_FACTS = re.compile(r"^(model name|flags)\s*:\s*(.+)$", re.MULTILINE)
# The vector instructions that numerical libraries choose their code by, from the oldest.
VECTORS = ("sse4_1", "fma", "avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16")
# What has them use fewer instructions, or fewer threads, than the machine has.
CAPS = (
    "ATEN_CPU_CAPABILITY",
    "ONEDNN_MAX_CPU_ISA",
    "DNNL_MAX_CPU_ISA",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "OPENBLAS_CORETYPE",
)
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def provenance(
    root: Path,
    inputs: dict,
    observed: dict,
    parameters: dict,
    begun: datetime.datetime,
    seconds: float,
    cpu: str,
) -> dict:
    """Return the record kept with a run.

    Args:
        inputs: what the key of the run hashes.
        observed: what else it read.
        cpu: the kind of CPU that made it, as `cpu_kind` returns on the machine where it ran.
    """
    return {
        "inputs": inputs,
        "observed": observed,
        "parameters": parameters,
        "begun": begun.isoformat(timespec="seconds"),
        "seconds": round(seconds, 1),
        "machine": {"platform": platform.platform(), "cpu": cpu},
        "git": git_state(root),
    }


def cpu_kind(about: Path = Path("/proc/cpuinfo")) -> str:
    """Return what the last bits of results depend on, on this machine, in one line.

    The model of the CPU, its vector instructions, the number of threads, and the environment
    variables that limit them: "AMD EPYC, sse4_1 fma avx2, 2 threads, MKL_CBWR=AVX2". It is no
    part of the run key: on another kind, bytes may differ, verdicts should not.
    """
    facts = _cpu_facts(about)
    model = facts.get("model name") or platform.processor() or platform.machine()
    has = facts.get("flags", "").split()
    vectors = " ".join(name for name in VECTORS if name in has)
    limits = [f"{name}={os.environ[name]}" for name in (*CAPS, *THREADS) if name in os.environ]
    return ", ".join(filter(None, [model, vectors, f"{os.cpu_count()} threads", *limits]))


def _cpu_facts(about: Path) -> dict[str, str]:
    """Return what the system says of the first CPU; nothing where it is not Linux."""
    try:
        return dict(reversed(CPU_FACTS.findall(about.read_text("utf-8"))))
    except OSError:
        return {}


def other_cpu(before: str | None, now: str | None) -> str:
    """Say that two kinds of CPU differ; empty where they do not, or where one is not known."""
    if not before or not now or before == now:
        return ""
    return (
        f"made on another kind of CPU ({before}; now {now}): bytes may differ, verdicts should not"
    )


def git_state(root: Path) -> dict | None:
    """The commit, and whether the tree has uncommitted changes; None outside a repository."""
    made_from = commit(root)
    if not made_from:
        return None
    return {"commit": made_from, "dirty": bool(_git(root, "status", "--porcelain"))}


def commit(root: Path) -> str:
    """Return the commit of a project, "" outside a repository."""
    return _git(root, "rev-parse", "HEAD")


def _git(root: Path, *arguments: str) -> str:
    try:
        command = ["git", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
