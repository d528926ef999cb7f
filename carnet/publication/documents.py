"""Where the documents of each format are, under the output folder."""

import re

DOCUMENT = "journal/JOURNAL.md"
SITE_FOLDER = "journal/site"
PDF_DOCUMENT = "journal/JOURNAL.pdf"
IMAGES = "images"  # they belong to all
DOCUMENTS = {"markdown": DOCUMENT, "html": SITE_FOLDER, "pdf": PDF_DOCUMENT}

# What is true of one build or one run: the commit, when and for how long notebooks ran.
_OWN = re.compile(rb'<(li|span) class="volatile">.*?</\1>', re.DOTALL)


def places(formats: set[str]) -> set[str]:
    """Return the files and folders that a build in these formats gives whole."""
    return {IMAGES, *(DOCUMENTS[name] for name in formats)}


def steady(document: bytes) -> bytes:
    """Return what a document holds whoever builds it from the same inputs."""
    return _OWN.sub(b"", document)


# What no document holds: control characters are shown as one that is not known.
_CONTROLS = dict.fromkeys({*range(32), 127} - {*map(ord, "\t\n\r")}, "\ufffd")


def encoded(text: str) -> bytes:
    """Return a document as UTF-8; a half of a character is a question mark."""
    return text.translate(_CONTROLS).encode(errors="replace")
