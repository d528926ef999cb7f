"""What matplotlib's own font can draw: the same on every machine, whatever fonts it has."""

import re

FONT = "DejaVu Sans"


def drawable(text: str) -> str:
    """Return a text with "…" for what the font of figures lacks, such as Chinese characters.

    >>> drawable("汉 EV 2021")
    '… EV 2021'
    """
    from matplotlib.font_manager import findfont, get_font  # slow to import

    font = get_font(findfont(FONT))
    held = "".join(c if c.isspace() or font.get_char_index(ord(c)) else "…" for c in text)
    return re.sub(r"…(\s*…)+", "…", held)
