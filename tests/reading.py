"""Reads a built journal as a person would: sentences without content, contradictions, numbers."""

import re
from collections.abc import Iterator

# What a sentence is left with where a value is missing or is none.
EMPTY = re.compile(
    r"\*\*\s*\*\*|«\s*»|\(\s*\)|\[\s*[;\]]|[:,;]\s*\.(?=\s|$)|\s[.,](?=\s|$)|^[.,;]|"
    r"\b(?:nan|None|inf|True|False)\b|\{eval\}|\{embed\}|:\s*\*\*$",
    re.MULTILINE,
)
CONTRADICTIONS = (  # never both in one section
    ("n’est mal classée", "restent dans la marque"),
    ("n’est mal classée", "confond le plus souvent"),
    ("aucune classe ne monte", "dépasse la première"),
    ("n’a aucune tendance établie", "n’a pas fini de converger"),
    ("ne descend plus :", "baisse encore :"),
    ("n’échoue pas", "ne fait pas mieux que le hasard"),
    ("ne dit pas ce que l’on doit", "établit un effet"),
    ("Sans boîtes", "s’appuie sur le sujet"),
    ("au moins y sont agrandies", "est divisée par"),
    ("Le modèle surapprend", "ne surapprend ni ne sous-apprend"),
    ("ces réglages lui permettent", "Le modèle sous-apprend"),
    ("aucun facteur n’a d’effet établi", "un seul facteur a un effet établi"),
)
NUMBER = re.compile(r"(?<![\d,#])−?\d[\d\u202f]*(?:,\d+)?")
# A number that comes with its interval shows itself.
MEASURED = re.compile(r"−?\d[\d\u202f]*(?:,\d+)?(?=\s?%|\spoint)(?!\s?(?:%|points?)\s\[)")
STATED = re.compile(r"Critère|95 %|McNemar|premier journal|réponses sûres|ne se verrait pas")


def sections(journal: str) -> Iterator[tuple[str, str]]:
    """Yield the title and the text of each section, but for provenance and addresses."""
    journal = re.sub(r"<details>.*?</details>|<a id=[^>]*></a>", "", journal, flags=re.DOTALL)
    journal = journal.replace("\u00a0", " ").replace("\\[", "[").replace("\\]", "]")
    for part in re.split(r"^(?=#{2,6} )", journal, flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        yield title.lstrip("# "), text


def prose(text: str) -> list[str]:
    """Return the paragraphs and items of a section: no table, no image, no caption."""
    lines = re.sub(r"\]\([^)]*\)", "]", text).splitlines()
    return [line for line in lines if line.strip() and not re.match(r"[|!]|\*(?:Figure|Tab)", line)]


def shown(text: str) -> set[str]:
    """Return the numbers of the tables of a text, and of what is said to be in its figures."""
    lines = [line for line in text.splitlines() if re.match(r"[|!]|\*(?:Figure|Tab)", line)]
    return set(NUMBER.findall("\n".join(lines)))


def faults(journal: str) -> list[str]:
    """List what a reader would stumble on."""
    found = []
    for title, text in sections(journal):
        told = "\n".join(prose(text))
        for match in EMPTY.finditer(told):
            around = told[max(0, match.start() - 60) : match.end() + 20]
            found.append(f"{title}: {around!r}")
        found += [f"{title}: {pair}" for pair in CONTRADICTIONS if all(it in told for it in pair)]
    return found


def unseen_numbers(journal: str) -> list[str]:
    """List the measured numbers of the prose that no table and no figure of the journal shows."""
    seen = {_value(it) for _, text in sections(journal) for it in shown(text)}
    return [
        f"{title}: {number} in {sentence!r}"
        for title, text in sections(journal)
        for paragraph in prose(text)
        for sentence in re.split(r"(?<=[.!?]) ", paragraph)
        if not STATED.search(sentence)
        for number in MEASURED.findall(sentence)
        if not _is_seen(number, seen)
    ]


def _value(number: str) -> float:
    return float(number.replace("\u202f", "").replace(",", ".").replace("−", "-"))


def _is_seen(number: str, seen: set[float]) -> bool:
    digits = len(number.partition(",")[2])
    return any(round(it, digits) == _value(number) for it in seen)
