"""Give every notebook of a project the run of its first one, without executing the others.

Run in the project, on its own engine: `python seeding.py`. The first notebook is executed by a
real build before. The others do the same work, so that a copy of its run, kept under the key
that the engine computes for each, is what an execution would have left.
"""

import shutil

from carnet.commands.build import Journal
from carnet.execution.plan import look_up
from carnet.project.paths import Project
from carnet.store.runs import Run


def main() -> None:
    journal = Journal.prepare(Project.at(), "synthetique")
    runs: dict[str, Run] = {}
    for name in journal.request.notebooks:
        state = look_up(name, journal.request, runs, journal.store, journal.project.root)
        if not runs:
            runs[name] = model = state.run
            continue
        staged = journal.store.stage(name)
        own = shutil.ignore_patterns("record.json")
        shutil.copytree(model.folder, staged, dirs_exist_ok=True, ignore=own)
        record = model.record | {"inputs": state.inputs}
        runs[name] = journal.store.keep(staged, name, state.key, record)


if __name__ == "__main__":
    main()
