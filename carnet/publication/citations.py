"""Works cited: read from BibTeX, named by author and year, listed where a page says.

A page lists them with the directive `bibliography`: all, or those of one of their `keywords`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes

from carnet.project.errors import nearest
from carnet.publication.references import Target
from carnet.publication.texts import SitePage
from carnet.publication.typesetting import typeset
from carnet.text.french import NBSP
from carnet.text.language import listed, spoken, translate
from carnet.text.nodes import bibliography, citation, pointer

SEPARATOR = {"fr": f"{NBSP}; ", "en": "; "}
DOI = "https://doi.org/"
CONTAINERS = ("journal", "booktitle", "school", "publisher", "howpublished")
SHOWN_AUTHORS = 2  # in a sentence; more are "et al."


@dataclass(frozen=True)
class Work:
    """A work, as texts name and list it; `addresses` are its DOI and its URL."""

    key: str
    last_names: tuple[str, ...]
    year: str
    authors: tuple[str, ...]
    title: str
    container: str
    addresses: tuple[str, ...]
    note: str
    keywords: frozenset[str]

    @property
    def names(self) -> str:
        """The authors as a sentence names them, in the language spoken."""
        if len(self.last_names) <= SHOWN_AUTHORS:
            return listed(self.last_names)
        return f"{self.last_names[0]} et{NBSP}al."


def read_works(path: Path, mistakes: list[str], where: str) -> dict[str, Work]:
    """Return the works of a BibTeX file by their keys; none where there is no file."""
    if not path.is_file():
        return {}
    from pybtex.database import parse_string
    from pybtex.exceptions import PybtexError

    try:
        entries = parse_string(path.read_text("utf-8"), "bibtex").entries
    except (PybtexError, UnicodeDecodeError) as error:
        mistakes.append(f"{where}: {' '.join(str(error).split())}")
        return {}
    works = {}
    for key, entry in entries.items():
        for name in ("title", "year"):
            if name not in entry.fields:
                mistakes.append(f"{where}: {key}: no {name}")
        works[key] = _work(key, entry)
    return _distinct(works)


def _work(key: str, entry) -> Work:
    def plain(name: str) -> str:
        from pybtex.richtext import Text

        return str(Text.from_latex(entry.fields.get(name, "")))

    people = entry.persons.get("author") or entry.persons.get("editor") or []
    last = [*map(_last_name, people)] or [plain("title")]
    doi, url = entry.fields.get("doi", ""), entry.fields.get("url", "")
    return Work(
        key=key,
        last_names=tuple(last),
        year=plain("year"),
        authors=tuple(filter(None, map(_initials, people))),
        title=plain("title"),
        container=next((plain(name) for name in CONTAINERS if name in entry.fields), ""),
        addresses=tuple(filter(None, [doi and DOI + doi, url])),
        note=plain("note"),
        keywords=frozenset(word.strip() for word in plain("keywords").split(",")),
    )


def _last_name(person) -> str:
    return " ".join(str(word) for word in (*person.rich_prelast_names, *person.rich_last_names))


def _initials(person) -> str:
    """Return J.-P. Sartre, of Sartre, Jean-Paul."""
    from pybtex.style.names.plain import NameStyle

    return str(NameStyle().format(person, abbr=True).format()).replace("<nbsp>", NBSP)


def _distinct(works: dict[str, Work]) -> dict[str, Work]:
    """Tell works of one author and year apart by a letter: 2016a, 2016b."""
    groups: dict[tuple[str, str], list[Work]] = {}
    for work in works.values():
        groups.setdefault((work.names, work.year), []).append(work)
    letters = {
        work.key: chr(ord("a") + order) if len(group) > 1 else ""
        for group in groups.values()
        for order, work in enumerate(group)
    }
    return {
        key: Work(**{**vars(work), "year": f"{work.year}{letters[key]}"})
        for key, work in works.items()
    }


def cite(pages: list[SitePage], works: dict[str, Work], mistakes: list[str], where: str) -> None:
    """Put the names of works where texts cite them, and list those where pages say.

    A key that is none, a work that nothing cites and one that no page lists are told.
    """
    cited = dict(_cited(pages, works, mistakes))
    targets: dict[str, Target] = {}
    for page in pages:
        for text in page.texts.values():
            for node in list(text.tree.findall(bibliography)):
                kept = [w for w in cited.values() if _is_listed(w, node["keyword"])]
                with page.speaking():
                    node.replace_self(_listed(kept, page, targets))
    for work in works.values():
        if work.key not in cited:
            mistakes.append(f"{where}: {work.key}: nothing cites it")
        elif work.key not in targets:
            mistakes.append(f"{where}: {work.key}: no page lists it: expected ```{{bibliography}}")
    for page in pages:
        with page.speaking():
            for node in [n for t in page.texts.values() for n in t.tree.findall(citation)]:
                if all(key in targets for key in node["keys"]):
                    node.replace_self(list(_named(node, works, targets)))


def _cited(
    pages: list[SitePage], works: dict[str, Work], mistakes: list[str]
) -> Iterator[tuple[str, Work]]:
    """Yield the works that texts cite, by key, in the order of their authors."""
    found = set()
    for text in (text for page in pages for text in page.texts.values()):
        for node in list(text.tree.findall(citation)):
            unknown = [key for key in node["keys"] if key not in works]
            if unknown and node["bare"]:
                node.replace_self(nodes.Text(node.rawsource))
                continue
            for key in unknown:
                place = text.place.at(node.line or 1)
                mistakes.append(f"{place}: @{key}: no such work: {nearest(key, works)}")
            found.update(set(node["keys"]) - set(unknown))
    for key in sorted(found, key=lambda key: (works[key].names.lower(), works[key].year)):
        yield key, works[key]


def _is_listed(work: Work, keyword: str) -> bool:
    return not keyword or keyword in work.keywords


def _listed(works: Iterable[Work], page: SitePage, targets: dict[str, Target]) -> list[nodes.Node]:
    items = []
    for work in works:
        anchor = nodes.target("", anchor=f"ref-{work.key}")
        targets.setdefault(work.key, Target("work", page.entry["file"], anchor))
        entry = nodes.paragraph("", "", anchor, *_entry(work), tight=True)
        items.append(nodes.list_item("", entry))
        typeset(items[-1])
    return [nodes.bullet_list("", *items, classes=["works"])] if items else []


def _entry(work: Work) -> Iterator[nodes.Node]:
    """Yield an entry of the list: authors (year), title, container, address, note."""
    yield nodes.Text(f"{listed(work.authors)} ({work.year}), ".lstrip())
    yield nodes.emphasis("", work.title)
    yield nodes.Text(f", {work.container}" if work.container else "")
    for address in work.addresses:
        yield nodes.Text(", ")
        yield nodes.reference("", address, refuri=address)
    yield nodes.Text(f". {work.note}" if work.note else ".")


def _named(
    node: citation, works: dict[str, Work], targets: dict[str, Target]
) -> Iterator[nodes.Node]:
    """Yield Krause et al. (2013), or (Krause et al., 2013 ; He et al., 2016)."""
    narrative = node["narrative"]
    words = (
        (key, f"{works[key].names} ({works[key].year})" if narrative else _short(works[key]))
        for key in node["keys"]
    )
    links = [pointer("", name, to=targets[key], path="", target="") for key, name in words]
    yield nodes.Text("" if narrative else "(")
    for order, link in enumerate(links):
        last = order == len(links) - 1
        between = SEPARATOR[spoken()] if not narrative else translate(" et ") if last else ", "
        yield nodes.Text(between if order else "")
        yield link
    yield nodes.Text("" if narrative else ")")


def _short(work: Work) -> str:
    return f"{work.names}, {work.year}"
