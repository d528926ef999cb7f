"""Roles of inline text, {name}`content`: each gives a node."""

import re

from docutils import nodes

from carnet.text.nodes import citation, evaluation, pointer

WITH_TEXT = re.compile(r"(?P<text>.*?)\s*<(?P<target>[^<>]+)>", re.DOTALL)
ABBREVIATION = re.compile(r"(?P<text>.*?)\s*\((?P<title>.*)\)", re.DOTALL)


def _evaluation(content: str) -> nodes.Node:
    return evaluation(code=content)


def _pointing(form: str):
    def role(content: str) -> nodes.Node:
        match = WITH_TEXT.fullmatch(content)
        target, text = (match["target"], match["text"]) if match else (content, "")
        target = target.strip()
        node = pointer(path="", target=target, form=form, written=content)
        if form == "doc":
            node["path"], node["target"] = target, ""
        if form == "numref" and text:
            node["template"] = text
        elif text:
            node += nodes.Text(text)
        return node

    return role


def _citing(narrative: bool):
    def role(content: str) -> nodes.Node:
        keys = [key.strip() for key in content.split(",")]
        return citation("", keys=keys, narrative=narrative, bare=False)

    return role


def _marked(name: str):
    return lambda content: nodes.inline("", content, classes=[name])


def _abbreviation(content: str) -> nodes.Node:
    match = ABBREVIATION.fullmatch(content)
    text, title = (match["text"], match["title"]) if match else (content, "")
    return nodes.abbreviation("", text, title=title)


def _tagged(kind: type[nodes.TextElement]):
    return lambda content: kind("", content)


ROLES = {
    "eval": _evaluation,
    "ref": _pointing("ref"),
    "numref": _pointing("numref"),
    "eq": _pointing("eq"),
    "doc": _pointing("doc"),
    "download": _pointing("download"),
    "cite": _citing(False),
    "cite:p": _citing(False),
    "cite:t": _citing(True),
    "sub": _tagged(nodes.subscript),
    "subscript": _tagged(nodes.subscript),
    "sup": _tagged(nodes.superscript),
    "superscript": _tagged(nodes.superscript),
    "abbr": _abbreviation,
    "kbd": _marked("kbd"),
    "del": _marked("s"),
    "math": _tagged(nodes.math),
}
