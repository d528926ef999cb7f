"""The journal's engine. Notebooks and the subject's modules use only the names below."""

from carnet.execution.addresses import cluster_address, storage_url
from carnet.execution.workers import WorkerPool, open_workers
from carnet.notebook.recording import figure, progress, record, results, table
from carnet.project.errors import InputError, nearest
from carnet.project.files import fingerprint, write_atomically
from carnet.store.work import Work, kept, works
from carnet.text.french import Text, fr, fr_date, fr_list, fr_percent, fr_plural, fr_points

__all__ = [
    "InputError",
    "Text",
    "Work",
    "WorkerPool",
    "cluster_address",
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
    "storage_url",
    "table",
    "works",
    "write_atomically",
]
