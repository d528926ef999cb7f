"""What would run, and why."""

from collections.abc import Iterator

from carnet.commands.build import Journal


def explain(journal: Journal) -> Iterator[str]:
    """Yield a line for each notebook: up to date, or why it would run. Runs nothing."""
    reasons, _ = journal.explain()
    labels = journal.labels()
    for name, lines in reasons.items():
        yield f"{labels[name]}  {'; '.join(lines) or 'up to date'}"
