"""The journal's engine. Notebooks and the subject's modules use only the names below."""

from carnet.execution.addresses import cluster_address, storage_url
from carnet.execution.workers import WorkerPool, open_workers
from carnet.notebook.recording import figure, progress, record, results, table
from carnet.project.errors import InputError, nearest
from carnet.project.files import fingerprint, read_json, write_atomically, write_json
from carnet.project.paths import store_folder
from carnet.store.work import working_folder
from carnet.text.french import Text, fr, fr_date, fr_list, fr_percent, fr_plural, fr_points

__all__ = [
    "InputError",
    "Text",
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
    "nearest",
    "open_workers",
    "progress",
    "read_json",
    "record",
    "results",
    "storage_url",
    "store_folder",
    "table",
    "working_folder",
    "write_atomically",
    "write_json",
]
