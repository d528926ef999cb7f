"""Where the documents of each format are, under the output folder."""

DOCUMENT = "journal/JOURNAL.md"
SITE_FOLDER = "journal/site"
PDF_DOCUMENT = "journal/JOURNAL.pdf"
IMAGES = "images"  # they belong to all
DOCUMENTS = {"markdown": DOCUMENT, "html": SITE_FOLDER, "pdf": PDF_DOCUMENT}


def places(formats: set[str]) -> set[str]:
    """Return the files and folders that a build in these formats gives whole."""
    return {IMAGES, *(DOCUMENTS[name] for name in formats)}


# What no document holds: control characters are shown as one that is not known.
_CONTROLS = dict.fromkeys({*range(32), 127} - {*map(ord, "\t\n\r")}, "\ufffd")


def encoded(text: str) -> bytes:
    """Return a document as UTF-8; a half of a character is a question mark."""
    return text.translate(_CONTROLS).encode(errors="replace")
