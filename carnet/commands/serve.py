"""The site on this machine's loopback, for browsers that follow the edits.

Pages are served as published, with a script that reloads them: no file is changed for it.
Only GET, only under the names of this machine, so that no page of the web can read the journal
through a name that resolves to 127.0.0.1.
"""

import asyncio
import html
import json
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.iostream import StreamClosedError
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler, StaticFileHandler

from carnet.project.errors import RequestError
from carnet.project.files import digest

ADDRESS = "127.0.0.1"
HOSTS = r"(127\.0\.0\.1|localhost)"
SCRIPT = '<script src="/-/reload.js" data-version="{}" defer></script>\n</head>'
POLICY = "default-src 'none'"  # of the site's pages, which may load their own scripts
NOT_BUILT = "<!DOCTYPE html>\n<html><head><title>{0}</title></head><body><p>{0}</p></body></html>"


class LiveSite:
    """What open pages follow: the version of the site, and why the last build failed."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.changed = asyncio.Event()
        self.built()

    def built(self, error: str = "") -> None:
        """Notify the open pages that a build has ended."""
        self.version, self.error = version(self.folder), error
        self.changed.set()
        self.changed = asyncio.Event()


def version(site: Path) -> str:
    """Return a hash that differs between two builds whose documents differ."""
    files = (path for path in sorted(site.rglob("*")) if path.is_file())
    return digest([[str(path), path.stat().st_mtime_ns, path.stat().st_size] for path in files])


class LocalHandler(RequestHandler):
    """Only reads; browsers cache nothing and give nothing to other sites."""

    SUPPORTED_METHODS = ("GET",)

    def set_default_headers(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("X-Content-Type-Options", "nosniff")

    def compute_etag(self) -> None:
        """None: nothing is cached."""


class LocalFile(LocalHandler, StaticFileHandler):
    """A file as it is."""


class LivePage(LocalFile):
    """A page of the site, with the script that follows the edits."""

    async def get(self, path: str) -> None:
        self.path = self.parse_url_path(path)
        wanted = self.get_absolute_path(self.root, self.path)
        if file := self.validate_absolute_path(self.root, wanted):
            self.finish(live(Path(file).read_text("utf-8"), self.settings["site"].version))

    def write_error(self, status_code: int, **_) -> None:
        """A page that does not exist yet appears as soon as it is built."""
        text = f"{status_code}: {self.request.path} is not in the site"
        self.finish(live(NOT_BUILT.format(html.escape(text)), self.settings["site"].version))


class LiveEvents(LocalHandler):
    """Server-sent events: the state of the site now, then after each build."""

    async def get(self) -> None:
        self.set_header("Content-Type", "text/event-stream")
        site = self.settings["site"]
        try:
            while True:
                changed = site.changed  # before the state is written: a build may end meanwhile
                state = json.dumps({"version": site.version, "error": site.error})
                self.write(f"retry: 1000\ndata: {state}\n\n")
                await self.flush()
                await changed.wait()
        except (StreamClosedError, asyncio.CancelledError):
            pass  # the page was left, or the server ends


def live(page: str, version: str) -> str:
    """Return a page with the script that follows the edits, and a policy that lets it work."""
    page = page.replace(POLICY, f"{POLICY}; connect-src 'self'", 1)
    return page.replace("</head>", SCRIPT.format(version), 1)


def serve(site: LiveSite, port: int) -> str:
    """Serve a site in the running event loop; return its address.

    Raises:
        RequestError: the port cannot be opened.
    """
    try:
        sockets = bind_sockets(port, ADDRESS)
    except OSError as error:
        reason = f"cannot be opened ({error.strerror}): choose another, or 0 for any free port"
        raise RequestError([f"--port {port}: {reason}"]) from None
    files = {"path": str(site.folder), "default_filename": "index.html"}
    handlers = [
        (r"/-/(reload\.js)", LocalFile, {"path": str(Path(__file__).parent)}),
        (r"/-/events", LiveEvents),
        (r"/(|.*\.html)", LivePage, files),
        (r"/(.*)", LocalFile, files),
    ]
    application = Application(site=site, log_function=lambda handler: None)
    application.add_handlers(HOSTS, handlers)
    HTTPServer(application).add_sockets(sockets)
    return f"http://{ADDRESS}:{sockets[0].getsockname()[1]}/"
