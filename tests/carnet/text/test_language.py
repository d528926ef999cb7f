"""The language of what readers see: every string has its translation, and numbers their form."""

import ast
import datetime
import re

import pytest
from babel.messages import pofile

from carnet.project.paths import ENGINE, TEMPLATES
from carnet.project.settings import LANGUAGES
from carnet.text.language import (
    LOCALES,
    SOURCE,
    counted,
    date_in_words,
    duration,
    listed,
    number,
    percent,
    speaking,
    spoken,
    translate,
)

OTHERS = sorted(set(LANGUAGES) - {SOURCE})
FRENCH = re.compile(r"[àâçéèêëîïôùûœÀÉÈÊ«»’]")
PLACE = re.compile(r"\{\w*\}")


def written_in_code() -> set[str]:
    """The strings of `translate` and `counted` calls, which are all literal."""
    found = set()
    for path in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(node, "func", None), "id", None)
            strings = {"translate": 0, "counted": 1}.get(name)
            if strings is not None and path.name != "language.py":
                texts = node.args[strings:]
                assert all(isinstance(text, ast.Constant) for text in texts), (path, node.lineno)
                found |= {text.value for text in texts}
    return found


def written_in_templates() -> set[str]:
    texts = "".join(path.read_text("utf-8") for path in TEMPLATES.rglob("*.j2"))
    return set(re.findall(r"\b_\('([^']+)'\)", texts))


def catalogue(language: str) -> dict[str, str]:
    with (LOCALES / f"{language}.po").open("rb") as file:
        messages = [message for message in pofile.read_po(file, locale=language) if message.id]
    return {
        source: target
        for message in messages
        for source, target in (
            zip(message.id, message.string)
            if isinstance(message.id, tuple)
            else [(message.id, message.string)]
        )
    }


@pytest.mark.parametrize("language", OTHERS)
def test_every_string_is_translated_and_none_is_left_over(language):
    assert catalogue(language).keys() == written_in_code() | written_in_templates()


@pytest.mark.parametrize("language", OTHERS)
def test_translations_have_the_same_places_for_values_and_no_french(language):
    for source, target in catalogue(language).items():
        assert target, source
        assert PLACE.findall(source) == PLACE.findall(target), source
        assert not FRENCH.search(target), target


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.j2")), ids=lambda path: path.parent.name)
def test_templates_hold_no_words_outside_of_translations(path):
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", "", path.read_text("utf-8"), flags=re.DOTALL)
    shown = re.findall(r"""(?:aria-label|title|alt|placeholder)="([^"]+)\"""", text)
    shown += re.sub(r"<[^>]*>", " ", text, flags=re.DOTALL).split()
    assert [word for word in shown if re.search(r"[^\W\d_]{2}", word)] == []


def test_code_and_script_hold_no_french_outside_of_translations():
    """Where readers' words are: in publication and text, apart from the module of French itself."""
    known, rooms = written_in_code(), ("publication", "text", "notebook")
    for path in (path for room in rooms for path in (ENGINE / room).rglob("*.py")):
        if path.name in ("french.py", "language.py"):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                french = re.search(r"[àâçéèêîôùûœ]", node.value) and id(node) not in documented
                assert not french or node.value in known, (path, node.value)
    script = (TEMPLATES / "site" / "script.js").read_text("utf-8")
    strings = re.findall(r"\"[^\"\n]*\"|`[^`]*`", re.sub(r"//.*", "", script))
    assert [s for s in strings if re.search(r"[àâçéèêîôùû«»]", s)] == []


def test_a_language_is_chosen_for_a_block_only():
    assert (spoken(), translate("Sommaire")) == ("fr", "Sommaire")
    with pytest.raises(ZeroDivisionError), speaking("en"):
        assert (spoken(), translate("Sommaire")) == ("en", "Contents")
        raise ZeroDivisionError
    assert spoken() == "fr"


def everything() -> list[str]:
    count = [counted(n, "paquet importé", "paquets importés") for n in (0, 1, 1200)]
    values = [number(1234.5), number(-3), number(float("nan")), percent(0.834), percent(0.5, 1)]
    date, names = date_in_words(datetime.date(2026, 1, 1)), listed(["a", "b", "c"])
    return [
        text.replace("\u00a0", "~").replace("\u202f", "~")
        for text in (*count, *values, date, names)
    ]


def test_numbers_dates_and_lists_are_those_of_the_language():
    assert everything() == [
        "0~paquet importé",
        "1~paquet importé",
        "1~200~paquets importés",
        "1~234,50",
        "−3",
        "—",
        "83~%",
        "50,0~%",
        "1er~janvier~2026",
        "a, b et c",
    ]
    with speaking("en"):
        assert everything() == [
            "0~packages imported",
            "1~package imported",
            "1,200~packages imported",
            "1,234.50",
            "−3",
            "—",
            "83%",
            "50.0%",
            "January 1, 2026",
            "a, b, and c",
        ]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "0~s"), (31.4, "31~s"), (59.6, "1~min~0~s"), (151, "2~min~31~s"), (600, "10~min~0~s")],
)
def test_durations(seconds, said):
    assert duration(seconds).replace("\u00a0", "~") == said
