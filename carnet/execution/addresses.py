"""Where to find what lies beyond this machine: a Dask cluster, a database.

A build takes their addresses from --cluster and --storage and gives them to its kernels as
JOURNAL_CLUSTER and JOURNAL_STORAGE, which JupyterLab may have too. No run depends on them, and none
records them: the address of a database may hold a password.
"""

import importlib.util
import os
import re
import socket
from urllib.parse import urlsplit

from carnet.project.errors import InputError
from carnet.project.paths import find_root

CLUSTER, STORAGE = "JOURNAL_CLUSTER", "JOURNAL_STORAGE"
CLUSTER_FORM = "tcp://HOST:PORT"
STORAGE_FORM = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
DRIVER = "postgresql+psycopg"  # the one of the extra
REPLY_SECONDS = 5
EXTRA = "python -m pip install -r requirements-cluster.txt"


def give_to_kernels(cluster: str | None, storage: str | None) -> None:
    """Make these the addresses of this process and of those that it starts.

    Raises:
        InputError: one of them is wrong.
    """
    for name, address in ((CLUSTER, cluster), (STORAGE, storage)):
        if address:
            os.environ[name] = address
    cluster_address(), storage_url()


def cluster_address() -> str | None:
    """Return the address of the Dask scheduler, None where no cluster is asked for.

    Raises:
        InputError: it is not such an address, or `distributed` is not installed.
    """
    address = os.environ.get(CLUSTER)
    if not address:
        return None
    if not re.fullmatch(r"(tcp|tls)://[^/@\s]+:\d+", address):
        raise InputError(f"--cluster {address}: expected {CLUSTER_FORM}")
    if importlib.util.find_spec("distributed") is None:
        raise InputError(f"--cluster {address}: distributed is not installed: {EXTRA}")
    return address


def check_cluster() -> None:
    """Check that something listens at the cluster's address, if there is one.

    Raises:
        InputError: it is wrong, or nothing answers.
    """
    if address := cluster_address():
        try:
            parts = urlsplit(address)
            with socket.create_connection((parts.hostname, parts.port), REPLY_SECONDS) as link:
                if parts.scheme == "tcp":  # a scheduler speaks first; Dask would wait for ever
                    link.recv(1)
        except (OSError, ValueError) as error:  # the latter of a port that is too large
            reason = getattr(error, "strerror", None) or error
            raise InputError(
                f"--cluster {address}: no scheduler answers ({reason}): start `dask scheduler`"
            ) from None


def storage_url() -> str | None:
    """Return the database's address as SQLAlchemy reads it, None where none is asked for.

    The file of SQLite is taken from the project's folder.

    Raises:
        InputError: it is not such an address, or what speaks to it is not installed.
    """
    address = os.environ.get(STORAGE)
    if not address:
        return None
    from sqlalchemy import exc

    where = f"--storage {hide_password(address)}"
    try:
        url = _parse(address)
        if url.drivername == "postgresql":
            url = url.set(drivername=DRIVER)
        elif url.drivername == "sqlite":
            url = url.set(database=str(find_root() / url.database))
        url.get_dialect().import_dbapi()
    except ValueError as error:
        raise InputError(f"{where}: {error}, expected {STORAGE_FORM}") from None
    except (ImportError, exc.NoSuchModuleError) as error:
        hint = f"expected {STORAGE_FORM}, and {EXTRA}"
        raise InputError(f"{where}: {error}: {hint}, or another driver") from None
    return url.render_as_string(hide_password=False)


def check_storage() -> None:
    """Check that the database answers, if there is one.

    Raises:
        InputError: the address is wrong, or the database refuses the connection.
    """
    if url := storage_url():
        import sqlalchemy

        pool = sqlalchemy.NullPool
        options = {} if url.startswith("sqlite") else {"connect_timeout": REPLY_SECONDS}
        try:
            sqlalchemy.create_engine(url, poolclass=pool, connect_args=options).connect().close()
        except sqlalchemy.exc.OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise InputError(f"--storage {hide_password(os.environ[STORAGE])}: {reason}") from None


def hide_password(address: str) -> str:
    """Return an address without its options and its password; only *** if it cannot be parsed."""
    try:
        return _parse(address).set(query={}).render_as_string(hide_password=True)
    except ValueError:
        return "***"


def _parse(address: str):
    """Return an address as a `sqlalchemy.URL`.

    Raises:
        ValueError: it is not an address, in one line that shows no part of it.
    """
    from sqlalchemy import exc, make_url

    try:
        url = make_url(address)
    except (exc.ArgumentError, ValueError):
        raise ValueError("not an address") from None
    if "@" in f"{url.host}{url.database}":  # what follows it may be a part of the password
        raise ValueError("in a password, write @ as %40 and / as %2F")
    if not url.database:
        raise ValueError("no name of a database")
    return url
