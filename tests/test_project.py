"""The files around the code agree with each other."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml

from carnet.commands.cli import command
from carnet.commands.grammar import command_first
from carnet.project.settings import read_settings

ROOT = Path(__file__).parents[1]
LOCKS = {
    name: (ROOT / f"{name}.txt").read_text("utf-8")
    for name in ("requirements", "requirements-cluster")
}
LOCK = LOCKS["requirements"]


def chosen(name: str) -> list[tuple[str, str]]:
    """Return the packages that we choose in a list of requirements, each with its reason."""
    return re.findall(r"^([a-z0-9-]+)\S*\s+# (.+)$", (ROOT / f"{name}.in").read_text(), re.M)


CHOSEN = chosen("requirements")


@pytest.mark.parametrize("name", LOCKS)
def test_every_choice_is_pinned_with_a_reason_that_the_documents_give(name):
    reasons = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    lines = (ROOT / f"{name}.in").read_text().splitlines()
    choices = [line for line in lines if line and not line.startswith(("#", "-c "))]
    assert len(chosen(name)) == len(choices)
    for package, reason in chosen(name):
        assert re.search(rf"^{package}==", LOCKS[name], re.M), f"{package} is not in {name}.txt"
        assert f"| {package} | {reason} |" in reasons


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_every_pinned_package_has_hashes(lock):
    entries = re.split(r"\n(?=\S)", lock.strip())
    assert len(entries) > 20
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("lock", LOCKS.values(), ids=LOCKS)
def test_the_lock_names_no_registry(lock):
    assert "index-url" not in lock
    assert "://" not in lock


def test_the_extra_is_what_is_pinned_for_it_and_agrees_with_the_rest():
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = [name.partition("[")[0] for name in extra["optional-dependencies"]["cluster"]]
    assert names == [name for name, _ in chosen("requirements-cluster")]
    pins = [set(re.findall(r"^(\S+)==(\S+)", lock, re.M)) for lock in LOCKS.values()]
    both = {name for name, _ in pins[0]} & {name for name, _ in pins[1]}
    assert both
    assert {pin for pin in pins[1] if pin[0] in both} <= pins[0]


def test_conda_users_get_the_locked_versions():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert pip == ["-r requirements.txt"]
    # No package comes from conda in a version of its own.
    assert [entry.split("=")[0] for entry in conda] == ["python", "pip"]
    assert "python=3.11" in conda
    assert "python_full_version < '3.11'" not in LOCK


def test_installed_versions_are_the_locked_ones():
    import importlib.metadata

    for name, _ in CHOSEN:
        assert f"\n{name}=={importlib.metadata.version(name)} " in f"\n{LOCK}"


DOCUMENTS = {
    path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
}
COMMAND = re.compile(r"^(?:\$ )?(?:carnet|python build_journal\.py)(?= |$)((?:.*\\\n)*.*)$", re.M)


def typed() -> list[tuple[str, list[str]]]:
    """The commands in the blocks of code of the documents: the document, the words."""
    blocks = [
        (name, block)
        for name, text in DOCUMENTS.items()
        for block in re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.DOTALL)
    ]
    lines = [(name, line) for name, block in blocks for line in COMMAND.findall(block)]
    return [
        (name, shlex.split(re.sub(r"\s#.*|&& .*", "", line).replace("\\\n", " ")))
        for name, line in lines
    ]


@pytest.mark.parametrize(("name", "words"), typed())
def test_commands_of_the_documents_are_understood(name, words):
    valued = {"--data", "--profile", "--cluster", "--storage", "-p"}
    chosen, *rest = command_first(words, command.commands, valued)
    each = command.commands[chosen]
    if chosen == "new":
        each, rest = each.commands[rest[0]], rest[1:]
    each.make_context(chosen, rest)


def test_there_are_commands_of_each_kind_in_the_documents():
    first = {words[0] for _, words in typed() if words}
    assert first >= {"build", "compare", "export", "init", "lab", "new", "watch"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_between_documents_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", re.sub(r"`[^`]*`", "", DOCUMENTS[name]))
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not (ROOT / name).parent.joinpath(link).exists()] == []


def test_the_readme_is_short_and_leads_to_every_document():
    assert len(DOCUMENTS["README.md"].splitlines()) < 120
    pages = {name for name in DOCUMENTS if name.startswith("docs/")}
    assert len(pages) >= 6
    assert [page for page in pages if f"]({page})" not in DOCUMENTS["README.md"]] == []


FOLDERS = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## The folders")[1].split("```")[1]


@pytest.mark.parametrize("path", re.findall(r"^ *(\S+/)\s", FOLDERS, re.M))
def test_folders_that_are_listed_exist_or_are_built(path):
    assert (ROOT / path).is_dir() or path == "runs/"


def test_the_commands_of_the_documents_are_targets_of_the_makefile():
    text, makefile = "".join(DOCUMENTS.values()), (ROOT / "Makefile").read_text()
    commands = set(re.findall(r"(?:^|`)make ([a-z-]+)\b", text, re.M))
    assert commands >= {"journal", "test", "test-scale", "lab", "help"}
    assert commands <= set(re.findall(r"^([a-z-]+):", makefile, re.M))


def test_the_profile_that_journal_yml_names_exists():
    profile = read_settings(ROOT).profile
    assert (ROOT / "journal" / "profils" / f"{profile}.yml").is_file()
