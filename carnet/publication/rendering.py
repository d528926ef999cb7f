"""From assembled pages to documents: a mapping of path in the output folder -> bytes."""

from collections.abc import Iterator
from pathlib import Path

from carnet.project.errors import RequestError
from carnet.project.paths import Project
from carnet.publication.assembly import assemble, assemble_notebook, key_figures
from carnet.publication.notes import provenance_note
from carnet.publication.pdf import PDF_DOCUMENT, render_pdf
from carnet.publication.site import SITE_FOLDER, SitePage, outputs, render_site
from carnet.publication.typesetting import typeset
from carnet.sources.notebooks import Notebook
from carnet.sources.pages import INDEX, INTRODUCTION, Page, notebook_file
from carnet.store.runs import Run
from carnet.text.french import fr_date
from carnet.text.markdown import map_headings, shift_headings
from carnet.text.slugs import unique_slug

TITLE = "Journal de bord"
DOCUMENT = "journal/JOURNAL.md"
IMAGES = "images"
# Where the documents of each format are; the images belong to all.
DOCUMENTS = {"markdown": DOCUMENT, "html": SITE_FOLDER, "pdf": PDF_DOCUMENT}
DEEPEST_IN_CONTENTS = 4


def render(
    pages: list[Page],
    notebooks: dict[str, Notebook],
    runs: dict[str, Run],
    project: Project,
    formats: set[str],
) -> dict[str, bytes]:
    """Return every document of the journal, images included.

    Raises:
        RequestError: two notebooks give an image the same name, or a page's expression fails.
    """
    shown = [_site_page(page, notebooks, runs, project.root) for page in pages]
    numbers = number_outputs([page.notebook for page in shown])
    templates = project.templates
    images = _images(runs)
    documents = {f"{IMAGES}/{name}": path.read_bytes() for name, path in images.items()}
    if "markdown" in formats:
        documents[DOCUMENT] = _document(shown, templates).encode()
    if "pdf" in formats:
        documents[PDF_DOCUMENT] = render_pdf(TITLE, shown, images, templates)
    if "html" in formats:
        executed = list(_executed(notebooks, runs, numbers, project.root))
        documents |= render_site(
            TITLE, _with_index(shown, project.root), executed, images, templates
        )
    return documents


def places(formats: set[str]) -> set[str]:
    """Return the files and folders that a build in these formats gives whole."""
    return {IMAGES, *(DOCUMENTS[name] for name in formats)}


def number_outputs(assembled: list[dict]) -> dict[str, int]:
    """Number figures and tables through the whole journal, in reading order; one that is
    shown twice keeps its number. Return the numbers by name."""
    count, numbers = {"figure": 0, "table": 0}, {}
    for about in outputs(assembled):
        if about.get("kind") in count and about["name"] not in numbers:
            count[about["kind"]] += 1
            numbers[about["name"]] = count[about["kind"]]
    give_numbers(assembled, numbers)
    return numbers


def give_numbers(assembled: list[dict], numbers: dict[str, int]) -> None:
    """Give outputs their numbers in the journal, none to those that it does not show."""
    for about in outputs(assembled):
        if about.get("name") in numbers:
            about["number"] = numbers[about["name"]]


def _with_index(pages: list[SitePage], root: Path) -> list[SitePage]:
    """Every page links to the index: without an introduction, it lists the days alone."""
    if any(page.entry["file"] == INDEX for page in pages):
        return pages
    return [_site_page(Page(INTRODUCTION, "Accueil", None, "", ()), {}, {}, root), *pages]


def _executed(
    notebooks: dict[str, Notebook], runs: dict[str, Run], numbers: dict[str, int], root: Path
) -> Iterator[SitePage]:
    """Yield the executed notebooks by number, whole, outputs numbered as in the journal."""
    for notebook in sorted(notebooks.values(), key=lambda notebook: int(notebook.number)):
        assembled = assemble_notebook(notebook, runs[notebook.name])
        give_numbers([assembled], numbers)
        entry = {
            "file": notebook_file(notebook.name),
            "title": notebook.title,
            "notebook": notebook.path.name,
        }
        note = provenance_note({notebook.name}, notebooks, runs, root)
        yield typeset(SitePage(entry, assembled, note))


def _images(runs: dict[str, Run]) -> dict[str, Path]:
    images: dict[str, Path] = {}
    for run in runs.values():
        for path in run.images():
            if path.name in images:
                other = images[path.name].parents[2].name
                message = f"figure '{path.stem}' is made by notebooks '{other}' and '{run.name}'"
                raise RequestError([f"{message}: give each its own name"])
            images[path.name] = path
    return images


def _site_page(
    page: Page, notebooks: dict[str, Notebook], runs: dict[str, Run], root: Path
) -> SitePage:
    """Assemble a page of the journal, typeset."""
    entry = {
        "file": page.file,
        "title": page.title,
        "day": page.day,
        "date": str(fr_date(page.date)) if page.date else "",
        "iso": page.date.isoformat() if page.date else "",
        "summary": page.summary,
        "key_figures": key_figures(page, runs),
    }
    note = provenance_note(page.notebooks(), notebooks, runs, root)
    return typeset(SitePage(entry, assemble(page, notebooks, runs), note))


def _document(pages: list[SitePage], templates: Path) -> str:
    """One file: contents, then the pages, each under a heading of the second level."""
    from carnet.publication.exporters import document_exporter

    exporter, texts = document_exporter(templates), []
    for page in pages:
        text = exporter.export(page.notebook, {"page": page.entry, "note": page.note})
        texts.append(f"## {page.entry['title']}\n\n{shift_headings(text, 1)}")
    text, contents = _with_contents("\n".join(texts))
    return f"# {TITLE}\n\n{contents}\n\n{text}"


def _with_contents(text: str) -> tuple[str, str]:
    """Give anchors of our own to headings, for forges differ in theirs; return the contents."""
    contents, taken = [], set()

    def anchored(level: int, title: str) -> str:
        heading = f"{'#' * level} {title}"
        if level > DEEPEST_IN_CONTENTS:
            return heading
        anchor = unique_slug(title, taken)
        contents.append(f"{'  ' * (level - 2)}- [{title}](#{anchor})")
        return f'<a id="{anchor}"></a>\n\n{heading}'

    return map_headings(text, anchored), "\n".join(contents)
