"""Where to find what lies beyond this machine: a Dask cluster, a PostgreSQL database.

A build takes them by --cluster and --storage and gives them to its kernels as JOURNAL_CLUSTER
and JOURNAL_STORAGE; JupyterLab may have them too. No run depends on them, and none keeps them:
the address of a database may hold a password.
"""

import importlib.util
import os
import re
import socket
from urllib.parse import urlsplit

from carnet.project.errors import InputError, nearest

CLUSTER, STORAGE = "JOURNAL_CLUSTER", "JOURNAL_STORAGE"
CLUSTER_FORM = "tcp://HOST:PORT"
STORAGE_FORM = "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
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
        InputError: it is no such address, or `distributed` is not installed.
    """
    address = os.environ.get(CLUSTER)
    if not address:
        return None
    try:
        scheme, port = _scheme(address, ("tcp", "tls")), urlsplit(address).port
    except ValueError as error:
        raise InputError(f"--cluster {address}: {error}, expected {CLUSTER_FORM}") from None
    if not (port and urlsplit(address).hostname) or address != f"{scheme}://{_host(address)}":
        raise InputError(f"--cluster {address}: expected {CLUSTER_FORM}")
    _need("distributed", f"--cluster {address}")
    return address


def _host(address: str) -> str:
    return urlsplit(address).netloc


def check_cluster() -> None:
    """Check that something listens at the cluster's address, if there is one.

    Raises:
        InputError: it is wrong, or nothing answers.
    """
    if address := cluster_address():
        parts = urlsplit(address)
        try:
            with socket.create_connection((parts.hostname, parts.port), REPLY_SECONDS) as link:
                if parts.scheme == "tcp":  # a scheduler speaks first; Dask would wait for ever
                    link.recv(1)
        except OSError as error:
            reason = error.strerror or error
            raise InputError(
                f"--cluster {address}: no scheduler answers ({reason}): start `dask scheduler`"
            ) from None


def storage_url() -> str | None:
    """Return the database's address as SQLAlchemy reads it, None where none is asked for.

    Raises:
        InputError: it is no such address, or psycopg is not installed.
    """
    url = os.environ.get(STORAGE)
    if not url:
        return None
    try:
        scheme = _scheme(url, ("postgresql", "postgresql+psycopg"))
    except ValueError as error:
        raise InputError(f"--storage {masked(url)}: {error}, expected {STORAGE_FORM}") from None
    if url.count("@") > 1:
        raise InputError(f"--storage {masked(url)}: in a password, write @ as %40")
    _need("psycopg", f"--storage {masked(url)}")
    url = f"postgresql+psycopg{url.removeprefix(scheme)}"
    if not _names_a_database(url):
        raise InputError(f"--storage {masked(url)}: expected {STORAGE_FORM}")
    return url


def _names_a_database(url: str) -> bool:
    import sqlalchemy

    try:
        return bool(sqlalchemy.make_url(url).database)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        return False


def check_storage() -> None:
    """Check that the database answers, if there is one.

    Raises:
        InputError: the address is wrong, or nothing there lets us in.
    """
    if url := storage_url():
        import sqlalchemy

        pool, seconds = sqlalchemy.NullPool, {"connect_timeout": REPLY_SECONDS}
        try:
            sqlalchemy.create_engine(url, poolclass=pool, connect_args=seconds).connect().close()
        except sqlalchemy.exc.OperationalError as error:
            reason = str(error.orig).strip().splitlines()[0]
            raise InputError(f"--storage {masked(url)}: {reason}") from None


def masked(url: str) -> str:
    """Return an address without the password that it may hold, however malformed it is."""
    url = re.sub(r"(password=)[^&]*", r"\1***", url, flags=re.IGNORECASE)
    before, at, host = url.rpartition("@")
    if not at:
        return url
    scheme, slashes, user = before.partition("://")
    scheme = scheme.removesuffix("+psycopg")
    return f"{scheme}://{user.partition(':')[0]}:***@{host}" if slashes else f"***@{host}"


def _scheme(address: str, valid: tuple[str, ...]) -> str:
    """Return the scheme of an address.

    Raises:
        ValueError: it has none, or not one of `valid`.
    """
    scheme, found, _ = address.partition("://")
    if not found or "@" in scheme:
        raise ValueError("no address")
    if scheme not in valid:
        raise ValueError(f"unknown scheme '{scheme}', {nearest(scheme, valid)}")
    return scheme


def _need(package: str, what: str) -> None:
    if importlib.util.find_spec(package) is None:
        raise InputError(f"{what}: the package {package} is not installed: {EXTRA}")
