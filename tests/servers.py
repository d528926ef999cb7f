"""What tests of scale start on the loopback: processes, a Dask cluster, a PostgreSQL server."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE_SECONDS = 300  # ends a test that hangs; generous, because the machine may be busy
PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
POSTGRES = shutil.which("pg_ctl", path=os.pathsep.join([*map(str, PROGRAMS), os.environ["PATH"]]))


def wait_for(what: Callable[[], object]):
    """Return what `what` returns as soon as it is true."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.05)
    raise TimeoutError


class Processes:
    """Processes that a test starts; those left are killed at its end."""

    def __init__(self):
        self.started: list[subprocess.Popen] = []

    def start(self, *command: str, **options) -> subprocess.Popen:
        process = subprocess.Popen([sys.executable, *command], **options)
        self.started.append(process)
        return process

    def kill(self) -> None:
        for process in self.started:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def listens(port: int) -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


class DaskCluster:
    """A scheduler, and workers that know nothing of the project."""

    def __init__(self, processes: Processes, folder: Path):
        self.processes, self.folder = processes, folder
        port = free_port()
        self.address = f"tcp://127.0.0.1:{port}"
        place = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
        self._start("scheduler", *place)
        wait_for(lambda: listens(port))

    def add_worker(self, threads: int = 1) -> subprocess.Popen:
        options = ["--nthreads", str(threads), "--no-nanny", "--no-dashboard"]
        return self._start("worker", self.address, *options)

    def _start(self, *command: str) -> subprocess.Popen:
        with (self.folder / "dask.log").open("ab") as log:
            command = ["-m", "dask", *command]
            return self.processes.start(*command, cwd=self.folder, stdout=log, stderr=log)


class Postgres:
    """A server of its own, for whoever knows its password."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder / "data", free_port()
        self.url = f"postgresql://journal:s%40cret@127.0.0.1:{self.port}/postgres"
        # PostgreSQL refuses to run as root.
        self.user = "nobody" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(folder, self.user)
        password = folder / "password"
        password.write_text("s@cret")
        password.chmod(0o644)
        self.run("initdb", "--username=journal", f"--pwfile={password}", "--auth=scram-sha-256")
        options = f"-p {self.port} -h 127.0.0.1 -k '' -c fsync=off"
        self.run("pg_ctl", "start", "-w", "-o", options, "-l", str(folder / "log"))

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-m", "immediate")

    def run(self, program: str, *arguments: str) -> None:
        command = [str(Path(POSTGRES).with_name(program)), "-D", str(self.folder), *arguments]
        place = {"cwd": self.folder.parent, "user": self.user}
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **place)
