"""What a notebook calls: record values, figures and tables, read results, show progress.

This is the only place where the experiment meets the engine. In a build the engine says by
environment variables where to write; in JupyterLab the same calls show and keep nothing but
the results, so that a notebook runs there as it stands.
"""

import base64
import io
import json
import keyword
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

from carnet.project.errors import InputError, JournalError, nearest
from carnet.project.files import read_json, write_atomically, write_json
from carnet.project.paths import find_root, own_folder, store_folder
from carnet.project.settings import Settings, read_settings

FIGURE_DPI = 150  # of the PNG; a page shows an inch of it as 96 pixels
SHARP_DPI = 192  # of photographs on pages: two dots a pixel
# What matplotlib says of itself and of the day in an image.
VARYING = {"png": ("Software",), "svg": ("Creator", "Date", "Format", "Type")}
WEBP = {"quality": 80, "method": 4}

_values: dict = {}
_names: set[str] = set()


def _run_folder() -> Path | None:
    folder = os.environ.get("JOURNAL_RUN")
    return Path(folder) if folder else None


def record(**values) -> None:
    """Record named results, which pages and later notebooks read by name.

    Values are JSON values or NumPy scalars and arrays.

    Raises:
        InputError: a value that JSON cannot hold, or a name recorded twice in a build.
    """
    for name, value in values.items():
        _claim(name, _values)
        _values[name] = _plain(name, value)
    if folder := _run_folder():
        write_json(folder / "results.json", _values)


def figure(
    fig,
    name: str,
    *,
    caption: str,
    alt: str,
    menus: Mapping[str, Sequence[str]] | None = None,
    others: Iterable[tuple[Sequence[int], object, str]] = (),
) -> None:
    """Show a matplotlib figure and keep it as images/<name>.png, and for the pages as a drawing, or
    where it holds photographs as WebP.

    Args:
        fig: the matplotlib `Figure`; it is closed.
        name: unique among all figures and tables of the journal.
        caption: French caption.
        alt: French text that says what the figure shows, for those who cannot see it.
        menus: options by menu, of which the figure shows the first of each; the site offers them.
        others: the figures of the other options, as (index in each menu, figure, alt), which are
            kept as choices/<name>/<i>-<j>.svg or .webp; taken in a build only.
    """
    png = _keep_figure(fig, name)
    bundle = {"image/png": base64.b64encode(png).decode(), "text/plain": alt}
    about = {"kind": "figure", "name": name, "caption": caption, "alt": alt}
    if menus and (folder := _run_folder()):
        alts = dict(_keep_choices(folder / "choices" / name, others))
        pairs = [[menu, list(options)] for menu, options in menus.items()]  # JSON sorts a mapping
        about |= {"menus": pairs, "alts": alts}
    _show(bundle, about)
    _show({"text/markdown": f"*{caption}*", "text/plain": caption}, {"kind": "caption"})


def table(
    frame, name: str, *, caption: str, digits: int | None = None, percent: Iterable[str] = ()
) -> None:
    """Show a pandas DataFrame as a table in the journal's language; keep it as images/<name>.png,
    and its values as tables/<name>.csv.

    The index is not shown. Columns in `percent` hold shares and are shown as percentages; other
    numbers have `digits` decimals, or as many as each column deserves, integers none.
    """
    from carnet.text.language import speaking
    from carnet.text.tables import ShownTable

    with speaking(_language()):
        shown = ShownTable.of(frame, digits=digits, shares=tuple(percent))
    _keep_figure(shown.figure(), name, drawing=False)
    if folder := _run_folder():
        values = folder / "tables" / f"{name}.csv"
        write_atomically(values, lambda path: frame.to_csv(path, index=False))
    bundle = {"text/markdown": shown.markdown(), "text/plain": caption}
    _show(bundle, {"kind": "table", "name": name, "caption": caption})
    _show({"text/markdown": f"*{caption}*", "text/plain": caption}, {"kind": "caption"})


def results(notebook: str) -> SimpleNamespace:
    """Return the results of a notebook that this one needs, by attribute.

    Raises:
        InputError: in a build, a notebook that is not among the declared needs; in JupyterLab,
            one that no build has run yet.
    """
    needs = os.environ.get("JOURNAL_NEEDS")
    if needs is not None:
        known, remedy = json.loads(needs), "declare it in the notebook's metadata, journal.needs"
    else:
        known = read_json(own_folder(find_root()) / "current.json", {})
        remedy = "run `python build_journal.py` once, which runs it"
    if notebook not in known:
        raise InputError(f"results of '{notebook}' are not available: {remedy}")
    folder = store_folder() / known[notebook] if needs is None else Path(known[notebook])
    return Results(notebook, read_json(folder / "results.json", {}))


def _language() -> str:
    """Return the language of the journal; that of a new one where there is none."""
    try:
        return read_settings(find_root()).language
    except JournalError:
        return Settings().language


class Results(SimpleNamespace):
    """Named results of one notebook, by attribute."""

    def __init__(self, notebook: str, values: dict):
        super().__init__(**values)
        object.__setattr__(self, "_notebook", notebook)

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        names = [key for key in vars(self) if not key.startswith("_")]
        raise InputError(
            f"notebook '{self._notebook}' records no result '{name}': {nearest(name, names)}"
        )


def progress(
    iterable: Iterable, label: str | Callable[[], str], total: int | None = None
) -> Iterator:
    """Iterate, showing how far it is: a bar in JupyterLab and in a terminal, nothing in a log.

    A label that is a function is called at each step that a build shows.
    """
    if total is None and hasattr(iterable, "__len__"):
        total = len(iterable)
    report = os.environ.get("JOURNAL_PROGRESS")
    if report:
        return _reported(iterable, label, total, Path(report))
    # None hides the bar where the output is no terminal; a notebook's output is none either.
    quiet = False if "ipykernel" in sys.modules else None
    from tqdm.auto import tqdm  # may itself import ipykernel

    return iter(tqdm(iterable, desc=_text(label), total=total, leave=False, disable=quiet))


def _text(label: str | Callable[[], str]) -> str:
    return label() if callable(label) else label


def _reported(
    iterable: Iterable, label: str | Callable[[], str], total: int | None, report: Path
) -> Iterator:
    """Write for the build, which shows it, how far it is; at most five times a second."""

    def tell(done: int) -> float:
        write_json(report, {"label": _text(label), "done": done, "total": total})
        return time.monotonic()

    told = tell(0)
    for done, item in enumerate(iterable, 1):
        yield item
        if time.monotonic() - told > 0.2:
            told = tell(done)
    report.unlink(missing_ok=True)


def _claim(name: str, taken: Iterable[str]) -> None:
    if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_"):
        raise InputError(f"'{name}' is not a name for a result: use letters, digits and _")
    if name in taken and _run_folder():
        raise InputError(f"'{name}' is recorded twice in this notebook: give each its own name")


def _plain(name: str, value):
    """Return `value` as JSON holds it."""
    try:
        return json.loads(json.dumps(value, allow_nan=False, default=_from_numpy))
    except (TypeError, ValueError) as error:
        raise InputError(f"result '{name}' is not a JSON value: {error}") from None


def _from_numpy(value):
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} {value!r}")


def _keep_figure(fig, name: str, *, drawing: bool = True) -> bytes:
    """Keep a figure as images, and close it; return the PNG."""
    from matplotlib import pyplot

    _claim(name, _names)
    _names.add(name)
    png = _drawn(fig, "png")
    _keep_image(f"{name}.png", png)
    if drawing:
        kind, data = _shown(fig)
        _keep_image(f"{name}.{kind}", data)
    pyplot.close(fig)
    return png


def _shown(fig) -> tuple[str, bytes]:
    """Return what pages show of a figure: a drawing, or sharp where it holds photographs."""
    if any(axes.images for axes in fig.axes):
        return "webp", _drawn(fig, "webp", dpi=SHARP_DPI, pil_kwargs=WEBP)
    return "svg", _drawn(fig, "svg")


def _typeset(fig) -> None:
    """Set what a figure says as texts are."""
    from matplotlib.text import Text

    from carnet.text.french import typographic

    if _language() == "fr":
        for text in fig.findobj(Text):
            text.set_text(typographic(text.get_text()))


def _drawn(fig, kind: str, **options) -> bytes:
    """Return a figure as "png", "svg" or "webp", typeset, the same bytes each time."""
    from matplotlib import rc_context

    _typeset(fig)
    buffer = io.BytesIO()
    options = {"dpi": FIGURE_DPI, "transparent": kind == "svg"} | options
    options |= {"metadata": dict.fromkeys(VARYING[kind])} if kind in VARYING else {}
    with rc_context({"svg.hashsalt": "carnet"}):
        fig.savefig(buffer, format=kind, **options)
    return buffer.getvalue()


def _keep_choices(folder: Path, figures: Iterable) -> Iterator[tuple[str, str]]:
    """Keep figures by the options that they show; yield the file name and the alt of each."""
    from matplotlib import pyplot

    for chosen, fig, alt in figures:
        kind, data = _shown(fig)
        file = f"{'-'.join(map(str, chosen))}.{kind}"
        pyplot.close(fig)
        write_atomically(folder / file, lambda path, data=data: path.write_bytes(data))
        yield file, alt


def _keep_image(file: str, data: bytes) -> None:
    if folder := _run_folder():
        write_atomically(folder / "images" / file, lambda path: path.write_bytes(data))


def _show(bundle: dict, about: dict) -> None:
    if sys.modules.get("IPython"):
        from IPython.display import display

        display(bundle, raw=True, metadata={"journal": about})
