"""Is the published journal what the present inputs give? Answers in lines; publishes nothing."""

import functools
import io
import struct
from collections.abc import Iterator
from pathlib import Path

from carnet.commands.build import Journal
from carnet.commands.history import changes
from carnet.publication.rendering import PDF
from carnet.publication.transaction import differs
from carnet.store.runs import Run


def stale(journal: Journal, formats: set[str]) -> Iterator[str]:
    """Tell what is stale and why, without running anything."""
    explained, runs = journal.explain()
    reasons = {name: lines for name, lines in explained.items() if lines}
    for name, lines in reasons.items():
        pages = [page.name for page in journal.pages if name in page.notebooks()]
        shown = f" (shown by {', '.join(pages)})" if pages else ""
        yield f"{journal.request.notebooks[name].path.stem}{shown}: {'; '.join(lines)}"
    if reasons:
        return
    yield from unlike_published(journal, runs, formats - {"pdf"})
    if "pdf" in formats and not journal.pdf_is_published(runs):
        there = (journal.project.output / PDF).is_file()
        yield f"{PDF}: {'older than the present inputs, or edited' if there else 'not published'}"


def unlike_published(journal: Journal, runs: dict[str, Run], formats: set[str]) -> Iterator[str]:
    """Tell which published documents are not, byte for byte, what `runs` give."""
    output = journal.project.output
    for name, data in journal.render(runs, formats).items():
        if differs(output / name, data):
            yield f"{name}: {_difference(output / name, data)}"


def _difference(path: Path, data: bytes) -> str:
    if not path.is_file():
        return "not published"
    if path.suffix != ".png":
        return "differs from what the present inputs give"
    return _figure_difference(path.read_bytes(), data)


def _figure_difference(before: bytes, after: bytes) -> str:
    """Tell by how much two pictures differ."""
    from PIL import Image, ImageChops

    try:
        old, new = (Image.open(io.BytesIO(data)).convert("RGBA") for data in (before, after))
    except (OSError, SyntaxError, ValueError, struct.error):  # what Pillow raises on damage
        return "the published file is no picture"
    if old.size != new.size:
        return f"the figure is {new.width} × {new.height} pixels, not {old.width} × {old.height}"
    bands = ImageChops.difference(old, new).split()
    difference = functools.reduce(ImageChops.lighter, bands)
    changed = sum(difference.histogram()[1:]) / (old.width * old.height)
    if not changed:
        return "the same figure, written otherwise"
    return f"{changed:.2%} of the figure's pixels differ, by {difference.getextrema()[1]} at most"


def unlike_results(before: dict[str, Run], after: dict[str, Run]) -> Iterator[str]:
    """Tell which results differ between the runs of two builds, with both values."""
    for name in (name for name in before if name in after):
        yield from (f"{name}: {line}" for line in changes(before[name], after[name]))
