"""What JupyterLab is given of a notebook: what its kernel will say of Python."""

import asyncio

import pytest

pytest.importorskip("jupyter_server", reason="JupyterLab is not installed")

from carnet.commands.contents import Contents
from tests.carnet.conftest import markdown, write_notebook


def read(folder, **options) -> dict:
    return asyncio.run(Contents(root_dir=str(folder)).get("01_essai.ipynb", **options))


def test_a_notebook_says_of_python_what_its_kernel_will(tmp_path):
    write_notebook(tmp_path / "01_essai.ipynb", [markdown("a", "Essai")])
    before = (tmp_path / "01_essai.ipynb").read_bytes()
    about = read(tmp_path)["content"]["metadata"]["language_info"]
    assert about["name"] == "python"
    assert about["file_extension"] == ".py"
    assert (tmp_path / "01_essai.ipynb").read_bytes() == before


def test_another_language_and_what_was_not_asked_for_stay_as_they_are(tmp_path):
    path = tmp_path / "01_essai.ipynb"
    write_notebook(path, [])
    path.write_text(path.read_text().replace('"name": "python"\n', '"name": "R"\n'))
    assert read(tmp_path)["content"]["metadata"]["language_info"] == {"name": "R"}
    assert read(tmp_path, content=False)["content"] is None
