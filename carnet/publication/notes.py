"""The note of provenance that ends each page: which runs it shows, with what, in French.

Only what the same inputs give again: no time, no path, nothing of the machine's load.
"""

from pathlib import Path

from carnet.sources.notebooks import Notebook
from carnet.sources.packages import environment
from carnet.store.keys import is_contents, reach, shown_value
from carnet.store.runs import KEY_SHOWN, Run
from carnet.text.french import fr_list, fr_plural
from carnet.text.tables import pipe_row


def provenance_note(
    names: set[str], notebooks: dict[str, Notebook], runs: dict[str, Run], root: Path
) -> str:
    """Return the note of a page that shows the notebooks `names`, as Markdown; empty for none."""
    shown = [runs[name] for name in notebooks if name in names]
    if not shown:
        return ""
    rows = [_row(notebooks[run.name], run) for run in shown]
    table = ["| Carnet | Exécution | Paramètres |", "| :--- | :--- | :--- |", *rows]
    return "\n".join([*table, "", _environment(shown, notebooks, root)])


def _row(notebook: Notebook, run: Run) -> str:
    parameters = ", ".join(
        f"`{name} = {_shown(value)}`" for name, value in run.inputs("parameter").items()
    )
    return pipe_row([notebook.title, f"`{run.short_key}`", parameters])


def _shown(value) -> str:
    """A path is shown by what its contents are, not where they were."""
    if is_contents(value):
        return f"contenu {value['contents'][:KEY_SHOWN]}"
    return str(shown_value(value))


def _environment(shown: list[Run], notebooks: dict[str, Notebook], root: Path) -> str:
    """Tell the CPU, the versions of Python and of the packages that the notebooks import."""
    distributions = environment().distributions
    versions = {}
    for run in shown:
        known = run.inputs("package")
        for top in reach(notebooks[run.name], root).packages:
            versions |= {n: known[n] for n in distributions.get(top, []) if n in known}
    listed = fr_list(f"{name} {version}" for name, version in sorted(versions.items()))
    packages = fr_plural(len(versions), "paquet importé", "paquets importés")
    python = shown[0].record["inputs"]["python"]
    cpus = dict.fromkeys(run.cpu for run in shown if run.cpu)
    lines = [f"{python} ; {packages}{f' : {listed}' if listed else ''}."]
    return "\n\n".join([*lines, *(f"Processeur : {cpu}." for cpu in cpus)])
