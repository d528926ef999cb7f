"""The note of provenance that ends each page: which runs it shows, with what, in its language.

What another run with the same inputs gives differently, when and how long, is a span of the class
`volatile`. The site and the PDF show it; JOURNAL.md, compared with what others build, does not.
"""

import datetime
from pathlib import Path

from carnet.publication.plain import code_span
from carnet.sources.notebooks import Notebook
from carnet.sources.packages import environment
from carnet.store.keys import is_contents, reach, shown_value
from carnet.store.runs import KEY_SHOWN, Run
from carnet.text.french import NBSP
from carnet.text.language import counted, date_in_words, duration, listed, translate


def provenance_note(
    names: set[str], notebooks: dict[str, Notebook], runs: dict[str, Run], root: Path
) -> str:
    """Return the note of a page that shows the notebooks `names`, as Markdown; empty for none."""
    shown = [runs[name] for name in notebooks if name in names]
    if not shown:
        return ""
    items = [_item(notebooks[run.name], run) for run in shown]
    return "\n".join([*items, "", _environment(shown, notebooks, root)])


def _item(notebook: Notebook, run: Run) -> str:
    key = f"[`{run.short_key}`](../notebooks/{notebook.path.name})"
    date = date_in_words(datetime.datetime.fromisoformat(run.record["begun"]))
    ran = f"[, {date}, {duration(run.record['seconds'])}]{{.volatile}}"
    values = run.inputs("parameter").items()
    parameters = ", ".join(code_span(f"{name} = {_shown(value)}") for name, value in values)
    return f"- **{notebook.title}** ({key}{ran}){parameters and ' — '}{parameters}"


def _shown(value) -> str:
    """A path is shown by what its contents are, not where they were."""
    if is_contents(value):
        return f"{translate('contenu')} {value['contents'][:KEY_SHOWN]}"
    return " ".join(str(shown_value(value)).split())


def _environment(shown: list[Run], notebooks: dict[str, Notebook], root: Path) -> str:
    """Tell the CPU, the versions of Python and of the packages that the notebooks import."""
    distributions = environment().distributions
    versions = {}
    for run in shown:
        known = run.inputs("package")
        for top in reach(notebooks[run.name], root).packages:
            versions |= {n: known[n] for n in distributions.get(top, []) if n in known}
    names = listed(f"{name}{NBSP}{version}" for name, version in sorted(versions.items()))
    packages = counted(len(versions), "paquet importé", "paquets importés")
    python = shown[0].record["inputs"]["python"]
    cpus = dict.fromkeys(run.cpu for run in shown if run.cpu)
    with_names = translate("{python} ; {packages} : {names}.")
    line = with_names if names else translate("{python} ; {packages}.")
    lines = [line.format(python=python, packages=packages, names=names)]
    return "\n\n".join([*lines, *(translate("Processeur : {}.").format(cpu) for cpu in cpus)])
