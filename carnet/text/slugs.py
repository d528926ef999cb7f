"""Names without accents or signs, made from text: anchors, names of notebooks."""

import re
import unicodedata


def slug(text: str, separator: str = "-") -> str:
    """Return the letters and digits of a text in ASCII: « L'été » -> l-ete; "" if it has none."""
    text = text.replace("\u2019", "'")
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", separator, plain).strip(separator)


def unique_slug(text: str, taken: set[str]) -> str:
    """Return an anchor for a heading that is not among `taken`, and add it to them."""
    base = slug(text) or "section"
    candidates = [base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))]
    anchor = next(candidate for candidate in candidates if candidate not in taken)
    taken.add(anchor)
    return anchor
