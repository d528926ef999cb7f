"""The journal's engine. Notebooks and the subject's modules use only the names below."""

from lib.journal.addresses import cluster_address, storage_url
from lib.journal.errors import InputError
from lib.journal.files import fingerprint, write_atomically
from lib.journal.french import fr, fr_date, fr_list, fr_percent, fr_plural
from lib.journal.recording import figure, progress, record, results, table
from lib.journal.workers import Crew, open_workers
from lib.journal.working import working_folder

__all__ = [
    "Crew",
    "InputError",
    "cluster_address",
    "figure",
    "fingerprint",
    "fr",
    "fr_date",
    "fr_list",
    "fr_percent",
    "fr_plural",
    "open_workers",
    "progress",
    "record",
    "results",
    "storage_url",
    "table",
    "working_folder",
    "write_atomically",
]
