"""Trees of texts as HTML for the site and the PDF: no script, no style, nothing from elsewhere."""

import json
import re
from collections.abc import Callable
from html import escape

from docutils import nodes

from carnet.publication.code import highlighted
from carnet.publication.writers import Writer
from carnet.text.language import translate

COLUMNS, NARROW = 9, 16  # of a table; more are printed on a page that is turned, and smaller
TALL = 25  # rows; a longer table scrolls in its frame
LONG_FORMULA = 40  # characters; a longer one inside a line scrolls on a phone
ALIGNED = {"text-right": "n", "text-center": "c"}  # by class: the policy refuses style attributes
# Numbers, their units and what joins them, as in an interval: they stay on one line.
VALUES = re.compile(r"(?=.*\d.*\s)(?:[\d\s.,;%±+−–()\[\]-]|\b[^\W\d_]{1,2}\b|points?)+")
# Names that a line does not break at their hyphen: ResNet-18, Grad-CAM, EfficientNet-B0.
WHOLE = re.compile(r"\b[^\W\d_]\w*-(?:\d+|[A-Z]\d+|[A-Z]{2,})\b(?!-)")
INLINE_TAGS = {"kbd", "s"}
TAGS = {
    "emphasis": "em",
    "strong": "strong",
    "block_quote": "blockquote",
    "definition_list": "dl",
    "term": "dt",
    "definition": "dd",
    "thead": "thead",
    "tbody": "tbody",
    "row": "tr",
}


def text(value) -> str:
    return escape(str(value), quote=False)


class HtmlWriter(Writer):
    """Writes the texts of a page.

    Args:
        href: gives the address of a target of the journal, None where this format has no such page.
    """

    def __init__(self, href: Callable[[object], str | None]):
        self.href = href

    def other(self, node: nodes.Element) -> str:
        tag = TAGS[type(node).__name__]
        end = "" if isinstance(node, nodes.Inline) else "\n"
        return f"<{tag}>{self.inside(node)}</{tag}>{end}"

    def Text(self, node: nodes.Text) -> str:
        return WHOLE.sub(r'<span class="whole">\g<0></span>', text(node))

    def paragraph(self, node: nodes.paragraph) -> str:
        if node.get("tight"):
            return self.inside(node)
        return f"<p{self._class(node)}>{self.inside(node)}</p>\n"

    def heading(self, node: nodes.Element) -> str:
        level, anchor, inside = node["level"], node["anchor"], self.inside(node)
        if "<a " not in inside:
            inside = f'<a class="anchor" href="#{anchor}">{inside}</a>'
        return f'<h{level} id="{anchor}">{inside}</h{level}>\n'

    def bullet_list(self, node: nodes.bullet_list) -> str:
        marks = {"contains-task-list": "tasks", "works": "works"}
        mark = "".join(f' class="{marks[name]}"' for name in node["classes"] if name in marks)
        return f"<ul{mark}>\n{self.inside(node)}</ul>\n"

    def enumerated_list(self, node: nodes.enumerated_list) -> str:
        start = f' start="{node["start"]}"' if node.get("start", 1) != 1 else ""
        return f"<ol{start}>\n{self.inside(node)}</ol>\n"

    def list_item(self, node: nodes.list_item) -> str:
        box = ""
        if "checked" in node:
            states = {True: ("☑", translate("fait")), False: ("☐", translate("à faire"))}
            sign, label = states[bool(node["checked"])]
            box = f'<span role="img" aria-label="{label}">{sign}</span> '
        return f"<li>{box}{self.inside(node)}</li>\n"

    def definition_list_item(self, node: nodes.definition_list_item) -> str:
        return self.inside(node)

    def attribution(self, node: nodes.attribution) -> str:
        return f"<p>— {self.inside(node)}</p>\n"

    def literal(self, node: nodes.literal) -> str:
        return f"<code>{text(node.astext())}</code>"

    def literal_block(self, node: nodes.literal_block) -> str:
        about = (node.get("numbered", False), node.get("first", 1), node.get("emphasized", ""))
        return highlighted(node.astext(), node.get("language", ""), *about)

    def container(self, node: nodes.container) -> str:
        if "listing" in node["classes"]:
            caption, *rest = node.children
            shown = f"<figcaption>{self.inside(caption)}</figcaption>"
            return f'<figure class="listing">\n{shown}\n{self.all(rest)}</figure>\n'
        return f"<div{self._class(node)}>\n{self.inside(node)}</div>\n"

    def transition(self, node: nodes.transition) -> str:
        return "<hr>\n"

    def line_break(self, node: nodes.Element) -> str:
        return "<br>\n"

    def target(self, node: nodes.target) -> str:
        return f'<span id="{node["anchor"]}"></span>' if node.get("anchor") else ""

    def raw(self, node: nodes.raw) -> str:
        return node.astext()

    def inline(self, node: nodes.inline) -> str:
        tag = next((name for name in node["classes"] if name in INLINE_TAGS), None)
        if tag:
            return f"<{tag}>{self.inside(node)}</{tag}>"
        return f"<span{self._class(node)}>{self.inside(node)}</span>"

    def admonition(self, node: nodes.admonition) -> str:
        title, *rest = node.children
        shown, body = self.inside(title), self.all(rest)
        if "dropdown" in node["classes"]:
            unfolded = " open" if node.get("open") else ""
            head = f"<summary>{shown}</summary>"
            return f'<details class="admonition"{unfolded}>\n{head}\n{body}</details>\n'
        kinds = " ".join(["admonition", *node["classes"]])
        head = f'<p class="admonition-title">{shown}</p>'
        return f'<div class="{kinds}" role="note">\n{head}\n{body}</div>\n'

    def math(self, node: nodes.math) -> str:
        if len(node.astext()) < LONG_FORMULA:
            return node["mathml"]
        return f"{frame(translate('Formule'), 'span')}{node['mathml']}</span>"

    def math_block(self, node: nodes.math_block) -> str:
        number = f'<span class="number">({node["number"]})</span>' if "number" in node else ""
        opening = frame(translate("Formule"), mark="scroll formula", anchor=node.get("anchor"))
        return f"{opening}{node['mathml']}{number}</div>\n"

    def image(self, node: nodes.image) -> str:
        size = "".join(f' {k}="{node[k]}"' for k in ("width", "height") if k in node)
        source = f'src="images/{node["file"]}" alt="{escape(node["alt"])}"'
        mark = ' class="drawn"' if node.get("drawn") else ""
        return f'<img {source} loading="lazy" decoding="async"{size}{mark}>'

    def figure(self, node: nodes.figure) -> str:
        image = node[0]
        seen = translate("Voir en grand")
        link = f'<a href="images/{image["file"]}" class="image" title="{seen}">{self(image)}</a>'
        if node.get("plain"):
            return f"<figure>{link}</figure>\n"
        shown = f"{self._menus(node)}{link}\n{self._caption(node)}"
        return f'<figure id="{node["anchor"]}">\n{shown}</figure>\n'

    def table(self, node: nodes.table) -> str:
        groups = [child for child in node.children if isinstance(child, nodes.tgroup)]
        rows = "".join(self.all(part for part in group if part.children) for group in groups)
        sorted_ = " data-sortable" if "sortable" in node["classes"] else ""
        table = f"<table{sorted_}>\n{rows}</table>"
        if "anchor" not in node:
            return f"{frame(translate('Tableau'))}{table}</div>\n"
        caption, anchor = self._caption(node), node["anchor"]
        turned = printed_wide(len(list(node.findall(nodes.colspec))))
        opening = f'<figure class="table{turned}" id="{anchor}">'
        tall = " tall" if rows.count("<tr>") > TALL else ""
        region = f'tabindex="0" role="region" aria-labelledby="_legende-{anchor}"'
        framed = f'<div class="scroll{tall}" {region}>\n{table}\n</div>'
        return f"{opening}\n{caption}{framed}\n</figure>\n"

    def printed(self, node: nodes.Element) -> str:
        return f'<pre class="printed">{ansi_html(node.astext())}</pre>\n'

    def markup(self, node: nodes.Element) -> str:
        row = node.astext().partition("</tr>")[0]
        turned = printed_wide(len(re.findall(r"<t[dh]\b", row)))
        opening = frame(translate("Sortie du carnet"), mark=f"scroll{turned}")
        return f"{opening}{node.astext()}</div>\n"

    def colspec(self, node: nodes.colspec) -> str:
        return ""

    def entry(self, node: nodes.entry) -> str:
        head = isinstance(node.parent.parent, nodes.thead)
        marks = [ALIGNED[name] for name in node["classes"] if name in ALIGNED]
        marks += ["v"] if not marks and not head and VALUES.fullmatch(node.astext()) else []
        mark = f' class="{marks[0]}"' if marks else ""
        spans = {"rowspan": node.get("morerows", 0), "colspan": node.get("morecols", 0)}
        span = "".join(f' {name}="{more + 1}"' for name, more in spans.items() if more)
        cells = node.children
        plain = len(cells) == 1 and isinstance(cells[0], nodes.paragraph)
        inside = self.inside(cells[0]) if plain else self.inside(node)
        tag, scope = ("th", ' scope="col"') if head else ("td", "")
        return f"<{tag}{scope}{mark}{span}>{inside}</{tag}>"

    def reference(self, node: nodes.reference) -> str:
        return f'<a href="{escape(node["refuri"])}">{self.inside(node)}</a>'

    def pointer(self, node: nodes.Element) -> str:
        href = self.href(node["to"])
        if href is None:
            return self.inside(node)
        return f'<a href="{escape(href)}">{self.inside(node)}</a>'

    def footnote_reference(self, node: nodes.footnote_reference) -> str:
        n, mark = node["number"], node["mark"]
        back = f' id="_renvoi-{mark}"' if node["first"] else ""
        link = f'<a{back} href="#_note-{mark}" role="doc-noteref">{n}</a>'
        return f'<sup class="note-mark">{link}</sup>'

    def footnote(self, node: nodes.footnote) -> str:
        mark = node["mark"]
        label = translate("Retour à l’appel de la note {}").format(node["number"])
        back = f'<a href="#_renvoi-{mark}" role="doc-backlink" aria-label="{label}">↩</a>'
        body = self.inside(node).removesuffix("</p>\n")
        return f'<li id="_note-{mark}">{body} {back}</p></li>\n'

    def footnotes(self, notes: list[nodes.footnote]) -> str:
        if not notes:
            return ""
        label = translate("Notes")
        opening = f'<section class="footnotes" role="doc-endnotes" aria-label="{label}">'
        return f"{opening}\n<ol>\n{self.all(notes)}</ol>\n</section>\n"

    @staticmethod
    def _menus(node: nodes.figure) -> str:
        """Return the menus of a figure, hidden: they need the script of the site."""
        menus = ""
        for menu, options in node.get("menus", ()):
            items = "".join(f"<option>{text(option)}</option>" for option in options)
            menus += f"<label>{text(menu)} <select>{items}</select></label>\n"
        alts = escape(json.dumps(node[0].get("alts", {}), ensure_ascii=False))
        return f'<div class="choices" data-alts="{alts}" hidden>\n{menus}</div>\n' if menus else ""

    def _caption(self, node: nodes.Element) -> str:
        (name, caption), anchor = self.captioned(node), node["anchor"]
        if name:
            name = f'<a class="anchor" href="#{anchor}"><strong>{name}</strong></a>'
        shown = " — ".join(filter(None, [name, caption]))
        shown += "".join(f" {link}" for link in node.get("links", ()))
        shown += "".join(self.inside(c) for c in node.children if isinstance(c, nodes.legend))
        return f'<figcaption id="_legende-{anchor}">{shown}</figcaption>\n'

    @staticmethod
    def _class(node: nodes.Element) -> str:
        return f' class="{escape(" ".join(node["classes"]))}"' if node["classes"] else ""


def printed_wide(columns: int) -> str:
    """Return the classes of a table of so many columns, for paper."""
    return (" sideways" if columns > COLUMNS else "") + (" narrow" if columns > NARROW else "")


def frame(label: str, tag: str = "div", mark: str = "scroll", anchor: str | None = None) -> str:
    """Open the frame of what may be wider than a phone: the keyboard reaches it and scrolls it."""
    identity = f' id="{anchor}"' if anchor else ""
    return f'<{tag}{identity} class="{mark}" tabindex="0" role="group" aria-label="{label}">'


def ansi_html(text: str) -> str:
    from nbconvert.filters.ansi import ansi2html

    return ansi2html(text)
