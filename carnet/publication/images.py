"""Images that texts name: files beside pages and notebooks, and those pasted in cells."""

import base64
import binascii
import posixpath
import re
from pathlib import Path

from docutils import nodes

from carnet.project.errors import nearest
from carnet.publication.outputs import IMAGES, Assets
from carnet.publication.texts import SitePage, Text
from carnet.text.slugs import slug

PASTED = "attachment:"
SUFFIXES = {**{suffix: suffix for suffix in IMAGES.values()}, "jpeg": "jpg"}
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def place_images(page: SitePage, root: Path, assets: Assets, mistakes: list[str]) -> None:
    """Have each image of a page's texts name a file that is published with it."""
    for text in page.texts.values():
        for node in list(text.tree.findall(nodes.image)):
            if "file" in node:
                continue
            where = text.place.at(node.line or 1)
            try:
                _place(node, text, root, assets)
            except ValueError as error:
                mistakes.append(f"{where}: ![{node['alt']}]({node['uri']}): {error}")


def _place(node: nodes.image, text: Text, root: Path, assets: Assets) -> None:
    data, suffix = _contents(node["uri"], text, root)
    if not node["uri"].startswith(PASTED):
        assets.sources.add(posixpath.normpath(f"{text.place.folder}/{node['uri']}"))
    stem = slug(posixpath.splitext(posixpath.basename(node["uri"].removeprefix(PASTED)))[0])
    size = assets.keep(data, suffix, stem or "image")
    node.attributes |= {k: v for k, v in size.items() if k == "file" or "width" not in node}
    caption = next((c for c in node.parent.children if isinstance(c, nodes.caption)), None)
    if not node["alt"] and caption is not None:
        node["alt"] = caption.astext()
    if "}`" in node["alt"]:
        raise ValueError("no role stands in a description: expected text")
    if not node["alt"]:
        raise ValueError("expected what it shows, between the brackets or as :alt:")


def _contents(uri: str, text: Text, root: Path) -> tuple[bytes, str]:
    """Return the bytes of an image and the suffix of its kind.

    Raises:
        ValueError: there is no such image, or it is elsewhere.
    """
    if uri.startswith(PASTED):
        return _pasted(uri.removeprefix(PASTED), text.attachments)
    if ELSEWHERE.match(uri):
        raise ValueError("an image from elsewhere: expected a file of the project")
    suffix = SUFFIXES.get(posixpath.splitext(uri)[1].lower().lstrip("."))
    if suffix is None:
        raise ValueError(f"expected an image: {', '.join(sorted(SUFFIXES))}")
    path = (root / text.place.folder / uri).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ValueError("expected a file of the project")
    try:
        return path.read_bytes(), suffix
    except OSError:
        there = [other.name for other in path.parent.glob("*.*")] if path.parent.is_dir() else []
        images = [name for name in there if name.rpartition(".")[2].lower() in SUFFIXES]
        raise ValueError(f"no such file: {nearest(path.name, images)}") from None


def _pasted(name: str, attachments: dict) -> tuple[bytes, str]:
    found = attachments.get(name, {})
    for kind in IMAGES.keys() & found.keys():
        try:
            return base64.b64decode(found[kind]), IMAGES[kind]
        except binascii.Error:
            raise ValueError("a pasted image that cannot be read: paste it again") from None
    raise ValueError(f"not pasted in this cell: {nearest(name, attachments)}")
