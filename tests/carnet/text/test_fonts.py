"""`carnet.text.fonts`: names in any script are drawn, or have a plain substitute."""

import pytest

from carnet.text.fonts import drawable


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Škoda Citroën Лада Ελλάς", "Škoda Citroën Лада Ελλάς"),
        ("比亚迪 汉 EV 2021", "… EV 2021"),
        ("รถ 1\n2", "… 1\n2"),
        ("", ""),
    ],
)
def test_what_the_font_lacks_is_left_out(text, drawn):
    assert drawable(text) == drawn
