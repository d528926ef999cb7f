"""`watch` on a small project: its server, its builds, how it ends."""

import contextlib
import hashlib
import http.client
import json
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from carnet.commands import watch as watching
from carnet.project.paths import Project
from tests.carnet.conftest import SLEEP, SmallProject, is_alive

TEMPLATES = "carnet/publication/templates"
PATIENCE = 300  # seconds; ends a test that hangs; generous, because the machine may be busy
FAILING = "\n\nEt {eval}`fr(double.absent)` ou <b>.\n"


class Watch:
    """`python build_journal.py watch` in a process, and a browser's requests to it."""

    def __init__(self, project: SmallProject, *options: str):
        self.errors = project.root / "watch.log"
        with self.errors.open("w") as log:
            self.process = project.start(*options, "watch", "--port", "0", stderr=log)
        self.port = int(re.search(r":(\d+)/", self.process.stdout.readline())[1])

    def get(self, path: str = "/jour-1.html", method: str = "GET", **headers):
        """Return (status, text) of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")

    @contextlib.contextmanager
    def events(self):
        """Yield an iterator over what the server sends to an open page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request("GET", "/-/events")
            lines = iter(connection.getresponse().readline, b"")
            yield (json.loads(line[6:]) for line in lines if line.startswith(b"data: "))

    def wait_for(self, text: str, times: int = 1) -> None:
        """Wait until the terminal shows a text."""
        end = time.monotonic() + PATIENCE
        while self.errors.read_text().count(text) < times:
            assert time.monotonic() < end, f"no {text!r} in:\n{self.errors.read_text()}"
            time.sleep(0.05)

    def stop(self, sign: int = signal.SIGINT) -> None:
        """Interrupt it, and wait for it to end; a cell that sleeps would last longer."""
        self.process.send_signal(sign)
        try:
            self.process.communicate(timeout=PATIENCE)
        finally:
            self.process.kill()


@pytest.fixture
def start(built):
    """Start `watch` on the built project; whatever a test leaves running is ended."""
    started = []

    def watch(*options: str) -> Watch:
        started.append(Watch(built, *options))
        return started[-1]

    yield watch
    for each in started:
        if each.process.poll() is None:
            each.stop(signal.SIGTERM)


def sums(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.slow
def test_serves_the_site_with_the_script_and_leaves_it_as_published(built, start):
    site = built.root / "journal" / "site"
    before = sums(site)
    watch = start()
    watch.wait_for("built in")
    status, page = watch.get()
    assert status == 200
    assert "La longueur vaut 4." in page
    added = page.replace(re.search(r"<script src=./-/reload.js.*</script>\n", page)[0], "")
    published = policy(built.page())
    assert built.page() == added.replace(policy(page), published)
    assert policy(page).replace(" connect-src 'self';", "") == published != policy(page)
    assert watch.get("/")[1] == watch.get("/index.html")[1]
    assert "EventSource" in watch.get("/-/reload.js")[1]
    assert sums(site) == before


def policy(page: str) -> str:
    return re.search(r"content=\"(default-src[^\"]*)", page)[1]


@pytest.mark.slow
def test_a_save_is_built_and_served_and_an_error_keeps_the_last_good_page(built, start):
    watch = start()
    with watch.events() as events:
        first = next(events)
        watch.wait_for("built in")
        built.edit("journal/jour-1.md", "Le double vaut", "Deux fois plus donne")
        event = next(event for event in events if event["version"] != first["version"])
        assert event["error"] == ""
        good = watch.get()[1]
        assert "Deux fois plus donne 12,0." in good

        built.edit("journal/jour-1.md", "Deux fois plus", FAILING + "Trois fois plus")
        event = next(event for event in events if event["error"])
        assert re.search(
            r"^journal/jour-1\.md, line \d+: {eval}`fr\(double\.absent\)`: .*: double$",
            event["error"],
            re.M,
        )
        assert watch.get()[1] == good

        built.edit("journal/jour-1.md", FAILING + "Trois fois plus", "Deux fois plus")
        assert next(events)["error"] == ""
    assert watch.get()[1] == good
    assert "Traceback" not in watch.errors.read_text()


@pytest.mark.slow
def test_every_kind_of_source_is_followed(built, start):
    watch = start("-p", "bonus=2")
    watch.wait_for("built in")
    assert "La longueur vaut 5." in watch.get()[1]
    edits = [
        ("notebooks/01_mesure.ipynb", "La longueur vaut", "On mesure", "On mesure 5."),
        ("lib/base.py", "FACTOR = 2", "FACTOR = 4", "vaut 30,0"),
        (
            f"{TEMPLATES}/site/index.html.j2",
            "</main>",
            "seen</main>",
            "seen</main>",
        ),
    ]
    for count, (name, old, new, shown) in enumerate(edits, start=2):
        built.edit(name, old, new)
        watch.wait_for(f"changed: {name}")
        watch.wait_for("built in", count)
        assert shown in watch.get()[1]


@pytest.mark.slow
def test_a_save_during_a_build_asks_for_one_more_and_ctrl_c_ends_its_kernel(built, start):
    watch = start()
    watch.wait_for("built in")
    built.edit("notebooks/01_mesure.ipynb", "record(longueur", f"{SLEEP}record(longueur")
    started = built.root / "donnees.pid"
    while not started.exists():
        time.sleep(0.05)
    for text in ("Un", "Deux"):
        built.edit("journal/jour-1.md", "title: ", f"summary: {text}\ntitle: ")
        watch.wait_for("changed: journal/jour-1.md", {"Un": 1, "Deux": 2}[text])
    assert watch.errors.read_text().count("built in") == 1
    watch.stop()
    assert not is_alive(int(started.read_text()))
    assert watch.process.returncode == 0
    assert watch.errors.read_text().splitlines()[-1] == "stopped"


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ends_with_a_page_open_and_frees_the_port(start, sign):
    watch = start()
    with watch.events() as events:
        next(events)
        watch.wait_for("built in")
        watch.stop(sign)
    assert watch.errors.read_text().splitlines()[-1] == "stopped"
    assert "Traceback" not in watch.errors.read_text()
    with socket.create_server(("127.0.0.1", watch.port)):
        pass


@pytest.mark.slow
@pytest.mark.parametrize("delay", [0, 0.1, 0.3, 0.7])
def test_ends_while_its_first_build_starts(start, delay):
    watch = start()
    time.sleep(delay)
    watch.stop(signal.SIGTERM)
    assert watch.process.returncode == 0
    assert "Traceback" not in watch.errors.read_text()


@pytest.mark.slow
def test_refuses_other_hosts_paths_outside_the_site_and_all_but_get(start):
    watch = start()
    assert watch.get(Host="journal.example")[0] == 404
    assert watch.get("/-/events", Host="127.0.0.1.journal.example:80")[0] == 404
    assert watch.get(Host=f"localhost:{watch.port}")[0] == 200
    for path in ("/../jour-1.md", "/..%2fjour-1.md", "//etc/hostname", "/images/../../jour-1.md"):
        status, text = watch.get(path)
        assert status in (403, 404)
        assert "title:" not in text
    assert {watch.get(method=m)[0] for m in ("POST", "PUT", "DELETE", "HEAD", "OPTIONS")} == {405}
    status, page = watch.get("/<b>.html")
    assert status in (400, 404)
    assert "<b>" not in page


@pytest.mark.slow
def test_a_page_that_is_not_there_yet_follows_too(start):
    status, page = start().get("/jour-2.html")
    assert status == 404
    assert "/-/reload.js" in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--from-scratch", "watch"], "No such option '--from-scratch'"),
        (["watch", "--port", "99999"], "99999 is not in the range"),
    ],
)
def test_a_wrong_request_starts_nothing(project, arguments, message):
    done = project.build(*arguments, check=False)
    assert done.returncode == 2
    assert message in done.stderr


@pytest.mark.slow
def test_a_port_in_use_is_one_line(project):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = project.build("watch", "--port", str(port), check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"--port {port}: cannot be opened (")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "followed"),
    [
        ("journal/jour-1.md", True),
        ("journal/profils/synthetique.yml", True),
        (f"{TEMPLATES}/site/index.html.j2", True),
        ("notebooks/01_mesure.ipynb", True),
        ("carnet/commands/cli.py", True),
        ("lib/base.py", True),
        ("journal.yml", True),
        ("journal/gabarits/site/style.css", True),
        ("autre/base.py", False),
        ("journal/JOURNAL.md", False),
        ("journal/site/index.html", False),
        ("journal/.jour-1.md.swp", False),
        ("carnet/publication/templates/site/style.css~", False),
        ("notebooks/.ipynb_checkpoints/01_mesure-checkpoint.ipynb", False),
        ("notebooks/sortie.csv", False),
        ("lib/__pycache__/base.cpython-311.pyc", False),
        ("images/a.png", False),
    ],
)
def test_what_counts_as_an_edit(project, name, followed):
    edits = watching.Edits(Project.at(project.root))
    assert edits(watching.watchfiles.Change.modified, str(project.root / name)) is followed
