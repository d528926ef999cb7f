"""A table as a reader expects it: HTML, Markdown and a picture of the same cells."""

import html
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real

from carnet.text.fonts import drawable
from carnet.text.french import MISSING
from carnet.text.language import number, percent, translate


@dataclass(frozen=True)
class ShownTable:
    """Formatted cells with their headings; `numeric` says which columns align right."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]

    @classmethod
    def of(cls, frame, *, digits: int = 2, shares: tuple[str, ...] = ()) -> "ShownTable":
        """Format the columns of a pandas DataFrame; missing values are shown as a dash."""
        columns = [
            [_cell(value, digits, name in shares) for value in frame[name].tolist()]
            for name in frame.columns
        ]
        numeric = [
            any(_is_number(value) for value in frame[name].tolist()) for name in frame.columns
        ]
        return cls(tuple(map(str, frame.columns)), tuple(zip(*columns)), tuple(numeric))

    def html(self) -> str:
        """Return a <table> with column scopes, numbers marked by the class `n`."""
        marks = [' class="n"' if right else "" for right in self.numeric]
        head = "".join(
            f'<th scope="col"{mark}>{html.escape(text)}</th>'
            for mark, text in zip(marks, self.headings)
        )
        body = "".join(
            f"<tr>{''.join(f'<td{m}>{html.escape(t)}</td>' for m, t in zip(marks, row))}</tr>\n"
            for row in self.rows
        )
        return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"

    def markdown(self) -> str:
        """Return a pipe table."""
        rule = ["---:" if right else ":---" for right in self.numeric]
        rows = [self.headings, rule, *self.rows]
        return "\n".join(map(pipe_row, rows))

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


def _cell(value, digits: int, is_share: bool) -> str:
    if value is None or value != value:
        return MISSING
    if isinstance(value, bool):
        return translate("oui") if value else translate("non")
    if not _is_number(value):
        return str(value)
    return str(percent(value, max(digits - 1, 0)) if is_share else number(value, digits))


def pipe_row(cells: Iterable[str]) -> str:
    """Return a row of a Markdown table."""
    cells = (cell.replace("|", r"\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(cells)} |"
