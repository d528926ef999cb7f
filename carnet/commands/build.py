"""The build: check the request, run what is not fresh, assemble, render, publish."""

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator
from pathlib import Path

from carnet.execution.order import Listener, Outcome, run_all
from carnet.execution.plan import explain
from carnet.execution.signals import READY, STOPPING
from carnet.project.errors import RequestError
from carnet.project.paths import Project
from carnet.publication.rendering import PDF, places, render
from carnet.publication.transaction import is_published, publish, published_formats
from carnet.sources.notebooks import read_notebooks
from carnet.sources.pages import Page, clashes, read_pages
from carnet.sources.requests import Request, make_request
from carnet.store.keys import rendering_key
from carnet.store.runs import Run, Store


def _warm_up(templates: Path) -> None:
    """Import and compile, while kernels work, what is slow to and is needed after them.

    Waits for the first kernel: two threads that import the same packages can deadlock, and slow
    its start. A template that fails is told when pages are rendered.
    """
    READY.wait()
    if not STOPPING.is_set():
        from carnet.publication.exporters import warm_up

        warm_up(templates)


@dataclasses.dataclass(frozen=True)
class Journal:
    """A checked request with its pages, ready to be explained or built."""

    project: Project
    request: Request
    pages: list[Page]
    store: Store

    @classmethod
    def prepare(cls, project: Project, profile: str, **options) -> "Journal":
        """Check everything that can be checked before anything runs.

        Raises:
            RequestError: with all the mistakes of the request, pages and notebooks.
        """
        notebooks, mistakes = read_notebooks(project.notebooks)
        pages, unreadable = read_pages(project.pages)
        mistakes += unreadable + [m for page in pages for m in page.mistakes(notebooks)]
        mistakes += clashes(pages, notebooks)
        try:
            request = make_request(project, profile, notebooks, **options)
        except RequestError as error:
            mistakes = error.mistakes + mistakes
        if mistakes:
            raise RequestError(mistakes)
        return cls(project, request, pages, Store(project.store))

    def explain(self) -> tuple[dict[str, list[str]], dict[str, Run]]:
        """Return for each notebook why it would run, and the runs that are fresh."""
        return explain(self.request, self.store, self.project.root)

    def run(self, names: list[str], *, jobs: int, force: bool, listener: Listener) -> Outcome:
        """Run the notebooks that are not fresh among `names`, given in an order of needs."""
        return run_all(
            self.request,
            self.store,
            self.project.root,
            names=names,
            jobs=jobs,
            force=force,
            listener=listener,
            meanwhile=functools.partial(_warm_up, self.project.templates),
        )

    def render(self, runs: dict[str, Run], formats: set[str]) -> dict[str, bytes]:
        """Return every document of the journal: path under the output folder -> bytes."""
        return render(self.pages, self.request.notebooks, runs, self.project, formats)

    def publish(self, runs: dict[str, Run], formats: set[str]) -> list[str]:
        """Render the pages and publish them, if anything changed; return what changed."""
        output, store = self.project.output, self.project.store
        keys, where, changed = self._keys(runs, formats), places(formats), []
        if not is_published(keys, output, store, where):
            changed = publish(self.render(runs, formats), output, store, keys, where)
        self.store.set_current(runs)
        return changed

    def published_formats(self) -> set[str]:
        """Return the formats that builds have published in the output folder."""
        return published_formats(self.project.output, self.project.store)

    def pdf_is_published(self, runs: dict[str, Run]) -> bool:
        """Tell by its key alone, for printing is slow, whether `runs` give the published PDF."""
        keys = self._keys(runs, {"pdf"})
        return is_published(keys, self.project.output, self.project.store, [PDF])

    def _keys(self, runs: dict[str, Run], formats: set[str]) -> dict[str, str]:
        notebooks, templates = self.request.notebooks, self.project.templates
        return dict.fromkeys(formats, rendering_key(self.pages, notebooks, runs, templates))

    def with_store(self, folder: Path) -> "Journal":
        """The same journal with another store."""
        return dataclasses.replace(self, store=Store(folder))

    def with_needs(self, names: list[str]) -> list[str]:
        """Return `names` and all that they need, in the order of the request."""
        wanted, todo = set(), list(names)
        while todo:
            name = todo.pop()
            if name not in wanted:
                wanted.add(name)
                todo += self.request.notebooks[name].needs
        return [name for name in self.request.notebooks if name in wanted]


@contextlib.contextmanager
def build_lock(store: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the store for one build at a time, waiting for another to end; `waiting` tells so."""
    from filelock import FileLock, Timeout

    store.mkdir(parents=True, exist_ok=True)
    lock = FileLock(store / "build.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        Store(store).sweep()
        yield
    finally:
        lock.release()
