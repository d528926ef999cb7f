"""From assembled pages to documents: a mapping of path in the output folder -> bytes."""

from collections.abc import Iterator
from pathlib import Path

from lib.journal.assembly import assemble
from lib.journal.errors import RequestError
from lib.journal.french import fr_date, typographic
from lib.journal.markdown import map_headings, shift_headings
from lib.journal.notebooks import Notebook
from lib.journal.notes import provenance_note
from lib.journal.pages import Page
from lib.journal.paths import Project
from lib.journal.store import Run

TITLE = "Journal de bord"
DOCUMENT = "journal/JOURNAL.md"
SITE = "journal/site"
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
    assembled = [assemble(page, notebooks, runs) for page in pages]
    number_outputs(assembled)
    notes = [provenance_note(page, notebooks, runs, project.root) for page in pages]
    templates = project.templates
    images = _images(runs)
    documents = {f"images/{name}": path.read_bytes() for name, path in images.items()}
    if "markdown" in formats:
        documents[DOCUMENT] = _document(pages, assembled, notes, templates).encode()
    if "html" in formats:
        documents |= _site(pages, assembled, notes, templates)
        documents |= {f"{SITE}/images/{name}": p.read_bytes() for name, p in images.items()}
    return documents


def number_outputs(assembled: list[dict]) -> None:
    """Number figures and tables through the whole journal, in reading order."""
    count = {"figure": 0, "table": 0}
    for about in _shown(assembled):
        if about.get("kind") in count:
            count[about["kind"]] += 1
            about["number"] = count[about["kind"]]
        for text in about.keys() & {"caption", "alt"}:
            about[text] = str(typographic(about[text]))


def _shown(assembled: list[dict]) -> Iterator[dict]:
    """Yield what each output says of itself."""
    for page in assembled:
        for cell in page["cells"]:
            for output in cell.get("outputs", []):
                yield output.get("metadata", {}).get("journal", {})


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


def _site(
    pages: list[Page], assembled: list[dict], notes: list[str], templates: Path
) -> dict[str, bytes]:
    from lib.journal.exporters import SiteExporter, export_html

    exporter = SiteExporter(templates)
    entries = [_entry(page) for page in pages]
    documents = {}
    for index, notebook in enumerate(assembled):
        context = {
            "site": TITLE,
            "page": entries[index],
            "note": notes[index],
            "pages": entries,
            "previous": entries[index - 1] if index else None,
            "next": entries[index + 1] if index + 1 < len(entries) else None,
        }
        html = export_html(exporter, notebook, context)
        documents[f"{SITE}/{entries[index]['file']}"] = html.encode()
    return documents


def _entry(page: Page) -> dict:
    return {
        "file": "index.html" if page.name == "introduction" else f"{page.name}.html",
        "title": typographic(page.title),
        "day": page.day,
        "date": str(fr_date(page.date)) if page.date else "",
        "iso": page.date.isoformat() if page.date else "",
        "summary": typographic(page.summary),
    }


def _document(pages: list[Page], assembled: list[dict], notes: list[str], templates: Path) -> str:
    """One file: contents, then the pages, each under a heading of the second level."""
    from lib.journal.exporters import export_markdown

    texts = [
        f"## {page.title}\n\n"
        + shift_headings(
            export_markdown(templates, notebook, {"page": _entry(page), "note": note}), 1
        )
        for page, notebook, note in zip(pages, assembled, notes)
    ]
    text, contents = _with_contents(typographic("\n".join(texts)))
    return f"# {TITLE}\n\n{contents}\n\n{text}"


def _with_contents(text: str) -> tuple[str, str]:
    """Give anchors of our own to headings, for forges differ in theirs; return the contents."""
    from lib.journal.exporters import unique_slug

    contents, taken = [], set()

    def anchored(level: int, title: str) -> str:
        heading = f"{'#' * level} {title}"
        if level > DEEPEST_IN_CONTENTS:
            return heading
        anchor = unique_slug(title, taken)
        taken.add(anchor)
        contents.append(f"{'  ' * (level - 2)}- [{title}](#{anchor})")
        return f'<a id="{anchor}"></a>\n\n{heading}'

    return map_headings(text, anchored), "\n".join(contents)
