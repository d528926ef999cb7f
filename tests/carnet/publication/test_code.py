"""Code in colours."""

import re
from html import unescape

import pytest

from carnet.publication.code import code_style, highlighted


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "ground"), [(1, "#f4f4f1"), (2, "#20252a")])
def test_highlighted_code_is_legible(theme, ground):
    rule = re.compile(r"\.highlight \.(\w+) \{ color: light-dark\((.+?), (.+?)\) \}")
    colours = {m[1]: m[1 + theme] for m in rule.finditer(code_style()) if m[1 + theme][0] == "#"}
    assert {"k", "s2", "mi", "c1"} <= colours.keys()
    # Other tokens (errors, diffs, output of consoles) do not occur in Python code.
    python = [n for n in colours if re.fullmatch(r"[kcmo]\w*|s\w*|n\w*", n) and n != "c"]
    poor = {n: colours[n] for n in python if contrast(colours[n], ground) < 4.5}
    assert poor == {}


def test_every_word_is_there_and_those_in_colours_have_a_rule():
    code = "%matplotlib inline\nimport a.b  # c\n\n\ndef f(x):\n    return f'{x!r}' + str(1 < 2)\n"
    html = highlighted(code, "python")
    assert unescape(re.sub(r"<[^>]+>", "", html)).strip("\n") == code.strip("\n")
    classes = set(re.findall(r'<span class="(\w+)">', html))
    assert {"k", "mi"} <= classes
    assert classes <= set(re.findall(r"\.highlight \.(\w+)", code_style()))
    assert '<span class="p">' not in html
