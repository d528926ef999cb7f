"""The description of an exported journal: an RO-Crate, of the profile Provenance Run Crate.

The journal is a workflow of notebooks. Each run is an action: its notebook, its parameters, the
results that it needed, what it made. See https://w3id.org/ro/wfrun/provenance/0.5.
"""

import datetime
import json
import mimetypes
from collections.abc import Collection, Iterator
from itertools import starmap
from urllib.parse import quote

import carnet
from carnet.project.files import digest
from carnet.project.settings import Settings
from carnet.sources.notebooks import Notebook
from carnet.store.keys import shown_value
from carnet.store.runs import KEY_SHOWN, Run
from carnet.text.slugs import slug

VERSION = "1.1"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.5": "Workflow Run Crate",
    "https://w3id.org/ro/wfrun/provenance/0.5": "Provenance Run Crate",
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": "Workflow RO-Crate",
}
TERMS = "https://w3id.org/ro/terms/workflow-run/context"
NAME, WORKFLOW = "ro-crate-metadata.json", "workflow.json"
TYPES = {bool: "Boolean", int: "Integer", float: "Float"}  # of parameters; the others are "Text"
FORMATS = {".ipynb": "application/x-ipynb+json", ".md": "text/markdown", ".yml": "text/yaml"}


def run_file(run: Run, name: str) -> str:
    """Where a file of a run is in the crate."""
    return f"images/{name}" if name.endswith(".png") else f"runs/{run.name}/{name}"


def describe(
    about: Settings, notebooks: dict[str, Notebook], runs: dict[str, Run], files: Collection[str]
) -> dict:
    """Return the JSON-LD of a crate.

    Args:
        notebooks: in the order in which they run.
        files: the paths of all files of the crate, but for the description itself.
    """
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version=VERSION)
    crate.metadata.extra_contexts.append(TERMS)
    special = _sources(about, notebooks, runs)
    for name in files:
        about_file = {"encodingFormat": _format(name)} | special.get(name, {})
        crate.add_file(dest_path=name, properties=about_file)
    for entity in (*_context(about, runs), *_actions(about, notebooks, runs, files)):
        entity = {name: value for name, value in entity.items() if value != []}
        crate.add_jsonld(entity | {"@id": _id(entity["@id"])})
    crate.metadata["conformsTo"] = _refs(f"https://w3id.org/ro/crate/{VERSION}", [*PROFILES][-1])
    root = {
        "name": about.title,
        "description": "A research journal, the runs that it shows, and what they came from.",
        "conformsTo": _refs(*PROFILES),
        "license": _refs("#licence"),
        "author": _refs(*_authors(about)),
        "datePublished": max(map(_end, runs.values())),
        "mainEntity": _refs(WORKFLOW),
        "mentions": _refs("#journal", *map(_action, runs.values())),
    }
    for name, value in root.items():
        crate.root_dataset[name] = value
    return crate.metadata.generate()


def _refs(*names: str) -> list[dict] | dict:
    """Return references as JSON-LD has them: a single one is in no list."""
    found = [{"@id": _id(name)} for name in names]
    return found if len(found) != 1 else found[0]


def _id(name: str) -> str:
    """Return a path or a name as an URI has it, as rocrate does for files."""
    return quote(name, safe="/#:@~")


def _format(name: str) -> str:
    suffix = name[name.rfind(".") :]
    return FORMATS.get(suffix) or mimetypes.guess_type(name)[0] or "text/plain"


def _sources(about: Settings, notebooks: dict[str, Notebook], runs: dict[str, Run]) -> dict:
    """Return what is said of the workflow, of the notebooks and of the records, by path."""
    ids = {name: _file(notebook) for name, notebook in notebooks.items()}
    workflow = {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        "name": about.title,
        "programmingLanguage": _refs("#carnet"),
        "hasPart": _refs(*ids.values()),
        "step": _refs(*map(_step, notebooks)),
        "version": digest([run.key for run in runs.values()])[:KEY_SHOWN],
    }
    described = {WORKFLOW: workflow, "README.md": {"about": _refs("./")}}
    for name, notebook in notebooks.items():
        described[ids[name]] = {
            "@type": ["File", "SoftwareSourceCode"],
            "name": notebook.title,
            "version": runs[name].short_key,
            "programmingLanguage": _refs("#python"),
            "softwareRequirements": _refs(*starmap(_package, runs[name].inputs("package").items())),
            "input": _refs(*(f"#{name}.{key}" for key in runs[name].inputs("parameter"))),
        }
        record = {"name": f"Provenance of {ids[name]}", "about": _refs(_action(runs[name]))}
        described[run_file(runs[name], "record.json")] = record
    return described


def _context(about: Settings, runs: dict[str, Run]) -> Iterator[dict]:
    """Yield who, under which licence, with which software."""
    for address, name in PROFILES.items():
        version = address.rpartition("/")[2]
        yield {"@id": address, "@type": "CreativeWork", "name": name, "version": version}
    for identifier, author in zip(_authors(about), about.authors):
        yield {"@id": identifier, "@type": "Person", "name": author.name}
    licence = about.licence or "All rights reserved"
    yield {"@id": "#licence", "@type": "CreativeWork", "name": licence, "description": licence}
    python = next(iter(runs.values())).record["inputs"]["python"]
    for name, version in {"carnet": carnet.__version__, "python": python}.items():
        yield {"@id": f"#{name}", "@type": "ComputerLanguage", "name": name, "version": version}
    packages = {(name, v) for run in runs.values() for name, v in run.inputs("package").items()}
    for name, version in sorted(packages):
        address = _package(name, version)
        software = {"@id": address, "@type": "SoftwareApplication", "name": name, "url": address}
        yield software | {"softwareVersion": version}


def _actions(
    about: Settings, notebooks: dict[str, Notebook], runs: dict[str, Run], files: Collection[str]
) -> Iterator[dict]:
    """Yield the step and the run of each notebook, then the build that assembled the pages."""
    for position, (name, notebook) in enumerate(notebooks.items(), 1):
        example = {"position": str(position), "workExample": _refs(_file(notebook))}
        yield {"@id": _step(name), "@type": "HowToStep"} | example
        yield from _run(about, notebook, runs[name], runs)
    made = [name for name in files if name.startswith(("journal/site/", "journal/JOURNAL"))]
    yield {
        "@id": "#journal",
        "@type": "CreateAction",
        "name": "The build of the journal",
        "description": "The pages were assembled from these results.",
        "agent": _refs(*_authors(about)),
        "instrument": _refs(WORKFLOW),
        "startTime": min(run.record["begun"] for run in runs.values()),
        "endTime": max(map(_end, runs.values())),
        "object": _refs(*(run_file(run, "results.json") for run in runs.values())),
        "result": _refs(*made),
    }


def _run(about: Settings, notebook: Notebook, run: Run, runs: dict[str, Run]) -> Iterator[dict]:
    """Yield the parameters of a notebook, their values, and its run."""
    values = []
    for key, given in run.inputs("parameter").items():
        slot, value = f"#{notebook.name}.{key}", shown_value(given)
        values.append(f"{slot}-value")
        kind = TYPES.get(type(value), "Text")
        yield {"@id": slot, "@type": "FormalParameter", "name": key, "additionalType": kind}
        plain = value if isinstance(value, bool | int | float | str) else json.dumps(value)
        shown = {"name": key, "value": plain, "exampleOfWork": _refs(slot)}
        yield {"@id": values[-1], "@type": "PropertyValue"} | shown
    needs = [run_file(runs[need], "results.json") for need in notebook.needs]
    made = [run_file(run, "notebook.ipynb"), run_file(run, "results.json")]
    yield {
        "@id": _action(run),
        "@type": "CreateAction",
        "name": f"Run of {_file(notebook)}",
        "description": f"It took {run.record['seconds']} s ({run.cpu}).",
        "agent": _refs(*_authors(about)),
        "instrument": _refs(_file(notebook)),
        "startTime": run.record["begun"],
        "endTime": _end(run),
        "object": _refs(*values, *needs),
        "result": _refs(*made, *(run_file(run, path.name) for path in run.images())),
    }


def _file(notebook: Notebook) -> str:
    return f"notebooks/{notebook.path.name}"


def _action(run: Run) -> str:
    return f"#run-{run.key}"


def _package(name: str, version: str) -> str:
    return f"https://pypi.org/project/{name}/{version}/"


def _step(name: str) -> str:
    return f"#step-{name}"


def _authors(about: Settings) -> list[str]:
    return [
        f"https://orcid.org/{a.orcid}" if a.orcid else f"#{slug(a.name)}" for a in about.authors
    ]


def _end(run: Run) -> str:
    begun = datetime.datetime.fromisoformat(run.record["begun"])
    return (begun + datetime.timedelta(seconds=run.record["seconds"])).isoformat(timespec="seconds")
