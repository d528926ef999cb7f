"""What the command line makes of errors: lines without a traceback, and an exit code."""

import io
from pathlib import Path

import click
import pytest

from carnet.commands.cli import main
from carnet.commands.options import data_folder
from carnet.project.errors import InputError, NotebookError, RequestError


@pytest.mark.parametrize(
    ("error", "code", "lines"),
    [
        (RequestError(["--only: one", "--data: two"]), 2, "--only: one\n--data: two\n"),
        (InputError("x.yml: not valid YAML"), 2, "x.yml: not valid YAML\n"),
        (NotebookError("01_un: failed"), 1, "01_un: failed\n"),
        (OSError(28, "No space left on device", "a.png"), 1, "a.png: No space left on device\n"),
        (click.FileError("a", "unreadable"), 1, "Could not open file 'a': unreadable\n"),
        (
            KeyboardInterrupt(),
            130,
            "stopped; finished work is kept: run it again to resume\n",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_foreseen_error_is_lines_and_an_exit_code(error, code, lines, capsys, monkeypatch):
    @click.command()
    def failing():
        raise error

    monkeypatch.setattr("sys.argv", ["build_journal.py"])
    with pytest.raises(SystemExit) as caught:
        main(failing)
    assert caught.value.code == code
    assert capsys.readouterr().err.lstrip("\n") == lines


def test_what_a_console_cannot_show_is_escaped(monkeypatch):
    @click.command()
    def showing():
        click.echo("bonus: 1 → 2 é")

    written = io.BytesIO()
    monkeypatch.setattr("sys.argv", ["build_journal.py"])
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, "cp1252", write_through=True))
    main(showing)
    assert written.getvalue().decode("cp1252").splitlines() == [r"bonus: 1 \u2192 2 é"]


def test_a_folder_of_data_is_known_by_its_whole_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cars").mkdir()
    assert data_folder("cars") == data_folder("./cars") == str(tmp_path / "cars")
    assert data_folder("~/x") == str(Path("~/x").expanduser().resolve())
    assert data_folder("embedded") == "embedded"
    assert data_folder("https://example.org/cars") == "https://example.org/cars"
    assert data_folder(None) is None
