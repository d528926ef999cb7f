"""A figure whose subject the reader chooses: menus in JupyterLab, the first choices in a build.

Knows nothing of what is drawn. Nothing here records a result: what one looks at changes nothing.
"""

import os
from collections.abc import Callable, Mapping

from matplotlib.figure import Figure

from carnet import figure

Menus = Mapping[str, Mapping[str, object]]  # French name of a menu -> French option -> value
Draw = Callable[..., tuple[Figure, str]]


def explore(draw: Draw, name: str, menus: Menus, *, caption: str) -> None:
    """Show the figure of one option of each menu; in JupyterLab, the reader chooses them.

    In a build, where nobody can choose, the figure is that of the first options, which its
    caption then names.

    Args:
        draw: takes a value of each menu, in their order; returns the figure and the French text
            that says what it shows, for those who cannot see it.
        name: unique among all figures and tables of the journal.
        menus: French name of each menu -> its options, French text -> value given to `draw`.
        caption: French caption, without a final stop.
    """

    def show(caption: str, *values) -> None:
        drawn, alt = draw(*values)
        figure(drawn, name, caption=caption, alt=alt)

    if os.environ.get("JOURNAL_RUN"):
        first = [next(iter(options.items())) for options in menus.values()]
        chosen = ", ".join(f"{menu.lower()} « {text} »" for menu, (text, _) in zip(menus, first))
        show(f"{caption}. Ici : {chosen}.", *(value for _, value in first))
    else:
        _show_widgets(lambda *values: show(f"{caption}.", *values), menus)


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
