"""A figure whose subject the reader chooses: menus in JupyterLab, and on the site those that a
build has drawn.

Knows nothing of what is drawn. Nothing here records a result: what one looks at changes nothing.
"""

import itertools
import math
import os
from collections.abc import Callable, Iterator, Mapping

from matplotlib.figure import Figure

from carnet import figure

Menus = Mapping[str, Mapping[str, object]]  # French name of a menu -> French option -> value
Draw = Callable[..., tuple[Figure, str]]


def explore(draw: Draw, name: str, menus: Menus, *, caption: str, drawn: int) -> None:
    """Show the figure of one option of each menu; the reader chooses them.

    A build shows the figure of the first options, which the caption then names, and draws those of
    the others for the site. Where they are too many, the longest menu has its first options only.

    Args:
        draw: takes a value of each menu, in their order; returns the figure and the French text
            that says what it shows, for those who cannot see it.
        name: unique among all figures and tables of the journal.
        menus: French name of each menu -> its options, French text -> value given to `draw`.
        caption: French caption, without a final stop.
        drawn: how many figures a build draws at most.
    """

    def show(*values, **choices) -> None:
        fig, alt = draw(*values)
        figure(fig, name, caption=caption, alt=alt, **choices)

    if os.environ.get("JOURNAL_RUN"):
        menus = _shortened(menus, drawn)
        first = (next(iter(options.values())) for options in menus.values())
        show(*first, menus=menus, others=_drawn(draw, menus))
    else:
        _show_widgets(show, menus)


def _shortened(menus: Menus, drawn: int) -> Menus:
    """Return the menus, the longest cut to as many options as a build draws."""
    longest = max(menus, key=lambda menu: len(menus[menu]))
    rest = math.prod(len(options) for menu, options in menus.items() if menu != longest)
    kept = itertools.islice(menus[longest].items(), max(drawn // rest, 1))
    return {**menus, longest: dict(kept)}


def _drawn(draw: Draw, menus: Menus) -> Iterator[tuple[tuple[int, ...], Figure, str]]:
    """Yield the figure of all options but the first of each menu, with their indices and alt."""
    options = [list(options.values()) for options in menus.values()]
    for chosen in itertools.product(*map(range, map(len, options))):
        if any(chosen):
            yield chosen, *draw(*(values[i] for values, i in zip(options, chosen)))


def _show_widgets(show: Callable[..., None], menus: Menus) -> None:
    from IPython.display import display
    from ipywidgets import Dropdown, HBox, Layout, VBox, interactive_output

    controls = {
        menu: Dropdown(
            options=list(options.items()),
            description=menu,
            layout=Layout(width="auto", margin="0 1em 0.5em 0"),
            style={"description_width": "initial"},
        )
        for menu, options in menus.items()
    }
    output = interactive_output(lambda **values: show(*values.values()), controls)
    row = HBox(list(controls.values()), layout=Layout(flex_flow="row wrap"))
    display(VBox([row, output]))
