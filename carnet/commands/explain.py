"""What would run, and why."""

from collections.abc import Iterator

from carnet.commands.build import Journal
from carnet.store.provenance import cpu_kind, other_cpu


def explain(journal: Journal) -> Iterator[str]:
    """Yield a line for each notebook: up to date (and whether another kind of CPU made its run),
    or why it would run."""
    reasons, runs = journal.explain()
    labels = journal.labels()
    for name, lines in reasons.items():
        state = "; ".join(lines) or "up to date"
        elsewhere = name in runs and other_cpu(runs[name].cpu, cpu_kind())
        yield f"{labels[name]}  {state}{f'; {elsewhere}' if elsewhere else ''}"
