"""What the processes of a run note of what they read and write."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from carnet.execution.notebook import STARTUP


@pytest.fixture
def noted(tmp_path):
    """Run Python in a folder; return the names that it noted there, by what was done to them."""

    def run(source: str, *paths: Path) -> dict[str, list[str]]:
        log, folder = tmp_path / "log", tmp_path / "cwd"
        folder.mkdir(exist_ok=True)
        (tmp_path / "script.py").write_text(source)
        path = os.pathsep.join(map(str, [STARTUP, *paths]))
        environment = os.environ | {"PYTHONPATH": path, "JOURNAL_READS": str(log)}
        command = [sys.executable, str(tmp_path / "script.py")]
        subprocess.run(command, cwd=folder, env=environment, check=True)
        found = {}
        for what, place, _ in map(json.loads, log.read_text().splitlines()):
            if Path(place).is_relative_to(folder):
                found.setdefault(what, []).append(Path(place).relative_to(folder).as_posix())
        return found

    return run


def test_what_is_read_is_noted_once_with_its_state(noted, tmp_path):
    (tmp_path / "cwd").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "cwd" / name).write_text("12")
    assert noted(
        "import pathlib\nopen('a').read(); open('a').read()\npathlib.Path('b').read_bytes()\n"
        "try:\n    open('absent')\nexcept OSError:\n    pass\n"
    ) == {"read": ["a", "b", "absent"]}
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    sizes = {Path(path).name: state and state[1] for what, path, state in lines if what == "read"}
    assert (sizes["a"], sizes["absent"]) == (2, None)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("open('x', 'w')", ["x"]),
        ("open('x', 'a')", ["x"]),
        ("import os; open('y', 'w'); os.replace('y', 'x')", ["y", "x"]),
        ("import os; os.mkdir('x'); os.symlink('x', 'y')", ["x", "y"]),
    ],
)
def test_what_is_written_is_noted(noted, source, names):
    found = noted(source)
    assert found["write"] == names
    assert "read" not in found


def test_a_library_of_the_system_is_no_file_of_the_folder(noted):
    assert noted("import ctypes\nctypes.CDLL('libc.so.6')") == {}


def test_a_file_opened_to_read_and_write_is_both(noted, tmp_path):
    (tmp_path / "cwd").mkdir()
    (tmp_path / "cwd" / "x").write_text("1")
    found = noted("open('x', 'r+')")
    assert (found["read"], found["write"]) == (["x"], ["x"])


def test_folders_that_are_listed_are_noted_but_not_those_searched_for_modules(noted):
    found = noted(
        "import os, pathlib\nos.mkdir('a')\nos.mkdir('b')\nlist(pathlib.Path('a').iterdir())\n"
        "os.listdir('b')\nimport importlib.metadata as m\nlist(m.distributions())\n"
    )
    assert found["list"] == ["a", "b"]


def test_code_is_noted_as_it_is_executed_not_as_it_is_looked_for(noted, tmp_path):
    (tmp_path / "cwd" / "deep").mkdir(parents=True)
    (tmp_path / "cwd" / "deep" / "unseen.py").write_text("X = 1\n")
    found = noted("import sys, warnings\nsys.path.insert(0, 'deep')\nimport unseen\n" * 2)
    assert found == {"code": ["deep/unseen.py"]}


def test_other_processes_of_the_run_note_too(noted, tmp_path):
    (tmp_path / "cwd").mkdir()
    for name in "abcd":
        (tmp_path / "cwd" / name).write_text("1")
    found = noted(
        "import multiprocessing, os, pathlib, subprocess, sys\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        pool.apply(pathlib.Path('a').read_text)\n"
        "    subprocess.run([sys.executable, '-c', 'open(\"b\")'])\n"
        "    subprocess.run(['cat', 'c'], stdout=subprocess.DEVNULL)\n"
        "    os.system('cat d > /dev/null')\n"
    )
    assert found["read"] == ["a", "b"]
    assert found["name"] == ["b", "c", "d"]


def test_the_sitecustomize_that_this_one_hides_is_imported_too(noted, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sitecustomize.py").write_text("open('theirs', 'w')\n")
    assert noted("", tmp_path / "own")["write"] == ["theirs"]


MAKE = """
import numpy as np, pandas as pd, pyarrow as pa, scipy.io, torch
import pyarrow.feather, pyarrow.parquet, safetensors.torch
from PIL import Image
Image.new("RGB", (4, 4)).save("image.png")
Image.new("RGB", (4, 4)).save("seen.png")
np.save("a.npy", np.ones(3)); np.ones(3).tofile("raw.bin"); np.save("map.npy", np.ones(3))
np.savetxt("a.txt", np.ones(3))
frame = pd.DataFrame({"a": [1]})
for name in ("a.csv", "b.csv", "c.csv"):
    frame.to_csv(name)
for name in ("a.parquet", "b.parquet", "c.parquet"):
    frame.to_parquet(name)
frame.to_feather("a.feather"); frame.to_feather("b.feather")
frame.to_pickle("a.pkl")
open("mapped", "w").write("1")
torch.save({"a": torch.ones(1)}, "a.pt"); torch.save({"a": torch.ones(1)}, "b.pt")
safetensors.torch.save_file({"a": torch.ones(1)}, "a.safetensors")
scipy.io.savemat("a.mat", {"a": [1]})
scipy.io.mmwrite("a.mtx", scipy.sparse.eye(2))
"""
READ = """
import numpy as np, pandas as pd, pyarrow as pa, scipy.io, torch, torchvision
import pyarrow.csv, pyarrow.feather, pyarrow.parquet, safetensors.torch
from PIL import Image
Image.open("image.png").load(); torchvision.io.read_image("seen.png")
np.load("a.npy"); np.fromfile("raw.bin"); np.load("map.npy", mmap_mode="r"); np.loadtxt("a.txt")
pd.read_csv("a.csv"); pd.read_csv("b.csv", engine="pyarrow"); pyarrow.csv.read_csv("c.csv")
pd.read_parquet("a.parquet"); pyarrow.parquet.read_table("b.parquet")
pyarrow.parquet.ParquetFile("c.parquet").read()
pd.read_feather("a.feather"); pyarrow.feather.read_table("b.feather")
pd.read_pickle("a.pkl"); pa.memory_map("mapped")
torch.load("a.pt"); torch.load("b.pt", mmap=True); safetensors.torch.load_file("a.safetensors")
scipy.io.loadmat("a.mat"); scipy.io.mmread("a.mtx")
"""


@pytest.mark.slow
def test_what_the_libraries_used_here_read_and_write_is_noted(noted, tmp_path):
    made = noted(MAKE)["write"]
    (tmp_path / "log").unlink()
    read = noted(READ)["read"]
    files = {path.name for path in (tmp_path / "cwd").iterdir()}
    assert files - set(read) == set()
    assert files - set(made) == set()
