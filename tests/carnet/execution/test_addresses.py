"""The addresses of a cluster and of a database: what is wrong with them, and no password."""

import socket
from importlib import import_module

import pytest
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from carnet.execution import addresses
from carnet.execution.addresses import (
    check_cluster,
    check_storage,
    cluster_address,
    hide_password,
    storage_url,
)
from carnet.project.errors import InputError

SECRET = "s3cret"


@pytest.fixture(autouse=True)
def installed(monkeypatch):
    """The optional packages are there, or seem so."""
    monkeypatch.setattr(addresses.importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(PGDialect_psycopg, "import_dbapi", lambda: None)


@pytest.fixture
def port():
    """A port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("foo", "expected tcp://HOST:PORT"),
        ("tpc://h:1", "expected tcp://HOST:PORT"),
        ("tcp://h", "expected tcp://HOST:PORT"),
        ("tcp://h:1/x", "expected tcp://HOST:PORT"),
        (
            "tcp://h:99999",
            "no scheduler answers (Port out of range 0-65535): start `dask scheduler`",
        ),
        ("tcp://[h:1", "no scheduler answers (Invalid IPv6 URL): start `dask scheduler`"),
    ],
)
def test_bad_cluster(monkeypatch, address, message):
    monkeypatch.setenv("JOURNAL_CLUSTER", address)
    with pytest.raises(InputError) as caught:
        check_cluster()
    assert str(caught.value) == f"--cluster {address}: {message}"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (f"postgres://u:{SECRET}@h/db", "dialects:postgres: expected postgresql://USER"),
        (f"u:{SECRET}@h/db", "***: not an address, expected postgresql://"),
        (f"postgresql://u:{SECRET}@h:x/db", "***: not an address, expected postgresql://"),
        (f"postgresql://u:{SECRET}@h", "expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE"),
        (f"postgresql://u:{SECRET}@x@h/db", "in a password, write @ as %40"),
        (f"postgresql://u:x@{SECRET}@h/db", "in a password, write @ as %40"),
        (f"postgresql://u:{SECRET}/x@h/d@b", "in a password, write @ as %40 and / as %2F"),
        (f"postgresql://u/x:{SECRET}@h/db", "in a password, write @ as %40 and / as %2F"),
        (f"postgresql://u:x?{SECRET}@h", "expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE"),
        (f"u:{SECRET}@x://h/db", "not an address"),
        ("sqlite://", "no name of a database, expected postgresql://"),
    ],
)
def test_bad_storage_shows_no_password(monkeypatch, url, message):
    monkeypatch.setenv("JOURNAL_STORAGE", url)
    with pytest.raises(InputError) as caught:
        storage_url()
    assert message in str(caught.value)
    assert str(caught.value).startswith("--storage ")
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql+nosuch://u:s3cret@h/db", "mysql+oursql://u:s3cret@h/db"])
def test_a_driver_that_is_not_there_is_named(monkeypatch, url):
    monkeypatch.setenv("JOURNAL_STORAGE", url)
    with pytest.raises(InputError, match=r"--storage mysql.*, or another driver") as caught:
        storage_url()
    assert SECRET not in str(caught.value)


def test_a_file_of_sqlite_is_in_the_project_and_answers(monkeypatch, tmp_path):
    """A kernel that runs elsewhere finds it too."""
    for folder in ("journal", "notebooks"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("JOURNAL_ROOT", str(tmp_path))
    monkeypatch.setenv("JOURNAL_STORAGE", "sqlite:///runs/study.db")
    assert storage_url() == f"sqlite:///{tmp_path}/runs/study.db"
    monkeypatch.setenv("JOURNAL_STORAGE", f"sqlite:///{tmp_path}/study.db")
    check_storage()
    assert storage_url() == f"sqlite:///{tmp_path}/study.db"
    monkeypatch.setenv("JOURNAL_STORAGE", f"sqlite:///{tmp_path}/none/study.db")
    with pytest.raises(InputError, match="unable to open database file"):
        check_storage()


def test_good_addresses(monkeypatch):
    monkeypatch.setenv("JOURNAL_CLUSTER", "tls://host:8786")
    monkeypatch.setenv("JOURNAL_STORAGE", "postgresql://u:p%40@h:5/db?sslmode=require")
    assert cluster_address() == "tls://host:8786"
    assert storage_url() == "postgresql+psycopg://u:p%40@h:5/db?sslmode=require"


def test_none_is_asked_for(monkeypatch):
    monkeypatch.setenv("JOURNAL_CLUSTER", "")
    monkeypatch.delenv("JOURNAL_STORAGE", raising=False)
    assert cluster_address() is None
    assert storage_url() is None


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"postgresql://u:{SECRET}@h:5/d", "postgresql://u:***@h:5/d"),
        (f"postgresql+psycopg://u:{SECRET}@h/d", "postgresql+psycopg://u:***@h/d"),
        (f"postgresql://h/d?password={SECRET}", "postgresql://h/d"),
        (f"postgresql://h/d?PASSWORD={SECRET}@x", "postgresql://h/d"),
        (f"postgresql://u:x@{SECRET}@h/d", "***"),
        (f"u:{SECRET}", "***"),
    ],
)
def test_passwords_are_hidden(address, shown):
    assert hide_password(address) == shown


def test_missing_packages(monkeypatch):
    monkeypatch.setattr(addresses.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("JOURNAL_CLUSTER", "tcp://h:1")
    monkeypatch.setenv("JOURNAL_STORAGE", f"postgresql://u:{SECRET}@h/db")
    monkeypatch.setattr(PGDialect_psycopg, "import_dbapi", lambda: import_module("no_psycopg"))
    for address, package in ((cluster_address, "distributed"), (storage_url, "psycopg")):
        with pytest.raises(InputError, match=f"{package}.*cluster.txt") as caught:
            address()
        assert SECRET not in str(caught.value)


def test_nothing_listens(monkeypatch, port):
    monkeypatch.setenv("JOURNAL_CLUSTER", f"tcp://127.0.0.1:{port}")
    with pytest.raises(InputError, match=r"no scheduler answers \(Connection refused\)"):
        check_cluster()


def test_something_else_listens(monkeypatch):
    monkeypatch.setattr(addresses, "REPLY_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setenv("JOURNAL_CLUSTER", f"tcp://127.0.0.1:{port}")
        with pytest.raises(InputError, match="no scheduler answers"):
            check_cluster()


def test_no_database_there(monkeypatch, port):
    pytest.importorskip("psycopg")
    monkeypatch.undo()  # the real driver
    monkeypatch.setenv("JOURNAL_STORAGE", f"postgresql://u:{SECRET}@127.0.0.1:{port}/db")
    with pytest.raises(InputError, match="Connection refused") as caught:
        check_storage()
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
