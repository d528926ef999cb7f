"""JupyterLab on a journal, opened on a page that lists the notebooks and leads to the pages."""

import importlib.util
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from carnet.commands.console import notify
from carnet.project.errors import RequestError
from carnet.project.paths import Project
from carnet.project.settings import read_settings
from carnet.publication.documents import DOCUMENT, SITE_FOLDER
from carnet.sources.notebooks import Notebook, read_notebooks
from carnet.store.runs import Store
from carnet.text.french import NBSP
from carnet.text.language import speaking, translate
from carnet.text.markdown import after, opening_heading
from carnet.text.tables import pipe_row

START = "start.md"
SETTINGS = Path(__file__).with_name("jupyterlab")
SENTENCE = re.compile(r".+?[.!?…](?=\s|$)", re.DOTALL)


def open_lab(project: Project, arguments: Sequence[str]) -> None:
    """Write the start page, and have this process become JupyterLab.

    Raises:
        RequestError: JupyterLab is not installed.
    """
    if not importlib.util.find_spec("jupyterlab"):
        message = "lab: JupyterLab is not installed: pip install jupyterlab jupyterlab-myst"
        raise RequestError([message])
    (project.notebooks / START).write_text(start_page(project), "utf-8")
    as_root = hasattr(os, "getuid") and os.getuid() == 0
    if as_root:
        notify("warning: JupyterLab runs as root; notebooks may then change any file")
    paths = [str(project.root), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    os.execv(sys.executable, [sys.executable, *command(project, as_root), *arguments])


def command(project: Project, as_root: bool) -> list[str]:
    """Return the arguments of Python that start JupyterLab on the start page."""
    return [
        *("-m", "jupyterlab"),
        f"--ServerApp.root_dir={project.root}",
        f"--LabApp.app_settings_dir={SETTINGS}",
        f"--LabApp.default_url=/lab/tree/notebooks/{START}",
        "--KernelManager.transport_encryption=auto",
        "--ServerApp.contents_manager_class=carnet.commands.contents.Contents",
        *(["--allow-root"] if as_root else []),  # as one often is in a container
    ]


def start_page(project: Project) -> str:
    """Return the page: each notebook with what it is about, what it needs, how long it takes."""
    about, store = read_settings(project.root), Store.of(project)
    notebooks, _ = read_notebooks(project.notebooks)
    with speaking(about.language):
        subject, needs = translate("Sujet"), translate("Il lui faut")
        heads = [translate("Carnet"), subject, needs, translate("Durée")]
        rows = [pipe_row(heads), pipe_row(["---"] * len(heads))]
        rows += [pipe_row(_row(notebook, store)) for notebook in notebooks.values()]
        lines = [
            "# " + translate("{} : les carnets").format(about.title),
            translate(
                "Chaque carnet s’exécute de haut en bas, tel qu’il est : *Run*, *Run All Cells*. "
                "Il retrouve ce qu’une construction du journal a déjà calculé."
            ),
            "\n".join(rows),
        ]
        if (project.root / DOCUMENT).is_file():  # a page of the site would lose its style here
            built = translate(
                "[Le journal construit]({}), qui se lit aussi dans un navigateur : `{}`."
            )
            lines.append(built.format(f"../{DOCUMENT}", f"{SITE_FOLDER}/index.html"))
    return "\n\n".join(lines) + "\n"


def _row(notebook: Notebook, store: Store) -> list[str]:
    newest = next(iter(store.runs(notebook.name)), None)
    return [
        f"[{notebook.number} {notebook.title}]({notebook.path.name})",
        _subject(notebook),
        ", ".join(notebook.needs),
        f"{newest.record['seconds']:.0f}{NBSP}s" if newest else "",
    ]


def _subject(notebook: Notebook) -> str:
    """Return the first sentence under the title."""
    text = next((c["source"] for c in notebook.cells if c["cell_type"] == "markdown"), "")
    found = opening_heading(text)
    sentence = SENTENCE.match(after(text, found).strip()) if found else None
    return " ".join(sentence[0].split()) if sentence else ""
