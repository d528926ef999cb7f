"""HTML that cells show, as a page can hold it: no script, no style, colours as classes."""

import base64
import hashlib
import html
import re
from html.parser import HTMLParser

from carnet.text.language import translate

ROWS = 200  # of one table; the notebook keeps the rest
DROPPED = {"script", "style", "template", "form", "textarea", "title", "svg"}
LOST = {"html", "head", "body", "main", "meta", "link", "base", "input", "button", "select"}
VOID = {"br", "hr", "img", "wbr", "col", "area"}
LOADED = {"src", "srcset", "href", "data", "action", "formaction", "poster", "background"}
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
DECLARATION = re.compile(
    r"\s*(?!.*url\()(color|background(?:-color)?|font-weight|font-style|text-align|text-decoration|border-\w+)"
    r"\s*:\s*([#\w(),.%\s-]+?)\s*$"
)
SCRIPTED = re.compile(r"<(?:script|svg)\b", re.IGNORECASE)
PLAYED = re.compile(r"<(iframe|object|embed|audio|video)\b", re.IGNORECASE)
IMAGE = re.compile(r"data:image/(png|jpeg|gif|webp|svg)(?:\+xml)?;base64,(.*)", re.DOTALL)
SPACE = re.compile(r"[\s ]+")


def published_html(source: str, assets) -> str:
    """Return HTML without what a page refuses; images in it become files of the `Assets`, and so do
    classes that colour it.

    Raises:
        ValueError: it holds what a page neither plays nor loads, or a script draws all of it.
    """
    if found := PLAYED.search(source):
        raise ValueError(f"<{found[1]}>: nothing of a page plays or loads it: expected an image")
    reader = _Reader(_rules(source), assets)
    reader.feed(source)
    reader.close()
    made = "".join(reader.out) + "".join(f"</{tag}>" for tag in reversed(reader.open))
    empty = not re.sub(r"<[^>]*>", "", made).strip() and "<img" not in made
    if empty and SCRIPTED.search(source):
        raise ValueError("HTML that a script or SVG draws: expected an image, a table or text")
    return made


def _rules(source: str) -> dict[str, str]:
    """Return the declarations of a Styler's own rules, by the id that each is for."""
    found: dict[str, str] = {}
    for style in re.findall(r"<style\b[^>]*>(.*?)</style>", source, re.DOTALL | re.IGNORECASE):
        for selectors, body in RULE.findall(style):
            for selector in selectors.split(","):
                if match := re.fullmatch(r"\s*#([\w-]+)\s*", selector):
                    found[match[1]] = found.get(match[1], "") + body
    return found


class _Reader(HTMLParser):
    """Copies what a page can hold, in order, and closes what is open."""

    def __init__(self, rules: dict[str, str], assets):
        super().__init__(convert_charrefs=True)
        self.rules, self.assets = rules, assets
        self.out: list[str] = []
        self.open: list[str] = []
        self.dropped: list[str] = []
        self.rows = 0

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if self.dropped or tag in DROPPED:
            self.dropped += [tag] if tag in DROPPED else []
            return
        if tag in LOST or (tag == "tr" and self._is_cut()):
            self.dropped += ["tr"] if tag == "tr" else []
            return
        self.out.append(f"<{tag}{self._attributes(tag, dict(attrs))}>")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.dropped:
            if tag == self.dropped[-1]:
                self.dropped.pop()
            return
        if tag == "table" and self.rows > ROWS and tag in self.open:
            left = translate("… {} lignes de plus, dans le carnet").format(self.rows - ROWS)
            self._close(self.open.index("table") + 1)
            self.out.append(f'<tfoot><tr><td colspan="99">{left}</td></tr></tfoot>')
        if tag in self.open:
            self._close(len(self.open) - 1 - self.open[::-1].index(tag))
        self.rows = 0 if tag == "table" else self.rows

    def handle_data(self, data: str) -> None:
        if not self.dropped:
            self.out.append(html.escape(data, quote=False))

    def _close(self, depth: int) -> None:
        while len(self.open) > depth:
            self.out.append(f"</{self.open.pop()}>")

    def _is_cut(self) -> bool:
        self.rows += 1
        return self.rows > ROWS

    def _attributes(self, tag: str, attrs: dict) -> str:
        declared = self.rules.get(attrs.get("id") or "", "") + ";" + (attrs.pop("style", "") or "")
        classes = [*(attrs.pop("class", "") or "").split(), *self._classes(declared)]
        kept = {k: v for k, v in attrs.items() if self._is_kept(tag, k, v or "")}
        kept |= {"src": self._image(attrs.get("src") or "")} if tag == "img" else {}
        kept |= {"class": " ".join(classes)} if classes else {}
        kept |= {"scope": "col"} if tag == "th" and "col_heading" in classes else {}
        return "".join(f' {k}="{html.escape(v or "")}"' for k, v in kept.items())

    @staticmethod
    def _is_kept(tag: str, name: str, value: str) -> bool:
        if name in LOADED:
            address = SPACE.sub("", value).lower()
            return tag == "a" and address.startswith(("http:", "https:", "#"))
        return name in {"colspan", "rowspan", "scope", "alt", "title", "width", "height", "lang"}

    def _image(self, source: str) -> str:
        """Return the address of an image, kept as a file."""
        if not (image := IMAGE.fullmatch(source)):
            shown = source if len(source) < 60 else f"{source[:60]}…"
            raise ValueError(f'<img src="{shown}">: expected IPython.display.Image of a file')
        made = self.assets.keep(base64.b64decode(image[2]), image[1].replace("jpeg", "jpg"))
        return f"images/{made['file']}"

    def _classes(self, declared: str) -> list[str]:
        kept = [match for part in declared.split(";") if (match := DECLARATION.fullmatch(part))]
        if not kept:
            return []
        rule = "; ".join(f"{match[1]}: {match[2]}" for match in kept)
        name = f"s-{hashlib.sha256(rule.encode()).hexdigest()[:8]}"
        self.assets.styles[name] = rule
        return [name]
