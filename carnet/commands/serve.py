"""The site on this machine's loopback, for browsers that follow the edits.

Pages are served as published, joined by a script that reloads them: nothing of it is on the disk.
Only GET, only under the names of this machine, so that no page of the web can read the journal
by a name that it makes resolve to 127.0.0.1.
"""

import asyncio
import html
import json
import re
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler, StaticFileHandler

from carnet.project.errors import RequestError
from carnet.project.files import digest

ADDRESS = "127.0.0.1"
HOSTS = r"(127\.0\.0\.1|localhost)"
SCRIPT = Path(__file__).with_name("reload.js")
POLICY = re.compile(r'<meta[^>]* http-equiv="Content-Security-Policy"[^>]*>')
CONTENT = re.compile(r'(?<= content=")[^"]*')
NOT_BUILT = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><p>{0}</p></body></html>"


class Status:
    """What open pages are told: the version of the site, and why the last build failed."""

    def __init__(self, site: Path):
        self.site = site
        self.version = version(site)
        self.error = ""
        self._changed = asyncio.Event()

    def built(self, error: str = "") -> None:
        """A build has ended: tell all those who wait."""
        self.version, self.error = version(self.site), error
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self) -> None:
        await self._changed.wait()

    def message(self) -> str:
        return json.dumps({"version": self.version, "error": self.error})


def version(site: Path) -> str:
    """What tells two builds of the site apart; a build leaves alone what does not change."""
    files = (path for path in sorted(site.rglob("*")) if path.is_file())
    return digest([[str(path), path.stat().st_mtime_ns, path.stat().st_size] for path in files])


class LocalHandler(RequestHandler):
    """Reads only, keeps nothing in the browser, gives nothing to other sites."""

    SUPPORTED_METHODS = ("GET",)

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("X-Content-Type-Options", "nosniff")

    def compute_etag(self) -> None:
        """None: what nothing keeps needs no name."""

    @property
    def status(self) -> Status:
        return self.application.settings["status"]


class File(LocalHandler, StaticFileHandler):
    """A file of the site as it is."""


class Page(File):
    """A page of the site, joined by the script."""

    async def get(self, path: str) -> None:
        self.path = self.parse_url_path(path)
        wanted = self.get_absolute_path(self.root, self.path)
        if file := self.validate_absolute_path(self.root, wanted):
            self.finish(followed(Path(file).read_text("utf-8"), self.status.version))

    def write_error(self, status_code: int, **_) -> None:
        """A page that is not there yet shows itself when it is."""
        text = f"{status_code}: {self.request.path} is not in the site"
        self.finish(followed(NOT_BUILT.format(html.escape(text)), self.status.version))


class Script(LocalHandler):
    def get(self) -> None:
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(SCRIPT.read_text("utf-8"))


class Events(LocalHandler):
    """Server-sent events: how things stand now, then after each build."""

    async def get(self) -> None:
        self.set_header("Content-Type", "text/event-stream")
        try:
            while True:
                self.write(f"retry: 1000\ndata: {self.status.message()}\n\n")
                await self.flush()
                await self.status.change()
        except (StreamClosedError, asyncio.CancelledError):
            pass  # the page was left, or the server ends


def followed(page: str, version: str) -> str:
    """Return a page with the script that follows the edits, and a policy that lets it work."""
    script = f'<script src="/-/reload.js" data-version="{version}" defer></script>\n</head>'
    page = POLICY.sub(lambda tag: CONTENT.sub(allowing_self, tag[0]), page, count=1)
    return page.replace("</head>", script, 1)


def allowing_self(policy: re.Match) -> str:
    """Return a Content-Security-Policy that also lets in this server's script and events."""
    directives = {words[0]: words[1:] for part in policy[0].split(";") if (words := part.split())}
    for name in ("script-src", "connect-src"):
        allowed = directives.get(name, directives.get("default-src", []))
        directives[name] = [
            *(word for word in allowed if word not in ("'none'", "'self'")),
            "'self'",
        ]
    return "; ".join(" ".join([name, *words]) for name, words in directives.items())


def serve(status: Status, port: int) -> str:
    """Serve the site of `status` in the running loop; return its address.

    Raises:
        RequestError: the port cannot be had.
    """
    try:
        sockets = bind_sockets(port, ADDRESS)
    except OSError as error:
        hint = f"choose another, such as --port {port % 65535 + 1}, or 0 for any free one"
        raise RequestError([f"--port {port}: cannot be had ({error.strerror}): {hint}"]) from None
    folder = {"path": str(status.site), "default_filename": "index.html"}
    application = Application(status=status, log_function=lambda handler: None)
    handlers = [
        (r"/-/reload\.js", Script),
        (r"/-/events", Events),
        (r"/(|.*\.html)", Page, folder),
        (r"/(.*)", File, folder),
    ]
    application.add_handlers(HOSTS, handlers)
    HTTPServer(application).add_sockets(sockets)
    return f"http://{ADDRESS}:{sockets[0].getsockname()[1]}/"
