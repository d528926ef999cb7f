"""Notebooks as written: number, name, parameters, needs, sections. Nothing is executed here."""

import ast
import json
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from carnet.project.errors import collecting
from carnet.project.files import digest
from carnet.sources.code import Source, cell_tree, dependencies, names_read, parse
from carnet.sources.forms import check_about, check_form, normal
from carnet.text.markdown import expressions, opening_heading

FILE_NAME = re.compile(r"(\d+)_(\w+)\.ipynb")


@dataclass(frozen=True)
class Notebook:
    """One experiment. Its name, without the number, is what identifies it everywhere."""

    path: Path
    number: str
    name: str
    content: dict

    @classmethod
    def read(cls, path: Path) -> "Notebook":
        """Read notebooks/NN_nom.ipynb.

        Raises:
            ValueError: the file's name or its JSON is not that of a notebook, in one line.
        """
        match = FILE_NAME.fullmatch(unicodedata.normalize("NFC", path.name))
        if not match:
            raise ValueError(f"notebooks/{path.name}: expected a name such as 06_ma_mesure.ipynb")
        try:
            content = normal(json.loads(path.read_text("utf-8-sig")))
            metadata = content["metadata"]
            about, kernel = metadata.get("journal", {}), metadata.get("kernelspec", {})
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"notebooks/{path.name}: not a notebook ({error!r})") from None
        except OSError as error:  # a link that leads nowhere, or back to itself
            raise ValueError(f"notebooks/{path.name}: {error.strerror}") from None
        check_about(about, f"notebooks/{path.name}")
        if not isinstance(kernel, dict) or not isinstance(kernel.get("name", ""), str):
            expected = 'expected {"name": "python3", …}'
            raise ValueError(f"notebooks/{path.name}: metadata, kernelspec: {kernel!r}: {expected}")
        _check_cells(content["cells"], f"notebooks/{path.name}")
        notebook = cls(path, match[1], match[2], content)
        _ = notebook.parameters  # refused here if it computes
        return notebook

    @property
    def cells(self) -> list[dict]:
        return self.content["cells"]

    @property
    def needs(self) -> list[str]:
        """Names of the notebooks whose results this one reads."""
        return self.content.get("metadata", {}).get("journal", {}).get("needs", [])

    @property
    def kernel(self) -> str:
        """Name of the kernel that executes it: Python's where the notebook names none."""
        return self.content["metadata"].get("kernelspec", {}).get("name", "python3")

    @cached_property
    def title(self) -> str:
        return next((title for _, title, _ in self.headings()), self.name)

    @cached_property
    def parameters(self) -> dict | None:
        """Names and default values of the `parameters` cell; None where there is no such cell.

        Raises:
            ValueError: the cell holds anything but assignments of JSON values, in one line.
        """
        cell = next((cell for cell in self.cells if is_parameters(cell)), None)
        return None if cell is None else self._literals(cell["source"])

    def _literals(self, code: str) -> dict:
        found, where = {}, f"notebooks/{self.path.name}"
        for node in cell_tree(code).body:
            try:
                (target,) = node.targets
                name, value = target.id, ast.literal_eval(node.value)
            except (AttributeError, TypeError, ValueError):
                line = code.splitlines()[node.lineno - 1].strip()
                raise ValueError(
                    f"{where}: the parameters cell holds `{line}`, "
                    "expected only lines `name = literal`"
                ) from None
            try:
                found[name] = json_value(value)
            except ValueError as error:
                raise ValueError(f"{where}: parameter '{name}': {error}") from None
        return found

    @cached_property
    def sources(self) -> list[Source]:
        """What the notebook computes: its code cells and inline expressions, in order.

        A digest counts the kind of cell, its tags, and whether parameters are set before it. Of
        the parameters cell itself, only the values that it ends up with count.
        """
        found, parameters = [], None
        for cell in self.cells:
            tags = sorted(cell["metadata"].get("tags", []))
            if is_parameters(cell):
                parameters = tags
            for source in map(parse, codes(cell)):
                does = digest([cell["cell_type"], tags, parameters, source.digest])
                found.append(replace(source, digest=does))
        return found

    @cached_property
    def recorded(self) -> tuple[set[str], bool]:
        """Names that the code records, and whether these are all (no `record(**values)`)."""
        names, complete = set(), True
        for code in (code for cell in self.cells for code in codes(cell)):
            for call in calls(code, "record"):
                names |= {keyword.arg for keyword in call.keywords if keyword.arg}
                complete &= all(keyword.arg for keyword in call.keywords)
        return names, complete

    def headings(self) -> Iterator[tuple[int, str, int]]:
        """Yield (level, text, index of the cell) for each heading that begins a Markdown cell."""
        for index, cell in enumerate(self.cells):
            if cell["cell_type"] == "markdown" and (found := opening_heading(cell["source"])):
                yield found.level, found.title, index

    def section(self, heading: str) -> tuple[int, range]:
        """Return the level of a heading and the indices of the cells under it, its own first.

        Straight and curved apostrophes are the same.

        Raises:
            KeyError: there is no such heading.
        """
        found = list(self.headings())
        for position, (level, text, start) in enumerate(found):
            if _straight(text) == _straight(heading):
                after = (begin for depth, _, begin in found[position + 1 :] if depth <= level)
                return level, range(start, next(after, len(self.cells)))
        raise KeyError(heading)

    def heading_above(self, index: int) -> str:
        """Return the heading under which the cell `index` stands."""
        above = [text for _, text, start in self.headings() if start <= index]
        return above[-1] if above else self.title


def codes(cell: dict) -> list[str]:
    """Return what a cell computes: its code, unless it sets parameters, or its expressions."""
    if cell["cell_type"] == "markdown":
        return [found.code for found in expressions(cell["source"])]
    return [cell["source"]] if cell["cell_type"] == "code" and not is_parameters(cell) else []


def _straight(text: str) -> str:
    return text.replace("\u2019", "'")


def json_value(value):
    """Return a parameter's value if JSON can hold it, as its run's key does.

    Raises:
        ValueError: it cannot, in one line.
    """
    try:
        json.dumps(value, allow_nan=False, sort_keys=True)
    except (TypeError, ValueError):
        expected = "expected finite numbers, text, true, false, null, and lists of these"
        raise ValueError(f"{value!r}: {expected}") from None
    return value


def _check_cells(cells: list[dict], where: str) -> None:
    """Check that code and inline expressions can be read: what they import must be known."""
    for count, cell in enumerate(cells, 1):
        check_form(cell, f"{where}, cell {count}")
        if cell["cell_type"] == "code" and not parse(cell["source"]).is_python:
            first = cell["source"].strip().partition("\n")[0]
            raise ValueError(f"{where}, cell {count}: `{first}`… is not valid Python")
        for found in expressions(cell["source"]) if cell["cell_type"] == "markdown" else ():
            try:
                names_read(found.code)
            except ValueError as error:
                raise ValueError(f"{where}, cell {count}: {found.text}: {error}") from None
    if sum(map(is_parameters, cells)) > 1:
        raise ValueError(f"{where}: two cells are tagged 'parameters', expected one")


def is_parameters(cell: dict) -> bool:
    return "parameters" in cell.get("metadata", {}).get("tags", [])


def calls(code: str, function: str) -> Iterator[ast.Call]:
    """Yield the calls of a function by its name."""
    if function not in code:  # parsing takes longer
        return
    for node in ast.walk(cell_tree(code) or ast.Module([], [])):
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == function:
            yield node


def read_notebooks(folder: Path) -> tuple[dict[str, Notebook], list[str]]:
    """Return the notebooks of a folder by name, in order of number, and the mistakes found."""
    notebooks, taken, mistakes = {}, {}, []
    for path in sorted(folder.glob("[!.]*.ipynb")):
        with collecting(mistakes):
            notebook = Notebook.read(path)
            for what in (f"number {int(notebook.number):02}", f"name '{notebook.name}'"):
                if (other := taken.setdefault(what, path.name)) != path.name:
                    pair = f"notebooks/{other} and notebooks/{path.name}"
                    mistakes.append(f"{pair}: two notebooks have the {what}, expected one")
            notebooks[notebook.name] = notebook
    return notebooks, mistakes


def code_folders(root: Path) -> list[Path]:
    """Return the folders of a project's own code, whatever their names: those of the modules that
    its notebooks import. The engine's is one of them where the project holds it."""
    notebooks, _ = read_notebooks(root / "notebooks")
    sources = [source for notebook in notebooks.values() for source in notebook.sources]
    modules = dependencies({name for source in sources for name in source.imports}, root).modules
    tops = {"carnet", *(name.partition(".")[0] for name in modules)}
    return sorted(folder for folder in map(root.joinpath, tops) if folder.is_dir())


def unreadable(folder: Path, notebooks: Collection[str]) -> set[str]:
    """Return the names that the files of a folder have and that are not among `notebooks`."""
    stems = [unicodedata.normalize("NFC", path.stem) for path in folder.glob("*.ipynb")]
    return {re.sub(r"^\d+_", "", stem) for stem in stems} - {*notebooks}


def find_name(text: str, files: Mapping[str, str]) -> str | None:
    """Return the name of the notebook that `text` names or numbers, or None.

    Args:
        text: "essai", "06_essai", "06" or "6".
        files: name -> file name of each notebook, as essai -> 06_essai.ipynb.
    """
    for name, file in files.items():
        stem = file.removesuffix(".ipynb")
        number = stem.partition("_")[0]
        if text in (name, stem) or (text.isdecimal() and int(text) == int(number)):
            return name
    return None
