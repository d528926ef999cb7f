"""A table as a reader expects it: Markdown and a picture of the same cells."""

import datetime
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real

from carnet.text.fonts import drawable
from carnet.text.french import MISSING
from carnet.text.language import date_in_words, number, percent, translate

WIDEST = 2  # powers of ten between numbers that are written with the same decimals
SPECIAL = re.compile(r"[\\`*_{}\[\]<>$|~#&!@^]")  # what Markdown takes in a cell


class Written(str):
    """Markdown, as its author wrote it."""

    __slots__ = ()


@dataclass(frozen=True)
class ShownTable:
    """Formatted cells with their headings; `numeric` says which columns align right."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]

    @classmethod
    def of(cls, frame, *, digits: int | None = None, shares: tuple[str, ...] = ()) -> "ShownTable":
        """Format the columns of a pandas DataFrame; missing values are shown as a dash.

        Args:
            digits: decimals of the numbers that are not whole; None for as many as each column
                deserves.
        """
        columns, numeric = [], []
        for position, name in enumerate(frame.columns):
            column = frame.iloc[:, position]
            pairs = zip(column.tolist(), column.isna().tolist())
            values = [None if is_missing else value for value, is_missing in pairs]
            columns.append(list(_column(values, digits, name in shares)))
            numeric.append(any(map(_is_number, values)))
        headings = (
            " ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in frame
        )
        return cls(tuple(headings), tuple(zip(*columns)), tuple(numeric))

    def markdown(self) -> str:
        """Return a pipe table."""
        rule = ["---:" if right else ":---" for right in self.numeric]
        rows = [map(_literal, row) for row in (self.headings, *self.rows)]
        head, *body = (f"| {' | '.join(row)} |" for row in rows)
        return "\n".join([head, pipe_row(rule), *body])

    def figure(self):
        """Draw the table; return a matplotlib Figure as large as it needs."""
        from matplotlib import pyplot

        widths = [
            max(len(cell) for cell in column) + 2
            for column in zip(self.headings, *self.rows, strict=True)
        ]
        size = (max(0.085 * sum(widths), 2), 0.3 * (len(self.rows) + 1) + 0.1)
        fig, axes = pyplot.subplots(figsize=size)
        axes.set_axis_off()
        drawn = axes.table(
            cellText=[list(map(drawable, row)) for row in self.rows],
            colLabels=list(map(drawable, self.headings)),
            colWidths=[width / sum(widths) for width in widths],
            bbox=(0, 0, 1, 1),
        )
        drawn.auto_set_font_size(False)
        drawn.set_fontsize(9)
        fig.subplots_adjust(0.01, 0.02, 0.99, 0.98)
        self._style(drawn)
        return fig

    def _style(self, drawn) -> None:
        for (row, column), cell in drawn.get_celld().items():
            cell.set_edgecolor("#cccccc")
            cell.visible_edges = "B"
            cell.get_text().set_horizontalalignment("right" if self.numeric[column] else "left")
            cell.get_text().set_parse_math(False)
            cell.PAD = 0.05
            if row == 0:
                cell.get_text().set_fontweight("bold")


def _is_number(value) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _column(values: list, digits: int | None, is_share: bool) -> Iterator[str]:
    """Yield the cells of a column, its numbers with the same decimals where they compare."""
    numbers = [float(value) for value in values if _is_number(value)]
    shown = digits if digits is not None else decimals(numbers)
    for value in values:
        if not _is_number(value):
            yield _cell(value)
        elif is_share:
            yield str(percent(value, 1 if digits is None else max(digits - 1, 0)))
        else:
            alone = shown is None or _vanishes(value, shown)
            yield str(number(value, _own_decimals(float(value)) if alone else shown))


def decimals(numbers: list[float]) -> int | None:
    """Return how many decimals a column of numbers deserves: three significant digits for the
    largest, two for the smallest; None where they are too far apart to be written alike, as in a
    column that mixes units."""
    sizes = [math.floor(math.log10(abs(n))) for n in numbers if n and math.isfinite(n)]
    if not sizes or all(n.is_integer() for n in numbers if math.isfinite(n)):
        return 0
    largest = max(0, 2 - max(sizes) if max(sizes) >= 0 else 1 - max(sizes))
    smallest = 1 - min(sizes)
    if max(sizes) - min(sizes) > WIDEST or (min(sizes) >= 0 and smallest > largest):
        return None
    return max(largest, smallest if min(sizes) < 0 else 0)


def _own_decimals(value: float) -> int:
    """Return the decimals of a number alone: three significant digits, no zero at the end."""
    if not math.isfinite(value):
        return 0
    return max(0, -Decimal(f"{value:.3g}").normalize().as_tuple().exponent)


def _vanishes(value: Real, digits: int) -> bool:
    """Whether a number that is not zero would be written as zero."""
    return value != 0 and round(float(value), digits) == 0


def _cell(value) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return translate("oui") if value else translate("non")
    if hasattr(value, "_repr_markdown_"):
        return Written(value._repr_markdown_())
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return date_in_words(value.date())
    return date_in_words(value) if type(value) is datetime.date else str(value)


def _literal(cell: str) -> str:
    """Return Markdown that shows a cell as it is, unless it is Markdown itself."""
    text = cell if isinstance(cell, Written) else SPECIAL.sub(r"\\\g<0>", cell)
    return " ".join(text.split("\n"))


def pipe_row(cells: Iterable[str]) -> str:
    """Return a row of a Markdown table."""
    cells = (cell.replace("|", r"\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(cells)} |"
