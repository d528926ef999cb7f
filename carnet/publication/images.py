"""Files that texts name: images beside pages and notebooks or pasted in cells, and downloads."""

import base64
import binascii
import hashlib
import posixpath
import re
from pathlib import Path, PurePosixPath

from docutils import nodes

from carnet.project.errors import collecting, nearest
from carnet.publication import documents
from carnet.publication.outputs import IMAGES, Assets
from carnet.publication.references import Target
from carnet.publication.texts import SitePage, Text
from carnet.text.nodes import pointer
from carnet.text.slugs import slug

PASTED = "attachment:"
SUFFIXES = {**{suffix: suffix for suffix in IMAGES.values()}, "jpeg": "jpg"}
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)


def place_images(page: SitePage, root: Path, assets: Assets, mistakes: list[str]) -> None:
    """Have each image and download of a page's texts name a file that is published with it."""
    for text in page.texts.values():
        for node in text.tree.findall(pointer):
            if node.get("form") == "download":
                where = f"{text.place.at(node.line or 1)}: {{download}}`{node['written']}`"
                with collecting(mistakes, where):
                    _offer(node, text, root, assets)
        for node in list(text.tree.findall(nodes.image)):
            if "file" in node:
                continue
            where = text.place.at(node.line or 1)
            try:
                _place(node, text, root, assets)
            except ValueError as error:
                mistakes.append(f"{where}: ![{node['alt']}]({node['uri']}): {error}")


def _offer(node: pointer, text: Text, root: Path, assets: Assets) -> None:
    """Publish the file that a download names, under its name and a hash of its contents."""
    node["to"] = Target("file", "")
    data = _read(node["target"], text, root)
    full = PurePosixPath(posixpath.normpath(f"{text.place.folder}/{node['target']}"))
    name = f"{slug(full.stem)}-{hashlib.sha256(data).hexdigest()[:8]}{full.suffix}"
    assets.downloads[name] = data
    assets.sources.add(str(full))
    node["to"] = Target("file", f"downloads/{name}", written=str(full))
    if not node.children:
        node += nodes.literal("", full.name)


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
    return _read(uri, text, root), suffix


def _read(uri: str, text: Text, root: Path) -> bytes:
    """Return the bytes of a file that a text names from where it stands.

    Raises:
        ValueError: there is no such file, it is outside the project, or a build makes it.
    """
    path = (root / text.place.folder / uri).resolve()
    if not path.is_relative_to(root.resolve()):
        raise ValueError("expected a file of the project")
    if path.is_relative_to(root.resolve() / documents.IMAGES):
        raise ValueError(f"a build makes it: expected [](#{path.stem}) to what a page shows")
    try:
        return path.read_bytes()
    except OSError:
        like = path.suffix.lower().lstrip(".") in SUFFIXES
        there = path.parent.glob("[!.]*.*") if path.parent.is_dir() else ()
        names = [f.name for f in there if (f.suffix.lower().lstrip(".") in SUFFIXES) == like]
        raise ValueError(f"no such file: {nearest(path.name, names)}") from None


def _pasted(name: str, attachments: dict) -> tuple[bytes, str]:
    found = attachments.get(name, {})
    for kind in IMAGES.keys() & found.keys():
        try:
            return base64.b64decode(found[kind]), IMAGES[kind]
        except binascii.Error:
            raise ValueError("a pasted image that cannot be read: paste it again") from None
    raise ValueError(f"not pasted in this cell: {nearest(name, attachments)}")
