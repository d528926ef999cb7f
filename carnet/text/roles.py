"""Roles of inline text, {name}`content`: each gives a node."""

import re
from functools import partial

from docutils import nodes

from carnet.text.nodes import citation, evaluation, pointer

WITH_TEXT = re.compile(r"(?P<text>.*?)\s*<(?P<target>[^<>]+)>", re.DOTALL)
ABBREVIATION = re.compile(r"(?P<text>.*?)\s*\((?P<title>.*)\)", re.DOTALL)


def _evaluation(content: str) -> nodes.Node:
    return evaluation(code=content)


def _pointer(form: str, content: str) -> nodes.Node:
    match = WITH_TEXT.fullmatch(content)
    target, text = (match["target"], match["text"]) if match else (content, "")
    path, target = (target.strip(), "") if form == "doc" else ("", target.strip())
    node = pointer(path=path, target=target, form=form, written=content)
    if form == "numref" and text:
        node["template"] = text
    elif text:
        node += nodes.Text(text)
    return node


def _citation(narrative: bool, content: str) -> nodes.Node:
    keys = [key.strip() for key in content.split(",")]
    return citation("", keys=keys, narrative=narrative, bare=False)


def _abbreviation(content: str) -> nodes.Node:
    match = ABBREVIATION.fullmatch(content)
    text, title = (match["text"], match["title"]) if match else (content, "")
    return nodes.abbreviation("", text, title=title)


ROLES = {
    "eval": _evaluation,
    **{form: partial(_pointer, form) for form in ("ref", "numref", "eq", "doc", "download")},
    **dict.fromkeys(("cite", "cite:p"), partial(_citation, False)),
    "cite:t": partial(_citation, True),
    **dict.fromkeys(("sub", "subscript"), partial(nodes.subscript, "")),
    **dict.fromkeys(("sup", "superscript"), partial(nodes.superscript, "")),
    "abbr": _abbreviation,
    "kbd": partial(nodes.inline, "", classes=["kbd"]),
    "del": partial(nodes.inline, "", classes=["s"]),
    "math": partial(nodes.math, ""),
}
