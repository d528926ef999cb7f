"""The journal's engine. Notebooks and the subject's modules use only the names below.

A build goes through these rooms in order (`commands/build.py`):

1. sources: read notebooks, pages, profiles and the request; follow the code they import
2. store: hash what each run depends on, and look for that run
3. execution: run what was not found, needs first, here or on workers
4. notebook: what the cells call meanwhile
5. publication: assemble one notebook per page, render, publish all or nothing

`commands` is what the operator types; `text` and `project` serve all the others.
"""

from carnet.execution.addresses import cluster_address, storage_url
from carnet.execution.workers import open_workers, work_through
from carnet.notebook.recording import figure, progress, record, results, table
from carnet.project.errors import InputError, nearest
from carnet.project.files import fingerprint, write_atomically
from carnet.store.work import Work, kept, works
from carnet.text.fonts import drawable
from carnet.text.french import fr, fr_date, fr_list, fr_percent, fr_plural, fr_points
from carnet.text.slugs import slug

__version__ = "0.2.0"

__all__ = [
    "InputError",
    "Work",
    "cluster_address",
    "drawable",
    "figure",
    "fingerprint",
    "fr",
    "fr_date",
    "fr_list",
    "fr_percent",
    "fr_plural",
    "fr_points",
    "kept",
    "nearest",
    "open_workers",
    "progress",
    "record",
    "results",
    "slug",
    "storage_url",
    "table",
    "work_through",
    "works",
    "write_atomically",
]
