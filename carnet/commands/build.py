"""The build: check the request, run what is not up to date, assemble, render, publish."""

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from carnet.commands.console import Console
from carnet.execution.addresses import check_storage
from carnet.execution.order import Outcome, run_all
from carnet.execution.plan import explain
from carnet.execution.signals import READY, STOPPING
from carnet.project.errors import JournalError, RequestError
from carnet.project.files import alone, digest, fingerprint
from carnet.project.paths import Project
from carnet.project.settings import Settings, read_settings
from carnet.publication.checking import check_texts
from carnet.publication.documents import PDF_DOCUMENT, places
from carnet.publication.overrides import templates_of, unknown_templates
from carnet.publication.transaction import is_published, publish, recover
from carnet.sources.data import PARAMETER, check_data
from carnet.sources.notebooks import read_notebooks, unreadable
from carnet.sources.pages import Page, clashes, read_pages
from carnet.sources.requests import Request, make_request, with_needs
from carnet.store.keys import rendering_key
from carnet.store.runs import Run, Store
from carnet.text.language import LOCALES


@dataclass(frozen=True)
class Options:
    """How to build: what to publish (nothing, where `formats` is empty), and how to run."""

    formats: set[str]
    jobs: int = 1
    force: bool = False


def build(
    journal: "Journal", options: Options, console: Console
) -> tuple[dict[str, Run], list[str]]:
    """Take a journal, as `Journal.prepare` has checked it, through the stages of a build.

    Returns:
        The runs of the notebooks asked for and of what they need, and the documents that changed.

    Raises:
        JournalError: a notebook failed; nothing is published.
    """
    with build_lock(journal.store, console.waiting):
        for line in journal.check_data():
            console.data(line)
        recover(journal.project.output)
        outcome = run(journal, options, console)
        shown = {each.folder for each in outcome.runs.values()}
        journal.store.set_used(journal.store.used() | shown)
        runs = succeeded(outcome)
        changed = journal.publish(runs, options.formats) if options.formats else []
    return runs, changed


def run(journal: "Journal", options: Options, console: Console) -> Outcome:
    """Run the notebooks asked for, and what they need, where they are not up to date."""
    check_storage()
    with console:
        return run_all(
            journal.request,
            journal.store,
            journal.project.root,
            names=journal.names(),
            jobs=options.jobs,
            force=options.force,
            listener=console,
            meanwhile=functools.partial(_warm_up, templates_of(journal.project)),
        )


def succeeded(outcome: Outcome) -> dict[str, Run]:
    """Return the runs of an outcome without failures.

    Raises:
        RequestError: the notebooks that failed have all refused their input.
        JournalError: notebooks failed for other reasons too.
    """
    if not outcome.failed:
        return outcome.runs
    lines = []
    for error in outcome.failed.values():
        lines.append(str(error))
        kept = getattr(error, "kept", None)
        if kept and kept.is_file() and not error.bad_input:
            lines.append(f"  the partly executed notebook is {kept}")
    lines = list(dict.fromkeys(lines))  # one error may fail several notebooks
    if all(getattr(error, "bad_input", True) for error in outcome.failed.values()):
        raise RequestError(lines)
    raise JournalError("\n".join(lines))


def _warm_up(templates: Path) -> None:
    """Import and compile what rendering needs while kernels work: it takes seconds.

    Waits for the first kernel: two threads that import the same packages can deadlock, and slow
    its start. A template that fails is reported when pages are rendered.
    """
    READY.wait()
    if not STOPPING.is_set():
        from carnet.publication.exporters import warm_up

        warm_up(templates)


@dataclass(frozen=True)
class Journal:
    """A checked request with its pages, ready to be explained or built."""

    project: Project
    settings: Settings
    request: Request
    pages: list[Page]
    store: Store
    shown: dict[str, str]  # path -> hash of the files that texts show

    @classmethod
    def prepare(cls, project: Project, profile: str | None = None, **options) -> "Journal":
        """Check everything that can be checked before anything runs.

        Args:
            profile: None for the one that journal.yml names, if it names one.

        Raises:
            RequestError: with all the mistakes of the settings, request, pages and notebooks.
        """
        notebooks, mistakes = read_notebooks(project.notebooks)
        settings = Settings()
        try:
            settings = read_settings(project.root)
        except RequestError as error:
            mistakes = error.mistakes + mistakes
        pages, page_mistakes = read_pages(project.pages, settings.day_pattern)
        mistakes += [*page_mistakes, *unknown_templates(project)]
        told, shown = check_texts(pages, notebooks, project) if not mistakes else ([], {})
        mistakes += told
        unread = unreadable(project.notebooks, notebooks)
        mistakes += [line for page in pages for line in page.mistakes(notebooks, unread)]
        mistakes += clashes(pages, notebooks)
        try:
            request = make_request(project, profile or settings.profile, notebooks, **options)
        except RequestError as error:
            mistakes = error.mistakes + mistakes
        if mistakes:
            raise RequestError(mistakes)
        return cls(project, settings, request, pages, Store.of(project), shown)

    def labels(self) -> dict[str, str]:
        """Return name -> NN_name, which the operator sees, of the notebooks of this build."""
        return {name: self.request.notebooks[name].path.stem for name in self.names()}

    def last_seconds(self, name: str) -> float | None:
        """Return how long the newest run of a notebook took, None where it never ran."""
        newest = next(iter(self.store.runs(name)), None)
        return newest and newest.record["seconds"]

    def names(self) -> list[str]:
        """Return the notebooks asked for and all that they need, needs first."""
        return with_needs(self.request.asked, self.request.notebooks)

    def check_data(self) -> Iterator[str]:
        """Have the data of the notebooks asked for looked at; yield what they are, in a line each.

        Raises:
            InputError: with all the faults of one folder.
        """
        folders = {}
        for name in self.names():
            value = self.request.parameters[name].get(PARAMETER)
            folders[self.request.notebooks[name].path.parent / str(value)] = value
        for folder in filter(Path.is_dir, folders):
            if line := check_data(folder.resolve(), self.project.root):
                yield f"data {folders[folder]}: {line}"

    def explain(self) -> tuple[dict[str, list[str]], dict[str, Run]]:
        """Return for each notebook of this build why it would run, and the runs that are fresh."""
        reasons, runs = explain(self.request, self.store, self.project.root)
        return {name: reasons[name] for name in self.names()}, runs

    def render(self, runs: dict[str, Run], formats: set[str]) -> dict[str, bytes]:
        """Return every document of the journal: path under the output folder -> bytes."""
        from carnet.publication.rendering import render

        return render(self.pages, self.request.notebooks, runs, self.project, formats)

    def publish(self, runs: dict[str, Run], formats: set[str]) -> list[str]:
        """Render the pages and publish them, if anything changed; return what changed."""
        output, own = self.project.output, self.project.own
        keys, where, changed = self._keys(runs, formats), places(formats), []
        if not is_published(keys, output, own, where):
            changed = publish(self.render(runs, formats), output, own, keys, where)
        self.store.set_current(runs)
        return changed

    def pdf_is_published(self, runs: dict[str, Run]) -> bool:
        """Whether `runs` give the published PDF, by its key alone: printing is slow."""
        keys = self._keys(runs, {"pdf"})
        return is_published(keys, self.project.output, self.project.own, [PDF_DOCUMENT])

    def _keys(self, runs: dict[str, Run], formats: set[str]) -> dict[str, str]:
        notebooks, templates = self.request.notebooks, templates_of(self.project)
        key = rendering_key(self.pages, notebooks, runs, templates)
        readers = [dataclasses.asdict(self.settings), self.shown, fingerprint(LOCALES)]
        return dict.fromkeys(formats, digest([key, *readers]))


@contextlib.contextmanager
def build_lock(store: Store, waiting: Callable[[], None]) -> Iterator[None]:
    """Have one build of a journal at a time; `waiting` is called if another is under way."""
    with alone(store.own / "build.lock", waiting):
        store.sweep()
        yield
